// SPDX-License-Identifier: Apache-2.0
// NTT, technical reference of the telephone service interface: number display. The texts were not to be had; after what is
// published of them.

/// Japan's number display, in which who calls is told to a line that is off-hook:
///
///     exchange   bell 0.5 s on, 0.5 s off, again and again        message        bell 1 s on, 2 s off
///     box                                 off-hook, unanswered            on-hook                     answers
///
/// The line is seized after two short bursts with a short pause, which no ordinary bell has; a line without number display is
/// never answered by mistake.
extension LandlineStateMachine {
    /// What a burst that has just ended does; nil: it belongs to an ordinary bell.
    mutating func shortBurst(since start: Int64, _ now: Int64) -> [Action]? {
        guard state == .ringing, !hasLeg, rings == 0, !hasHeardCaller,
            plan.shortBurst.contains(now &- start),
            shortBursts == 0 || plan.shortBurst.contains(start &- lastBurst)
        else {
            shortBursts = 0
            return nil
        }
        shortBursts += 1
        lastBurst = now
        timers[.ringTimeout] = now &+ plan.ringTimeout
        guard shortBursts == 2 else { return [] }
        state = .hearingCaller
        since = now
        timers = [.callerMessage: now &+ plan.callerMessage]
        return [.seizeToHearCaller]
    }

    mutating func callerMessageTimedOut(_ now: Int64) -> [Action] {
        guard state == .hearingCaller else { return [] }
        // What has begun by now is heard to its end.
        if isHearingCallerID, now &- since < plan.callerMessage &+ 2_000 {
            timers[.callerMessage] = now &+ 100
            return []
        }
        return endHearingCaller(now)
    }

    /// On-hook: that tells the exchange that the message has arrived. It rings now.
    mutating func endHearingCaller(_ now: Int64) -> [Action] {
        state = .ringing
        shortBursts = 0
        hasHeardCaller = true
        timers = [.ringTimeout: now &+ plan.ringTimeout]
        return [.seize(false)]
    }
}
