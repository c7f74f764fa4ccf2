// SPDX-License-Identifier: Apache-2.0

extension Pattern {
    /// Whether this pattern obviously takes every number there is, so that no rule behind it is reached.
    ///
    /// Decided by asking, not by reading the pattern: texts that nothing but a catch-all matches together. A pattern
    /// that is too expensive, or that leaves out one of them, is none.
    package var catchesEverything: Bool {
        Self.probes.allSatisfy { probe in
            do { return try matches(probe) } catch { return false }
        }
    }

    /// Whether it takes numbers whatever they are: a rule for what people dial, not a service with a number of its own.
    package var takesAnyNumber: Bool {
        ["20", "31", "407", "598", "6789"].allSatisfy { (try? matches($0)) ?? false }
    }

    /// Numbers short and long, conference ids, names, star codes, other alphabets, and texts that no one would list.
    private static let probes: [String] =
        [
            "0", "1", "7", "42", "112", "0049301234567", "+15550100", "*97", "#", "conf_111", "conf_", "sales", "x",
            "Zoë",
            "anna.b-c", "\u{430}\u{431}", "~", "q$!&'()=;,?/", "zq7*#_vk", String(repeating: "9", count: 64),
        ]
}
