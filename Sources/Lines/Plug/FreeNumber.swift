// SPDX-License-Identifier: Apache-2.0

import Telephony

/// Finds an extension that nobody has.
struct FreeNumber: Sendable {
    /// Where to begin counting, such as "21".
    let first: String
    let emergencyNumbers: Set<String>

    /// The first number from `first` on that is not taken and has nothing to do with an emergency number: neither begins
    /// like one nor is the beginning of one. Counts on through further digits; nil when even four digits are used up.
    func next(taken: Set<String>) -> String? {
        guard let start = Int(first), start >= 0 else { return nil }
        let width = first.utf8.count
        for number in start...max(start, 9_999) {
            let digits = String(number)
            let text =
                digits.utf8.count < width ? String(repeating: "0", count: width - digits.utf8.count) + digits : digits
            let clashes = emergencyNumbers.contains { $0.hasPrefix(text) || text.hasPrefix($0) }
            // A number that is the beginning of another would make its caller wait.
            let isPrefix = taken.contains { $0.hasPrefix(text) || text.hasPrefix($0) }
            if !clashes, !isPrefix { return text }
        }
        return nil
    }
}
