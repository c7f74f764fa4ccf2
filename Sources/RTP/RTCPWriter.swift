// SPDX-License-Identifier: Apache-2.0
// RFC 3550 sections 6.4.1 (SR), 6.4.2 (RR), 6.5.1 (CNAME), 6.6 (BYE).

/// Writes one compound packet into memory of the caller, of which `capacity` bytes are there.
package struct RTCPWriter {
    /// SR with a block, a CNAME of 64 bytes, BYE: never more than this.
    package static let longest = 28 + ReportBlock.byteCount + 12 + 68 + 8

    private let bytes: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    package private(set) var count = 0

    package init(_ bytes: UnsafeMutablePointer<UInt8>, capacity: Int) {
        self.bytes = bytes
        self.capacity = capacity
    }

    package mutating func senderReport(
        ssrc: UInt32, time: UInt64, timestamp: UInt32, packets: UInt32, bytes sentBytes: UInt32, block: ReportBlock?
    ) {
        guard let at = begin(200, items: block == nil ? 0 : 1, length: 28 &+ (block == nil ? 0 : ReportBlock.byteCount))
        else { return }
        Wire.store32(ssrc, to: at + 4)
        Wire.store32(UInt32(truncatingIfNeeded: time >> 32), to: at + 8)
        Wire.store32(UInt32(truncatingIfNeeded: time), to: at + 12)
        Wire.store32(timestamp, to: at + 16)
        Wire.store32(packets, to: at + 20)
        Wire.store32(sentBytes, to: at + 24)
        block?.write(to: at + 28)
    }

    package mutating func receiverReport(ssrc: UInt32, block: ReportBlock?) {
        guard let at = begin(201, items: block == nil ? 0 : 1, length: 8 &+ (block == nil ? 0 : ReportBlock.byteCount))
        else { return }
        Wire.store32(ssrc, to: at + 4)
        block?.write(to: at + 8)
    }

    /// At most 255 bytes of name are taken.
    package mutating func canonicalName(ssrc: UInt32, _ name: UnsafeBufferPointer<UInt8>) {
        let length = min(255, name.count)
        // Header, SSRC, item type and length, text, at least one null byte, filled up to four bytes.
        let total = (8 &+ 2 &+ length &+ 1 &+ 3) / 4 &* 4
        guard let at = begin(202, items: 1, length: total) else { return }
        Wire.store32(ssrc, to: at + 4)
        for index in 8..<total { at[index] = 0 }
        at[8] = 1
        at[9] = UInt8(truncatingIfNeeded: length)
        for index in 0..<length { at[10 + index] = name[index] }
    }

    package mutating func goodbye(ssrc: UInt32) {
        guard let at = begin(203, items: 1, length: 8) else { return }
        Wire.store32(ssrc, to: at + 4)
    }

    private mutating func begin(_ type: UInt8, items: UInt8, length: Int) -> UnsafeMutablePointer<UInt8>? {
        guard count &+ length <= capacity else { return nil }
        let at = bytes + count
        at[0] = 0x80 | items
        at[1] = type
        Wire.store16(UInt16(truncatingIfNeeded: length / 4 &- 1), to: at + 2)
        count &+= length
        return at
    }
}
