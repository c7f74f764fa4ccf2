// SPDX-License-Identifier: Apache-2.0

/// What the hardware of a line tells, raw: whoever gets it debounces hooks and times bursts. Phones (the first five) and
/// landlines (the rest) speak the same language, because some hardware can be either.
package enum LineSignal: Sendable, Hashable {
    /// The hook switch, or what stands for it, is so now. To be debounced.
    case hook(isOffHook: Bool)
    /// A button that lifts and hangs up in turn (a headset's).
    case hookButton
    /// A button of its own to lift (green, true) or to hang up (red, false): no bounce, no flash.
    case hookKey(lifts: Bool)
    /// A key for recall; on phones without one a short hang-up means the same (`HookStateMachine`).
    case flashKey
    /// A key of the device, once per press.
    case key(DTMFDigit)
    /// The device's mute key, once per press.
    case muteButton
    /// Ring voltage is on the line (true), or has ceased: one burst, or where the device only tells of whole rings, a ring.
    case ring(Bool)
    /// Loop current flows (true) or is interrupted.
    case loop(isClosed: Bool)
    case polarity(isReversed: Bool)
    /// Another phone on the same pair has lifted (true) or hung up.
    case lineInUse(Bool)
    /// The device was told to take the line, and did not: nothing is to be had from it now.
    case notTaken(isInUse: Bool)
    /// The device has let the line go by itself in the middle of a call (a voice modem that left its voice mode).
    case ended
    /// Caller-ID that the device itself decoded; empty fields were not sent, "O" and "P" are told as absence words.
    case callerID(number: String, name: String)
    /// A tone that the device itself heard on the line.
    case tone(LineTone)
}

/// Tones that some devices (voice modems) recognise by themselves.
package enum LineTone: Sendable, Hashable {
    case busy
    case dial
    case ringback
    case silence
    /// "Presumed hang-up": silence after a conversation.
    case hangUp
}

/// What a line's hardware can be told.
package enum LineOrder: Sendable, Hashable {
    /// Landlines: takes the line (closes the loop) or lets it go.
    case seize(Bool)
    /// Landlines: a short interruption of the loop, so long.
    case flash(milliseconds: Int)
    /// Phones: ring voltage, buzzer or ring lamp on or off; the cadence is the caller's.
    case bell(Bool)
    /// Phones with a host: what they believe about their own state.
    case lamp(LineLamp, Bool)
    /// Phones with a display of their own: the number of who calls; empty: nothing any more.
    case display(String)
}

/// Lamps of phones; some are the only way to tell a headset that it is in a call.
package enum LineLamp: Sendable, Hashable, CaseIterable {
    case offHook
    case mute
    case hold
    case messageWaiting
}
