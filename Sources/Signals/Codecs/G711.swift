// SPDX-License-Identifier: Apache-2.0
// ITU-T G.711: mu-law and A-law.

extension AudioCodec {
    package static let pcmu = AudioCodec(
        kind: .pcmu, name: "PCMU", clockRate: 8000, sampleRate: 8000, channels: 1, staticPayloadType: 0,
        shortestFrame: 8, longestFrame: 480, frameStep: 1, longestPayload: 1440, maximumPayloadBytes: 480)

    package static let pcma = AudioCodec(
        kind: .pcma, name: "PCMA", clockRate: 8000, sampleRate: 8000, channels: 1, staticPayloadType: 8,
        shortestFrame: 8, longestFrame: 480, frameStep: 1, longestPayload: 1440, maximumPayloadBytes: 480)
}

/// The two laws of G.711 by tables. Call `prepare()` once before a real-time thread uses them.
package enum G711 {
    package enum Law: UInt8, Sendable, BitwiseCopyable { case mu, a }

    /// Tables of one law: a sample for each of the 256 codes, a code for each of the 16,384 values of a sample / 4
    /// (mu-law resolves 14 bits, A-law 13).
    private struct Tables: @unchecked Sendable {
        let decode: UnsafePointer<Int16>
        let encode: UnsafePointer<UInt8>

        init(_ law: Law) {
            let samples = UnsafeMutablePointer<Int16>.allocate(capacity: 256)
            let codes = UnsafeMutablePointer<UInt8>.allocate(capacity: 16_384)
            for code in 0..<256 { samples[code] = G711.expand(UInt8(code), law) }
            for index in 0..<16_384 { codes[index] = G711.compress(Int(index - 8192) * 4 + 2, law) }
            decode = UnsafePointer(samples)
            encode = UnsafePointer(codes)
        }
    }

    private static let mu = Tables(.mu)
    private static let a = Tables(.a)

    /// Builds the tables; whoever makes a coder has done it. Control side.
    package static func prepare() {
        _ = mu.decode
        _ = a.decode
    }

    @inline(__always)
    private static func tables(_ law: Law) -> Tables { law == .mu ? mu : a }

    package static func decode(
        _ bytes: UnsafePointer<UInt8>, count: Int, law: Law, into samples: UnsafeMutablePointer<Int16>
    ) {
        let table = tables(law).decode
        for index in 0..<count { samples[index] = table[Int(bytes[index])] }
    }

    package static func encode(
        _ samples: UnsafePointer<Int16>, count: Int, law: Law, into bytes: UnsafeMutablePointer<UInt8>
    ) {
        let table = tables(law).encode
        for index in 0..<count { bytes[index] = table[(Int(samples[index]) >> 2) &+ 8192] }
    }

    /// The sample of a code, full scale ±32124 (mu) and ±32256 (A).
    static func expand(_ code: UInt8, _ law: Law) -> Int16 {
        switch law {
        case .mu:
            let bits = ~code
            let segment = Int16((bits >> 4) & 7)
            let magnitude = ((Int16(bits & 15) << 3) + 132) << segment - 132
            return bits & 0x80 != 0 ? -magnitude : magnitude
        case .a:
            let bits = code ^ 0x55
            let segment = Int16((bits >> 4) & 7)
            let step = Int16(bits & 15) << 4 + 8
            let magnitude = segment == 0 ? step : (step + 256) << (segment - 1)
            return bits & 0x80 != 0 ? magnitude : -magnitude
        }
    }

    /// The code nearest to a sample.
    static func compress(_ sample: Int, _ law: Law) -> UInt8 {
        switch law {
        case .mu:
            let magnitude = min(sample < 0 ? -sample : sample, 32_635) + 132
            let segment = magnitude.bitWidth - magnitude.leadingZeroBitCount - 8
            let bits = UInt8(segment << 4 | (magnitude >> (segment + 3)) & 15)
            return ~(bits | (sample < 0 ? 0x80 : 0))
        case .a:
            let magnitude = min(sample < 0 ? -sample - 1 : sample, 32_767)
            let segment = max(0, magnitude.bitWidth - magnitude.leadingZeroBitCount - 8)
            let bits = UInt8(segment << 4 | (magnitude >> (segment == 0 ? 4 : segment + 3)) & 15)
            return (bits | (sample < 0 ? 0 : 0x80)) ^ 0x55
        }
    }
}
