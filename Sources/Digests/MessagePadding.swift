// SPDX-License-Identifier: Apache-2.0
// RFC 1321 section 3.1, FIPS 180-4 section 5.1.1.

/// The padding that MD5, SHA-1 and SHA-256 share: a one bit, zeros, the length in bits.
enum MessagePadding {
    static func padded(_ message: [UInt8], lengthIsBigEndian: Bool) -> [UInt8] {
        var bytes = message
        bytes.append(0x80)
        while bytes.count % 64 != 56 { bytes.append(0) }
        let bits = UInt64(message.count) &* 8
        for index in 0..<8 {
            let shift = UInt64(lengthIsBigEndian ? 7 - index : index) * 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
        return bytes
    }
}
