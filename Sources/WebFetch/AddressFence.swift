// SPDX-License-Identifier: Apache-2.0
// RFC 6890 (special-purpose addresses) and the IANA registries that go on from it; RFC 6052 and RFC 3056 hide IPv4 in IPv6.

/// Which addresses may be connected to: the public internet, and what the settings allow beside it. Names do not count: it
/// is the address of the very connection that is asked.
package struct AddressFence: Sendable, Hashable {
    /// A block that is allowed although it is not public: 16 bytes (IPv4 as ::ffff:a.b.c.d) and how many bits of them.
    package struct Block: Sendable, Hashable {
        let bytes: [UInt8]
        let prefix: Int

        /// 4 or 16 bytes in network order; nil for anything else.
        package init?(_ address: [UInt8], prefix: Int) {
            guard address.count == 4 || address.count == 16, (0...(address.count * 8)).contains(prefix) else {
                return nil
            }
            bytes = address.count == 4 ? AddressFence.mapped + address : address
            self.prefix = address.count == 4 ? prefix + 96 : prefix
        }

        func contains(_ address: [UInt8]) -> Bool {
            guard address.count == 16 else { return false }
            for index in 0..<16 {
                let bits = min(max(prefix - index * 8, 0), 8)
                let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
                if (address[index] ^ bytes[index]) & mask != 0 { return false }
            }
            return true
        }
    }

    private let allowed: [Block]

    package init(allowed: [Block] = []) { self.allowed = allowed }

    fileprivate static let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    /// 16 bytes, IPv4 as ::ffff:a.b.c.d.
    package func allows(_ address: [UInt8]) -> Bool {
        guard address.count == 16 else { return false }
        return allowed.contains { $0.contains(address) } || Self.isPublic(address)
    }

    private static func isPublic(_ address: [UInt8]) -> Bool {
        if address.starts(with: mapped) { return isPublic(narrow: Array(address[12...])) }
        // NAT64 and 6to4 lead to an IPv4 address.
        if address.starts(with: [0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]) {
            return isPublic(narrow: Array(address[12...]))
        }
        if address.starts(with: [0x20, 0x02]) { return isPublic(narrow: Array(address[2..<6])) }
        // Global unicast is 2000::/3; of that, not: Teredo and other protocols' (2001::/23), documentation (2001:db8::/32,
        // 3fff::/20).
        guard address[0] & 0xE0 == 0x20 else { return false }
        if address[0] == 0x20, address[1] == 0x01, address[2] < 0x02 { return false }
        if address.starts(with: [0x20, 0x01, 0x0D, 0xB8]) { return false }
        return !(address[0] == 0x3F && address[1] == 0xFF && address[2] < 0x10)
    }

    private static func isPublic(narrow a: [UInt8]) -> Bool {
        switch (a[0], a[1], a[2]) {
        case (0, _, _), (10, _, _), (127, _, _), (224..., _, _): false
        case (100, 64...127, _), (169, 254, _), (172, 16...31, _), (192, 168, _), (198, 18...19, _): false
        case (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 51, 100), (203, 0, 113): false
        default: true
        }
    }
}
