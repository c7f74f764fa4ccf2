// SPDX-License-Identifier: Apache-2.0

/// A pattern that is matched against a whole destination in bounded time (regular expression; handed in, see `Patterns`).
package protocol DestinationPattern: Sendable {
    func matchesWhole(_ destination: String) -> Bool
    /// Whether a longer destination that begins with this one may match; true when nobody knows.
    func canGoOn(from digits: String) -> Bool
    /// Whether there is no destination that it would not match.
    var catchesEverything: Bool { get }
}

extension DestinationPattern {
    package var catchesEverything: Bool { false }

    /// By trying: one to three further digits, every single one, and of the longer ones a few of each first digit.
    package func canGoOn(from digits: String) -> Bool {
        let tails = ["", "0", "5", "9", "00", "55", "99"]
        return "0123456789".contains { first in tails.contains { matchesWhole(digits + String(first) + $0) } }
    }
}

/// One rule: which destinations, coming from where, get which scenarios.
package struct RoutingRule: Sendable {
    package var name: String
    package var pattern: any DestinationPattern
    /// Empty: from anywhere.
    package var origins: Set<CallOrigin>
    package var scenarios: [String]

    package init(name: String, pattern: any DestinationPattern, origins: Set<CallOrigin>, scenarios: [String]) {
        self.name = name
        self.pattern = pattern
        self.origins = origins
        self.scenarios = scenarios
    }
}

/// The ordered list of rules: the first that matches wins, no further one is looked at.
package struct RoutingRules: Sendable {
    package var rules: [RoutingRule]

    package init(_ rules: [RoutingRule]) { self.rules = rules }

    /// Whether a number that could be a room's belongs to a rule as it was dialled ("80"), not as a room ("conf_80"): the first
    /// rule decides that takes one of the two. One for everything takes the room.
    package func takesAsDialled(_ number: String, from origin: CallOrigin) -> Bool {
        for rule in rules where rule.origins.isEmpty || rule.origins.contains(origin) {
            if rule.pattern.matchesWhole(DialPlan.conferencePrefix + number) { return false }
            if !rule.pattern.catchesEverything, rule.pattern.matchesWhole(number) { return true }
        }
        return false
    }

    package func rule(for destination: String, from origin: CallOrigin) -> RoutingRule? {
        rules.first { rule in
            (rule.origins.isEmpty || rule.origins.contains(origin)) && rule.pattern.matchesWhole(destination)
        }
    }
}
