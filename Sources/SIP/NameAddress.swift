// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 25.1: name-addr, addr-spec and their parameters, as Contact, Path, From, To and Refer-To have them.

/// One address of a header: `"Anna" <sip:anna@192.0.2.7:5060>;expires=60`.
package struct NameAddress: Sendable, Hashable {
    package static let longest = 2_048
    /// More addresses than that in one header are not looked at.
    package static let most = 32

    package var displayName = ""
    /// Without the angle brackets; printable ASCII.
    package var uri = ""
    /// Names in lower case; a parameter without a value has "".
    package var parameters: [String: String] = [:]

    /// Nil when it is none.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= Self.longest else { return nil }
        let text = Self.trimmed(Substring(text))
        var tail: Substring
        if let open = Self.index(of: "<", in: text) {
            let inside = text[text.index(after: open)...]
            guard let close = inside.firstIndex(of: ">") else { return nil }
            displayName = SIPText.displayName(String(text[..<open]), most: 128)
            while displayName.last == " " { displayName.removeLast() }
            uri = String(inside[..<close])
            tail = inside[inside.index(after: close)...]
        } else {
            // Without brackets every parameter is the header's (section 20.10).
            let end = text.firstIndex { $0 == ";" || $0 == "?" } ?? text.endIndex
            uri = String(text[..<end])
            tail = text[end...]
        }
        guard !uri.isEmpty, uri.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), uri.contains(":") else { return nil }
        for part in Self.divided(tail, at: ";").dropFirst().prefix(Self.most) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = Self.trimmed(pair.first ?? "").lowercased()
            guard !name.isEmpty else { continue }
            let value = pair.count > 1 ? Self.trimmed(pair[1]) : ""
            parameters[name] = value.first == "\"" ? SIPText.displayName(String(value), most: 256) : String(value)
        }
    }

    /// The addresses of a header that may hold several, divided by commas. Nil when one of them is malformed.
    package static func list(_ value: String) -> [NameAddress]? {
        let parts = divided(Substring(value), at: ",")
        guard parts.count <= most else { return nil }
        var list: [NameAddress] = []
        for part in parts where !trimmed(part).isEmpty {
            guard let address = NameAddress(part) else { return nil }
            list.append(address)
        }
        return list
    }

    /// At a mark outside of quotes and angle brackets.
    private static func divided(_ text: Substring, at mark: Character) -> [Substring] {
        var parts: [Substring] = []
        var begin = text.startIndex
        var quoted = false
        var escaped = false
        var depth = 0
        for index in text.indices {
            let character = text[index]
            if escaped {
                escaped = false
            } else if quoted {
                if character == "\\" { escaped = true } else if character == "\"" { quoted = false }
            } else if character == "\"" {
                quoted = true
            } else if character == "<" {
                depth += 1
            } else if character == ">" {
                depth -= 1
            } else if character == mark, depth <= 0 {
                parts.append(text[begin..<index])
                begin = text.index(after: index)
            }
        }
        return parts + [text[begin...]]
    }

    /// Of a mark outside of quotes.
    private static func index(of mark: Character, in text: Substring) -> Substring.Index? {
        var quoted = false
        var escaped = false
        for index in text.indices {
            let character = text[index]
            if escaped {
                escaped = false
            } else if quoted {
                if character == "\\" { escaped = true } else if character == "\"" { quoted = false }
            } else if character == "\"" {
                quoted = true
            } else if character == mark {
                return index
            }
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
