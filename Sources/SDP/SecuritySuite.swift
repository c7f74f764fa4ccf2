// SPDX-License-Identifier: Apache-2.0
// RFC 4568 section 6.2, RFC 7714 section 14.2.

/// How a secured stream is protected. In order of our preference.
package enum SecuritySuite: String, Sendable, Hashable, CaseIterable {
    case aeadAES128GCM = "AEAD_AES_128_GCM"
    case aes128CounterSHA80 = "AES_CM_128_HMAC_SHA1_80"
    case aes128CounterSHA32 = "AES_CM_128_HMAC_SHA1_32"

    /// Bytes of master key and salt.
    package var keyLength: Int { self == .aeadAES128GCM ? 28 : 30 }
}

/// Whether audio is secured (SRTP with keys in the session descriptions).
package enum SecurityPolicy: String, Sendable, Hashable, CaseIterable {
    /// In clear only.
    case off
    /// Secured where the far end can, in clear otherwise.
    case optional
    /// Secured or not at all.
    case required
}

/// What was agreed on for a secured stream.
package struct AudioSecurity: Sendable, Hashable {
    package var suite: SecuritySuite
    /// Master key and salt with which we protect what we send, and the far end's.
    package var ownKey: [UInt8]
    package var farKey: [UInt8]

    package init(suite: SecuritySuite, ownKey: [UInt8], farKey: [UInt8]) {
        self.suite = suite
        self.ownKey = ownKey
        self.farKey = farKey
    }
}
