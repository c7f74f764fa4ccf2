// SPDX-License-Identifier: Apache-2.0

/// What the line itself tells about the far end.
extension LandlineStateMachine {
    mutating func loop(_ isClosed: Bool, _ now: Int64) -> [Action] {
        switch state {
        case .seizing:
            // Current flows: the exchange has noticed.
            if isClosed { timers[.loopWait] = nil }
        case .inCall, .progress:
            timers[.loopOpen] = isClosed ? nil : (timers[.loopOpen] ?? now &+ plan.loopOpen)
        case .gone, .idle, .inUse, .ringing, .hearingCaller, .answering, .tripping, .dialling, .clearing: break
        }
        return []
    }

    mutating func polarityReversed(_ now: Int64) -> [Action] {
        guard now &- since >= plan.polarityGuard else { return [] }
        switch state {
        case .progress: return answered(.polarity, now)
        case .inCall: return plan.polarityReleases ? end(.polarity, nil, now) : []
        // Before a ring it announces a caller-ID.
        case .gone, .idle, .inUse, .ringing, .hearingCaller, .answering, .tripping, .seizing, .dialling, .clearing:
            return []
        }
    }

    mutating func heard(_ tone: Tone, _ bursts: Int, _ now: Int64) -> [Action] {
        switch state {
        case .seizing: return tone == .dial ? startDialling(now) : []
        case .progress: return heardInProgress(tone, bursts, now)
        case .inCall: return heardInCall(tone, bursts, now)
        case .gone, .idle, .inUse, .ringing, .hearingCaller, .answering, .tripping, .dialling, .clearing: return []
        }
    }

    private mutating func heardInProgress(_ tone: Tone, _ bursts: Int, _ now: Int64) -> [Action] {
        isAlive()
        switch tone {
        case .ringback:
            timers[.ringback] = now &+ plan.ringbackGone
            guard !heardRingback else { return [] }
            heardRingback = true
            return [.reportRinging]
        case .busy: return bursts >= plan.muteBursts ? end(.busy, nil, now) : []
        case .congestion: return bursts >= plan.muteBursts ? end(.congestion, nil, now) : []
        case .learned: return bursts >= plan.releaseBursts ? end(.busy, nil, now) : []
        case .specialInformation:
            // The announcement behind it is for the caller to hear.
            if timers[.announcement] == nil { timers[.announcement] = now &+ plan.announcement }
            timers[.ringback] = nil
            return []
        // The call failed in the exchange, which offers another.
        case .dial: return now &- since > 3_000 && bursts >= plan.dialToneSeconds ? end(.dialTone, nil, now) : []
        }
    }

    private mutating func heardInCall(_ tone: Tone, _ bursts: Int, _ now: Int64) -> [Action] {
        switch tone {
        case .dial:
            guard plan.dialToneReleases else { return [] }
            if bursts >= plan.dialToneSeconds { return end(.dialTone, nil, now) }
            return bursts >= 2 ? mute(for: 1_500, now) : []
        case .busy, .congestion, .learned:
            if bursts >= plan.releaseBursts {
                return end(tone == .learned ? .learnedTone : .disconnectTone, nil, now)
            }
            return bursts >= plan.muteBursts ? mute(for: 4_000, now) : []
        case .ringback, .specialInformation: return []
        }
    }

    /// The room does not hear the line until the tone has told again, or has not.
    private mutating func mute(for milliseconds: Int64, _ now: Int64) -> [Action] {
        timers[.unmute] = now &+ milliseconds
        guard !isMuted else { return [] }
        isMuted = true
        return [.mute(true)]
    }

    mutating func unmute() -> [Action] {
        guard isMuted else { return [] }
        isMuted = false
        return [.mute(false)]
    }

    mutating func voice(_ isVoice: Bool, _ now: Int64) -> [Action] {
        switch state {
        case .inCall:
            if plan.silence > 0 { timers[.silence] = isVoice ? nil : now &+ plan.silence }
            return []
        case .seizing:
            if isVoice { heardVoice = true }
            timers[.conversation] = isVoice ? now &+ plan.conversation : nil
            return []
        case .progress:
            if isVoice { isAlive() }
            // Behind the special information tone speaks a machine.
            guard isVoice, timers[.announcement] == nil else { return [] }
            return answered(.voice, now)
        case .gone, .idle, .inUse, .ringing, .hearingCaller, .answering, .tripping, .dialling, .clearing:
            return []
        }
    }

    /// A dial tone that the plan does not know, behind the click of the relay.
    mutating func steadyTone() -> [Action] {
        guard state == .seizing else { return [] }
        heardVoice = false
        timers[.conversation] = nil
        return []
    }

    /// Counts only where silence is set to release, and the line is as silent to us.
    mutating func presumedGone(_ now: Int64) -> [Action] {
        state == .inCall && plan.silence > 0 && timers[.silence] != nil ? end(.silence, nil, now) : []
    }
}
