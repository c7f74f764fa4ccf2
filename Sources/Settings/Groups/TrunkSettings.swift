// SPDX-License-Identifier: Apache-2.0

/// An account with a provider of telephony: a file of `trunks.d`, or a `[[trunk]]` in one.
package struct TrunkSettings: SettingGroup, NamedAccount {
    static let noun = "trunk"

    package var name = ""
    /// Smaller comes first; equal ones in the order of their files.
    package var order = 100
    package var server = ""
    package var port: Int?
    package var transport = "udp"
    package var domain: String?
    package var user = ""
    package var authUser: String?
    package var password: String?
    package var passwordFile: String?
    package var registers = true
    package var expires = 300
    package var pingSeconds = 4
    package var number: String?
    package var displayName: String?
    package var identity = "from"
    package var passCallerID = false
    package var hideCaller = false
    package var numberFrom = "request-uri"
    package var from: [AddressBlock]?
    package var maxCalls = 4
    package var sessionSeconds = 0
    package var externalAddress: String?
    package var stun: String?
    package var caFile: String?
    package var verifyCertificate = true
    /// "off", "optional" or "required"; nil: as for everybody.
    package var srtp: String?
    package var foreignAudio = false
    package var signSeconds = 5
    package var reliableResponses = true
    /// Written as a line of the preset sip-gw.
    package var isGateway = false

    package init() {}

    static let keys: [SettingKey<TrunkSettings>] = [
        SettingKey(
            "name", \.name, .name, example: "\"provider\"",
            "Name of the trunk in logs and reports; where it is left out, that of the file."),
        SettingKey(
            "order", \.order, .integer(0...1_000),
            "Calls go out by the trunk with the smallest number here, by the next one when that can not be used."),
        SettingKey(
            "server", \.server, .server, example: "\"sip.example.com\"", isRequired: true,
            "The provider's server: a name (NAPTR, SRV and address are looked up ahead, and kept while the name server "
                + "is silent) or a numeric address."),
        SettingKey(
            "port", \.port, .optional(.integer(1...65_535)), example: "5060",
            "The server's port; where it is left out, as the name server says, otherwise 5060, with TLS 5061."),
        SettingKey(
            "transport", \.transport, .word(["udp", "tcp", "tls"]),
            "By what the server is reached. With tls its certificate and its name in it are verified."),
        SettingKey(
            "domain", \.domain, .optional(.server), example: "\"example.com\"",
            "The domain of the account's address; where it is left out, the server."),
        SettingKey(
            "user", \.user, .accountName, example: "\"4930123456\"", isRequired: true,
            "The account: the user part of its address."),
        SettingKey(
            "auth_user", \.authUser, .optional(.accountName), example: "\"u123456\"",
            "The name that goes with the password, where it is another than user."),
        SettingKey(
            "password", \.password, .optional(.secret), example: "\"the provider's password\"",
            "The password; it is never sent in clear, and proven to this trunk's server only."),
        SettingKey(
            "password_file", \.passwordFile, .optional(.text("the path of a file")), example: "\"secrets/provider\"",
            "A file that holds nothing but the password, instead of password; a relative path begins in the folder of "
                + "the configuration."),
        SettingKey(
            "register", \.registers, .boolean,
            "Whether the box registers with the server, so that calls come in. Off: the provider knows the box's "
                + "address."),
        SettingKey(
            "expires", \.expires, .integer(30...7_200), unit: "s",
            "For how long a registration is asked; it is renewed in time."),
        SettingKey(
            "ping_seconds", \.pingSeconds, .integer(0...600), unit: "s, 0: never",
            "How often the server is asked whether it is there: by renewing the registration, since a server that was "
                + "restarted has forgotten it and says so to nobody, otherwise by OPTIONS. This also keeps the way in "
                + "open through a router. A provider that refuses to be asked so often is asked when it is due."),
        SettingKey(
            "number", \.number, .optional(.accountName), example: "\"+4930123456\"",
            "What those who are called see; where it is left out, user."),
        SettingKey(
            "display_name", \.displayName, .optional(.text("a text of up to 64 bytes", maximum: 64)),
            example: "\"Chess club\"", "The name that goes with it."),
        SettingKey(
            "identity", \.identity,
            .word(["from", "p-asserted-identity", "p-preferred-identity", "remote-party-id"]),
            "Where the provider wants the number to stand."),
        SettingKey(
            "pass_caller_id", \.passCallerID, .boolean,
            "Whether the number of whoever calls (a phone, a script) is shown instead of number. Many providers refuse "
                + "that."),
        SettingKey(
            "hide_caller", \.hideCaller, .boolean,
            "Whether the number is hidden from those who are called (Privacy)."),
        SettingKey(
            "number_from", \.numberFrom, .word(["request-uri", "to", "p-called-party-id"]),
            "Where the number stands that was called, for the rules."),
        SettingKey(
            "from", \.from, .optional(.list(.addressBlock, 1...64, of: "address blocks")), unit: "CIDR",
            example: "[\"203.0.113.0/24\"]",
            "From where this trunk's calls come, besides the server's own addresses. Whoever can send from there calls "
                + "without a password."),
        SettingKey(
            "max_calls", \.maxCalls, .integer(1...1_000), unit: "calls",
            "Calls at the same time, in and out."),
        SettingKey(
            "session_seconds", \.sessionSeconds, .interval, unit: "s, 0: as the provider wants",
            "How often both sides of a long call tell each other that they are there (RFC 4028), from 90."),
        SettingKey(
            "external_address", \.externalAddress,
            .optional(
                .text("a numeric address", maximum: 45) {
                    AddressBlock.isAddress($0)
                }), example: "\"203.0.113.7\"",
            "The address under which the outside sees the box, behind a router that does not help."),
        SettingKey(
            "stun", \.stun, .optional(.host), example: "\"stun.example.com:3478\"",
            "A server that is asked for that address instead."),
        SettingKey(
            "ca_file", \.caFile, .optional(.text("the path of a file")), example: "\"/etc/partyline/provider-ca.pem\"",
            "Whom to trust with tls, in PEM; where it is left out, whom the system trusts."),
        SettingKey(
            "verify_certificate", \.verifyCertificate, .boolean,
            "Off: anybody may pretend to be the provider. For laboratories."),
        SettingKey(
            "srtp", \.srtp, .optional(.word(["off", "optional", "required"])), example: "\"required\"",
            "Whether this trunk's audio is secured; where it is left out, as [sip] srtp. With required, a call that can "
                + "not be secured is not made, and not taken."),
        SettingKey(
            "foreign_audio", \.foreignAudio, .boolean,
            "Whether audio may come from a host that neither the call's session description nor its signalling names. For "
                + "providers that send from elsewhere than they listen: whoever finds the port of a silent call is then heard "
                + "in it after two seconds and hears it."),
        SettingKey(
            "sign_seconds", \.signSeconds, .integer(1...32), unit: "s",
            "A call out goes to the next trunk when the server has not given any sign of itself for so long."),
        SettingKey(
            "reliable_responses", \.reliableResponses, .boolean,
            "Whether the provider may have ringing and early audio of calls out confirmed (100rel, RFC 3262). Off for "
                + "one that rings several places and then connects another than the first that was heard: such an answer "
                + "would be lost."),
    ]
}

