import RTP
// SPDX-License-Identifier: Apache-2.0
import RealTime
import Signals

// A port as a listener: what it hears, encoded and sent (or played by its card).

extension MixPort {
    /// The codec's place among the shared frames of a group; -1: it never shares (a card).
    var codecNumber: Int { encoder.map { Int($0.codec.kind.rawValue) } ?? -1 }
    /// The encoder leans on earlier frames: sharing needs care.
    var encoderHasState: Bool { encoder?.hasState ?? false }
    /// What its frames are multiples of, in 0.125 ms.
    var frameGranularity8: Int { encoder.map { $0.codec.frameStep * 8000 / $0.codec.sampleRate } ?? 1 }

    /// Its codec has one frame length only (GSM): no frame of it can be longer or shorter to move a deadline.
    var hasRigidFrames: Bool { frameGranularity8 >= 80 }

    /// Plays, or encodes and sends, what it hears. Number of payload bytes.
    @discardableResult
    func emit(
        _ samples: UnsafePointer<Int16>, count: Int, payload: UnsafeMutablePointer<UInt8>,
        counters: inout MixCounters, batch: SendBatch, now: Int64
    ) -> Int {
        if let card {
            card.play(samples, count: count, now: now)
            return 0
        }
        if let tap {
            tap.write(samples, count: count)
            return 0
        }
        guard let encoder = encoder.map(Unmanaged.passUnretained), rtp != nil else { return 0 }
        counters.encodings &+= 1
        let byteCount = encoder._withUnsafeGuaranteedRef {
            $0.encode(samples, count: count, into: payload, capacity: MixScratch.payloadCapacity)
        }
        guard byteCount > 0 else {
            // A length that the codec refuses: time goes on without a packet.
            skip(samples: count)
            return 0
        }
        send(payload, byteCount: byteCount, count: count, batch: batch, now: now)
        return byteCount
    }

    /// Sends a frame that was encoded already, by this port's encoder or another's of the same codec.
    func send(_ payload: UnsafePointer<UInt8>, byteCount: Int, count: Int, batch: SendBatch, now: Int64) {
        // Opus says nothing but "silence goes on" (RFC 6716 section 2.1.9), and the far end wishes not to hear of it.
        if byteCount <= 2, savesSilence {
            skip(samples: count)
            return
        }
        send(payload, byteCount: byteCount, samples: count, batch: batch, now: now)
    }

    /// Time passes in which nothing is sent.
    func skip(length8: Int) { skip(samples: length8 &* BusRate(sampleRate: listenRate).factor) }

    private func skip(samples: Int) {
        rtp?.sender.skip(samples: samples)
        tap?.write(nil, count: min(samples, tap?.sampleRate ?? 0))
    }

    func continueEncoding(of other: MixPort) {
        if let mine = encoder, let theirs = other.encoder { mine.continueEncoding(of: theirs) }
    }

    /// Comfort noise instead of a frame in which nothing is heard, where the far end takes it. False: send the frame.
    func sendsComfortNoise(isSilent: Bool, length8: Int, batch: SendBatch, now: Int64) -> Bool {
        guard let rtp else { return false }
        guard isSilent else {
            quiet8 = 0
            return false
        }
        quiet8 = min(quiet8 &+ length8, 80_000)
        // What converters and coders still hold comes first.
        guard quiet8 > Self.silenceBeforeNoise8 else { return false }
        rtp.sender.sendComfortNoise(
            levelBelowOverload: Self.noiseLevel, samples: length8 &* BusRate(sampleRate: listenRate).factor, now: now,
            through: rtp, into: batch)
        return true
    }

    /// 200 ms of nothing, in 0.125 ms.
    private static let silenceBeforeNoise8 = 1600
    /// -66 dBov, about -60 dBm0: a quiet line. (The room's own noise is left out of mixes, so there is none to copy.)
    private static let noiseLevel: UInt8 = 66

    /// As the far end reports it; a codec that can protect its frames does.
    func protectAgainstLoss(percent: Int) {
        if abs(percent &- watch.lossPercent) > 1 || (percent == 0) != (watch.lossPercent == 0) {
            watch.lossPercent = percent
        }
        // What an encoder makes for many is protected for the worst off of them (`protectSharedFrames`).
        if !shares { encoder?.expectLoss(percent: watch.lossPercent) }
    }

    func protectSharedFrames(percent: Int) { encoder?.expectLoss(percent: percent) }

    func encodeNextFrameIndependently() { encoder?.encodeNextFrameIndependently() }
}
