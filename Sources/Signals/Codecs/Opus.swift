// SPDX-License-Identifier: Apache-2.0
// RFC 6716 (opus), RFC 7587 (its RTP payload), by libopus. Mono, 48 kHz.

import COpus

extension AudioCodec {
    package static let opus = AudioCodec(
        kind: .opus, name: "opus", clockRate: 48_000, sampleRate: 48_000, channels: 2, staticPayloadType: nil,
        shortestFrame: 120, longestFrame: 2880, frameStep: 120, longestPayload: 5760, maximumPayloadBytes: 1275)
}

/// How an opus encoder works. What the far end wishes (fmtp) goes in here.
package struct OpusOptions: Sendable, Hashable {
    /// 0 (cheap) … 10; 5 is the knee of the curve for speech.
    package var complexity = 5
    package var bitsPerSecond = 32_000
    /// Loss that the encoder protects against by in-band FEC, per cent; 0: no FEC.
    package var expectedLossPercent = 0
    /// The far end makes use of copies of earlier frames (in-band FEC).
    package var sendsCopies = true
    /// Silence is not sent. Off: mixes want a steady stream.
    package var discontinuous = false

    package init() {}
}

/// libopus' encoder, owned.
final class OpusEncoding {
    private let state: OpaquePointer
    private let repacketizer: OpaquePointer
    /// Pieces of an odd frame, until they are one packet.
    private let scratch: UnsafeMutablePointer<UInt8>
    private let options: OpusOptions
    private var lossPercent = 0
    private var isIndependent = false
    private static let scratchBytes = 2 * 1275
    private static let pieceBytes = 160
    private static let leastTold = 10

    init?(_ options: OpusOptions) {
        var error: Int32 = 0
        guard let state = opus_encoder_create(48_000, 1, OPUS_APPLICATION_VOIP, &error), error == OPUS_OK else {
            return nil
        }
        guard let repacketizer = opus_repacketizer_create() else {
            opus_encoder_destroy(state)
            return nil
        }
        self.state = state
        self.repacketizer = repacketizer
        self.options = options
        scratch = .allocate(capacity: Self.scratchBytes)
        scratch.initialize(repeating: 0, count: Self.scratchBytes)
        set(OPUS_SET_COMPLEXITY_REQUEST, min(max(options.complexity, 0), 10))
        set(OPUS_SET_BITRATE_REQUEST, bits)
        set(OPUS_SET_SIGNAL_REQUEST, Int(OPUS_SIGNAL_VOICE))
        set(OPUS_SET_DTX_REQUEST, options.discontinuous ? 1 : 0)
        protect(min(max(options.expectedLossPercent, 0), 40))
    }

    deinit {
        opus_encoder_destroy(state)
        opus_repacketizer_destroy(repacketizer)
        scratch.deallocate()
    }

    private var bits: Int { min(max(options.bitsPerSecond, 6_000), 128_000) }

    var savesSilence: Bool { options.discontinuous }

    private func set(_ request: Int32, _ value: Int) {
        _ = partyline_opus_encoder_set(state, request, Int32(truncatingIfNeeded: value))
    }

    func reset() { _ = partyline_opus_encoder_reset(state) }

    /// libopus' state is one block without pointers into itself (opus_encoder_init); what was set for this far end stays.
    func copyState(from other: OpusEncoding) {
        UnsafeMutableRawPointer(state).copyMemory(
            from: UnsafeRawPointer(other.state), byteCount: Int(opus_encoder_get_size(1)))
        set(OPUS_SET_BITRATE_REQUEST, bits)
        set(OPUS_SET_DTX_REQUEST, options.discontinuous ? 1 : 0)
        protect(lossPercent)
    }

    func encodeNextFrameIndependently() {
        isIndependent = true
        set(OPUS_SET_PREDICTION_DISABLED_REQUEST, 1)
    }

    private func frameIsDone() {
        guard isIndependent else { return }
        isIndependent = false
        set(OPUS_SET_PREDICTION_DISABLED_REQUEST, 0)
    }

    func expectLoss(percent: Int) {
        let percent = min(max(percent, 0), 40)
        guard percent != lossPercent else { return }
        protect(percent)
    }

