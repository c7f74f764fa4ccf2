// SPDX-License-Identifier: Apache-2.0

/// Which numbers a telephone of this box can dial, as far as it matters for when a number is complete.
package struct NumberSpace: Sendable {
    package enum Verdict: Sendable, Equatable {
        /// An emergency number: dialled at once, whatever else begins like it.
        case emergency
        /// Nothing else that can be dialled begins with these digits.
        case complete
        case open
    }

    package var emergencyNumbers: Set<String>
    package var extensions: Set<String>
    /// Further whole numbers (those to try a line).
    package var others: Set<String> = []
    /// Which numbers are rooms; nil: no rooms can be dialled.
    package var roomNumbers: (any DestinationPattern)?
    /// Whether other numbers (to the outside, by the rules) can be dialled: then only '#' or silence ends those.
    package var hasOutsideNumbers: Bool

    package init(
        emergencyNumbers: Set<String>, extensions: Set<String>, roomNumbers: (any DestinationPattern)?,
        hasOutsideNumbers: Bool
    ) {
        self.emergencyNumbers = emergencyNumbers
        self.extensions = extensions
        self.roomNumbers = roomNumbers
        self.hasOutsideNumbers = hasOutsideNumbers
    }

    /// Whether the number ends here. A pattern of rooms cannot be asked what else it takes, so its next three digits are
    /// tried; a longer gap in the lengths of room numbers needs '#' (nobody has rooms of 3 and of 7 digits and nothing
    /// between that start alike, and silence ends the number as well).
    package func verdict(on digits: String) -> Verdict {
        if emergencyNumbers.contains(digits) { return .emergency }
        guard !digits.isEmpty, !hasOutsideNumbers, isNumber(digits) else { return .open }
        let known = emergencyNumbers.union(extensions).union(others)
        if known.contains(where: { $0.count > digits.count && $0.hasPrefix(digits) }) { return .open }
        return Self.tails.contains { roomNumbers?.matchesWhole(digits + $0) == true } ? .open : .complete
    }

    private func isNumber(_ digits: String) -> Bool {
        extensions.contains(digits) || others.contains(digits) || roomNumbers?.matchesWhole(digits) == true
    }

    /// One to three further digits: every single one, and of the longer ones a few of each first digit.
    private static let tails: [String] = (0...9).flatMap { first in
        ["\(first)"]
            + ["0", "5", "9"].flatMap { second in
                ["\(first)\(second)"] + ["0", "5", "9"].map { "\(first)\(second)\($0)" }
            }
    }
}
