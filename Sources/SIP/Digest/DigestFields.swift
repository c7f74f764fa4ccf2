// SPDX-License-Identifier: Apache-2.0
// RFC 7616 and RFC 3261 section 25.1: "Digest name=value, name="quoted value", …".

/// The parameters of a digest header. Never traps; longer texts and more parameters than a real header has are refused.
struct DigestFields {
    static let longest = 4_096
    static let most = 32

    private var values: [String: String] = [:]

    /// Nil when the scheme is another, or the text is no list of parameters.
    init?(_ text: String) {
        var rest = Substring(text)[...]
        guard rest.utf8.count <= Self.longest else { return nil }
        rest = rest.drop(while: \.isWhitespace)
        guard rest.prefix(6).lowercased() == "digest", let space = rest.dropFirst(6).first, space.isWhitespace else {
            return nil
        }
        rest = rest.dropFirst(7)
        while true {
            rest = rest.drop { $0.isWhitespace || $0 == "," }
            guard !rest.isEmpty else { break }
            guard values.count < Self.most, let equals = rest.firstIndex(of: "=") else { return nil }
            let name = rest[..<equals].filter { !$0.isWhitespace }.lowercased()
            rest = rest[rest.index(after: equals)...].drop(while: \.isWhitespace)
            guard !name.isEmpty, let value = Self.value(&rest), values[name] == nil else { return nil }
            values[name] = value
        }
    }

    subscript(name: String) -> String? { values[name] }

    private static func value(_ rest: inout Substring) -> String? {
        guard rest.first == "\"" else {
            let value = rest.prefix { $0 != "," && !$0.isWhitespace }
            rest = rest.dropFirst(value.count)
            return String(value)
        }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst() {
            if character == "\"" { return value }
            if character == "\\" {
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped)
            } else {
                value.append(character)
            }
        }
        return nil
    }

    /// As a quoted string.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for character in text where !character.isNewline {
            if character == "\"" || character == "\\" { result.append("\\") }
            result.append(character)
        }
        return result + "\""
    }
}
