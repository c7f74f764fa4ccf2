// SPDX-License-Identifier: Apache-2.0
// Telcordia GR-577 (three-way calling), GR-571 (call waiting), ETSI EN 300 738 (recall): what a flash means.

/// The second call of a telephone: what a flash, a hang-up and a call that comes in do while there is one. Pure.
///
///     alone --flash in a call--> consulting --flash, both talk--> conferring
///       ^  ^                         |  flash otherwise: back to the first; hang up: the two others are connected,
///       |  |                         |  or (nobody was reached) the telephone rings back
///       |  +--- ended ---------------+
///       |                                  (refused: alternating)
///       |
///       +--second call comes--> waiting --flash--> alternating (each flash changes over; hang up: rings back)
///
/// The telephone itself (`StationStateMachine`) has one call, the active one; the *other* is on hold, waits, or is in the
/// conference. The owner does what the actions say, in their order.
package struct FlashStateMachine: Sendable {
    package enum State: Sendable, CaseIterable {
        case alone
        /// The other one rings, and the telephone beeps.
        case waiting
        /// The other one is on hold; a second call is dialled, rings or is talked with.
        case consulting
        /// The other one is on hold; the active one was waiting, or changed over.
        case alternating
        /// All three hear each other.
        case conferring
        /// On-hook: the bell rings for the one who was on hold.
        case ringingBack
    }

    /// What the telephone does just now.
    package enum Telephone: Sendable, CaseIterable {
        /// On-hook, not there, or left off-hook.
        case away
        case ringing
        /// Lifted, or back from a call: dial tone, digits, a closing tone.
        case tone
        /// Its bell was answered; the port is being opened.
        case answering
        /// It has called somebody who has not answered.
        case calling
        case talking
        /// It speaks with, or calls, an emergency service: that is never put on hold or handed on.
        case emergency
    }

    package enum Event: Sendable, CaseIterable {
        case flashed
        case hungUp
        case lifted
        /// A call comes in for this telephone.
        case called
        /// The far end of the active call, or of the other one, has gone.
        case activeEnded
        case otherEnded
        /// The exchange does not connect the three.
        case conferenceRefused
        /// The device is gone, or its audio.
        case lost
        /// `deadline` has come.
        case expired
    }

    package enum Action: Sendable, Equatable {
        /// What happens besides a second call: `StationStateMachine` takes the event.
        case pass
        /// The call that came in is refused: busy.
        case refuse
        /// The call that came in waits: beep, and tell its caller that it rings.
        case announceWaiting
        case stopWaiting
        /// The active call goes on hold and becomes the other one; second dial tone.
        case holdActive
        /// The other one becomes the active one.
        case resumeOther
        /// Both change places; the one that was active goes on hold.
        case changeOver
        /// The active call is hung up; the telephone stays as it is.
        case dropActive
        /// The other one is hung up (its device is gone).
        case dropOther
        /// All three are connected.
        case confer
        /// The active and the other one are connected, without this telephone.
        case transfer
        /// The bell rings for the other one, which becomes the active one.
        case ringOther
        /// The bell has rung long enough.
        case giveUp
        /// Nothing is left of the other one.
        case forgetOther
    }

    /// Whether calls wait on this line at all.
    package var takesWaitingCalls: Bool
    package private(set) var state = State.alone
    /// Of the bell that rings back.
    package private(set) var deadline: Int64?

    /// How long the bell rings for somebody who is on hold.
    package static let ringBackMilliseconds: Int64 = 60_000

    package init(takesWaitingCalls: Bool) { self.takesWaitingCalls = takesWaitingCalls }

    /// - Parameter telephone: as it is before the event.
    package mutating func handle(_ event: Event, _ telephone: Telephone, now: Int64) -> [Action] {
        let actions = next(event, telephone)
        if state != .ringingBack {
            deadline = nil
        } else if deadline == nil {
            deadline = now &+ Self.ringBackMilliseconds
        }
        return actions
    }

    private mutating func next(_ event: Event, _ telephone: Telephone) -> [Action] {
        switch event {
        case .flashed: flashed(telephone)
        case .hungUp: hungUp(telephone)
        case .called: called(telephone)
        case .lifted:
            state == .ringingBack ? enter(.alone, [.pass]) : [.pass]
        case .activeEnded:
            switch state {
            case .conferring: enter(.alone, [.resumeOther])
            case .ringingBack: enter(.alone, [.pass])
            case .alone, .waiting, .consulting, .alternating: [.pass]
            }
        case .otherEnded:
            switch state {
            case .waiting: enter(.alone, [.stopWaiting, .forgetOther])
            case .consulting, .alternating, .conferring: enter(.alone, [.forgetOther])
            case .alone, .ringingBack: []
            }
        // With a room or a script three do not talk: this flash changes over, as each further one does.
        case .conferenceRefused:
            state == .conferring ? enter(.alternating, telephone == .talking ? [.changeOver] : []) : []
        case .lost:
            switch state {
            case .waiting: enter(.alone, [.stopWaiting, .dropOther, .pass])
            case .consulting, .alternating, .conferring: enter(.alone, [.dropOther, .pass])
            case .alone, .ringingBack: enter(.alone, [.pass])
            }
        case .expired:
            state == .ringingBack ? enter(.alone, [.giveUp]) : []
        }
    }

    private mutating func enter(_ next: State, _ actions: [Action]) -> [Action] {
        state = next
        return actions
    }

    private mutating func flashed(_ telephone: Telephone) -> [Action] {
        switch (state, telephone) {
        case (.alone, .talking): return enter(.consulting, [.holdActive])
        case (.waiting, .talking): return enter(.alternating, [.stopWaiting, .changeOver])
        case (.waiting, .tone): return enter(.alone, [.stopWaiting, .resumeOther])
        case (.consulting, .talking): return enter(.conferring, [.confer])
        case (.alternating, .talking): return [.changeOver]
        case (.consulting, .tone), (.alternating, .tone): return enter(.alone, [.resumeOther])
        // Nobody answers there: back to the first. In a conference the one who came last leaves.
        case (.consulting, .calling), (.conferring, .talking):
            return enter(.alone, [.dropActive, .resumeOther])
        default: return []
        }
    }

    private mutating func hungUp(_ telephone: Telephone) -> [Action] {
        switch (state, telephone) {
        case (.alone, _), (.ringingBack, _): return [.pass]
        case (.waiting, _): return enter(.alone, [.stopWaiting, .pass, .ringOther])
        case (.consulting, .talking), (.consulting, .calling), (.conferring, .talking):
            return enter(.alone, [.transfer, .pass])
        case (.consulting, _), (.alternating, _), (.conferring, _):
            return enter(.ringingBack, [.pass, .ringOther])
        }
    }

    private mutating func called(_ telephone: Telephone) -> [Action] {
        switch (state, telephone) {
        case (.alone, .away), (.alone, .ringing), (.alone, .answering), (.alone, .tone): return [.pass]
        case (.alone, .talking):
            return takesWaitingCalls ? enter(.waiting, [.announceWaiting]) : [.refuse]
        case (.alone, .calling), (.alone, .emergency), (.waiting, _), (.consulting, _), (.alternating, _),
            (.conferring, _), (.ringingBack, _):
            return [.refuse]
        }
    }
}
