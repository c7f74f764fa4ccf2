// SPDX-License-Identifier: Apache-2.0
// RFC 4568 section 6.2, RFC 7714 section 14.2 (suites).

import CSRTP

/// How a stream is secured, by the names of RFC 4568.
package enum MediaSuite: String, Sendable, Hashable, CaseIterable {
    case aeadAES128GCM = "AEAD_AES_128_GCM"
    case aes128CounterSHA80 = "AES_CM_128_HMAC_SHA1_80"
    case aes128CounterSHA32 = "AES_CM_128_HMAC_SHA1_32"

    var code: csrtp_suite {
        switch self {
        case .aeadAES128GCM: csrtp_aead_aes_128_gcm
        case .aes128CounterSHA80: csrtp_aes_cm_128_hmac_sha1_80
        case .aes128CounterSHA32: csrtp_aes_cm_128_hmac_sha1_32
        }
    }

    /// Bytes of master key and salt together.
    package var keyLength: Int { csrtp_key_length(code) }
}

/// Master key and salt of one direction.
package struct MediaKey: Sendable, Hashable {
    package var suite: MediaSuite
    /// `suite.keyLength` bytes.
    package var bytes: [UInt8]

    package init(suite: MediaSuite, bytes: [UInt8]) {
        self.suite = suite
        self.bytes = bytes
    }
}

/// The keys of both directions of a call.
package struct MediaKeys: Sendable, Hashable {
    /// What we protect with.
    package var own: MediaKey
    /// What the far end protects with.
    package var far: MediaKey

    package init(own: MediaKey, far: MediaKey) {
        self.own = own
        self.far = far
    }
}
