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
            if plan.seizesForCallerID, let actions = shortBurst(since: start, now) { return actions }
            self.rings += 1
            lastBurst = now
            if self.rings == 1 { firstBurst = now }
            timers[.ringTimeout] = now &+ plan.ringTimeout
            return state == .ringing ? considerOffer(now) : considerAnswer(now)
        case .clearing:
            ringWhileClearing(rings, now)
            return []
        case .gone, .hearingCaller, .tripping, .seizing, .dialling, .progress, .inCall: return []
        }
    }

    private mutating func ringWhileClearing(_ rings: Bool, _ now: Int64) {
        if isToBeDialled?.isEmergency == true {
            // Seizing will answer that call: it is hung up once more where no dial tone comes.
            if rings { isToBeDialled?.hooksAgain = true }
        } else if isRefusingBell {
            // The call that was given up still rings.
            if rings { timers[.clearing] = now &+ plan.ringTimeout }
        } else if rings {
            burstStart = burstStart ?? now
            // A line that rings is not in use.
            isInUse = false
        } else if let start = burstStart {
            burstStart = nil
            guard now &- start >= plan.shortestRing else { return }
            // It asks to be seized (Japan's caller-ID), and comes again once the line is idle.
            if plan.seizesForCallerID, plan.shortBurst.contains(now &- start) { return }
            self.rings += 1
            lastBurst = now
            if self.rings == 1 { firstBurst = now }
        }
    }

    /// A call has begun while the line rested.
    var hasBell: Bool { !isRefusingBell && (burstStart != nil || rings > 0) }

    mutating func takeOverBell(_ now: Int64) -> [Action] {
        let (start, count, known) = (burstStart, rings, now &- callerAt < 8_000 ? caller : nil)
        reset(.ringing)
        (burstStart, rings, caller) = (start, count, known)
        isInUse = false
        timers[.ringTimeout] = (start ?? lastBurst) &+ plan.ringTimeout
        return [.forgetTones] + considerOffer(now)
    }

    mutating func ringTimedOut(_ now: Int64) -> [Action] {
        guard state == .ringing || state == .answering else { return [] }
        // A single click is no call.
        if rings == 0, !hasLeg, !hasHeardCaller {
            reset(.idle)
            return []
        }
        return end(.callerGaveUp, nil, now)
    }

    mutating func callerID(_ caller: Caller, _ now: Int64) -> [Action] {
        switch state {
        case .hearingCaller:
            self.caller = caller
            callerAt = now
            return endHearingCaller(now)
        case .idle, .ringing, .answering, .clearing:
            self.caller = caller
            callerAt = now
            return considerOffer(now)
        case .gone, .inUse, .tripping, .seizing, .dialling, .progress, .inCall: return []
        }
    }

    mutating func callerIDActive(_ isActive: Bool, _ now: Int64) -> [Action] {
        isHearingCallerID = isActive
        guard !isActive else { return [] }
        return state == .answering ? considerAnswer(now) : considerOffer(now)
    }

    mutating func considerOffer(_ now: Int64) -> [Action] {
        guard state == .ringing, !hasLeg, rings >= max(1, plan.answerAfterRings) * max(1, plan.burstsPerRing)
        else { return [] }
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

    mutating func dial(_ new: Order, _ now: Int64) -> [Action] {
        let number = new.number
        if new.isEmergency { return dialEmergency(new, now) }
        switch state {
        case .idle:
            guard redial.wait(number, now: now) == 0 else { return [.refuse(.redialPause)] }
            return seize(new, now)
        case .clearing where isToBeDialled == nil && !isInUse && !hasLeg && !hasBell:
            guard redial.wait(number, now: now) == 0 else { return [.refuse(.redialPause)] }
            wait(for: new)
            return []
        case .gone, .inUse, .ringing, .hearingCaller, .answering, .tripping, .seizing, .dialling, .progress, .inCall,
            .clearing:
            return [.refuse(.lineInUse)]
        }
    }

    mutating func wait(for next: Order) {
        isToBeDialled = next
        hasLeg = true
        isOutgoing = true
    }

    mutating func seize(_ next: Order, _ now: Int64) -> [Action] {
        reset(.seizing)
        order = next
        hasLeg = true
        isOutgoing = true
        timers[.dialTone] = now &+ plan.dialToneWait
        if plan.hasLoopSense { timers[.loopWait] = now &+ plan.loopWait }
        return [.forgetTones, .seize(true)]
    }

    /// `isBlind`: no dial tone was heard.
    mutating func startDialling(isBlind: Bool = false, _ now: Int64) -> [Action] {
        guard state == .seizing, let order else { return [] }
        state = .dialling
        self.isBlind = isBlind
        timers = [:]
        return [.send(order.number, plan.dialling)]
    }

    mutating func dialled(_ now: Int64) -> [Action] {
        guard state == .dialling else { return [] }
        state = .progress
        timers[.noAnswer] = now &+ (isBlind ? plan.blindPatience : plan.noAnswer)
        since = now
        return [.forgetTones, .reportEarlyMedia]
    }

    /// The network has been heard.
    mutating func isAlive() {
        guard isBlind, state == .progress else { return }
        isBlind = false
        timers[.noAnswer] = since &+ plan.noAnswer
    }

    /// The device was asked for the line and has none, or has let it go by itself.
    mutating func isNotHad(_ release: LandlineRelease, _ now: Int64) -> [Action] {
        switch state {
        case .hearingCaller: return endHearingCaller(now)
        case .tripping:
            let hadLeg = hasLeg
            reset(.clearing)
            timers[.clearing] = now &+ plan.clearing
            return [.seize(false)] + (hadLeg ? [.reportHungUp(release, release.unansweredCause)] : [])
        case .seizing, .dialling, .progress, .inCall: return end(release, nil, now)
        case .gone, .idle, .inUse, .ringing, .answering, .clearing: return []
        }
    }

    mutating func answered(_ how: LandlineAnswer, _ now: Int64) -> [Action] {
        guard state == .progress else { return [] }
        if let order { redial.succeeded(order.number) }
        return connected(now) + [.reportAnswered(how)]
    }
}
