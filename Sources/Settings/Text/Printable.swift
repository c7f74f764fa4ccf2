// SPDX-License-Identifier: Apache-2.0

extension String {
    /// Without control characters (line feeds and terminal escapes among them), so that a message stays one line.
    var printable: String {
        guard unicodeScalars.contains(where: \.isControl) else { return self }
        var result = ""
        for scalar in unicodeScalars {
            if scalar.isControl {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// In quotes for a message, cut after 60 characters.
    var quoted: String {
        let short = prefix(60)
        return "\"" + String(short).printable + (short.endIndex == endIndex ? "" : "…") + "\""
    }

    /// As a TOML basic string.
    var tomlText: String {
        var result = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case _ where scalar.isControl:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// Digits of a telephone keypad only, and at least one.
    var isDialable: Bool { !isEmpty && utf8.allSatisfy { (48...57).contains($0) || $0 == 42 || $0 == 35 } }
}

extension Unicode.Scalar {
    /// C0, DEL, C1, and the separators and direction marks that move text about on a screen.
    fileprivate var isControl: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value) || (0x2028...0x202E).contains(value)
            || (0x2066...0x2069).contains(value)
    }
}

extension String {
    /// With the first occurrence at the very beginning replaced.
    func replacingFirst(_ start: String, by other: String) -> String {
        hasPrefix(start) ? other + dropFirst(start.count) : self
    }
}
