// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 25.1 (name-addr, addr-spec, generic-param) and 20.10.

/// Whether From, To and Contact have the form that the grammar wants, so that no two readers of them can disagree.
enum RawAddress {
    /// One address with its parameters.
    static func isWellFormed(_ value: ArraySlice<UInt8>) -> Bool {
        var rest = skippingSpaces(value)
        if rest.first == .quote {
            guard let end = quotedEnd(rest) else { return false }
            rest = skippingSpaces(rest[end...])
            guard rest.first == .less else { return false }
        } else if let less = rest.firstIndex(of: .less) {
            let words = rest[..<less]
            guard words.allSatisfy({ $0.isTokenCharacter || $0.isLinearSpace }) else { return false }
            rest = rest[less...]
        } else {
            // Without brackets, parameters are the header's, and a question mark or comma would be nobody's.
            let address = rest.prefix { $0 != .semicolon && !$0.isLinearSpace }
            guard !address.contains(.questionMark), !address.contains(.comma), RawURI.kind(address) != .malformed
            else { return false }
            return areParameters(rest[address.endIndex...])
        }
        guard let greater = rest.firstIndex(of: .greater) else { return false }
        guard RawURI.kind(rest[(rest.startIndex + 1)..<greater]) != .malformed else { return false }
        return areParameters(rest[(greater + 1)...])
    }

    /// Whether the URI is of a scheme that we know.
    static func isTelephone(_ value: ArraySlice<UInt8>) -> Bool {
        guard let less = value.lastIndex(of: .less) else {
            return RawURI.kind(skippingSpaces(value).prefix { $0 != .semicolon && !$0.isLinearSpace }) == .telephone
        }
        return RawURI.kind(value[(less + 1)...].prefix { $0 != .greater }) == .telephone
    }

    /// Addresses divided by commas, or "*".
    static func isWellFormedList(_ value: ArraySlice<UInt8>) -> Bool {
        let value = skippingSpaces(value)
        if value.elementsEqual("*".utf8) { return true }
        return elements(value).allSatisfy { isWellFormed($0) }
    }

    /// Cuts at commas that stand outside quotes and brackets.
    static func elements(_ value: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var found: [ArraySlice<UInt8>] = []
        var start = value.startIndex
        var index = start
        var isQuoted = false
        var isBracketed = false
        while index < value.endIndex {
            switch value[index] {
            case .backslash where isQuoted: index += 1
            case .quote: isQuoted.toggle()
            case .less where !isQuoted: isBracketed = true
            case .greater where !isQuoted: isBracketed = false
            case .comma where !isQuoted && !isBracketed:
                found.append(value[start..<index])
                start = index + 1
            default: break
            }
            index += 1
        }
        found.append(value[start...])
        return found
    }

    /// ;name[=value] …, each name a token; a value is a token, a host or a quoted string.
    static func areParameters(_ value: ArraySlice<UInt8>) -> Bool {
        var rest = skippingSpaces(value)
        while let first = rest.first {
            guard first == .semicolon else { return false }
            rest = skippingSpaces(rest.dropFirst())
            let name = rest.prefix(while: \.isTokenCharacter)
            guard !name.isEmpty else { return false }
            rest = skippingSpaces(rest[name.endIndex...])
            guard rest.first == UInt8(ascii: "=") else { continue }
            rest = skippingSpaces(rest.dropFirst())
            if rest.first == .quote {
                guard let end = quotedEnd(rest) else { return false }
                rest = skippingSpaces(rest[end...])
            } else {
                let value = rest.prefix { $0.isTokenCharacter || "[]:/?@&=$(){}^|#".utf8.contains($0) }
                guard !value.isEmpty else { return false }
                rest = skippingSpaces(rest[value.endIndex...])
            }
        }
        return true
    }

    /// Behind the closing quote of a string that begins here; nil when it never ends.
    private static func quotedEnd(_ text: ArraySlice<UInt8>) -> Int? {
        var index = text.startIndex + 1
        while index < text.endIndex {
            if text[index] == .backslash {
                index += 1
            } else if text[index] == .quote {
                return index + 1
            }
            index += 1
        }
        return nil
    }

    static func skippingSpaces(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> { text.drop(while: \.isLinearSpace) }
}
