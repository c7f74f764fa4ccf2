// SPDX-License-Identifier: Apache-2.0
// RFC 7616 section 3.4, RFC 8760.

/// What a client answers a challenge with: an Authorization or Proxy-Authorization header.
package struct DigestCredentials: Sendable, Hashable {
    /// qop=auth.
    package struct Protection: Sendable, Hashable {
        package var count: UInt32
        package var clientNonce: String
    }

    package var username: String
    package var realm: String
    package var nonce: String
    /// As the client wrote it; it need not be the request's own after a proxy.
    package var uri: String
    package var algorithm: DigestAlgorithm
    package var opaque: String?
    /// Nil for clients from before RFC 2617.
    package var protection: Protection?
    /// Lower-case hexadecimal digits.
    package var response = ""

    init(username: String, realm: String, nonce: String, uri: String, algorithm: DigestAlgorithm) {
        self.username = username
        self.realm = realm
        self.nonce = nonce
        self.uri = uri
        self.algorithm = algorithm
    }

    /// From the header's value; nil when it is nothing that can be checked.
    package init?(_ value: String) {
        guard let fields = DigestFields(value), let username = fields["username"], let realm = fields["realm"],
            let nonce = fields["nonce"], let uri = fields["uri"], let response = fields["response"],
            let algorithm = DigestAlgorithm(name: fields["algorithm"] ?? "MD5")
        else { return nil }
        self.init(username: username, realm: realm, nonce: nonce, uri: uri, algorithm: algorithm)
        opaque = fields["opaque"]
        self.response = response.lowercased()
        if let qop = fields["qop"] {
            guard qop.lowercased() == "auth", let count = fields["nc"].flatMap({ UInt32($0, radix: 16) }),
                let clientNonce = fields["cnonce"]
            else { return nil }
            protection = Protection(count: count, clientNonce: clientNonce)
        }
    }

    /// Whether whoever wrote this knows the secret. The nonce is to be checked as well (`StatelessNonce`, `NonceCounts`).
    package func isRight(_ secret: DigestSecret, method: String) -> Bool {
        SecretComparison.areEqual(Array(response.utf8), Array(expected(secret, method: method).utf8))
    }

    /// The header's value.
    package var text: String {
        var text =
            "Digest username=\(DigestFields.quoted(username)), realm=\(DigestFields.quoted(realm)), "
            + "nonce=\(DigestFields.quoted(nonce)), uri=\(DigestFields.quoted(uri)), response=\"\(response)\", "
            + "algorithm=\(algorithm.rawValue)"
        if let opaque { text += ", opaque=\(DigestFields.quoted(opaque))" }
        if let protection {
            text +=
                ", qop=auth, nc=\(Self.text(protection.count)), cnonce=\(DigestFields.quoted(protection.clientNonce))"
        }
        return text
    }

    func expected(_ secret: DigestSecret, method: String) -> String {
        let request = algorithm.hex("\(method):\(uri)")
        let middle =
            protection.map { "\(nonce):\(Self.text($0.count)):\($0.clientNonce):auth" } ?? nonce
        return algorithm.hex("\(secret.hash(algorithm)):\(middle):\(request)")
    }

    /// Eight digits.
    private static func text(_ count: UInt32) -> String {
        let digits = String(count, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }
}

/// What an account's password comes down to: the hashes of "user:realm:password", so that the password itself need not be
/// kept.
package struct DigestSecret: Sendable, Hashable {
    private let hashes: [DigestAlgorithm: String]

    package init(password: String, username: String, realm: String) {
        hashes = Dictionary(
            uniqueKeysWithValues: DigestAlgorithm.allCases.map { ($0, $0.hex("\(username):\(realm):\(password)")) })
    }

    func hash(_ algorithm: DigestAlgorithm) -> String { hashes[algorithm] ?? "" }
}
