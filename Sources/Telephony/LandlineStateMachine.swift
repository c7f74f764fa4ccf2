// SPDX-License-Identifier: Apache-2.0

/// What the box does with one landline (FXO): it is the subscriber there, the network the exchange. Pure: events in, actions
/// out, in the order in which they are to be performed; milliseconds of the owner's clock.
///
///     idle --ring--> ringing --offered, answered--> answering --between two bursts--> in call --cue of release--+
///      |                                                                                                         |
///      +--dial--> seizing --dial tone--> dialling --> progress --answered----------> in call                     |
///      |                                                                                                         v
///      +<--------------------------------- pause on-hook ---------------------------------------------- clearing
///
/// In Japan from ringing to `hearingCaller` and back (LandlineStateMachine+Japan).
///
/// An emergency call finds the line as it is: a call of ours ends, a bell is answered and hung up (`tripping`). Where the
/// former caller may still hold the line, it goes on-hook once more when there is no dial tone, and then dials blindly.
/// It never takes the line from another emergency call.
///
/// It never seizes a line that somebody uses (but for an emergency that has no other way), never within a burst of the bell or
/// a caller-ID, and gives way to a phone of the house.
package struct LandlineStateMachine: Sendable {
    package enum State: Sendable, Hashable, CaseIterable {
        case gone
        case idle
        /// A phone of the house uses it, or it was off-hook when we came.
        case inUse
        case ringing
        /// Japan: seized between the short bursts that ask for it, unanswered, to be told who calls; then it rings.
        case hearingCaller
        /// The call was taken; the line is seized between two bursts.
        case answering
        /// Off-hook only so that the exchange ends a bell that is in an emergency's way.
        case tripping
        case seizing
        case dialling
        /// Dialled; tones and voices of the network are heard.
        case progress
        case inCall
        /// On-hook before the next use.
        case clearing
    }

    package enum Tone: Sendable, Hashable {
        case dial
        case ringback
        case busy
        case congestion
        case specialInformation
        case learned
    }

    package struct Caller: Sendable, Hashable {
        package var number: String
        package var name: String
        package var isWithheld: Bool

        package init(number: String, name: String, isWithheld: Bool) {
            self.number = number
            self.name = name
            self.isWithheld = isWithheld
        }
    }

    package enum Event: Sendable {
        case deviceBack(isInUse: Bool)
        case deviceGone
        /// A burst of the bell begins or ends.
        case ring(Bool)
        case callerID(Caller)
        /// A caller-ID is coming in right now.
        case callerIDActive(Bool)
        case loop(Bool)
        case polarityReversed
        /// Another phone on the line.
        case lineInUse(Bool)
        /// It was seized only to be tested, and is on-hook again; for this machine it was in use meanwhile.
        case testOver
        /// Heard on the line, its bursts in a row; of dial tone, which has none, the whole seconds that it goes on (1 at first).
        case tone(Tone, bursts: Int)
        /// A voice (or music) begins or ends.
        case voice(Bool)
        /// A steady tone goes on, of the plan or not: what was taken for a voice was its beginning.
        case steadyTone
        /// A key of the far end.
        case digit
        /// All digits have been sent.
        case dialled
        /// The switchboard takes the incoming call, ends a call, makes one.
        case answer
        case release(HangupCause)
        case dial(String, isEmergency: Bool, patience: Patience = .planned)
        /// The device was told to take the line, and does not; `isInUse`: since another phone has it.
        case notTaken(isInUse: Bool)
        /// The device has let the line go by itself.
        case deviceEnded
        /// The device presumes that the far end has gone, since it has heard nothing for a while.
        case presumedGone
    }

    package enum Action: Sendable, Hashable {
        case seize(Bool)
        /// Off-hook, but who calls is heard as on-hook.
        case seizeToHearCaller
        case send(String, LandlinePlan.Dialling)
        /// Nobody hears the line.
        case mute(Bool)
        case offer(Caller?)
        case reportRinging
        case reportEarlyMedia
        /// Incoming: nil.
        case reportAnswered(LandlineAnswer?)
        /// The last event of the leg.
        case reportHungUp(LandlineRelease, HangupCause)
        /// The leg that came with `dial` can not be.
        case refuse(LandlineRelease)
        /// It rang and nobody took it.
        case missed(Caller?)
        /// What is being heard is a new call's: forget the tones before.
        case forgetTones
    }

    enum Timer: Hashable {
        case ringTimeout
        case offer
        case answer
        case callerMessage
        case loopOpen
        case silence
        case longest
        case loopWait
        case dialTone
        case conversation
        case noAnswer
        case ringback
        case announcement
        case clearing
        case tripping
        case unmute
    }

    package var plan: LandlinePlan
    package internal(set) var state = State.gone
    /// Who called, as far as it is known.
    package internal(set) var caller: Caller?
    var callerAt: Int64 = 0
    package internal(set) var rings = 0
    /// The leg was told to the switchboard and is not over.
    var hasLeg = false
    var isOutgoing = false
    var burstStart: Int64?
    var lastBurst: Int64 = 0
    var firstBurst: Int64 = 0
    var isHearingCallerID = false
    /// Japan: bursts in a row that asked for it to be seized, and whether it was in this call.
    var shortBursts = 0
    var hasHeardCaller = false
    var isInUse = false
    var isMuted = false
    /// While clearing or tripping: what comes then.
    var isToBeDialled: Order?
    /// What is being dialled, or was for the call that runs.
    var order: Order?
    /// While clearing: the bell of a call that nobody wants any more goes on.
    var isRefusingBell = false
    var heardRingback = false
    /// Since it was seized: somebody has spoken; it was dialled on without dial tone, and nothing was heard of the network.
    var heardVoice = false
    var isBlind = false
    var since: Int64 = 0
    var timers: [Timer: Int64] = [:]
    /// The owner may keep one for several lines.
    package var redial: RedialGuard

    package init(plan: LandlinePlan) {
        self.plan = plan
        redial = RedialGuard(pause: plan.redialPause, attempts: plan.redialAttempts, rest: plan.redialRest)
    }

    package var deadline: Int64? { timers.values.min() }

    /// The line is needed for an emergency call, or is in one.
    package var isInEmergency: Bool { (order ?? isToBeDialled)?.isEmergency == true }

    package mutating func handle(_ event: Event, now: Int64) -> [Action] {
        switch event {
        case .deviceBack(let isInUse): return deviceBack(isInUse, now)
        case .deviceGone: return deviceGone()
        default: break
        }
        guard state != .gone else {
            if case .dial = event { return [.refuse(.deviceGone)] }
            return []
        }
        return switch event {
        case .deviceBack, .deviceGone: []
        case .ring(let rings): ring(rings, now)
        case .callerID(let caller): callerID(caller, now)
        case .callerIDActive(let isActive): callerIDActive(isActive, now)
        case .loop(let isClosed): loop(isClosed, now)
        case .polarityReversed: polarityReversed(now)
        case .lineInUse(let isInUse): lineInUse(isInUse, now)
        case .testOver: testOver(now)
        case .tone(let tone, let bursts): heard(tone, bursts, now)
        case .voice(let isVoice): voice(isVoice, now)
        case .steadyTone: steadyTone()
        case .digit: state == .progress ? answered(.digit, now) : []
        case .dialled: dialled(now)
        case .answer: answer(now)
        case .release(let cause): release(cause, now)
        case .dial(let number, let isEmergency, let patience):
            dial(Order(number: number, isEmergency: isEmergency, patience: patience), now)
        case .notTaken(let isInUse): isNotHad(isInUse ? .lineInUse : .notTaken, now)
        case .deviceEnded: isNotHad(.deviceEnded, now)
        case .presumedGone: presumedGone(now)
        }
    }

    package mutating func expire(now: Int64) -> [Action] {
        var actions: [Action] = []
        // In the order of their times; each may set others.
        while let next = timers.min(by: { ($0.value, "\($0.key)") < ($1.value, "\($1.key)") }), next.value <= now {
            timers[next.key] = nil
            actions += expired(next.key, now)
        }
        return actions
    }

    private mutating func expired(_ timer: Timer, _ now: Int64) -> [Action] {
        switch timer {
        case .ringTimeout: ringTimedOut(now)
        case .offer: considerOffer(now)
        case .answer: considerAnswer(now)
        case .callerMessage: callerMessageTimedOut(now)
        case .loopOpen: end(.loopDrop, nil, now)
        case .silence: end(.silence, nil, now)
        case .longest: end(.tooLong, nil, now)
        case .loopWait: end(.lineDead, nil, now)
        case .dialTone: noDialTone(now)
        case .conversation: conversation(now)
        case .noAnswer: end(isBlind ? .nothingHeard : .noAnswer, nil, now)
        case .ringback: answered(.ringbackStopped, now)
        case .announcement: end(.specialInformation, nil, now)
        case .clearing: cleared(now)
        case .tripping: tripped(now)
        case .unmute: unmute()
        }
    }

    // MARK: - Device

    private mutating func deviceBack(_ isInUse: Bool, _ now: Int64) -> [Action] {
        guard state == .gone else { return [] }
        self.isInUse = isInUse
        state = .clearing
        timers = [.clearing: now &+ plan.clearing]
        return [.seize(false)]
    }

    private mutating func deviceGone() -> [Action] {
        guard state != .gone else { return [] }
        let hadLeg = hasLeg
        reset(.gone)
        return hadLeg ? [.reportHungUp(.deviceGone, LandlineRelease.deviceGone.cause)] : []
    }

    // MARK: - Ends

    mutating func reset(_ next: State) {
        state = next
        timers = [:]
        hasLeg = false
        isOutgoing = false
        burstStart = nil
        rings = 0
        shortBursts = 0
        hasHeardCaller = false
        caller = nil
        isMuted = false
        isToBeDialled = nil
        order = nil
        isRefusingBell = false
        heardRingback = false
        heardVoice = false
        isBlind = false
    }

    /// The call is over, whatever it was; the line goes on-hook where it was seized, and rests.
    mutating func end(_ release: LandlineRelease, _ cause: HangupCause?, _ now: Int64) -> [Action] {
        let before = state
        guard before != .gone, before != .idle, before != .inUse, before != .clearing, before != .tripping
        else { return [] }
        var actions: [Action] = []
        if isMuted { actions.append(.mute(false)) }
        let wasSeized = before != .ringing && before != .answering
        if wasSeized { actions.append(.seize(false)) }
        if hasLeg {
            let own = isOutgoing && before != .inCall ? release.unansweredCause : release.cause
            actions.append(.reportHungUp(release, cause ?? own))
        } else if before == .ringing || before == .hearingCaller {
            actions.append(.missed(caller))
        }
        if let order, before != .inCall {
            switch release {
            case .busy, .congestion, .noAnswer, .specialInformation: redial.failed(order.number, now: now)
            default: break
            }
        }
        let (isRinging, rest) = (burstStart != nil, lastBurst)
        reset(.clearing)
        // Of a call that we do not want any more the bell may go on: no new call before it is silent.
        if !wasSeized, isRinging || now &- rest < plan.ringTimeout, release != .callerGaveUp {
            isRefusingBell = true
            timers[.clearing] = now &+ plan.ringTimeout
        } else {
            timers[.clearing] = now &+ (wasSeized ? plan.clearing : 0)
        }
        return actions
    }

    private mutating func release(_ cause: HangupCause, _ now: Int64) -> [Action] {
        guard hasLeg else { return [] }
        guard state == .clearing || state == .tripping else { return end(.ourSide, cause, now) }
        // It was only waiting for the line.
        hasLeg = false
        isOutgoing = false
        isToBeDialled = nil
        return [.reportHungUp(.ourSide, cause)]
    }

    private mutating func cleared(_ now: Int64) -> [Action] {
        guard state == .clearing else { return [] }
        guard let next = isToBeDialled else {
            guard isInUse || !hasBell else { return takeOverBell(now) }
            // Who calls may have been told already.
            state = isInUse ? .inUse : .idle
            (burstStart, rings, isRefusingBell) = (nil, 0, false)
            return []
        }
        let isLost = next.isEmergency ? isInUse && !next.isLastWay : isInUse || hasBell
        guard isLost else { return seize(next, now) }
        // Somebody calls, or lifts, before we could dial.
        let refusal = Action.reportHungUp(.lineInUse, LandlineRelease.lineInUse.cause)
        guard !isInUse else {
            reset(.inUse)
            return [refusal]
        }
        return [refusal] + takeOverBell(now)
    }

    private mutating func testOver(_ now: Int64) -> [Action] {
        guard state == .inUse else { return [] }
        isInUse = false
        state = .clearing
        timers[.clearing] = now &+ plan.clearing
        return []
    }

    private mutating func lineInUse(_ isInUse: Bool, _ now: Int64) -> [Action] {
        self.isInUse = isInUse
        switch state {
        case .idle:
            if isInUse { state = .inUse }
        case .inUse:
            if !isInUse { state = .idle }
        case .ringing, .answering:
            if isInUse { return end(.extensionLifted, nil, now) }
        case .hearingCaller: return isInUse ? end(.extensionLifted, nil, now) : []
        case .inCall, .progress, .dialling, .seizing:
            if isInUse, plan.withdrawsForExtension, !isInEmergency {
                return end(.extensionLifted, nil, now)
            }
        case .gone, .clearing, .tripping: break
        }
        return []
    }
}
