// SPDX-License-Identifier: Apache-2.0
// RFC 791, RFC 4291 section 2.2 (texts), RFC 5952 (how they are written). Zones ("%eth0") are refused.

/// A numeric IPv4 or IPv6 address. Names are never accepted, so nothing here can cause a look-up.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    package enum Family: Sendable, Hashable {
        case ipv4, ipv6
    }

    package let family: Family
    /// The bytes of an IPv6 address; an IPv4 address lies in the last four. Inline: one is looked at for every datagram of a
    /// flood, and tables hold thousands.
    private let high: UInt64
    private let low: UInt64

    /// 4 or 16 bytes, network order.
    package var bytes: [UInt8] {
        family == .ipv4
            ? (0..<4).map { UInt8(truncatingIfNeeded: low >> UInt64(24 - 8 * $0)) }
            : [high, low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * $0)) } }
    }

    /// Nil unless the text is a numeric address; brackets around IPv6 are taken off.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 47 else { return nil }
        var characters = Array(text.utf8)
        if characters.first == UInt8(ascii: "["), characters.last == UInt8(ascii: "]"), characters.count > 2 {
            characters = Array(characters[1..<(characters.count - 1)])
            guard characters.contains(UInt8(ascii: ":")) else { return nil }
        }
        if characters.contains(UInt8(ascii: ":")) {
            guard let bytes = Self.readIPv6(characters[...]) else { return nil }
            self.init(family: .ipv6, bytes: bytes)
        } else {
            guard let bytes = Self.readIPv4(characters[...]) else { return nil }
            self.init(family: .ipv4, bytes: bytes)
        }
    }

    /// 0.0.0.0 or ::.
    package var isUnspecified: Bool { high == 0 && low == 0 }

    package var isLoopback: Bool { family == .ipv4 ? low >> 24 == 127 : high == 0 && low == 1 }

    /// Multicast, or the limited broadcast address: nowhere a call's audio may go.
    package var isMulticastOrBroadcast: Bool {
        family == .ipv4 ? low >> 28 == 0xE || low == 0xFFFF_FFFF : high >> 56 == 0xFF
    }

    /// The IPv4 address inside ::ffff:a.b.c.d, otherwise itself.
    package var unmapped: IPAddress {
        guard family == .ipv6, high == 0, low >> 32 == 0xFFFF else { return self }
        return IPAddress(family: .ipv4, high: 0, low: low & 0xFFFF_FFFF)
    }

    /// Itself, or the /64 of an IPv6 address.
    package var network: IPAddress { family == .ipv4 ? self : IPAddress(family: .ipv6, high: high, low: 0) }

    /// Whether both begin with the same bits, so many of them; never across families.
    package func shares(_ bits: Int, with other: IPAddress) -> Bool {
        guard family == other.family else { return false }
        if family == .ipv4 { return (low ^ other.low) >> UInt64(32 - min(max(bits, 0), 32)) == 0 }
        // Shifts by 64 and more leave nothing.
        guard bits > 64 else { return (high ^ other.high) >> UInt64(64 - max(bits, 0)) == 0 }
        return high == other.high && (low ^ other.low) >> UInt64(128 - min(bits, 128)) == 0
    }

    /// From four or sixteen bytes in network order; nil when there are other numbers of them.
    package init?(bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        for byte in bytes { halves = Self.shifted(halves, byte) }
        self.init(family: bytes.count == 4 ? .ipv4 : .ipv6, high: halves.high, low: halves.low)
    }

    private init(family: Family, bytes: [UInt8]) {
        let halves = bytes.reduce((high: 0, low: 0), Self.shifted)
        self.init(family: family, high: halves.high, low: halves.low)
    }

    private static func shifted(_ halves: (high: UInt64, low: UInt64), _ byte: UInt8) -> (high: UInt64, low: UInt64) {
        (halves.high << 8 | halves.low >> 56, halves.low << 8 | UInt64(byte))
    }

    private init(family: Family, high: UInt64, low: UInt64) {
        self.family = family
        self.high = high
        self.low = low
    }

    package var description: String {
        if family == .ipv4 { return bytes.map { String($0) }.joined(separator: ".") }
        let groups = [high, low].flatMap { half in
            (0..<4).map { UInt16(truncatingIfNeeded: half >> UInt64(48 - 16 * $0)) }
        }
        // The longest run of two or more zero groups becomes "::".
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(best.count, 1) { best = start..<end }
            start = max(end, start + 1)
        }
        func hex(_ range: Range<Int>) -> String { range.map { String(groups[$0], radix: 16) }.joined(separator: ":") }
        return best.isEmpty ? hex(0..<8) : hex(0..<best.lowerBound) + "::" + hex(best.upperBound..<8)
    }

    private static func readIPv4(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            // A leading zero could be octal to somebody else: refused.
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0"),
                part.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
                let byte = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func readIPv6(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let colon = UInt8(ascii: ":")
        var head: [UInt8] = []
        var tail: [UInt8]?
        var rest = text
        if rest.starts(with: [colon, colon]) {
            tail = []
            rest = rest.dropFirst(2)
        } else if rest.first == colon {
            return nil
        }
        while !rest.isEmpty {
            let group = rest.prefix { $0 != colon }
            rest = rest.dropFirst(group.count)
            var bytes: [UInt8]
            if group.contains(UInt8(ascii: ".")) {
                guard rest.isEmpty, let four = readIPv4(group) else { return nil }
                bytes = four
            } else {
                guard (1...4).contains(group.count), group.allSatisfy(isHexadecimal),
                    let value = UInt16(String(decoding: group, as: UTF8.self), radix: 16)
                else { return nil }
                bytes = [UInt8(value >> 8), UInt8(value & 0xFF)]
            }
            if tail != nil { tail?.append(contentsOf: bytes) } else { head.append(contentsOf: bytes) }
            guard head.count + (tail?.count ?? 0) <= 16 else { return nil }
            guard let separator = rest.first, separator == colon else { continue }
            rest = rest.dropFirst()
            if rest.first == colon {
                guard tail == nil else { return nil }
                tail = []
                rest = rest.dropFirst()
            } else if rest.isEmpty {
                return nil
            }
        }
        guard let tail else { return head.count == 16 ? head : nil }
        guard head.count + tail.count <= 14 else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
