// SPDX-License-Identifier: Apache-2.0
// ITU-T G.726 at 32 kbit/s, by spandsp. RFC 3551 section 4.5.4: "G726-32" packs the first sample into the lower four bits
// of a byte. Not done: AAL2-G726-32, the other order, which some old equipment means when it says G726-32.

import CSpanDSP

extension AudioCodec {
    /// No static payload type: 2 was withdrawn, because it was used with both packings.
    package static let g726 = AudioCodec(
        kind: .g726, name: "G726-32", clockRate: 8000, sampleRate: 8000, channels: 1, staticPayloadType: nil,
        shortestFrame: 8, longestFrame: 480, frameStep: 2, longestPayload: 1440, maximumPayloadBytes: 240)
}

/// spandsp's state for one direction, owned.
final class G726Coding {
    private let state: UnsafeMutablePointer<g726_state_t>

    init?() {
        guard let state = g726_init(nil, 32_000, Int32(G726_ENCODING_LINEAR), Self.packing) else { return nil }
        self.state = state
    }

    deinit { g726_free(state) }

    private static let packing = Int32(G726_PACKING_RIGHT)

    func reset() { g726_init(state, 32_000, Int32(G726_ENCODING_LINEAR), Self.packing) }

    func copyState(from other: G726Coding) { partyline_g726_copy(state, other.state) }

    /// `count` is even.
    func encode(_ samples: UnsafePointer<Int16>, count: Int, into bytes: UnsafeMutablePointer<UInt8>) -> Int {
        Int(g726_encode(state, bytes, samples, Int32(truncatingIfNeeded: count)))
    }

    /// The far end's encoder went on while its packets were lost: what was made up in their place brings this decoder about
    /// where that encoder is (both have the same state).
    func follow(_ samples: UnsafePointer<Int16>, count: Int) {
        var done = 0
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { scratch in
            guard let base = scratch.baseAddress else { return }
            while done &+ 1 < count {
                let piece = min(128, (count &- done) & ~1)
                _ = g726_encode(state, base, samples + done, Int32(truncatingIfNeeded: piece))
                done &+= piece
            }
        }
    }

    func decode(_ bytes: UnsafePointer<UInt8>, count: Int, into samples: UnsafeMutablePointer<Int16>) -> Int {
        Int(g726_decode(state, samples, bytes, Int32(truncatingIfNeeded: count)))
    }
}
