// SPDX-License-Identifier: Apache-2.0
// ITU-T G.722 at 64 kbit/s, by spandsp.

import CSpanDSP

extension AudioCodec {
    package static let g722 = AudioCodec(
        kind: .g722, name: "G722", clockRate: 8000, sampleRate: 16_000, channels: 1, staticPayloadType: 9,
        shortestFrame: 16, longestFrame: 960, frameStep: 2, longestPayload: 2880, maximumPayloadBytes: 480)
}

/// spandsp's encoder state, owned.
final class G722Encoding {
    private let state: UnsafeMutablePointer<g722_encode_state_t>

    init?() {
        guard let state = g722_encode_init(nil, 64_000, 0) else { return nil }
        self.state = state
    }

    deinit { g722_encode_free(state) }

    func reset() { g722_encode_init(state, 64_000, 0) }

    func copyState(from other: G722Encoding) { partyline_g722_copy(state, other.state) }

    func encode(_ samples: UnsafePointer<Int16>, count: Int, into bytes: UnsafeMutablePointer<UInt8>) -> Int {
        Int(g722_encode(state, bytes, samples, Int32(truncatingIfNeeded: count)))
    }
}

/// spandsp's decoder state, owned.
final class G722Decoding {
    /// Samples that lie between what goes into an encoder and what comes out of its decoder (the two filters of 24 taps).
    static let delay = 22
    /// Samples before a gap that the encoder's filter has to have seen.
    static let taps = 24

    private let state: UnsafeMutablePointer<g722_decode_state_t>
    /// Stands for the far end's encoder while its packets are lost.
    private let shadow: UnsafeMutablePointer<g722_encode_state_t>
    private let bytes: UnsafeMutablePointer<UInt8>
    private let unheard: UnsafeMutablePointer<Int16>
    private static let longest = 480

    init?() {
        guard let state = g722_decode_init(nil, 64_000, 0) else { return nil }
        guard let shadow = g722_encode_init(nil, 64_000, 0) else {
            g722_decode_free(state)
            return nil
        }
        self.state = state
        self.shadow = shadow
        bytes = .allocate(capacity: Self.longest)
        unheard = .allocate(capacity: 2 * Self.longest)
    }

    deinit {
        g722_decode_free(state)
        g722_encode_free(shadow)
        bytes.deallocate()
        unheard.deallocate()
    }

    func reset() { g722_decode_init(state, 64_000, 0) }

    /// The far end's encoder went on while its packets were lost: what is made up in their place is encoded as it would have
    /// been, and decoded, so that predictors and filters are about where that encoder's are.
    /// - Parameter samples: `taps` samples from before the place at which the encoder is, then `count` (an even number) of the
    ///   gap, both `delay` later than what is heard in the gap.
    func follow(_ samples: UnsafePointer<Int16>, count: Int) {
        _ = g722_encode(shadow, bytes, samples, Int32(Self.taps))
        partyline_g722_lend(shadow, state)
        var done = 0
        while done &+ 1 < count {
            let piece = min(2 &* Self.longest, count &- done) & ~1
            let made = g722_encode(
                shadow, bytes, samples + Self.taps + done, Int32(truncatingIfNeeded: piece))
            _ = g722_decode(state, unheard, bytes, made)
            done &+= piece
        }
    }

    func decode(_ bytes: UnsafePointer<UInt8>, count: Int, into samples: UnsafeMutablePointer<Int16>) -> Int {
        Int(g722_decode(state, samples, bytes, Int32(truncatingIfNeeded: count)))
    }
}
