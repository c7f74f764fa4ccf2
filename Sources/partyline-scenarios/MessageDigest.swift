// SPDX-License-Identifier: Apache-2.0

import Digests

/// Digests of bytes as scripts ask for them, as lower-case hex: for signatures that a web service wants to see.
enum MessageDigest {
    /// Nil for a kind that is not known. The key is for "hmac_sha256" only.
    static func hex(_ kind: String, of bytes: [UInt8], key: [UInt8]) -> String? {
        switch kind {
        case "md5": hex(MD5.hash(bytes))
        case "sha1": hex(SHA1.hash(bytes))
        case "sha256": hex(SHA256.hash(bytes))
        case "hmac_sha256": hex(SHA256.authenticationCode(bytes, key: key))
        default: nil
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.reduce(into: "") { text, byte in
            let digits = String(byte, radix: 16)
            text += digits.count < 2 ? "0" + digits : digits
        }
    }
}
