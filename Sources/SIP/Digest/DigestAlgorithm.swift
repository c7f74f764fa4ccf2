// SPDX-License-Identifier: Apache-2.0
// RFC 8760 (SHA-256 in SIP digests), RFC 3261 section 22.4 (MD5).

import Digests

/// A hash that digest authentication may use. The "-sess" forms are not taken: nobody sends them.
package enum DigestAlgorithm: String, Sendable, Hashable, CaseIterable {
    /// The stronger one first: so they are offered.
    case sha256 = "SHA-256"
    case md5 = "MD5"

    /// By its name in a header, in any case; nil for what is not taken.
    package init?(name: some StringProtocol) {
        let name = name.uppercased()
        guard let found = Self.allCases.first(where: { $0.rawValue == name }) else { return nil }
        self = found
    }

    /// The hash as lower-case hexadecimal digits.
    package func hex(_ text: String) -> String {
        let bytes = Array(text.utf8)
        return Self.hex(self == .md5 ? MD5.hash(bytes) : SHA256.hash(bytes))
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// Compares in a time that does not tell where two texts differ.
enum SecretComparison {
    static func areEqual(_ one: some Collection<UInt8>, _ other: some Collection<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
