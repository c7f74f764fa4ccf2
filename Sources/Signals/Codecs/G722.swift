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
    private let state: UnsafeMutablePointer<g722_decode_state_t>

    init?() {
        guard let state = g722_decode_init(nil, 64_000, 0) else { return nil }
        self.state = state
    }

    deinit { g722_decode_free(state) }

    func reset() { g722_decode_init(state, 64_000, 0) }

    func decode(_ bytes: UnsafePointer<UInt8>, count: Int, into samples: UnsafeMutablePointer<Int16>) -> Int {
        Int(g722_decode(state, samples, bytes, Int32(truncatingIfNeeded: count)))
    }
}
