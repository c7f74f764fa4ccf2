import RTP
// SPDX-License-Identifier: Apache-2.0
import RealTime
import Telephony

// What is asked of a port, and its supervision.

extension MixPort {
    /// Exchanges streams and encoder for those in `configuration`, which carries the old ones back to be freed.
    func configure(_ configuration: PortConfiguration, now: Int64) {
        guard let rtp else { return }
        let frame8 = configuration.frame8
        let new = configuration.encoder
        configuration.streams = rtp.adopt(configuration.streams, now: now)
        findParts()
        exchangeConverters(&configuration.converters)
        configuration.encoder = exchangeEncoder(new, frame8: frame8)
        sampleRate = rtp.receiver.track.sampleRate
        // Whoever comes back from hold has all the time to say something.
        opened = now
        configuration.digits = exchangeDigits(configuration.digits)
        findHotLines()
    }

    /// It enters a group whose next frame is due at `deadline`: the gap since its last frame is time in which nothing
    /// was sent. What it has sent ahead of time (at most a frame) the far end's buffer takes.
    func join(deadline: Int64, length8: Int) {
        if nextDeadline > 0 {
            let gap8 = Int((deadline &- nextDeadline) / 125_000)
            if gap8 > 0 { skip(length8: gap8) }
        }
        nextDeadline = deadline
    }

    func detectDigits(_ enabled: Bool, removed: Bool) {
        digits.isEnabled = enabled
        digits.removes = removed
    }

    /// Digits in four bits each go out as events where these were negotiated, as tones otherwise.
    func send(count: UInt8, low: UInt64, high: UInt64) {
        for index in 0..<min(Int(count), 32) {
            let word = index < 16 ? low : high
            let code = UInt8(truncatingIfNeeded: (word >> UInt64((index & 15) &* 4)) & 15)
            if let rtp, rtp.sender.sendsEvents {
                _ = rtp.sender.sendDigit(code)
            } else {
                toneOut.enqueue(code)
            }
        }
    }

    /// The next digit that its far end pressed. Once events have come the audio is not believed any more: each press
    /// counts once.
    func takeDigit() -> (code: UInt8, source: DigitSource)? {
        if let rtp, let code = rtp.receiver.takeDigit() {
            watch.hasEvents = true
            return (code, .telephoneEvent)
        }
        while let code = digits.takeDigit() {
            if !watch.hasEvents { return (code, .inBand) }
        }
        return nil
    }

    /// Looks after what no group asks for: audio of a port that nobody hears flows on, so that its digits count.
    func attend(now: Int64) {
        guard let rtp else {
            inspectDigits()
            return
        }
        if rtp.receiver.isStarted {
            // Who is heard somewhere is decoded when it is pulled; the rest is for those whom nobody pulls.
            let reserve = memberships == nil ? 0 : Int64(sampleRate / 12)
            rtp.receiver.prepare(upTo: rtp.receiver.safeEnd(at: now) &- reserve)
        }
        inspectDigits()
        if now &- rtp.lastHeard > 500_000_000 { track.activity.rest() }
    }

    func publishMeters(now: Int64) {
        var meters = PortMeters()
        if let rtp {
            let counters = rtp.receiver.counters
            meters.packetsReceived = counters.packets
            meters.packetsSent = rtp.sender.packets
            meters.packetsLost = UInt64(
                clamping: rtp.receiver.counters.lostBefore &+ UInt64(clamping: rtp.receiver.reception.lost))
            meters.framesConcealed = counters.concealedSamples
            meters.framesDecoded = counters.decodedSamples
            meters.jitterNS = rtp.receiver.jitter
            meters.roundTripNS = rtp.control.roundTrip
            protectAgainstLoss(percent: rtp.control.farLossPercent)
            meters.farLossPercent = Int32(truncatingIfNeeded: rtp.control.farLossPercent)
            meters.targetNS = rtp.receiver.bufferTarget
        } else if let card {
            meters.card = card.counters
            meters.driftPPM = Float(card.driftPPM)
        }
        meters.standingDelayNS = standingDelay
        meters.level = track.activity.level
        meters.isTalking = isTalking
        meters.isMuted = isMuted
        self.meters.publish(meters)
    }
}