extension SettingKind<String> {
    /// Without "sip:" and without port, which has a key of its own.
    fileprivate static let server = text("a host name or numeric address, without port", maximum: 253) { text in
        let isNumeric = text.first == "[" && text.last == "]" && text.contains(":")
        if isNumeric || text.contains(":") {
            return AddressBlock.isAddress(isNumeric ? String(text.dropFirst().dropLast()) : text)
        }
        return text.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || [45, 46].contains($0)
        } && text.utf8.first != 46 && text.utf8.first != 45
    }

    /// A host with or without port; nothing that could break a message.
    fileprivate static let host = text("a host name or numeric address, with or without port", maximum: 253) { text in
        text.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                || [45, 46, 58, 91, 93].contains($0)
        }
    }

    /// The user part of an address.
    fileprivate static let accountName = text("a name or number without spaces and '@' (up to 120)", maximum: 120) {
        $0.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != 64 && $0 != 34 && $0 != 60 && $0 != 62 && $0 != 92 }
    }
}

extension SettingKind<Int> {
    /// Of a session timer.
    fileprivate static let interval = SettingKind<Int>.plain(
        "0 or a whole number from 90 to 7200", write: { String($0) }
    ) { content in
        guard case .integer(let wide) = content, wide == 0 || (90...7_200).contains(wide) else { return nil }
        return Int(wide)
    }
}
