// SPDX-License-Identifier: Apache-2.0
// The pcap file format (microseconds, LINKTYPE_RAW = 101), RFC 791, RFC 8200, RFC 768.

package import SDP

/// A capture file of what was said, with headers of IP and UDP around every message: connections by TCP and TLS are shown as if
/// they had been datagrams, in clear.
package struct PacketCapture: Sendable {
    package private(set) var bytes: [UInt8]

    package init() {
        bytes = []
        append(0xA1B2_C3D4)
        append(UInt16(2), UInt16(4))
        for word in [0, 0, 65_535, 101] as [UInt32] { append(word) }
    }

    /// One packet. Nothing is added when the families differ or it is too long.
    /// - Parameter time: seconds since 1970.
    package mutating func add(
        _ payload: [UInt8], from source: (IPAddress, UInt16), to target: (IPAddress, UInt16), at time: Double
    ) {
        guard source.0.family == target.0.family, payload.count <= 65_000, time >= 0, time < 4e9 else { return }
        let datagram = Self.datagram(payload, source, target)
        let packet =
            source.0.family == .ipv4 ? Self.ipv4(datagram, source.0, target.0) : Self.ipv6(datagram, source.0, target.0)
        append(UInt32(time))
        append(UInt32((time - time.rounded(.down)) * 1e6))
        append(UInt32(packet.count))
        append(UInt32(packet.count))
        bytes += packet
    }

    private mutating func append(_ word: UInt32) { withUnsafeBytes(of: word.littleEndian) { bytes += $0 } }
    private mutating func append(_ words: UInt16...) {
        for word in words { withUnsafeBytes(of: word.littleEndian) { bytes += $0 } }
    }

    private static func network(_ word: Int) -> [UInt8] { [UInt8(word >> 8 & 255), UInt8(word & 255)] }

    private static func datagram(_ payload: [UInt8], _ source: (IPAddress, UInt16), _ target: (IPAddress, UInt16))
        -> [UInt8]
    {
        let length = payload.count + 8
        let head = network(Int(source.1)) + network(Int(target.1)) + network(length)
        let pseudo = source.0.bytes + target.0.bytes + network(length) + [0, 17]
        let sum = checksum(pseudo + head + [0, 0] + payload)
        return head + network(sum == 0 ? 0xFFFF : sum) + payload
    }

    private static func ipv4(_ payload: [UInt8], _ source: IPAddress, _ target: IPAddress) -> [UInt8] {
        let head: [UInt8] = [0x45, 0] + network(payload.count + 20) + [0, 0, 0x40, 0, 64, 17]
        let rest = source.bytes + target.bytes
        return head + network(checksum(head + [0, 0] + rest)) + rest + payload
    }

    private static func ipv6(_ payload: [UInt8], _ source: IPAddress, _ target: IPAddress) -> [UInt8] {
        [0x60, 0, 0, 0] + network(payload.count) + [17, 64] + source.bytes + target.bytes + payload
    }

    /// RFC 1071.
    private static func checksum(_ bytes: [UInt8]) -> Int {
        var sum = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            sum += Int(bytes[index]) << 8 | (index + 1 < bytes.count ? Int(bytes[index + 1]) : 0)
        }
        while sum >> 16 != 0 { sum = (sum & 0xFFFF) + sum >> 16 }
        return ~sum & 0xFFFF
    }
}
