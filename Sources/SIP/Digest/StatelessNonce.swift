// SPDX-License-Identifier: Apache-2.0
// RFC 7616 section 3.3 (nonces that hold their own time), RFC 3261 section 22.4.

import Digests
package import SDP

/// Makes nonces for digest challenges and knows its own again without remembering any: a challenge costs no memory.
///
///     <seconds, 8 digits><salt, 8 digits><HMAC-SHA-256 of both and of the source address, 32 digits>     (hexadecimal)
///
/// A nonce is good for the address it was given to, for `lifetime` seconds. A pure value: the time is handed in.
package struct StatelessNonce: Sendable {
    package enum Verdict: Sendable, Hashable {
        case valid
        /// Ours, but too old, or for another address: challenge again with stale=true, so that the phone does not ask its
        /// user for the password.
        case stale
        /// Not ours (or from before a restart): challenge anew.
        case foreign
    }

    private let key: [UInt8]
    /// Seconds.
    package let lifetime: UInt32

    /// - Parameter key: 32 random bytes, made at each start (`randomKey`).
    package init(key: [UInt8], lifetime: UInt32 = 120) {
        self.key = key
        self.lifetime = lifetime
    }

    package static func randomKey() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// - Parameter seconds: any clock that does not go back, the same one for `check`.
    package func make(
        for source: IPAddress, at seconds: UInt32, salt: UInt32 = .random(in: 0 ... .max)
    ) -> String {
        let head = Self.text(seconds) + Self.text(salt)
        return head + signature(head, source)
    }

    package func check(_ nonce: String, from source: IPAddress, at seconds: UInt32) -> Verdict {
        let text = Array(nonce.utf8.prefix(49))
        guard text.count == 48, let made = UInt32(String(decoding: text[0..<8], as: UTF8.self), radix: 16) else {
            return .foreign
        }
        let isOurs = SecretComparison.areEqual(
            text[16...], Array(signature(String(decoding: text[0..<16], as: UTF8.self), source).utf8))
        let age = seconds &- made
        guard isOurs else {
            // Another address cannot be told from a forgery; a phone whose address changed is simply challenged again.
            return .foreign
        }
        return age <= lifetime ? .valid : .stale
    }

    private func signature(_ head: String, _ source: IPAddress) -> String {
        let code = SHA256.authenticationCode(Array(head.utf8) + source.unmapped.bytes, key: key)
        return DigestAlgorithm.hex(code.prefix(16))
    }

    private static func text(_ number: UInt32) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }
}

/// Which nonce counts have been used, so that a request that somebody overheard cannot be sent once more. Only requests
/// whose password was right get here, so nobody else can fill it.
package struct NonceCounts: Sendable {
    package static let mostNonces = 4_096

    private var highest: [String: UInt32] = [:]

    package init() {}

    /// False when that count (or a later one) of this nonce was seen before.
    package mutating func take(_ nonce: String, count: UInt32) -> Bool {
        if let seen = highest[nonce], count <= seen { return false }
        if highest.count >= Self.mostNonces, highest[nonce] == nil { forgetOlderHalf() }
        highest[nonce] = count
        return true
    }

    /// Our nonces begin with their time.
    private mutating func forgetOlderHalf() {
        let kept = highest.keys.sorted().suffix(Self.mostNonces / 2)
        highest = highest.filter { entry in kept.first.map { entry.key >= $0 } ?? false }
    }
}
