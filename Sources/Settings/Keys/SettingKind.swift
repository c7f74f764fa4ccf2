// SPDX-License-Identifier: Apache-2.0

/// What a setting may be: how it is read from a file, written into one, and described to a person.
struct SettingKind<Value: Sendable>: Sendable {
    /// With article: "a whole number from 1 to 65535".
    let words: String
    /// Nil when the value does not fit; then at least one problem has been added.
    let read: @Sendable (TOMLValue, inout Misfits) -> Value?
    /// As TOML; nil for a value that stands for an absent key.
    let write: @Sendable (Value) -> String?
}

extension SettingKind {
    /// Takes any value for which `fit` gives a result; otherwise says what was expected.
    static func plain(
        _ words: String, write: @escaping @Sendable (Value) -> String?,
        fit: @escaping @Sendable (TOMLValue.Content) -> Value?
    ) -> SettingKind {
        SettingKind(
            words: words,
            read: { value, misfits in
                if let result = fit(value.content) { return result }
                misfits.error(value.place, "\(value.words) does not fit here", "write \(words)")
                return nil
            },
            write: write)
    }

    /// The same with a further check, which returns what is wrong and what to write instead.
    func checked(_ check: @escaping @Sendable (Value) -> (what: String, remedy: String)?) -> SettingKind {
        SettingKind(
            words: words,
            read: { value, misfits in
                guard let result = read(value, &misfits) else { return nil }
                guard let failure = check(result) else { return result }
                misfits.error(value.place, failure.what, failure.remedy)
                return nil
            },
            write: write)
    }

    /// For a property that is nil when the key is absent.
    static func optional<Element>(_ kind: SettingKind<Element>) -> SettingKind where Value == Element? {
        SettingKind(
            words: kind.words,
            read: { value, misfits in kind.read(value, &misfits).map { .some($0) } },
            write: { $0.flatMap(kind.write) })
    }

    /// A list of these. `unique`: nothing twice, as `write` tells them apart.
    static func list<Element>(
        _ kind: SettingKind<Element>, _ counts: ClosedRange<Int>, of noun: String, unique: Bool = true
    ) -> SettingKind where Value == [Element] {
        let words = "a list of \(noun) (\(counts.lowerBound) to \(counts.upperBound)), each \(kind.words)"
        return SettingKind(
            words: words,
            read: { value, misfits in
                guard case .array(let elements) = value.content else {
                    misfits.error(value.place, "\(value.words) does not fit here", "write \(words), in [brackets]")
                    return nil
                }
                guard counts.contains(elements.count) else {
                    misfits.error(value.place, "a list of \(elements.count) does not fit here", "write \(words)")
                    return nil
                }
                return kind.readElements(elements, unique: unique, &misfits)
            },
            write: { "[" + $0.compactMap(kind.write).joined(separator: ", ") + "]" })
    }

    private func readElements(_ elements: [TOMLValue], unique: Bool, _ misfits: inout Misfits) -> [Value]? {
        var seen: Set<String> = []
        var result: [Value] = []
        var isFit = true
        for element in elements {
            guard let value = read(element, &misfits) else {
                isFit = false
                continue
            }
            if unique, let text = write(value), !seen.insert(text).inserted {
                misfits.error(element.place, "\(text) stands here twice", "keep one of them")
                isFit = false
            }
            result.append(value)
        }
        return isFit ? result : nil
    }
}
