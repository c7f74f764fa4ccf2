// SPDX-License-Identifier: Apache-2.0

import Telephony

/// Finds an extension that nobody has.
struct FreeNumber: Sendable {
    /// Where to begin counting, such as "21".
    let first: String
    /// What can be dialled here.
    let numbers: NumberSpace

    /// Beyond this there are no extensions for telephones that are plugged in.
    private static let last = 9_999
    /// So many times the first number are looked through for one that hides no room.
    private static let patience = 40

    /// The first number from `first` on that is neither in `taken` nor means anything, nor makes anybody wait; where rooms
    /// have numbers of some lengths only, or outside is behind a prefix, it is none of theirs either. Counts on through
    /// further digits; nil when even four digits are used up.
    func next(taken: Set<String>) -> String? {
        guard let start = Int(first), start >= 0 else { return nil }
        // Where rooms may have every number, as shipped, an extension always hides one.
        let near = min(Self.last, max(start, 1) * Self.patience)
        return number(start, near) { isFree($0, taken) && !numbers.hides($0) }
            ?? number(start, max(start, Self.last)) { isFree($0, taken) }
    }

    private func number(_ start: Int, _ end: Int, where isGood: (String) -> Bool) -> String? {
        guard start <= end else { return nil }
        let width = first.utf8.count
        for number in start...end {
            let digits = String(number)
            let text =
                digits.utf8.count < width ? String(repeating: "0", count: width - digits.utf8.count) + digits : digits
            if isGood(text) { return text }
        }
        return nil
    }

    private func isFree(_ number: String, _ taken: Set<String>) -> Bool {
        guard !taken.contains(where: { $0.hasPrefix(number) || number.hasPrefix($0) }) else { return false }
        return !numbers.belongsToSomebody(number) && !numbers.crowds(number)
    }
}
