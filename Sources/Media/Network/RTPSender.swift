// SPDX-License-Identifier: Apache-2.0
// RFC 3550 section 5.1, RFC 3551 section 4.1 (marker at the start of a talk spurt), RFC 4733 (events).

import RTP
package import Signals

/// The send half of a port: puts headers on what the mixer has encoded, with time stamps that never leave a hole.
///
///     mixer --payload, samples--> [ event instead? ] --header--> SendBatch
///
/// A frame may have any length: the time stamp moves by what was sent. Mix thread only, after it was made.
package final class RTPSender {
    /// What we encode for the far end.
    package let codec: AudioCodec
    /// Samples of `codec.sampleRate` in the frame that was negotiated.
    package let frameSamples: Int
    /// The direction of the SDP: false on hold.
    package let sends: Bool
    /// Whether digits go out as telephone events; otherwise the mixer makes tones of them.
    package let sendsEvents: Bool
    /// Whether the far end takes comfort noise (RFC 3389) instead of silence.
    package let sendsComfortNoise: Bool

    package private(set) var packets: UInt64 = 0
    package private(set) var bytes: UInt64 = 0
    package private(set) var ssrc: UInt32
    /// Of the next frame.
    package private(set) var timestamp: UInt32
    /// When the newest frame went, ns, and its time stamp (for sender reports).
    private(set) var lastSent: Int64 = 0
    private(set) var lastTimestamp: UInt32 = 0

    private let payloadType: UInt8
    private let eventType: UInt8
    private let eventScale: Int
    private let noiseType: UInt8
    /// When comfort noise went last, ns; 0: what went last was sound.
    private var lastNoise: Int64 = 0
    /// How often it is said again, in case it was lost: RFC 3389 section 4 leaves it to us.
    private static let noiseInterval: Int64 = 400_000_000
    private var sequence: UInt16
    private var marksNext = true
    private var events = TelephoneEventSender()

    init(_ parameters: RTPParameters, audio: RTPParameters.Audio) {
        codec = audio.codec
        payloadType = audio.payloadType
        frameSamples = audio.codec.sampleRate * min(60, max(5, parameters.frameMilliseconds)) / 1000
        sends = parameters.sends
        let clockRate = audio.codec.clockRate
        let event =
            parameters.events.first { $0.clockRate == clockRate }
            ?? parameters.events.first { $0.clockRate > 0 && clockRate % $0.clockRate == 0 }
        sendsEvents = event != nil
        eventType = event?.payloadType ?? 0
        eventScale = event.map { clockRate / max(1, $0.clockRate) } ?? 1
        noiseType = parameters.comfortNoise ?? 0
        sendsComfortNoise = parameters.comfortNoise != nil && clockRate == 8000
        ssrc = .random(in: 1 ... .max)
        timestamp = .random(in: 0 ... .max)
        sequence = .random(in: 0..<1 << 15)
    }

    /// Digits wait to be sent: the mixer shall go on calling `send` for each frame.
    package var isSendingDigits: Bool { events.isBusy }

    /// Sends a digit (its RFC 4733 code, 0 … 15) within the frames that follow. False: too many wait.
    package func sendDigit(_ code: UInt8) -> Bool { events.enqueue(code) }

    /// One frame: `byteCount` bytes of payload for `samples` samples of the codec. `marker` starts a talk spurt.
    /// While a digit is being sent its event goes instead.
    package func send(
        _ payload: UnsafePointer<UInt8>, byteCount: Int, samples: Int, marker: Bool, now: Int64, through port: RTPPort,
        into batch: SendBatch
    ) {
        let ticks = samples &* codec.clockRate / max(1, codec.sampleRate)
        defer { timestamp &+= UInt32(truncatingIfNeeded: ticks) }
        guard sends else {
            marksNext = true
            return
        }
        if events.isBusy, sendsEvents {
            let step = events.step(
                timestamp: timestamp, samples: ticks, clockRate: codec.clockRate, scale: eventScale)
            if let step {
                sendEvent(step, now: now, through: port, into: batch)
                if step.replacesAudio {
                    marksNext = true
                    return
                }
            }
        }
        let length = RTPHeader.byteCount &+ byteCount
        let security = port.streams.security?.outgoing
        guard
            let packet = batch.append(length: length &+ (security?.growth ?? 0), from: port, now: now)
        else { return }
        header(payloadType, marker: marker || marksNext, timestamp: timestamp).write(to: packet)
        (packet + RTPHeader.byteCount).update(from: payload, count: byteCount)
        finish(packet, length, security, now: now, through: port, into: batch)
        marksNext = false
        lastNoise = 0
        sent(byteCount, timestamp, now)
    }

    /// Instead of a frame of `samples`: says how loud the silence is (-dBov), at first and then some times a second.
    package func sendComfortNoise(
        levelBelowOverload level: UInt8, samples: Int, now: Int64, through port: RTPPort, into batch: SendBatch
    ) {
        defer { skip(samples: samples) }
        guard sends, !events.isBusy || !sendsEvents else {
            sendPendingEvent(samples: samples, now: now, through: port, into: batch)
            return
        }
        guard lastNoise == 0 || now &- lastNoise >= Self.noiseInterval else { return }
        let length = RTPHeader.byteCount + 1
        let security = port.streams.security?.outgoing
        guard
            let packet = batch.append(length: length &+ (security?.growth ?? 0), from: port, now: now)
        else { return }
        header(noiseType, marker: false, timestamp: timestamp).write(to: packet)
        packet[RTPHeader.byteCount] = level & 0x7F
        finish(packet, length, security, now: now, through: port, into: batch)
        lastNoise = now
        sent(1, timestamp, now)
    }

    private func sendPendingEvent(samples: Int, now: Int64, through port: RTPPort, into batch: SendBatch) {
        guard sends else { return }
        let ticks = samples &* codec.clockRate / max(1, codec.sampleRate)
        if let step = events.step(timestamp: timestamp, samples: ticks, clockRate: codec.clockRate, scale: eventScale) {
            sendEvent(step, now: now, through: port, into: batch)
        }
    }

    /// Lets time pass without sending: the next packet's time stamp is `samples` later, and it bears the marker.
    package func skip(samples: Int) {
        timestamp &+= UInt32(truncatingIfNeeded: samples &* codec.clockRate / max(1, codec.sampleRate))
        marksNext = true
    }

    /// Goes on where another sender of the same call was (re-INVITE): one source, one sequence.
    func takeOver(from other: RTPSender) {
        ssrc = other.ssrc
        sequence = other.sequence
        timestamp = other.timestamp
        packets = other.packets
        bytes = other.bytes
        lastSent = other.lastSent
        lastTimestamp = other.lastTimestamp
        events = other.events
        marksNext = true
    }

    private func sendEvent(
        _ step: TelephoneEventSender.Step, now: Int64, through port: RTPPort, into batch: SendBatch
    ) {
        let length = RTPHeader.byteCount + TelephoneEvent.byteCount
        let security = port.streams.security?.outgoing
        guard
            let packet = batch.append(length: length &+ (security?.growth ?? 0), from: port, now: now)
        else { return }
        header(eventType, marker: step.marker, timestamp: step.timestamp).write(to: packet)
        step.event.write(to: packet + RTPHeader.byteCount)
        finish(packet, length, security, now: now, through: port, into: batch)
        sent(TelephoneEvent.byteCount, step.timestamp, now)
    }

    /// Protects what is written, where it is to be; what cannot be protected does not go.
    private func finish(
        _ packet: UnsafeMutablePointer<UInt8>, _ length: Int, _ security: SecureStream?, now: Int64,
        through port: RTPPort, into batch: SendBatch
    ) {
        if let security, !security.protect(packet, count: length) {
            batch.takeBackLast()
            return
        }
        port.tap?._withUnsafeGuaranteedRef {
            $0.note(
                packet, count: length &+ (security?.growth ?? 0), peer: port.destination, isIncoming: false,
                isControl: false, at: now)
        }
    }

    private func header(_ type: UInt8, marker: Bool, timestamp: UInt32) -> RTPHeader {
        RTPHeader(payloadType: type, marker: marker, sequence: sequence, timestamp: timestamp, ssrc: ssrc)
    }

    private func sent(_ count: Int, _ stamp: UInt32, _ now: Int64) {
        sequence &+= 1
        packets &+= 1
        bytes &+= UInt64(count)
        lastSent = now
        lastTimestamp = stamp
    }
}
