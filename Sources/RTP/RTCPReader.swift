// SPDX-License-Identifier: Apache-2.0
// RFC 3550 section 6 (SR, RR, BYE; the rest is stepped over), RFC 5506 (reduced size: any packet may come first).

/// Steps through a compound RTCP packet; every length is checked, nothing is copied.
package struct RTCPReader {
    package enum Item: BitwiseCopyable {
        /// `time` is the NTP time as 32.32 fixed point.
        case senderReport(ssrc: UInt32, time: UInt64, timestamp: UInt32, packets: UInt32, bytes: UInt32)
        case receiverReport(ssrc: UInt32)
        case block(ReportBlock)
        case goodbye(ssrc: UInt32)
    }

    private let bytes: UnsafePointer<UInt8>
    private let count: Int
    private var offset = 0
    /// Report blocks of the current packet that are still to be told, and where the next one lies.
    private var blocks = 0
    private var blockOffset = 0
    /// A packet's lengths contradict each other; what came before it was told.
    package private(set) var isMalformed = false

    package init(_ bytes: UnsafePointer<UInt8>, count: Int) {
        self.bytes = bytes
        self.count = min(max(0, count), RTPHeader.longestPacket)
    }

    /// The next item, nil at the end.
    package mutating func next() -> Item? {
        while true {
            if blocks > 0 {
                let block = ReportBlock(bytes + blockOffset)
                blocks &-= 1
                blockOffset &+= ReportBlock.byteCount
                return .block(block)
            }
            guard !isMalformed, offset &+ 4 <= count else { return nil }
            let start = offset
            let length = 4 &+ 4 &* Int(Wire.load16(bytes + start + 2))
            guard bytes[start] >> 6 == 2, start &+ length <= count else {
                isMalformed = true
                return nil
            }
            offset = start &+ length
            if let item = read(start, length) { return item }
        }
    }

    private mutating func read(_ start: Int, _ length: Int) -> Item? {
        let items = Int(bytes[start] & 0x1F)
        switch bytes[start &+ 1] {
        case 200:
            guard length >= 28 &+ items &* ReportBlock.byteCount else { break }
            blocks = items
            blockOffset = start &+ 28
            return .senderReport(
                ssrc: Wire.load32(bytes + start + 4),
                time: UInt64(Wire.load32(bytes + start + 8)) << 32 | UInt64(Wire.load32(bytes + start + 12)),
                timestamp: Wire.load32(bytes + start + 16), packets: Wire.load32(bytes + start + 20),
                bytes: Wire.load32(bytes + start + 24))
        case 201:
            guard length >= 8 &+ items &* ReportBlock.byteCount else { break }
            blocks = items
            blockOffset = start &+ 8
            return .receiverReport(ssrc: Wire.load32(bytes + start + 4))
        case 203:
            guard items > 0, length >= 4 &+ 4 &* items else { return nil }
            return .goodbye(ssrc: Wire.load32(bytes + start + 4))
        default:
            return nil
        }
        isMalformed = true
        return nil
    }
}
