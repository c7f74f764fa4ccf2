// SPDX-License-Identifier: Apache-2.0
// RFC 1321. Broken as a signature, yet what most phones still answer a digest challenge with (RFC 3261 section 22.4).

import Glibc

/// The MD5 message digest.
package enum MD5 {
    private static let shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
    /// floor(2^32 · |sin(i + 1)|), as the RFC defines its table.
    private static let table: [UInt32] = (0..<64).map { UInt32(abs(sin(Double($0 + 1))) * 4_294_967_296) }

    /// Sixteen bytes.
    package static func hash(_ message: [UInt8]) -> [UInt8] {
        var state: (UInt32, UInt32, UInt32, UInt32) = (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476)
        let padded = MessagePadding.padded(message, lengthIsBigEndian: false)
        for block in stride(from: 0, to: padded.count, by: 64) {
            let words = (0..<16).map { index -> UInt32 in
                let at = block + index * 4
                return UInt32(padded[at]) | UInt32(padded[at + 1]) << 8 | UInt32(padded[at + 2]) << 16
                    | UInt32(padded[at + 3]) << 24
            }
            var (a, b, c, d) = state
            for step in 0..<64 {
                let (mixed, word): (UInt32, Int) =
                    switch step >> 4 {
                    case 0: ((b & c) | (~b & d), step)
                    case 1: ((d & b) | (~d & c), (5 * step + 1) & 15)
                    case 2: (b ^ c ^ d, (3 * step + 5) & 15)
                    default: (c ^ (b | ~d), (7 * step) & 15)
                    }
                let sum = a &+ mixed &+ table[step] &+ words[word]
                let shift = shifts[(step >> 4) * 4 + (step & 3)]
                (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
            }
            state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d)
        }
        return [state.0, state.1, state.2, state.3].flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
        }
    }
}
