// SPDX-License-Identifier: Apache-2.0

extension SettingKind<Int> {
    static func integer(_ range: ClosedRange<Int>) -> SettingKind {
        .plain("a whole number from \(range.lowerBound) to \(range.upperBound)", write: { String($0) }) { content in
            guard case .integer(let wide) = content, let value = Int(exactly: wide), range.contains(value) else {
                return nil
            }
            return value
        }
    }

    static func integer(oneOf values: [Int]) -> SettingKind {
        .plain("one of " + values.map(String.init).joined(separator: ", "), write: { String($0) }) { content in
            guard case .integer(let wide) = content, let value = Int(exactly: wide), values.contains(value) else {
                return nil
            }
            return value
        }
    }
}

extension SettingKind<Double> {
    /// `5` and `5.0` are both taken.
    static func number(_ range: ClosedRange<Double>) -> SettingKind {
        let words = "a number from \(SettingKind.short(range.lowerBound)) to \(SettingKind.short(range.upperBound))"
        return .plain(words, write: { SettingKind.short($0) }) { content in
            SettingKind.double(content).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    static func number(oneOf values: [Double]) -> SettingKind {
        .plain("one of " + values.map(SettingKind.short).joined(separator: ", "), write: { SettingKind.short($0) }) {
            SettingKind.double($0).flatMap { values.contains($0) ? $0 : nil }
        }
    }

    private static func double(_ content: TOMLValue.Content) -> Double? {
        switch content {
        case .integer(let value): Double(value)
        case .number(let value) where value.isFinite: value
        default: nil
        }
    }

    private static func short(_ value: Double) -> String {
        if let whole = Int(exactly: value) { String(whole) } else { String(value) }
    }
}

extension SettingKind<Bool> {
    static let boolean = SettingKind.plain("true or false", write: { $0 ? "true" : "false" }) { content in
        if case .boolean(let value) = content { value } else { nil }
    }
}

extension SettingKind<String> {
    /// A text of 1 to `maximum` characters without control characters, for which `isFit` holds.
    static func text(
        _ words: String, maximum: Int = 128, where isFit: @escaping @Sendable (String) -> Bool = { _ in true }
    ) -> SettingKind {
        .plain(words, write: { $0.tomlText }) { content in
            guard case .string(let text) = content, !text.isEmpty, text.utf8.count <= maximum,
                text.printable == text, isFit(text)
            else { return nil }
            return text
        }
    }

    /// One word of a few; a mistyped one is told the nearest.
    static func word(_ known: [String]) -> SettingKind {
        let words = "one of " + known.map(\.tomlText).joined(separator: ", ")
        return SettingKind(
            words: words,
            read: { value, misfits in
                guard case .string(let text) = value.content else {
                    misfits.error(value.place, "\(value.words) does not fit here", "write \(words)")
                    return nil
                }
                if known.contains(text) { return text }
                let nearest = NearestWord.near(text, among: known).map { "write \($0.tomlText), or " } ?? "write "
                misfits.error(value.place, "\(text.quoted) is not known here", nearest + words)
                return nil
            },
            write: { $0.tomlText })
    }

    /// Digits as a telephone has them.
    static func digits(_ counts: ClosedRange<Int>) -> SettingKind {
        let example = counts.contains(2) ? "21" : String("482913057261".prefix(counts.lowerBound))
        return text("a text of \(counts.lowerBound) to \(counts.upperBound) digits, such as \"\(example)\"") {
            counts.contains($0.utf8.count) && $0.utf8.allSatisfy { (48...57).contains($0) }
        }
    }

    /// A name for people and commands: letters, digits, `-`, `_`, `.`.
    static let name = text("a name of letters, digits, '-', '_' and '.' (up to 32)", maximum: 32) { isName($0) }

    static func isName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 46
                    || $0 == 95
            } && text.utf8.first != 46 && text.utf8.first != 45
    }
}
