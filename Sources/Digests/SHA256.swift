// SPDX-License-Identifier: Apache-2.0
// FIPS 180-4 section 6.2 (SHA-256), RFC 2104 (HMAC).

/// The SHA-256 message digest and its keyed form.
package enum SHA256 {
    /// The first 32 bits of the fractional parts of the roots of the first primes: cube roots here, square roots below.
    private static let table: [UInt32] = primes.map { fraction(of: $0, root: 3) }
    private static let start: [UInt32] = primes.prefix(8).map { fraction(of: $0, root: 2) }
    private static let primes: [UInt64] = {
        var found: [UInt64] = []
        var candidate: UInt64 = 2
        while found.count < 64 {
            if found.allSatisfy({ candidate % $0 != 0 }) { found.append(candidate) }
            candidate += 1
        }
        return found
    }()

    /// floor(frac(prime^(1/root)) · 2^32), by whole numbers: the largest x with x^root <= prime · 2^(32 · root).
    private static func fraction(of prime: UInt64, root: Int) -> UInt32 {
        var value: UInt64 = 0
        for bit in (0..<36).reversed() {
            let tried = value | 1 << UInt64(bit)
            if isAtMost(tried, prime, root) { value = tried }
        }
        return UInt32(truncatingIfNeeded: value)
    }

    private static func isAtMost(_ value: UInt64, _ prime: UInt64, _ root: Int) -> Bool {
        // Below 2^36, so that the powers fit 108 bits; the bound is below 9 + 96 bits.
        let wide = UInt128(value)
        let power = root == 3 ? wide * wide * wide : wide * wide
        return power <= UInt128(prime) << UInt128(32 * root)
    }

    /// 32 bytes.
    package static func hash(_ message: [UInt8]) -> [UInt8] {
        var state = start
        let padded = MessagePadding.padded(message, lengthIsBigEndian: true)
        var words = [UInt32](repeating: 0, count: 64)
        for block in stride(from: 0, to: padded.count, by: 64) {
            for index in 0..<16 {
                let at = block + index * 4
                words[index] =
                    UInt32(padded[at]) << 24 | UInt32(padded[at + 1]) << 16 | UInt32(padded[at + 2]) << 8
                    | UInt32(padded[at + 3])
            }
            for index in 16..<64 {
                let early = words[index - 15]
                let late = words[index - 2]
                let first = turned(early, 7) ^ turned(early, 18) ^ early >> 3
                let second = turned(late, 17) ^ turned(late, 19) ^ late >> 10
                words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
            }
            mix(&state, words)
        }
        return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32($0))) } }
    }

    /// HMAC-SHA-256: 32 bytes.
    package static func authenticationCode(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        let short = key.count > 64 ? hash(key) : key
        let padded = short + [UInt8](repeating: 0, count: 64 - short.count)
        return hash(padded.map { $0 ^ 0x5C } + hash(padded.map { $0 ^ 0x36 } + message))
    }

    private static func turned(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }

    private static func mix(_ state: inout [UInt32], _ words: [UInt32]) {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<64 {
            let chosen = (e & f) ^ (~e & g)
            let first = h &+ (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) &+ chosen &+ table[index] &+ words[index]
            let majority = (a & b) ^ (a & c) ^ (b & c)
            let second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) &+ majority
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }
}
