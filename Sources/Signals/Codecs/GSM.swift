// SPDX-License-Identifier: Apache-2.0
// ETSI EN 300 961 (GSM 06.10 full rate), by spandsp. RFC 3551 section 4.5.8: frames of 33 bytes that begin with 1101.

import CSpanDSP

extension AudioCodec {
    package static let gsm = AudioCodec(
        kind: .gsm, name: "GSM", clockRate: 8000, sampleRate: 8000, channels: 1, staticPayloadType: 3,
        shortestFrame: 160, longestFrame: 480, frameStep: 160, longestPayload: 1440, maximumPayloadBytes: 99)
}

/// How frames lie in a payload.
enum GSM {
    static let frameSamples = 160
    static let frameBytes = 33

    /// 0: no whole number of frames.
    static func samples(inPayload count: Int) -> Int {
        count < 1500 && count % frameBytes == 0 ? count / frameBytes * frameSamples : 0
    }
}

/// spandsp's state for one direction, owned.
final class GSMCoding {
    private let state: UnsafeMutablePointer<gsm0610_state_t>
    /// Of a decoder: stands for the far end's encoder while its packets are lost.
    private let shadow: UnsafeMutablePointer<gsm0610_state_t>

    init?() {
        guard let state = gsm0610_init(nil, Int32(GSM0610_PACKING_VOIP)) else { return nil }
        guard let shadow = gsm0610_init(nil, Int32(GSM0610_PACKING_VOIP)) else {
            gsm0610_free(state)
            return nil
        }
        self.state = state
        self.shadow = shadow
    }

    deinit {
        gsm0610_free(state)
        gsm0610_free(shadow)
    }

    func reset() { gsm0610_init(state, Int32(GSM0610_PACKING_VOIP)) }

    func copyState(from other: GSMCoding) { partyline_gsm_copy(state, other.state) }

    /// `count` is a number of whole frames.
    func encode(_ samples: UnsafePointer<Int16>, count: Int, into bytes: UnsafeMutablePointer<UInt8>) -> Int {
        Int(gsm0610_encode(state, bytes, samples, Int32(truncatingIfNeeded: count)))
    }

    /// The far end's encoder went on while its packets were lost: what is made up in their place is encoded as it would have
    /// been, and decoded, so that filters and excitation are about where that encoder's are. Whole frames only.
    /// - Parameter samples: a frame from before the gap, then `count` samples of it.
    func follow(_ samples: UnsafePointer<Int16>, count: Int) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: GSM.frameBytes) { bytes in
            withUnsafeTemporaryAllocation(of: Int16.self, capacity: GSM.frameSamples) { unheard in
                guard let bytes = bytes.baseAddress, let unheard = unheard.baseAddress else { return }
                let length = Int32(GSM.frameSamples)
                _ = gsm0610_encode(shadow, bytes, samples, length)
                partyline_gsm_lend(shadow, state)
                var done = 0
                while done &+ GSM.frameSamples <= count {
                    _ = gsm0610_encode(shadow, bytes, samples + GSM.frameSamples + done, length)
                    _ = gsm0610_decode(state, unheard, bytes, Int32(GSM.frameBytes))
                    done &+= GSM.frameSamples
                }
            }
        }
    }

    /// Payloads that are no GSM (the first four bits tell) give 0 samples.
    func decode(_ bytes: UnsafePointer<UInt8>, count: Int, into samples: UnsafeMutablePointer<Int16>) -> Int {
        // The whole payload or nothing: the decoder would stop in the middle.
        for frame in stride(from: 0, to: count, by: GSM.frameBytes) where bytes[frame] >> 4 != 0xD { return 0 }
        return Int(gsm0610_decode(state, samples, bytes, Int32(truncatingIfNeeded: count)))
    }
}
