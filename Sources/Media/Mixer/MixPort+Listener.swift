// SPDX-License-Identifier: Apache-2.0
import RealTime
import RTP
import Signals

// A port as a listener: what it hears, encoded and sent (or played by its card).

extension MixPort {
    /// The codec's place among the shared frames of a group; -1: it never shares (a card).
    var codecNumber: Int { encoder?.codec.number ?? -1 }
    /// The encoder leans on earlier frames: sharing needs care.
    var encoderHasState: Bool { encoder?.hasState ?? false }
    /// What its frames are multiples of, in 0.125 ms.
    var frameGranularity8: Int { encoder?.codec.granularity8 ?? 1 }

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
        guard let encoder, let rtp else { return 0 }
        counters.encodings &+= 1
        guard encoder.takes(count) else {
            sendInPieces(samples, count: count, payload: payload, batch: batch, now: now)
            return 0
        }
        let byteCount = encoder.encode(samples, count: count, into: payload, capacity: MixScratch.payloadCapacity)
        send(payload, byteCount: byteCount, count: count, batch: batch, now: now)
        return byteCount
    }

    /// Sends a frame that was encoded already, by this port's encoder or another's of the same codec.
    func send(_ payload: UnsafePointer<UInt8>, byteCount: Int, count: Int, batch: SendBatch, now: Int64) {
        guard let rtp, byteCount > 0 else { return }
        rtp.sender.send(
            payload, byteCount: byteCount, samples: count, marker: false, now: now, through: rtp, into: batch)
    }

    /// A frame of a length that the codec cannot do at once (Opus, when the deadline moves).
    private func sendInPieces(
        _ samples: UnsafePointer<Int16>, count: Int, payload: UnsafeMutablePointer<UInt8>, batch: SendBatch, now: Int64
    ) {
        guard let encoder else { return }
        var done = 0
        while done < count {
            let size = encoder.longestFrame(within: count &- done)
            guard size > 0 else { return skip(samples: count &- done) }
            let byteCount = encoder.encode(
                samples + done, count: size, into: payload, capacity: MixScratch.payloadCapacity)
            send(payload, byteCount: byteCount, count: size, batch: batch, now: now)
            done &+= size
        }
    }

    /// Time passes in which nothing is sent.
    func skip(length8: Int) { skip(samples: length8 &* BusRate(sampleRate: listenRate).factor) }

    private func skip(samples: Int) { rtp?.sender.skip(samples: samples) }

    func continueEncoding(of other: MixPort) {
        if let mine = encoder, let theirs = other.encoder { mine.copyState(from: theirs) }
    }

    func encodeNextFrameIndependently() { encoder?.encodeNextFrameIndependently() }
}
