// SPDX-License-Identifier: Apache-2.0

/// The life of one call as its owner (a script, or the house itself) sees it. Pure: input in, actions out.
///
///     incoming: alerting -> (ringing, early) -> answering -> connected -> ended
///     outgoing: dialling -> (ringing, early) -> connected -> ended
package struct CallStateMachine: Sendable, Equatable {
    package enum Direction: Sendable { case incoming, outgoing }

    package enum State: String, Sendable, CaseIterable {
        case alerting, dialling, progressing, answering, connected, ended
    }

    package enum Input: Sendable, Equatable {
        // from the far end
        case farRinging, farEarlyMedia, farAnswered
        case farHungUp(HangupCause)
        // from the owner
        case ring, startEarlyMedia, answer
        case reject(status: Int)
        case hangUp(HangupCause)
        /// Nobody answered for 60 s.
        case timeout
        /// A new owner takes the call over (its worker was lost): it will hear of the call as if it were new.
        case reoffer
        /// The box has to ask the caller something, and takes the call for it: the owner hears of that when it answers itself.
        case answerUnasked
    }

    package enum Action: Sendable, Equatable {
        // on the leg
        case ringLeg, openEarlyMedia, answerLeg
        case rejectLeg(status: Int)
        case hangUpLeg(HangupCause)
        // to the owner
        case tellRinging, tellEarlyMedia, tellConnected
        /// It is connected, and its owner does not know.
        case noteConnected
        /// Instead of ringing (180), for which it is too late.
        case playRingback
        case tellDisconnected(HangupCause)
        case tellFailed(HangupCause, status: Int)
        /// Nothing more will come; forget the call.
        case release
    }

    package let direction: Direction
    package private(set) var state: State
    /// Answered before its present owner knew it.
    private var isReoffered = false
    /// Answered by the box; its owner has not answered it.
    package private(set) var isUnasked = false

    package init(_ direction: Direction) {
        self.direction = direction
        state = direction == .incoming ? .alerting : .dialling
    }

    package var isOver: Bool { state == .ended }
    package var isConnected: Bool { state == .connected }

    package mutating func handle(_ input: Input) -> [Action] {
        guard state != .ended else { return [] }
        switch input {
        case .farRinging: return progress(.tellRinging)
        case .farEarlyMedia: return progress(.tellEarlyMedia)
        case .farAnswered: return farAnswered()
        case .farHungUp(let cause): return farHungUp(cause)
        case .ring: return isUnasked && isConnected ? [.playRingback] : offer(.ringLeg)
        case .startEarlyMedia: return offer(.openEarlyMedia)
        case .answer: return answer()
        case .reject(let status): return reject(status)
        case .hangUp(let cause): return hangUp(cause)
        case .timeout: return timeout()
        case .reoffer: return reoffer()
        case .answerUnasked: return answerUnasked()
        }
    }

    private mutating func progress(_ action: Action) -> [Action] {
        guard direction == .outgoing, state == .dialling || state == .progressing else { return [] }
        state = .progressing
        return [action]
    }

    private mutating func offer(_ action: Action) -> [Action] {
        guard direction == .incoming, state == .alerting || state == .progressing else { return [] }
        state = .progressing
        return [action]
    }

    private mutating func farAnswered() -> [Action] {
        let isExpected = direction == .outgoing ? state != .connected : state == .answering
        guard isExpected else { return [] }
        state = .connected
        return [isUnasked ? .noteConnected : .tellConnected]
    }

    private mutating func answerUnasked() -> [Action] {
        guard direction == .incoming, state == .alerting || state == .progressing else { return [] }
        state = .answering
        isUnasked = true
        return [.answerLeg]
    }

    private mutating func answer() -> [Action] {
        if isUnasked {
            isUnasked = false
            return isConnected ? [.tellConnected] : []
        }
        if isReoffered, state == .connected {
            isReoffered = false
            return [.tellConnected]
        }
        guard direction == .incoming, state == .alerting || state == .progressing else { return [] }
        state = .answering
        return [.answerLeg]
    }

    private mutating func farHungUp(_ cause: HangupCause) -> [Action] {
        let wasUp = state == .connected || direction == .incoming
        state = .ended
        return [wasUp ? .tellDisconnected(cause) : .tellFailed(cause, status: cause.sipStatus), .release]
    }

    private mutating func reject(_ status: Int) -> [Action] {
        guard direction == .incoming, state == .alerting || state == .progressing else {
            return hangUp(.callRejected)
        }
        state = .ended
        return [.rejectLeg(status: status), .tellDisconnected(.callRejected), .release]
    }

    private mutating func hangUp(_ cause: HangupCause) -> [Action] {
        let wasUp = state == .connected || direction == .incoming
        state = .ended
        let told: Action = wasUp ? .tellDisconnected(cause) : .tellFailed(cause, status: 487)
        return [.hangUpLeg(cause), told, .release]
    }

    private mutating func timeout() -> [Action] {
        guard state != .connected || isUnasked else { return [] }
        let wasDialling = direction == .outgoing
        state = .ended
        let told: Action = wasDialling ? .tellFailed(.noAnswer, status: 408) : .tellDisconnected(.noAnswer)
        return [.hangUpLeg(.noAnswer), told, .release]
    }

    private mutating func reoffer() -> [Action] {
        guard direction == .incoming, !isUnasked else { return [] }
        if state == .connected { isReoffered = true }
        if state == .answering { isReoffered = true }
        return []
    }
}
