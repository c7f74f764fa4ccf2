// SPDX-License-Identifier: Apache-2.0
// RFC 7616 and RFC 3261 section 25.1: "Digest name=value, name="quoted value", …".

/// The parameters of a digest header. Never traps; longer texts and more parameters than a real header has are refused.
struct DigestFields {
    static let longest = 4_096
    static let most = 32

    private var values: [String: String] = [:]

    /// Nil when the scheme is another, or the text is no list of parameters.
    init?(_ text: String) {
        // By bytes: this is done for every password that is guessed.
        guard text.utf8.count <= Self.longest else { return nil }
        var rest = Array(text.utf8)[...].drop(while: \.isLinearSpace)
        guard Self.lowercased(rest.prefix(6)) == "digest", let space = rest.dropFirst(6).first, space.isLinearSpace
        else { return nil }
        rest = rest.dropFirst(7)
        while true {
            rest = rest.drop { $0.isLinearSpace || $0 == .comma }
            guard !rest.isEmpty else { break }
            guard values.count < Self.most, let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = Self.lowercased(rest[..<equals].filter { !$0.isLinearSpace }[...])
            rest = rest[(equals + 1)...].drop(while: \.isLinearSpace)
            guard !name.isEmpty, let value = Self.value(&rest), values[name] == nil else { return nil }
            values[name] = value
        }
    }

    subscript(name: String) -> String? { values[name] }

    private static func lowercased(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.map { (65...90).contains($0) ? $0 | 32 : $0 }, as: UTF8.self)
    }

    private static func value(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard rest.first == .quote else {
            let value = rest.prefix { $0 != .comma && !$0.isLinearSpace }
            rest = rest[value.endIndex...]
            return String(decoding: value, as: UTF8.self)
        }
        rest = rest.dropFirst()
        var value: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == .quote { return String(decoding: value, as: UTF8.self) }
            if byte == .backslash {
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped)
            } else {
                value.append(byte)
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
