// SPDX-License-Identifier: Apache-2.0

import Signals

/// What a test caller offers and speaks.
package enum CallerCodec: String, Sendable, CaseIterable {
    case pcmu = "PCMU"
    case pcma = "PCMA"
    case g722 = "G722"
    case opus = "opus"
    case g726 = "G726-32"
    case gsm = "GSM"

    var payloadType: UInt8 {
        switch self {
        case .pcmu: 0
        case .pcma: 8
        case .g722: 9
        case .opus: 107
        case .g726: 102
        case .gsm: 3
        }
    }

    /// Samples a second of what is spoken and heard.
    package var rate: Int {
        switch self {
        case .pcmu, .pcma, .g726, .gsm: 8000
        case .g722: 16000
        case .opus: 48000
        }
    }

    /// Of RTP time stamps; G722's is 8000 by RFC 3551 section 4.5.2.
    var clockRate: Int { self == .opus ? 48000 : 8000 }

    var map: String { "\(rawValue)/\(clockRate)" + (self == .opus ? "/2" : "") }

    /// Its fmtp line.
    var parameters: String { self == .opus ? "\r\na=fmtp:\(payloadType) useinbandfec=1" : "" }

    /// Whether an opus payload brings a copy of the frame before it: the flag behind the voice activity flags of the first
    /// SILK frame (RFC 6716 sections 4.2.3 and 4.2.4; one frame in the packet, mono).
    static func hasCopy(_ payload: ArraySlice<UInt8>) -> Bool {
        guard payload.count > 2, let table = payload.first, table & 3 == 0, table >> 3 < 16 else { return false }
        // 10 and 20 ms have one flag of voice activity, 40 two, 60 three; hybrid ones are of 10 or 20 ms.
        let configuration = Int(table >> 3)
        let frames = configuration < 12 ? [1, 1, 2, 3][configuration & 3] : 1
        return payload[payload.startIndex + 1] >> UInt8(7 - frames) & 1 == 1
    }

    var described: AudioCodec? { AudioCodec.named(rawValue) }
}

/// The coder of one caller: G.711 by the test kit's own reference, the others by the product's codecs.
final class CallerCoder {
    private let codec: CallerCodec
    private let encoder: AudioEncoder?
    private let decoder: AudioDecoder?

    init(_ codec: CallerCodec) {
        self.codec = codec
        let isOwn = codec == .pcmu || codec == .pcma
        var options = OpusOptions()
        options.expectedLossPercent = 10
        encoder = isOwn ? nil : codec.described.flatMap { AudioEncoder($0, opus: options) }
        decoder = isOwn ? nil : codec.described.flatMap { AudioDecoder($0) }
    }

    func encode(_ samples: [Int16]) -> [UInt8] {
        switch codec {
        case .pcmu: return samples.map(ReferenceG711.muLaw)
        case .pcma: return samples.map(ReferenceG711.aLaw)
        case .g722, .opus, .g726, .gsm:
            var bytes = [UInt8](repeating: 0, count: 1500)
            let made = bytes.withUnsafeMutableBufferPointer { room in
                guard let base = room.baseAddress else { return 0 }
                return encoder?.encode(samples, count: samples.count, into: base, capacity: room.count) ?? 0
            }
            return Array(bytes.prefix(made))
        }
    }

    func decode(_ payload: ArraySlice<UInt8>) -> [Int16] {
        switch codec {
        case .pcmu: return payload.map { ReferenceG711.muLawSamples[Int($0)] }
        case .pcma: return payload.map { ReferenceG711.aLawSamples[Int($0)] }
        case .g722, .opus, .g726, .gsm:
            var samples = [Int16](repeating: 0, count: 5760)
            let made = samples.withUnsafeMutableBufferPointer { room in
                payload.withUnsafeBufferPointer { bytes in
                    guard let base = room.baseAddress, let start = bytes.baseAddress else { return 0 }
                    return decoder?.decode(start, count: bytes.count, into: base, capacity: room.count) ?? 0
                }
            }
            return Array(samples.prefix(made))
        }
    }
}
