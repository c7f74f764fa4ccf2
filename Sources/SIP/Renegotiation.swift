// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 14.1 (re-INVITE and its back-off after 491), RFC 4028 section 10 (refresh).

/// A re-INVITE of ours within a confirmed dialog: at most one at a time, tried again after 491 and 5xx.
package struct Renegotiation: Sendable {
    package enum State: Sendable, Hashable, CaseIterable {
        case idle
        /// The re-INVITE is out.
        case open
        /// Waits before the next try.
        case backingOff
    }

    package enum Input: Sendable, Hashable {
        case wanted, accepted
        case refused(Int)
        /// The back-off is over.
        case timerRang
    }

    package enum Action: Sendable, Hashable {
        case send
        /// Milliseconds from which one is drawn.
        case wait(ClosedRange<Int>)
        /// What was agreed upon before goes on.
        case giveUp
    }

    package static let mostTries = 5

    package private(set) var state = State.idle
    private var tries = 0
    private let ownsCallID: Bool

    /// - Parameter ownsCallID: the call is ours (outgoing): 2.1 … 4 s of back-off, otherwise 0 … 2 s.
    package init(ownsCallID: Bool) { self.ownsCallID = ownsCallID }

    package mutating func take(_ input: Input) -> Action? {
        switch (state, input) {
        case (.idle, .wanted):
            state = .open
            tries = 1
            return .send
        case (.backingOff, .timerRang):
            state = .open
            tries += 1
            return .send
        case (.open, .accepted):
            state = .idle
            return nil
        // Also from idle: a refresh that the library sent by itself was refused.
        case (.open, .refused(let status)), (.idle, .refused(let status)):
            guard status == 491 || status >= 500 && status < 600, tries < Self.mostTries else {
                let wasOpen = state == .open
                state = .idle
                tries = 0
                return wasOpen ? .giveUp : nil
            }
            state = .backingOff
            return .wait(ownsCallID ? 2_100...4_000 : 0...2_000)
        case (.idle, .accepted), (.idle, .timerRang), (.open, .wanted), (.open, .timerRang), (.backingOff, .wanted),
            (.backingOff, .accepted), (.backingOff, .refused):
            return nil
        }
    }
}
