// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 19.1. Only what a call out needs: sip:user@host:port;transport=x

/// A SIP URI, taken apart.
package struct SIPURI: Sendable, Hashable {
    package var user: String
    package var host: String
    package var port: UInt16
    /// "udp", "tcp" or "tls".
    package var transport: String

    /// Nil for other schemes and malformed texts.
    package init?(_ text: String) {
        let isSecure = text.prefix(5).lowercased() == "sips:"
        guard text.utf8.count <= 512, isSecure || text.prefix(4).lowercased() == "sip:",
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") })
        else { return nil }
        var rest = text.dropFirst(isSecure ? 5 : 4)
        if let question = rest.firstIndex(of: "?") { rest = rest[..<question] }
        user = ""
        if let at = rest.lastIndex(of: "@") {
            user = SIPText.unescaped(String(rest[..<at]), most: 128)
            rest = rest[rest.index(after: at)...]
        }
        let parts = rest.split(separator: ";", omittingEmptySubsequences: false)
        guard var hostPort = parts.first else { return nil }
        transport = isSecure ? "tls" : "udp"
        for parameter in parts.dropFirst() where parameter.lowercased().hasPrefix("transport=") {
            transport = parameter.dropFirst(10).lowercased()
        }
        if isSecure, transport == "tcp" { transport = "tls" }
        guard ["udp", "tcp", "tls"].contains(transport), !isSecure || transport == "tls" else { return nil }
        port = transport == "tls" ? 5061 : 5060
        let bracket = hostPort.lastIndex(of: "]")
        if let colon = hostPort.lastIndex(of: ":"), bracket.map({ $0 < colon }) ?? true {
            guard let number = UInt16(hostPort[hostPort.index(after: colon)...]), number > 0 else { return nil }
            port = number
            hostPort = hostPort[..<colon]
        }
        guard !hostPort.isEmpty else { return nil }
        host = String(hostPort)
    }

    /// The user part of the first sip: or sips: address in a From or To header, unescaped; nil when there is none.
    static func firstUser(in header: String) -> String? {
        let text = header.lowercased().hasPrefix("sip") ? header[...] : header.drop { $0 != "<" }.dropFirst()
        guard let address = text.split(separator: ">", maxSplits: 1).first,
            let user = address.split(separator: "@", maxSplits: 1).first, address.contains("@"),
            let colon = user.firstIndex(of: ":"), user[..<colon].lowercased().hasPrefix("sip")
        else { return nil }
        return SIPText.unescaped(String(user[user.index(after: colon)...]), most: 128)
    }

    /// A user part with everything escaped that is not a letter, digit or one of the harmless marks.
    static func escaped(_ user: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return user.utf8.prefix(256).map { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "*"), UInt8(ascii: "+"):
                String(UnicodeScalar(byte))
            default: "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }.joined()
    }
}
