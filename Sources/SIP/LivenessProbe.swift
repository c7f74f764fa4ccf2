// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 11 (OPTIONS within a dialog), RFC 5057 section 5.1 (which responses mean that a dialog is gone).

/// Whether a far end that sends no audio, on hold or as a mere listener, is still there: nothing else would ever tell. It is
/// asked each time after so long, and its call ends when it knows of none or says nothing.
///
///     resting --sends no audio any more--> waiting --time is over--> asked --any answer--> waiting
///                                                                      \--481, 408, or twice not reached--> the end
///
/// Pure; the SIP thread owns it and sets the timers, which carry a number, since they can not be called back.
package struct LivenessProbe: Sendable {
    package enum Input: Sendable, Hashable {
        /// What was agreed on: the far end sends audio or does not.
        case agreed(sends: Bool)
        case timerRang(Int)
        /// 408 is also what stands for no answer, 503 for an address that can not be reached.
        case answered(Int)
    }

    package enum Action: Sendable, Hashable {
        /// A timer of this number is to ring after the time of waiting.
        case wait(Int)
        case ask
        case end
    }

    private enum State { case resting, waiting, asked }
    private var state = State.resting
    private var number = 0
    private var unreached = 0

    package init() {}

    package mutating func take(_ input: Input) -> Action? {
        switch (state, input) {
        case (_, .agreed(sends: true)):
            state = .resting
            unreached = 0
            return nil
        case (.resting, .agreed(sends: false)):
            return wait()
        case (.waiting, .timerRang(let rung)) where rung == number:
            state = .asked
            return .ask
        case (.asked, .answered(let status)):
            unreached = status == 503 ? unreached + 1 : 0
            guard status != 408, status != 481, unreached < 2 else {
                state = .resting
                return .end
            }
            return wait()
        default:
            return nil
        }
    }

    private mutating func wait() -> Action {
        state = .waiting
        number &+= 1
        return .wait(number)
    }
}
