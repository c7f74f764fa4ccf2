// SPDX-License-Identifier: Apache-2.0
// RFC 6716 section 3.1 (the TOC byte), 3.2 (frame packing).

/// How long an Opus packet plays, from its first two bytes.
package enum OpusPacket {
    /// Samples at 48 kHz; 0 when the packet is malformed or longer than the 120 ms that are allowed.
    package static func samples(_ bytes: UnsafePointer<UInt8>, count: Int) -> Int {
        guard count > 0 else { return 0 }
        let configuration = Int(bytes[0] >> 3)
        let frame: Int
        switch configuration {
        case 0..<12:
            switch configuration & 3 {
            case 0: frame = 480
            case 1: frame = 960
            case 2: frame = 1920
            default: frame = 2880
            }
        case 12..<16: frame = configuration & 1 == 0 ? 480 : 960
        default: frame = 120 << (configuration & 3)
        }
        let frames: Int
        switch bytes[0] & 3 {
        case 0: frames = 1
        case 1, 2: frames = 2
        default:
            guard count > 1 else { return 0 }
            frames = Int(bytes[1] & 0x3F)
        }
        let total = frame &* frames
        return total <= 5760 ? total : 0
    }
}
