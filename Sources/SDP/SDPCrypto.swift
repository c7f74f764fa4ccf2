// SPDX-License-Identifier: Apache-2.0
// RFC 4568 sections 4, 6.1 and 9.2: "1 AES_CM_128_HMAC_SHA1_80 inline:BASE64|2^20".

/// An a=crypto line that we can use.
struct SDPCrypto: Sendable, Hashable {
    var tag: Int
    var suite: SecuritySuite
    /// Master key and salt.
    var key: [UInt8]

    init(tag: Int, suite: SecuritySuite, key: [UInt8]) {
        self.tag = tag
        self.suite = suite
        self.key = key
    }

    /// Nil for a suite that is not ours, for several keys or a key identifier (its bytes would be in every packet), and for
    /// parameters that switch protection off.
    init?(_ value: String) {
        let words = value.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count >= 3, words.count <= 16, let tag = Int(words[0]), (0...999_999_999).contains(tag),
            let suite = SecuritySuite(rawValue: words[1].uppercased()), words[2].lowercased().hasPrefix("inline:")
        else { return nil }
        let parts = words[2].dropFirst(7).split(separator: "|", omittingEmptySubsequences: false)
        guard let text = parts.first, parts.count <= 2, !words[2].contains(";"),
            parts.dropFirst().allSatisfy({ !$0.contains(":") }), let key = Base64.bytes(text),
            key.count == suite.keyLength
        else { return nil }
        // A smaller replay window is none of the sender's business; all else would change the packets.
        guard words.dropFirst(3).allSatisfy({ $0.uppercased().hasPrefix("WSH=") || $0.uppercased() == "KDR=0" }) else {
            return nil
        }
        self.init(tag: tag, suite: suite, key: key)
    }

    var text: String { "\(tag) \(suite.rawValue) inline:\(Base64.text(key))" }

    /// The one that is to be used: the best of ours.
    static func best(in medium: SDPMedia) -> SDPCrypto? {
        let all = medium.attributes.lazy.filter { $0.name == "crypto" }.prefix(16).compactMap {
            $0.value.flatMap(SDPCrypto.init)
        }
        return SecuritySuite.allCases.lazy.compactMap { suite in all.first { $0.suite == suite } }.first
    }
}

/// RFC 4648 section 4.
enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for index in 0..<3 { bits = bits << 8 | (index < group.count ? UInt32(group[start + index]) : 0) }
            for index in 0..<4 {
                text.append(
                    index <= group.count ? letters[Int(bits >> UInt32(18 - 6 * index) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for anything but letters of the alphabet with padding at the end; the padding may be missing.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        let kept = Array(text.utf8.prefix(256))
        let end = kept.firstIndex(of: UInt8(ascii: "=")) ?? kept.count
        guard kept[end...].count <= 2, kept[end...].allSatisfy({ $0 == UInt8(ascii: "=") }), end % 4 != 1 else {
            return nil
        }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for letter in kept[..<end] {
            guard let value = letters.firstIndex(of: letter) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return bytes
    }
}
