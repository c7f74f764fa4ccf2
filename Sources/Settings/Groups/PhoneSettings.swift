// SPDX-License-Identifier: Apache-2.0

/// A SIP phone of the house: a file of `phones.d`, or a `[[phone]]` in one.
package struct PhoneSettings: SettingGroup, NamedAccount {
    static let noun = "phone"

    /// The name of the file without ".toml" where none is set.
    package var name = ""
    package var `extension`: String?
    /// Never nil in settings that were loaded.
    package var password: String?
    package var passwordFile: String?
    package var displayName: String?
    package var maxContacts = 4
    /// Nil: from anywhere.
    package var from: [AddressBlock]?
    package var autoAnswer = false
    /// Of "md5", "sha-256"; nil: as the registrar's.
    package var digest: [String]?

    /// "off", "optional" or "required"; nil: as for everybody.
    package var srtp: String?
    package var foreignAudio = false
    /// Written as a line of the preset sip-gw.
    package var isGateway = false

    package init() {}

    static let keys: [SettingKey<PhoneSettings>] = [
        SettingKey(
            "name", \.name, .name, example: "\"desk\"",
            "What the phone logs in with (user name and authentication name); where it is left out, that of the file."
        ),
        SettingKey(
            "extension", \.extension, .optional(.digits(1...8)), example: "\"31\"",
            "The number under which the other phones call this one."),
        SettingKey(
            "password", \.password, .optional(.secret), example: "\"a-long-and-random-text\"",
            "What the phone proves that it knows. It is never sent in clear."),
        SettingKey(
            "password_file", \.passwordFile, .optional(.text("the path of a file")), example: "\"secrets/desk\"",
            "A file that holds nothing but the password, instead of password; a relative path begins in the folder of "
                + "the configuration."),
        SettingKey(
            "display_name", \.displayName, .optional(.text("a text of up to 64 bytes", maximum: 64)),
            example: "\"Desk\"",
            "What those who are called see; where it is left out, what the phone says."),
        SettingKey(
            "max_contacts", \.maxContacts, .integer(1...10), unit: "places",
            "In how many places the phone may be registered; all ring at once. A further one takes the place of the "
                + "oldest."),
        SettingKey(
            "from", \.from, .optional(.list(.addressBlock, 1...32, of: "address blocks")), unit: "CIDR",
            example: "[\"192.168.0.0/16\"]",
            "From where the phone may register and call; where it is left out, from anywhere."),
        SettingKey(
            "auto_answer", \.autoAnswer, .boolean,
            "Whether the phone is told to answer at once, as an intercom (it must allow that)."),
        SettingKey(
            "digest", \.digest, .optional(.digests), example: "[\"sha-256\"]",
            "How this phone proves its password; where it is left out, as [registrar] digest."),
        SettingKey(
            "srtp", \.srtp, .optional(.word(["off", "optional", "required"])), example: "\"required\"",
            "Whether this phone's audio is secured; where it is left out, as [sip] srtp."),
        SettingKey(
            "foreign_audio", \.foreignAudio, .boolean,
            "Whether audio may come from a host that neither the call's session description nor its signalling names. For "
                + "phones whose audio takes another way out than their signalling: whoever finds the port of a silent call "
                + "is then heard in it after two seconds and hears it."),
    ]
}

/// `[registrar]`: how phones register.
package struct RegistrarSettings: SettingGroup {
    package var realm = "partyline"
    package var minExpires = 60
    package var maxExpires = 3_600
    package var digest = ["md5"]

    package init() {}

    static let keys: [SettingKey<RegistrarSettings>] = [
        SettingKey(
            "realm", \.realm,
            .text("a word without quotes and backslashes (up to 64)", maximum: 64) {
                !$0.contains("\"") && !$0.contains("\\")
            },
            "What the phones are told that the password is for."),
        SettingKey(
            "min_expires", \.minExpires, .integer(10...3_600), unit: "s",
            "A phone that wants to be remembered for a shorter time is told this one."),
        SettingKey(
            "max_expires", \.maxExpires, .integer(60...86_400), unit: "s",
            "The longest time for which a phone is remembered without registering anew."),
        SettingKey(
            "digest", \.digest, .digests,
            "How phones prove their passwords, the preferred way first. sha-256 is the better one, but many phones "
                + "(baresip 1.0 among them) can not even be asked for it."),
    ]
}

extension SettingKind<String> {
    /// A password: anything printable that a phone can be given.
    static let secret = text("a text of up to 120 bytes without control characters", maximum: 120)
}

extension SettingKind<[String]> {
    fileprivate static let digests = list(.word(["sha-256", "md5"]), 1...2, of: "ways")
}

/// An account with a password in a file of its own folder.
protocol NamedAccount: SettingGroup {
    static var noun: String { get }
    var name: String { get set }
    var password: String? { get set }
    var passwordFile: String? { get }
}
