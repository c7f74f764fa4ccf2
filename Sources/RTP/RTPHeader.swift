// SPDX-License-Identifier: Apache-2.0
// RFC 3550 section 5.1 (fixed header), 5.3.1 (extension). Extensions are skipped, contributing sources ignored.

/// The header of an RTP packet and where its payload lies.
///
///     0                   1                   2                   3
///     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
///     |                           time stamp                          |
///     |           synchronization source (SSRC) identifier            |
package struct RTPHeader: Hashable, Sendable, BitwiseCopyable {
    /// Bytes of the header that we write.
    package static let byteCount = 12
    /// No packet longer than this is looked at.
    package static let longestPacket = 1500

    package var payloadType: UInt8
    package var marker: Bool
    package var sequence: UInt16
    package var timestamp: UInt32
    package var ssrc: UInt32
    /// Of the payload, from the packet's first byte.
    package var payloadOffset = RTPHeader.byteCount
    /// Without padding.
    package var payloadCount = 0

    package init(payloadType: UInt8, marker: Bool, sequence: UInt16, timestamp: UInt32, ssrc: UInt32) {
        self.payloadType = payloadType
        self.marker = marker
        self.sequence = sequence
        self.timestamp = timestamp
        self.ssrc = ssrc
    }

    /// Reads a packet; nil when it is none or its lengths contradict each other.
    package init?(_ bytes: UnsafePointer<UInt8>, count: Int) {
        guard count >= Self.byteCount, count <= Self.longestPacket, bytes[0] >> 6 == 2 else { return nil }
        var offset = Self.byteCount &+ 4 &* Int(bytes[0] & 0x0F)
        guard offset <= count else { return nil }
        if bytes[0] & 0x10 != 0 {
            guard offset &+ 4 <= count else { return nil }
            offset &+= 4 &+ 4 &* Int(Wire.load16(bytes + offset + 2))
            guard offset <= count else { return nil }
        }
        var length = count &- offset
        if bytes[0] & 0x20 != 0 {
            let padding = Int(bytes[count &- 1])
            guard padding > 0, padding <= length else { return nil }
            length &-= padding
        }
        payloadType = bytes[1] & 0x7F
        marker = bytes[1] & 0x80 != 0
        sequence = Wire.load16(bytes + 2)
        timestamp = Wire.load32(bytes + 4)
        ssrc = Wire.load32(bytes + 8)
        payloadOffset = offset
        payloadCount = length
    }

    /// Writes the twelve bytes of the fixed header.
    package func write(to bytes: UnsafeMutablePointer<UInt8>) {
        bytes[0] = 0x80
        bytes[1] = payloadType & 0x7F | (marker ? 0x80 : 0)
        Wire.store16(sequence, to: bytes + 2)
        Wire.store32(timestamp, to: bytes + 4)
        Wire.store32(ssrc, to: bytes + 8)
    }

    /// Whether a packet that came to a multiplexed port is RTCP (RFC 5761 section 4).
    package static func isControl(_ bytes: UnsafePointer<UInt8>, count: Int) -> Bool {
        count >= 2 && bytes[0] >> 6 == 2 && (192...223).contains(bytes[1])
    }
}
