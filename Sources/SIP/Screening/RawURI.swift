// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 25.1 (SIP-URI, hostport, escaped), RFC 3986 section 3.1 (scheme), RFC 5118 section 4 (IPv6 references).

import SDP

/// Whether a URI has the form that the grammar wants: scheme, escapes, host and port. Otherwise user parts and parameters are
/// taken as they are, but for brackets: what the library does not read it leaves without an answer.
enum RawURI {
    enum Kind: Equatable {
        /// sip:, sips: or tel:, well formed.
        case telephone
        /// A scheme of somebody else.
        case other
        case malformed
    }

    static func kind(_ bytes: ArraySlice<UInt8>) -> Kind {
        guard !bytes.isEmpty, !bytes.contains(where: { $0 <= .space || "<>\"".utf8.contains($0) }),
            let colon = bytes.firstIndex(of: .colon), let first = bytes.first, first.isLetter
        else { return .malformed }
        let scheme = bytes[..<colon]
        guard scheme.count <= 64, scheme.allSatisfy({ $0.isLetter || $0.isDigit || "+-.".utf8.contains($0) }) else {
            return .malformed
        }
        let rest = bytes[(colon + 1)...]
        switch String(decoding: scheme, as: UTF8.self).lowercased() {
        case "sip", "sips": return isServer(rest) && hasWholeEscapes(rest) ? .telephone : .malformed
        case "tel": return rest.isEmpty || !hasWholeEscapes(rest) ? .malformed : .telephone
        default: return .other
        }
    }

    /// Headers in a URI ("?Route=…") have no place in a request line.
    static func hasHeaders(_ bytes: ArraySlice<UInt8>) -> Bool {
        let server = bytes.firstIndex(of: .at).map { bytes[$0...] } ?? bytes
        return server.contains(.questionMark)
    }

    /// Two hexadecimal digits behind every '%'.
    private static func hasWholeEscapes(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while let percent = rest.firstIndex(of: UInt8(ascii: "%")) {
            let digits = rest[(percent + 1)...].prefix(2)
            guard digits.count == 2, digits.allSatisfy({ $0.isDigit || (65...70).contains($0 & 0xDF) }) else {
                return false
            }
            rest = rest[digits.endIndex...]
        }
        return true
    }

    /// [userinfo@]host[:port][;parameters][?headers]
    private static func isServer(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        if let at = bytes.firstIndex(of: .at) {
            guard at > bytes.startIndex, !bytes[..<at].contains(where: { "[]".utf8.contains($0) }) else { return false }
            rest = bytes[(at + 1)...]
        }
        return isHostAndPort(rest.prefix { $0 != .semicolon && $0 != .questionMark })
    }

    /// host[:port]
    static func isHostAndPort(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        if rest.first == UInt8(ascii: "[") {
            guard let end = rest.firstIndex(of: UInt8(ascii: "]")),
                isReference(rest[(rest.startIndex + 1)..<end])
            else { return false }
            rest = rest[(end + 1)...]
        } else {
            let host = rest.prefix { $0 != .colon }
            guard !host.isEmpty, host.count <= 255, host.allSatisfy(isHostCharacter) else { return false }
            rest = rest[host.endIndex...]
        }
        guard let colon = rest.first else { return true }
        let digits = rest.dropFirst()
        return colon == .colon && isPort(digits)
    }

    static func isPort(_ digits: ArraySlice<UInt8>) -> Bool {
        guard (1...5).contains(digits.count), digits.allSatisfy(\.isDigit) else { return false }
        return UInt16(String(decoding: digits, as: UTF8.self)).map { $0 > 0 } ?? false
    }

    /// What stands in brackets. The grammar of RFC 3261 asks for three colons before an IPv4 part by mistake, and some send
    /// them (RFC 5118 section 4.10): taken for two.
    private static func isReference(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count <= 46 else { return false }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let address = IPAddress(text.replacing(":::", with: "::")) else { return false }
        return address.family == .ipv6
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        byte.isDigit || byte.isLetter || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "_")
    }
}
