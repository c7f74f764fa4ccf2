// SPDX-License-Identifier: Apache-2.0

extension LandlineStateMachine {
    // MARK: - Incoming

    mutating func ring(_ rings: Bool, _ now: Int64) -> [Action] {
        switch state {
        case .idle, .inUse:
            guard rings else { return [] }
            // A line that rings is not in use. Who calls may have been told before.
            let known = now &- callerAt < 8_000 ? caller : nil
            reset(.ringing)
            caller = known
            isInUse = false
            burstStart = now
            firstBurst = 0
            timers[.ringTimeout] = now &+ plan.ringTimeout
            return [.forgetTones]
        case .ringing, .answering:
            if rings {
                burstStart = burstStart ?? now
                timers[.ringTimeout] = now &+ plan.ringTimeout
                return []
            }
            guard let start = burstStart else { return [] }
            burstStart = nil
            guard now &- start >= plan.shortestRing else { return [] }
            self.rings += 1
            lastBurst = now
            if self.rings == 1 { firstBurst = now }
            timers[.ringTimeout] = now &+ plan.ringTimeout
            return state == .ringing ? considerOffer(now) : considerAnswer(now)
        case .clearing:
            // The call that was given up still rings.
            if timers[.clearing] != nil, rings { timers[.clearing] = now &+ plan.ringTimeout }
            return []
        case .gone, .seizing, .dialling, .progress, .inCall: return []
        }
    }

    mutating func ringTimedOut(_ now: Int64) -> [Action] {
        guard state == .ringing || state == .answering else { return [] }
        // A single click is no call.
        if rings == 0, !hasLeg {
            reset(.idle)
            return []
        }
        return end(.callerGaveUp, nil, now)
    }

    mutating func callerID(_ caller: Caller, _ now: Int64) -> [Action] {
        switch state {
        case .idle, .ringing, .answering, .clearing:
            self.caller = caller
            callerAt = now
            return considerOffer(now)
        case .gone, .inUse, .seizing, .dialling, .progress, .inCall: return []
        }
    }

    mutating func callerIDActive(_ isActive: Bool, _ now: Int64) -> [Action] {
        isHearingCallerID = isActive
        guard !isActive else { return [] }
        return state == .answering ? considerAnswer(now) : considerOffer(now)
    }

    mutating func considerOffer(_ now: Int64) -> [Action] {
        guard state == .ringing, !hasLeg, rings >= max(1, plan.answerAfterRings) else { return [] }
        let patience = firstBurst &+ plan.callerIDWait
        if caller == nil, now < patience {
            timers[.offer] = patience
            return []
        }
        // A message is shorter than a second; what looks like one for longer is none.
        if isHearingCallerID, now < patience &+ 1_500 {
            timers[.offer] = now &+ 100
            return []
        }
        timers[.offer] = nil
        hasLeg = true
        return [.offer(caller)]
    }

    mutating func answer(_ now: Int64) -> [Action] {
        guard state == .ringing, hasLeg else { return [] }
        state = .answering
        return considerAnswer(now)
    }

    mutating func considerAnswer(_ now: Int64) -> [Action] {
        guard state == .answering, burstStart == nil else { return [] }
        let quiet = lastBurst &+ plan.answerPause
        if now < quiet || isHearingCallerID && now < quiet &+ 4_000 {
            timers[.answer] = max(quiet, isHearingCallerID ? now &+ 100 : quiet)
            return []
        }
        return [.seize(true)] + connected(now) + [.reportAnswered(nil)]
    }

    mutating func connected(_ now: Int64) -> [Action] {
        state = .inCall
        since = now
        timers = [.longest: now &+ plan.longestCall]
        if plan.silence > 0 { timers[.silence] = now &+ plan.silence }
        return [.forgetTones]
    }

    // MARK: - Outgoing

    mutating func dial(_ number: String, isEmergency: Bool, _ now: Int64) -> [Action] {
        if isEmergency { return dialEmergency(number, now) }
        switch state {
        case .idle:
            guard redial.wait(number, now: now) == 0 else { return [.refuse(.redialPause)] }
            return seize(number, now)
        case .clearing where isToBeDialled == nil && !isInUse && !hasLeg:
            guard redial.wait(number, now: now) == 0 else { return [.refuse(.redialPause)] }
            isToBeDialled = (number, false)
            hasLeg = true
            isOutgoing = true
            return []
        case .gone, .inUse, .ringing, .answering, .seizing, .dialling, .progress, .inCall, .clearing:
            return [.refuse(.lineInUse)]
        }
    }

    /// Takes the line from its own call; a call of the house's phones it can not end.
    private mutating func dialEmergency(_ number: String, _ now: Int64) -> [Action] {
        switch state {
        case .idle: return seize(number, now)
        case .gone, .inUse: return [.refuse(state == .gone ? .deviceGone : .lineInUse)]
        case .clearing:
            var actions: [Action] = []
            if hasLeg { actions.append(.reportHungUp(.preempted, LandlineRelease.preempted.cause)) }
            isToBeDialled = (number, true)
            hasLeg = true
            isOutgoing = true
            timers[.clearing] = min(timers[.clearing] ?? now, now &+ plan.clearing)
            return actions
        case .ringing, .answering, .seizing, .dialling, .progress, .inCall:
            var actions: [Action] = []
            // A line that rings is answered and hung up: only then is it free.
            if state == .ringing || state == .answering { actions.append(.seize(true)) }
            let (before, hadLeg, wasMuted, caller) = (state, hasLeg, isMuted, caller)
            reset(.clearing)
            if wasMuted { actions.append(.mute(false)) }
            if hadLeg { actions.append(.reportHungUp(.preempted, LandlineRelease.preempted.cause)) }
            if before == .ringing, !hadLeg { actions.append(.missed(caller)) }
            actions.append(.seize(false))
            timers[.clearing] = now &+ plan.clearing
            isToBeDialled = (number, true)
            hasLeg = true
            isOutgoing = true
            return actions
        }
    }

    mutating func seize(_ number: String, _ now: Int64) -> [Action] {
        reset(.seizing)
        self.number = number
        hasLeg = true
        isOutgoing = true
        timers[.dialTone] = now &+ plan.dialToneWait
        if plan.hasLoopSense { timers[.loopWait] = now &+ plan.loopWait }
        return [.forgetTones, .seize(true)]
    }

    mutating func startDialling(_ now: Int64) -> [Action] {
        guard state == .seizing else { return [] }
        state = .dialling
        timers = [:]
        return [.send(number, plan.dialling)]
    }

    mutating func dialled(_ now: Int64) -> [Action] {
        guard state == .dialling else { return [] }
        state = .progress
        timers[.noAnswer] = now &+ plan.noAnswer
        since = now
        return [.forgetTones, .reportEarlyMedia]
    }

    mutating func answered(_ how: LandlineAnswer, _ now: Int64) -> [Action] {
        guard state == .progress else { return [] }
        redial.succeeded(number)
        return connected(now) + [.reportAnswered(how)]
    }
}
