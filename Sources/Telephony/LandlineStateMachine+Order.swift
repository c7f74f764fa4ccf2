// SPDX-License-Identifier: Apache-2.0

extension LandlineStateMachine {
    /// What is done where no dial tone comes.
    package enum Patience: Sendable {
        /// As the plan says; an emergency is dialled all the same.
        case planned
        /// There are other ways: nothing is dialled.
        case elsewhere
        /// All ways were tried: an emergency is dialled as soon as it can be.
        case last
    }

    /// A number to be dialled, or that was.
    struct Order: Sendable {
        var number: String
        var isEmergency: Bool
        var patience = Patience.planned
        /// The former caller may still have the line: without dial tone it goes on-hook once more.
        var hooksAgain = false
        var hookingAgain: Order {
            var order = self
            order.hooksAgain = true
            return order
        }
        /// Nothing is left but to dial.
        var isLastWay: Bool { isEmergency && patience != .elsewhere }
    }
}
