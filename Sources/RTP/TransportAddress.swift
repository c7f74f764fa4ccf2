// SPDX-License-Identifier: Apache-2.0
// RFC 4291 section 2.5.5.2 (IPv4-mapped addresses).

/// An IPv4 or IPv6 address with a port, as a plain value that can be compared on the mix thread.
///
/// An IPv4 address is kept as its IPv4-mapped IPv6 address, so both spellings of one peer are equal.
package struct TransportAddress: Hashable, Sendable, BitwiseCopyable {
    /// The first eight bytes of the address, big-endian value.
    package var high: UInt64
    package var low: UInt64
    package var port: UInt16
    /// Interface of a link-local address, 0 otherwise.
    package var scope: UInt32

    package init(high: UInt64, low: UInt64, port: UInt16, scope: UInt32 = 0) {
        self.high = high
        self.low = low
        self.port = port
        self.scope = scope
    }

    /// `address` in host order: 0x7F000001 is 127.0.0.1.
    package init(ipv4 address: UInt32, port: UInt16) {
        self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(address), port: port)
    }

    package static let none = TransportAddress(high: 0, low: 0, port: 0)

    package var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }
    /// The IPv4 address in host order; meaningless for IPv6.
    package var ipv4: UInt32 { UInt32(truncatingIfNeeded: low) }
    /// 0.0.0.0, :: or port 0: nothing can be sent there.
    package var isUnusable: Bool { port == 0 || (high == 0 && (low == 0 || low == 0xFFFF_0000_0000)) }

    package func hasSameHost(as other: TransportAddress) -> Bool { high == other.high && low == other.low }

    package func with(port: UInt16) -> TransportAddress {
        var copy = self
        copy.port = port
        return copy
    }
}
