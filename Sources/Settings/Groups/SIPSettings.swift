// SPDX-License-Identifier: Apache-2.0

/// `[sip]`: where and for whom SIP is spoken.
package struct SIPSettings: SettingGroup {
    package var listen = ["0.0.0.0:5060", "[::]:5060"].compactMap(ListenAddress.init)
    package var allowWithoutPassword = ["127.0.0.0/8", "::1/128"].compactMap { try? AddressBlock($0) }
    package var maxCalls = 500
    /// Of "opus", "g722", "pcma", "pcmu"; the preferred one first.
    package var codecs = ["opus", "g722", "pcma", "pcmu", "g726-32", "gsm"]

    /// "off", "optional" or "required".
    package var srtp = "optional"
    package var srtpWithoutTLS = false
    /// Files of PEM, for listeners with TLS.
    package var tlsCertificate: String?
    package var tlsKey: String?

    package init() {}

    static let keys: [SettingKey<SIPSettings>] = [
        SettingKey(
            "listen", \.listen, .list(.listenAddress, 1...16, of: "addresses"), unit: "host:port",
            "Addresses on which SIP is taken, by UDP and TCP; \" udp\" or \" tcp\" behind an address takes that "
                + "one alone, \" tls\" takes TLS (usually on port 5061; needs tls_certificate)."
        ),
        SettingKey(
            "allow_without_password", \.allowWithoutPassword, .list(.addressBlock, 0...64, of: "address blocks"),
            unit: "CIDR",
            "Who may call without a password: extensions, emergency numbers, and what the rules say of other numbers. A phone of "
                + "phones.d counts as itself where it is registered from that very address and port, or shows its password. "
                + "Everybody else is refused. Never write a block here that strangers can send from: they would call at your "
                + "expense."),
        SettingKey(
            "max_calls", \.maxCalls, .integer(1...10_000), unit: "calls",
            "SIP calls at the same time; a further one is refused with 503."),
        SettingKey(
            "codecs", \.codecs, .list(.word(["opus", "g722", "pcma", "pcmu", "g726-32", "gsm"]), 1...6, of: "codecs"),
            "Codecs that are offered and taken, the preferred one first. pcma or pcmu should be among them: every "
                + "phone has these."),
        SettingKey(
            "srtp", \.srtp, .word(["off", "optional", "required"]),
            "Whether audio is secured (SRTP): never, where the other side can, or always; calls that can not are then "
                + "refused."),
        SettingKey(
            "srtp_without_tls", \.srtpWithoutTLS, .boolean,
            "Whether keys of secured audio may be exchanged by UDP and TCP too, where everybody on the way can read "
                + "them. Without it, only calls by TLS are secured."),
        SettingKey(
            "tls_certificate", \.tlsCertificate, .optional(.text("the path of a file")),
            example: "\"/etc/partyline/tls/box.pem\"",
            "The certificate that listeners with tls show, in PEM, followed by those between it and its authority. "
                + "Phones check the name in it. Read when the daemon starts."),
        SettingKey(
            "tls_key", \.tlsKey, .optional(.text("the path of a file")),
            example: "\"/etc/partyline/tls/box.key\"",
            "The private key of that certificate, in PEM, without a password; where it is left out, it is in the file of "
                + "the certificate."),
    ]
}
