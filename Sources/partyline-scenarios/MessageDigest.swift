// SPDX-License-Identifier: Apache-2.0
// MD5: RFC 1321. SHA-1 and SHA-256: FIPS 180-4. HMAC: RFC 2104.
// For signatures that a web service wants to see; nothing of the box itself is protected by them.

/// Digests of bytes, as lower-case hex.
enum MessageDigest {
    /// Nil for a kind that is not known. The key is for "hmac_sha256" only.
    static func hex(_ kind: String, of bytes: [UInt8], key: [UInt8]) -> String? {
        switch kind {
        case "md5": hex(md5(bytes))
        case "sha1": hex(sha1(bytes))
        case "sha256": hex(sha256(bytes))
        case "hmac_sha256": hex(hmac(bytes, key: key))
        default: nil
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.reduce(into: "") { text, byte in
            let digits = String(byte, radix: 16)
            text += digits.count < 2 ? "0" + digits : digits
        }
    }

    /// The message with its padding: a one, zeros, the length in bits, up to a multiple of 64 bytes.
    private static func padded(_ bytes: [UInt8], isBigEndian: Bool) -> [UInt8] {
        var message = bytes
        message.append(0x80)
        while message.count % 64 != 56 { message.append(0) }
        let bits = UInt64(bytes.count) &* 8
        for index in 0..<8 {
            message.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * (isBigEndian ? 7 - index : index))))
        }
        return message
    }

    private static func word(_ bytes: [UInt8], _ start: Int, isBigEndian: Bool) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * (isBigEndian ? 3 - $1 : $1)) }
    }

    private static func bytes(_ words: [UInt32], isBigEndian: Bool) -> [UInt8] {
        words.flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * (isBigEndian ? 3 - $0 : $0))) }
        }
    }

    private static func rotated(_ word: UInt32, left bits: UInt32) -> UInt32 { word << bits | word >> (32 - bits) }
    private static func rotated(_ word: UInt32, right bits: UInt32) -> UInt32 { rotated(word, left: 32 - bits) }

    // MARK: - MD5

    private static let md5Shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

    static func md5(_ data: [UInt8]) -> [UInt8] {
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
        let message = padded(data, isBigEndian: false)
        for block in stride(from: 0, to: message.count, by: 64) {
            let words = (0..<16).map { word(message, block + 4 * $0, isBigEndian: false) }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            for step in 0..<64 {
                let mixed: UInt32
                let index: Int
                switch step / 16 {
                case 0: (mixed, index) = (b & c | ~b & d, step)
                case 1: (mixed, index) = (d & b | ~d & c, (5 * step + 1) % 16)
                case 2: (mixed, index) = (b ^ c ^ d, (3 * step + 5) % 16)
                default: (mixed, index) = (c ^ (b | ~d), 7 * step % 16)
                }
                let sum = a &+ mixed &+ Constants.md5[step] &+ words[index]
                (a, d, c, b) = (d, c, b, b &+ rotated(sum, left: md5Shifts[step / 16 * 4 + step % 4]))
            }
            for (index, value) in [a, b, c, d].enumerated() { state[index] &+= value }
        }
        return bytes(state, isBigEndian: false)
    }

    // MARK: - SHA-1

    static func sha1(_ data: [UInt8]) -> [UInt8] {
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
        let message = padded(data, isBigEndian: true)
        for block in stride(from: 0, to: message.count, by: 64) {
            var words = (0..<16).map { word(message, block + 4 * $0, isBigEndian: true) }
            for t in 16..<80 {
                words.append(rotated(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], left: 1))
            }
            var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
            for t in 0..<80 {
                let (mixed, constant): (UInt32, UInt32) =
                    switch t / 20 {
                    case 0: (b & c | ~b & d, 0x5a82_7999)
                    case 1: (b ^ c ^ d, 0x6ed9_eba1)
                    case 2: (b & c | b & d | c & d, 0x8f1b_bcdc)
                    default: (b ^ c ^ d, 0xca62_c1d6)
                    }
                let next = rotated(a, left: 5) &+ mixed &+ e &+ constant &+ words[t]
                (a, b, c, d, e) = (next, a, rotated(b, left: 30), c, d)
            }
            for (index, value) in [a, b, c, d, e].enumerated() { state[index] &+= value }
        }
        return bytes(state, isBigEndian: true)
    }

    // MARK: - SHA-256

    static func sha256(_ data: [UInt8]) -> [UInt8] {
        var state = Constants.sha256Start
        let message = padded(data, isBigEndian: true)
        for block in stride(from: 0, to: message.count, by: 64) {
            var words = (0..<16).map { word(message, block + 4 * $0, isBigEndian: true) }
            for t in 16..<64 {
                let (old, new) = (words[t - 15], words[t - 2])
                let small = rotated(old, right: 7) ^ rotated(old, right: 18) ^ old >> 3
                let large = rotated(new, right: 17) ^ rotated(new, right: 19) ^ new >> 10
                words.append(words[t - 16] &+ small &+ words[t - 7] &+ large)
            }
            var s = state
            for t in 0..<64 {
                let large = rotated(s[4], right: 6) ^ rotated(s[4], right: 11) ^ rotated(s[4], right: 25)
                let choice = s[4] & s[5] ^ ~s[4] & s[6]
                let first = s[7] &+ large &+ choice &+ Constants.sha256[t] &+ words[t]
                let small = rotated(s[0], right: 2) ^ rotated(s[0], right: 13) ^ rotated(s[0], right: 22)
                let majority = s[0] & s[1] ^ s[0] & s[2] ^ s[1] & s[2]
                s = [first &+ small &+ majority, s[0], s[1], s[2], s[3] &+ first, s[4], s[5], s[6]]
            }
            for index in state.indices { state[index] &+= s[index] }
        }
        return bytes(state, isBigEndian: true)
    }

    static func hmac(_ data: [UInt8], key: [UInt8]) -> [UInt8] {
        let short = key.count > 64 ? sha256(key) : key
        let block = short + [UInt8](repeating: 0, count: 64 - short.count)
        return sha256(block.map { $0 ^ 0x5c } + sha256(block.map { $0 ^ 0x36 } + data))
    }
}
