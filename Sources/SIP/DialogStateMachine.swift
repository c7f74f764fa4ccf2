// SPDX-License-Identifier: Apache-2.0
// RFC 3261 sections 9 (CANCEL), 13 (INVITE), 15 (BYE): one session, seen from this end. Retransmissions, timers of the
// transactions and PRACK are the library's.

package import Telephony

/// The life of one SIP session: input in, actions out. No clock, no input or output; every state takes every input.
///
///     incoming:  offered -> alerting -> early -> accepted -> confirmed -> leaving -> ended
///     outgoing:  calling -> proceeding ------------------> confirmed -> leaving -> ended
///                      \-> cancelling -> ended
package struct DialogStateMachine: Sendable {
    package enum State: Sendable, Hashable, CaseIterable {
        /// An INVITE came; 100 went out.
        case offered
        /// We sent 180.
        case alerting
        /// We sent 183 with a description.
        case early
        /// We sent 200 and wait for the ACK.
        case accepted
        /// As `accepted`, but we want to leave: BYE must wait for the ACK (RFC 3261 section 15).
        case acceptedInVain
        /// Our INVITE is out.
        case calling
        /// The far end sent a provisional response.
        case proceeding
        /// We sent CANCEL (or will, after the first provisional response).
        case cancelling
        case confirmed
        /// BYE is out.
        case leaving
        case ended
    }

    package enum Input: Sendable, Hashable {
        case ring, startEarlyMedia, answer
        case reject(Int)
        case hangUp(HangupCause)
        case acknowledged
        case cancelled(HangupCause)
        case farEndLeft(HangupCause)
        case progressed(isRinging: Bool, hasMedia: Bool)
        /// A 2xx to our INVITE; usable: with an answer that we can work with.
        case answered(isUsable: Bool)
        case refused(Int)
        /// The library gave up and says BYE itself.
        case lost(HangupCause)
        /// The library has nothing left of this dialog.
        case over
    }

    package enum Action: Sendable, Hashable {
        case respond(Int)
        case respondWithDescription(Int)
        /// Tell the port what was agreed upon: audio may flow.
        case openMedia
        case acknowledge
        case sendBye(HangupCause)
        case sendCancel(HangupCause)
        case tellRinging, tellEarlyMedia, tellAnswered
        /// The last thing that is ever told; the port has gone before it.
        case tellHungUp(HangupCause)
        case releaseMedia
        /// Give the handle back.
        case forget
    }

    package private(set) var state: State
    private var hasTold = (ringing: false, media: false)
    private var leavingCause = HangupCause.normalClearing

    package init(isIncoming: Bool) { state = isIncoming ? .offered : .calling }

    package var isUnanswered: Bool {
        switch state {
        case .offered, .alerting, .early, .calling, .proceeding: true
        default: false
        }
    }

    /// What follows from having waited so long in this state; nil: goes on waiting.
    package func inputAfterWaiting(_ waited: Duration) -> Input? {
        switch state {
        case .offered, .alerting, .early:
            // A caller who vanished while it rang: as proxies wait (RFC 3261 section 16.6, timer C).
            waited > .seconds(180) ? .hangUp(.noAnswer) : nil
        case .leaving, .cancelling, .acceptedInVain:
            // Every transaction is over after 64 * T1 = 32 s (section 17), and here may be two of them.
            waited > .seconds(72) ? .over : nil
        case .accepted, .calling, .proceeding, .confirmed, .ended:
            nil
        }
    }

    package mutating func take(_ input: Input) -> [Action] {
        switch state {
        case .offered, .alerting, .early: takeUnanswered(input)
        case .accepted: takeAccepted(input)
        case .acceptedInVain: takeAcceptedInVain(input)
        case .calling, .proceeding: takeCalling(input)
        case .cancelling: takeCancelling(input)
        case .confirmed: takeConfirmed(input)
        case .leaving: takeLeaving(input)
        case .ended: []
        }
    }

    private mutating func takeUnanswered(_ input: Input) -> [Action] {
        switch input {
        case .ring:
            guard state == .offered else { return [] }
            state = .alerting
            return [.respond(180)]
        case .startEarlyMedia:
            guard state != .early else { return [] }
            state = .early
            return [.openMedia, .respondWithDescription(183)]
        case .answer:
            let opened = state == .early
            state = .accepted
            return opened ? [.respondWithDescription(200)] : [.openMedia, .respondWithDescription(200)]
        case .reject(let status):
            return [.respond(status)] + end(HangupCause(sipStatus: status))
        case .hangUp(let cause):
            return [.respond(cause.sipStatus)] + end(cause)
        case .cancelled(let cause), .farEndLeft(let cause), .lost(let cause):
            return end(cause)
        case .over:
            return end(.normalUnspecified)
        case .acknowledged, .progressed, .answered, .refused:
            return []
        }
    }

    private mutating func takeAccepted(_ input: Input) -> [Action] {
        switch input {
        case .acknowledged:
            state = .confirmed
            return [.tellAnswered]
        case .hangUp(let cause):
            state = .acceptedInVain
            leavingCause = cause
            return [.releaseMedia, .tellHungUp(cause)]
        case .farEndLeft(let cause):
            return end(cause)
        case .lost(let cause):
            state = .leaving
            return [.releaseMedia, .tellHungUp(cause)]
        case .over:
            return end(.normalUnspecified)
        case .ring, .startEarlyMedia, .answer, .reject, .cancelled, .progressed, .answered, .refused:
            return []
        }
    }

    private mutating func takeAcceptedInVain(_ input: Input) -> [Action] {
        switch input {
        case .acknowledged:
            state = .leaving
            return [.sendBye(leavingCause)]
        case .lost:
            state = .leaving
            return []
        case .farEndLeft, .over:
            state = .ended
            return [.forget]
        default:
            return []
        }
    }

    private mutating func takeCalling(_ input: Input) -> [Action] {
        switch input {
        case .progressed(let isRinging, let hasMedia):
            state = .proceeding
            var actions: [Action] = []
            if isRinging, !hasTold.ringing {
                hasTold.ringing = true
                actions.append(.tellRinging)
            }
            if hasMedia {
                actions.append(.openMedia)
                if !hasTold.media { actions.append(.tellEarlyMedia) }
                hasTold.media = true
            }
            return actions
        case .answered(isUsable: true):
            state = .confirmed
            return [.acknowledge, .openMedia, .tellAnswered]
        case .answered(isUsable: false):
            state = .leaving
            return [.acknowledge, .sendBye(.incompatibleMedia), .releaseMedia, .tellHungUp(.incompatibleMedia)]
        case .refused(let status):
            return end(HangupCause(sipStatus: status, afterRinging: hasTold.ringing))
        case .hangUp(let cause):
            state = .cancelling
            return [.sendCancel(cause), .releaseMedia, .tellHungUp(cause)]
        case .farEndLeft(let cause), .lost(let cause), .cancelled(let cause):
            return end(cause)
        case .over:
            return end(.normalUnspecified)
        case .ring, .startEarlyMedia, .answer, .reject, .acknowledged:
            return []
        }
    }

    private mutating func takeCancelling(_ input: Input) -> [Action] {
        switch input {
        case .answered:
            // The 200 crossed our CANCEL (RFC 3261 section 9.1).
            state = .leaving
            return [.acknowledge, .sendBye(.normalClearing)]
        case .refused, .farEndLeft, .lost, .over:
            state = .ended
            return [.forget]
        default:
            return []
        }
    }

    private mutating func takeConfirmed(_ input: Input) -> [Action] {
        switch input {
        case .hangUp(let cause):
            state = .leaving
            return [.sendBye(cause), .releaseMedia, .tellHungUp(cause)]
        case .farEndLeft(let cause):
            return end(cause)
        case .lost(let cause):
            state = .leaving
            return [.releaseMedia, .tellHungUp(cause)]
        case .over:
            return end(.normalUnspecified)
        case .ring, .startEarlyMedia, .answer, .reject, .acknowledged, .cancelled, .progressed, .answered, .refused:
            return []
        }
    }

    private mutating func takeLeaving(_ input: Input) -> [Action] {
        switch input {
        case .farEndLeft, .over:
            state = .ended
            return [.forget]
        default:
            return []
        }
    }

    private mutating func end(_ cause: HangupCause) -> [Action] {
        state = .ended
        return [.releaseMedia, .tellHungUp(cause), .forget]
    }
}
