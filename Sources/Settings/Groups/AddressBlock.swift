// SPDX-License-Identifier: Apache-2.0
// RFC 4632 (CIDR), RFC 4291 section 2.3 (IPv6 prefixes).

import Glibc

/// A block of addresses, `192.0.2.0/24` or `2001:db8::/32`.
package struct AddressBlock: Sendable, Hashable, CustomStringConvertible {
    /// The first address: 4 or 16 bytes in network order.
    package let bytes: [UInt8]
    /// Bits that all addresses of the block share.
    package let prefix: Int

    package enum Misread: Error {
        case notABlock
        /// Bits behind the prefix are set; `meant` has them cleared.
        case hostBits(meant: String)
    }

    static func isAddress(_ text: String) -> Bool { bytes(text) != nil }

    /// A bare address is a block of one.
    package init(_ text: String) throws(Misread) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let bytes = Self.bytes(String(parts[0])) else { throw .notABlock }
        let width = bytes.count * 8
        var prefix = width
        if parts.count == 2 {
            guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
                let number = Int(parts[1]), number <= width
            else { throw .notABlock }
            prefix = number
        }
        let first = Self.masked(bytes, prefix)
        guard first == bytes else { throw .hostBits(meant: "\(Self.text(first))/\(prefix)") }
        self.bytes = bytes
        self.prefix = prefix
    }

    /// Whether a literal address lies within. IPv4 written as IPv6 (`::ffff:192.0.2.7`) counts as IPv4.
    package func contains(_ address: String) -> Bool {
        guard let other = Self.bytes(address) else { return false }
        return contains(other)
    }

    /// The same for 4 or 16 bytes in network order.
    package func contains(_ address: [UInt8]) -> Bool {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        let plain = bytes.count == 4 && address.starts(with: mapped) ? Array(address.dropFirst(12)) : address
        return plain.count == bytes.count && Self.masked(plain, prefix) == bytes
    }

    package var description: String { "\(Self.text(bytes))/\(prefix)" }

    /// A literal address in network order; nil for anything else, names included.
    static func bytes(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= 45 else { return nil }
        var wide = in6_addr()
        if inet_pton(AF_INET6, text, &wide) == 1 { return withUnsafeBytes(of: &wide) { Array($0) } }
        var narrow = in_addr()
        if inet_pton(AF_INET, text, &narrow) == 1 { return withUnsafeBytes(of: &narrow) { Array($0) } }
        return nil
    }

    private static func text(_ bytes: [UInt8]) -> String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &buffer, socklen_t(buffer.count))
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func masked(_ bytes: [UInt8], _ prefix: Int) -> [UInt8] {
        bytes.indices.map { index in
            let bits = min(8, max(0, prefix - index * 8))
            return bytes[index] & ~UInt8(truncatingIfNeeded: 0xFF >> bits)
        }
    }
}

extension SettingKind<AddressBlock> {
    private static let shape = "an address or a block of addresses, such as \"192.0.2.0/24\" or \"2001:db8::/32\""

    static let addressBlock = SettingKind(
        words: shape,
        read: { value, misfits in
            guard case .string(let text) = value.content else {
                misfits.error(value.place, "\(value.words) does not fit here", "write \(shape)")
                return nil
            }
            do {
                return try AddressBlock(text)
            } catch AddressBlock.Misread.hostBits(let meant) {
                misfits.error(value.place, "\(text.quoted) has bits behind its prefix", "write \(meant.tomlText)")
            } catch {
                misfits.error(value.place, "\(text.quoted) is no block of addresses", "write \(shape)")
            }
            return nil
        },
        write: { $0.description.tomlText })
}
