// SPDX-License-Identifier: Apache-2.0

/// An emergency call takes the line as it is.
extension LandlineStateMachine {
    /// Takes the line from its own call; neither a call of the house's phones nor another emergency is ended.
    mutating func dialEmergency(_ new: Order, _ now: Int64) -> [Action] {
        guard !isInEmergency else { return [.refuse(.lineInUse)] }
        var (new, actions) = (new, [Action]())
        if isMuted { actions.append(.mute(false)) }
        if hasLeg { actions.append(.reportHungUp(.preempted, LandlineRelease.preempted.cause)) }
        switch state {
        case .idle: return seize(new, now)
        case .gone: return [.refuse(.deviceGone)]
        // Other lines come first. With none left it is lifted beside the other phone, as a person would do: those who speak there
        // are heard, and a modem that only thought so has its dial tone.
        case .inUse: return new.isLastWay ? seize(new, now) : [.refuse(.lineInUse)]
        case .clearing:
            guard !isRefusingBell, !hasBell else { return trip(new, actions, now) }
            // Whoever has just been hung up on may still hold the line.
            new.hooksAgain = new.patience != .last
            wait(for: new)
            timers[.clearing] = min(timers[.clearing] ?? now, now &+ plan.clearing)
            return actions
        case .ringing, .hearingCaller, .answering:
            if !hasLeg { actions.append(.missed(caller)) }
            return trip(new, actions, now)
        case .tripping:
            // The emergency that it was done for was given up.
            wait(for: new.hookingAgain)
            return actions
        case .seizing, .dialling, .progress, .inCall:
            if !isOutgoing { new.hooksAgain = true }
            reset(.clearing)
            timers[.clearing] = now &+ plan.clearing
            wait(for: new)
            return actions + [.seize(false)]
        }
    }

    /// Answers the bell, for only so long that the exchange notices.
    private mutating func trip(_ new: Order, _ actions: [Action], _ now: Int64) -> [Action] {
        reset(.tripping)
        timers[.tripping] = now &+ plan.trip
        wait(for: new.hookingAgain)
        return actions + [.seize(true)]
    }

    mutating func tripped(_ now: Int64) -> [Action] {
        guard state == .tripping else { return [] }
        state = .clearing
        timers = [.clearing: now &+ plan.clearing]
        return [.seize(false)]
    }

    mutating func noDialTone(_ now: Int64) -> [Action] {
        guard state == .seizing, var again = order else { return [] }
        if again.hooksAgain {
            again.hooksAgain = false
            reset(.clearing)
            timers[.clearing] = now &+ plan.clearing
            wait(for: again)
            return [.seize(false)]
        }
        if again.isLastWay { return startDialling(isBlind: true, now) }
        if heardVoice { return end(.lineInUse, nil, now) }
        return again.patience == .elsewhere || plan.needsDialTone
            ? end(.noDialTone, nil, now) : startDialling(isBlind: true, now)
    }

    /// Somebody speaks where the dial tone should be. An emergency that has no other way is dialled nevertheless.
    mutating func conversation(_ now: Int64) -> [Action] {
        guard state == .seizing, let order, !order.isLastWay, !order.hooksAgain else { return [] }
        return end(.lineInUse, nil, now)
    }
}
