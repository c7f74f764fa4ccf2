// SPDX-License-Identifier: Apache-2.0

/// What happened in a rehearsal and what people would have heard.
package struct Transcript: Sendable {
    package struct Line: Sendable, Hashable, CustomStringConvertible {
        package var milliseconds: Int64
        /// "caller", "200", "room 111", "script"
        package var who: String
        package var words: String

        package var description: String {
            let tenths = (milliseconds + 50) / 100
            let time = "\(tenths / 10).\(tenths % 10)"
            return String(repeating: " ", count: max(0, 6 - time.count)) + "\(time) s  \(who): \(words)"
        }
    }

    package private(set) var lines: [Line] = []
    /// Why a script ended that should not have: an error in it, a limit.
    package internal(set) var faults: [String] = []

    private static let mostLines = 10_000

    mutating func add(_ milliseconds: Int64, _ who: String, _ words: String) {
        guard lines.count < Self.mostLines else { return }
        lines.append(Line(milliseconds: milliseconds, who: who, words: words))
    }

    package var text: String { lines.map(\.description).joined(separator: "\n") + "\n" }

    /// The first of the texts that is not found, each looked for behind the one before; nil when all are there.
    package func missing(_ expected: [String]) -> String? {
        var rest = text[...]
        for words in expected {
            guard let range = rest.firstRange(of: words) else { return words }
            rest = rest[range.upperBound...]
        }
        return nil
    }
}
