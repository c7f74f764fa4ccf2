// SPDX-License-Identifier: Apache-2.0

extension NumberSpace {
    /// Whether the number means something already: whoever got it as an extension would take it from a telephone, a rule, a
    /// number to try a line or, the worst, could not be told from an emergency number.
    package func belongsToSomebody(_ number: String) -> Bool {
        emergencyNumbers.contains { number.hasPrefix($0) || $0.hasPrefix(number) }
            || extensions.contains(number) || others.contains(number) || reserved.contains(number)
            || services.contains { $0.matchesWhole(number) }
    }

    /// Whether it is the beginning of a whole number, or begins with one: one of the two would make its caller wait.
    package func crowds(_ number: String) -> Bool {
        extensions.union(others).union(reserved).contains { $0.hasPrefix(number) || number.hasPrefix($0) }
    }

    /// Whether a room or somebody outside is dialled like that. An extension comes first, so that they could not be dialled
    /// from the telephones of the house any more.
    package func hides(_ number: String) -> Bool {
        roomNumbers?.matchesWhole(number) == true || outsideNumbers?.matchesWhole(number) == true
    }
}