    private func protect(_ percent: Int) {
        lossPercent = percent
        set(OPUS_SET_INBAND_FEC_REQUEST, percent > 1 && options.sendsCopies ? 1 : 0)
        // Up to 5 % libopus (1.3) does not narrow the band to make room for copies, which at these rates means none at all.
        set(OPUS_SET_PACKET_LOSS_PERC_REQUEST, percent > 1 ? max(percent, Self.leastTold) : 0)
    }

    func encode(
        _ samples: UnsafePointer<Int16>, count: Int, into bytes: UnsafeMutablePointer<UInt8>, capacity: Int
    ) -> Int {
        defer { frameIsDone() }
        switch count {
        case 120, 240, 480, 960, 1920, 2880:
            let room = Int32(truncatingIfNeeded: min(capacity, 1275))
            return max(0, Int(opus_encode(state, samples, Int32(truncatingIfNeeded: count), bytes, room)))
        default: return encodePieces(samples, count: count, into: bytes, capacity: capacity)
        }
    }

    /// Lengths that opus has no frame for (a steered frame of 17.5 ms) become one packet of several short frames. These must
    /// share mode and bandwidth (RFC 6716 section 3.2): frames below 10 ms always use the same mode, the bandwidth is
    /// fixed meanwhile, and the rate is raised because short frames need more bits.
    private func encodePieces(
        _ samples: UnsafePointer<Int16>, count: Int, into bytes: UnsafeMutablePointer<UInt8>, capacity: Int
    ) -> Int {
        let piece = count % 240 == 0 ? 240 : 120
        set(OPUS_SET_BANDWIDTH_REQUEST, Int(OPUS_BANDWIDTH_SUPERWIDEBAND))
        set(OPUS_SET_BITRATE_REQUEST, min(bits * 2, 64_000))
        defer {
            set(OPUS_SET_BANDWIDTH_REQUEST, Int(OPUS_AUTO))
            set(OPUS_SET_BITRATE_REQUEST, bits)
        }
        opus_repacketizer_init(repacketizer)
        var used = 0
        var done = 0
        while done < count {
            let room = min(Self.pieceBytes, Self.scratchBytes - used)
            let length = opus_encode(state, samples + done, Int32(piece), scratch + used, Int32(room))
            guard length > 0, opus_repacketizer_cat(repacketizer, scratch + used, length) == OPUS_OK else { return 0 }
            used += Int(length)
            done += piece
        }
        return max(0, Int(opus_repacketizer_out(repacketizer, bytes, Int32(truncatingIfNeeded: capacity))))
    }
}

/// libopus' decoder, owned.
final class OpusDecoding {
    private let state: OpaquePointer
    private let scratch: UnsafeMutablePointer<Int16>
    private static let longest = 5760

    init?() {
        var error: Int32 = 0
        guard let state = opus_decoder_create(48_000, 1, &error), error == OPUS_OK else { return nil }
        self.state = state
        scratch = .allocate(capacity: Self.longest)
        scratch.initialize(repeating: 0, count: Self.longest)
    }

    deinit {
        opus_decoder_destroy(state)
        scratch.deallocate()
    }

    func reset() { _ = partyline_opus_decoder_reset(state) }

    static func samples(inPacket bytes: UnsafePointer<UInt8>, count: Int) -> Int {
        max(0, Int(opus_packet_get_nb_samples(bytes, Int32(truncatingIfNeeded: count), 48_000)))
    }

    func decode(
        _ bytes: UnsafePointer<UInt8>, count: Int, into samples: UnsafeMutablePointer<Int16>, capacity: Int
    ) -> Int {
        max(
            0,
            Int(
                opus_decode(
                    state, bytes, Int32(truncatingIfNeeded: count), samples,
                    Int32(truncatingIfNeeded: capacity), 0)))
    }

    /// `bytes` nil: conceals; otherwise the copy of the frame before that rides in this packet. libopus wants steps of
    /// 2.5 ms: what is too much is dropped.
    func fill(
        _ bytes: UnsafePointer<UInt8>?, byteCount: Int, count: Int, into samples: UnsafeMutablePointer<Int16>
    ) -> Bool {
        let whole = min((count + 119) / 120 * 120, Self.longest)
        let made = opus_decode(
            state, bytes, Int32(truncatingIfNeeded: byteCount), scratch, Int32(whole),
            bytes == nil ? 0 : 1)
        guard made > 0 else { return false }
        let length = min(Int(made), count)
        samples.update(from: scratch, count: length)
        if length < count { (samples + length).update(repeating: 0, count: count - length) }
        return true
    }
}
