// SPDX-License-Identifier: Apache-2.0

/// Which numbers a telephone of this box can dial, as far as it matters for when a number is complete.
package struct NumberSpace: Sendable {
    package enum Verdict: Sendable, Equatable {
        /// An emergency number: dialled at once, whatever else begins like it.
        case emergency
        /// The only possible match: nothing else that can be dialled begins with these digits, or ends within them.
        case complete
        case open
    }

    package var emergencyNumbers: Set<String>
    package var extensions: Set<String>
    /// Further whole numbers (those to try a line).
    package var others: Set<String> = []
    /// Which numbers are rooms; nil: no rooms can be dialled.
    package var roomNumbers: (any DestinationPattern)?
    /// What is dialled for somebody outside; nil: nobody there can be called.
    package var outsideNumbers: (any DestinationPattern)?
    /// Numbers that rules take. A rule for everything says nothing of a number's length and does not belong here.
    package var routes: [any DestinationPattern] = []
    /// Numbers that rules take from whatever telephone of the house, of lines and by SIP.
    package var services: [any DestinationPattern] = []
    /// Names of telephones, which may be digits.
    package var reserved: Set<String> = []

    package init(
        emergencyNumbers: Set<String>, extensions: Set<String>, roomNumbers: (any DestinationPattern)?,
        outsideNumbers: (any DestinationPattern)?
    ) {
        self.emergencyNumbers = emergencyNumbers
        self.extensions = extensions
        self.roomNumbers = roomNumbers
        self.outsideNumbers = outsideNumbers
    }

    /// Whether the number ends here. Numbers outside never do: theirs are of any length, and the first digits of one are
    /// somebody else's. Nor do rooms of several lengths at their longest: whoever dials more means no room, and is not to be
    /// put into one by half of what he dials. '#' or silence ends those.
    package func verdict(on digits: String) -> Verdict {
        if emergencyNumbers.contains(digits) { return .emergency }
        guard !digits.isEmpty, isWhole(digits) else { return .open }
        let known = emergencyNumbers.union(extensions).union(others)
        if known.contains(where: { $0.count > digits.count && $0.hasPrefix(digits) }) { return .open }
        let patterns = [roomNumbers, outsideNumbers].compactMap { $0 } + routes
        return patterns.contains { $0.canGoOn(from: digits) } ? .open : .complete
    }

    private func isWhole(_ digits: String) -> Bool {
        if extensions.contains(digits) || others.contains(digits) { return true }
        guard let roomNumbers, roomNumbers.matchesWhole(digits) else { return false }
        return outsideNumbers?.matchesWhole(digits) != true && !roomNumbers.matchesBeginning(of: digits)
    }
}

extension DestinationPattern {
    /// Whether it matches less than the whole of these digits, from the first one on.
    func matchesBeginning(of digits: String) -> Bool {
        digits.indices.dropFirst().contains { matchesWhole(String(digits[..<$0])) }
    }
}

/// What phones of the house dial for somebody outside: a prefix and any number; without a prefix what the fence allows.
package struct OutsideNumbers: DestinationPattern {
    private let prefix: String
    private let fence: FenceOptions

    package init(prefix: String, fence: FenceOptions) {
        self.prefix = prefix
        self.fence = fence
    }

    package func matchesWhole(_ destination: String) -> Bool {
        prefix.isEmpty ? fence.allows(destination) : destination.hasPrefix(prefix) && destination != prefix
    }

    package func canGoOn(from digits: String) -> Bool {
        prefix.isEmpty
            ? fence.allowed.contains { $0.canGoOn(from: digits) } : digits.hasPrefix(prefix) || prefix.hasPrefix(digits)
    }
}
