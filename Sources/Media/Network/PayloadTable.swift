// SPDX-License-Identifier: Apache-2.0
// RFC 3551 section 6: seven bits of payload type, given a meaning by the SDP of the call.

import RTP
import Signals

/// What each payload type of a call means; a plain table for the mix thread.
struct PayloadTable: BitwiseCopyable {
    enum Kind: UInt8, BitwiseCopyable {
        case unknown, g711, g722, g726, gsm, opus, event, comfortNoise
    }

    struct Entry: BitwiseCopyable {
        var payloadType: UInt8 = 0xFF
        var kind = Kind.unknown
        /// Of the time stamps.
        var clockRate: Int32 = 8000
        /// Index in the `DecoderBank`.
        var decoder: Int8 = -1
    }

    static let longestAudio = 8
    private var entries: InlineArray<17, Entry> = .init(repeating: Entry())
    private var count = 0

    init(_ parameters: RTPParameters) {
        for (index, audio) in parameters.audio.prefix(Self.longestAudio).enumerated() {
            let kind: Kind
            switch audio.codec.kind {
            case .pcmu, .pcma: kind = .g711
            case .g722: kind = .g722
            case .opus: kind = .opus
            case .g726: kind = .g726
            case .gsm: kind = .gsm
            }
            add(audio.payloadType, kind, audio.codec.clockRate, decoder: index)
        }
        for event in parameters.events.prefix(8) {
            add(event.payloadType, .event, event.clockRate, decoder: -1)
        }
        if let type = parameters.comfortNoise {
            add(type, .comfortNoise, parameters.audio.first?.codec.clockRate ?? 8000, decoder: -1)
        }
    }

    subscript(_ payloadType: UInt8) -> Entry {
        for index in 0..<count where entries[index].payloadType == payloadType { return entries[index] }
        return Entry()
    }

    private mutating func add(_ payloadType: UInt8, _ kind: Kind, _ clockRate: Int, decoder: Int) {
        guard count < 17, self[payloadType].kind == .unknown else { return }
        entries[count] = Entry(
            payloadType: payloadType, kind: kind, clockRate: Int32(clamping: max(1, clockRate)),
            decoder: Int8(truncatingIfNeeded: decoder))
        count &+= 1
    }
}

extension PayloadTable.Entry {
    /// How many ticks of the time stamp clock the payload lasts; 0: nobody can decode it.
    func ticks(_ payload: UnsafePointer<UInt8>, count: Int) -> Int {
        switch kind {
        // G.722 has the clock of G.711 for historical reasons (RFC 3551 section 4.5.2): one byte is one tick.
        case .g711, .g722: count <= 960 ? count : 0
        case .g726: count <= 480 ? count &* 2 : 0
        // Frames of 33 bytes for 160 samples (RFC 3551 section 4.5.8), 120 ms at most.
        case .gsm: count <= 198 && count % 33 == 0 ? count / 33 &* 160 : 0
        case .opus: OpusPacket.samples(payload, count: count)
        case .event, .comfortNoise, .unknown: 0
        }
    }
}
