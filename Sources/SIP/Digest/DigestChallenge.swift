// SPDX-License-Identifier: Apache-2.0
// RFC 7616 section 3.3, RFC 8760.

/// What a server asks with: a WWW-Authenticate or Proxy-Authenticate header.
package struct DigestChallenge: Sendable, Hashable {
    package var realm: String
    package var nonce: String
    package var algorithm: DigestAlgorithm
    package var opaque: String?
    /// The last answer had the right form but an old nonce.
    package var isStale = false
    /// False for servers from before RFC 2617.
    package var offersQOP = true

    package init(realm: String, nonce: String, algorithm: DigestAlgorithm) {
        self.realm = realm
        self.nonce = nonce
        self.algorithm = algorithm
    }

    /// From the header's value; nil when it is no digest challenge, or one with a hash or a protection that is not taken.
    package init?(_ value: String) {
        guard let fields = DigestFields(value), let realm = fields["realm"], let nonce = fields["nonce"],
            let algorithm = DigestAlgorithm(name: fields["algorithm"] ?? "MD5")
        else { return nil }
        let qop = fields["qop"]?.lowercased().split { $0 == "," || $0 == " " }
        if let qop, !qop.contains("auth") { return nil }
        self.init(realm: realm, nonce: nonce, algorithm: algorithm)
        opaque = fields["opaque"]
        isStale = fields["stale"]?.lowercased() == "true"
        offersQOP = qop != nil
    }

    /// The header's value.
    package var text: String {
        var text =
            "Digest realm=\(DigestFields.quoted(realm)), nonce=\(DigestFields.quoted(nonce)), "
            + "algorithm=\(algorithm.rawValue)"
        if offersQOP { text += ", qop=\"auth\"" }
        if let opaque { text += ", opaque=\(DigestFields.quoted(opaque))" }
        if isStale { text += ", stale=true" }
        return text
    }

    /// The answer of a client who knows the password.
    /// - Parameters:
    ///   - count: 1 for the first request with this nonce, then one more each time.
    ///   - clientNonce: random.
    package func answer(
        username: String, password: String, method: String, uri: String, count: UInt32, clientNonce: String
    ) -> DigestCredentials {
        var credentials = DigestCredentials(
            username: username, realm: realm, nonce: nonce, uri: uri, algorithm: algorithm)
        credentials.opaque = opaque
        if offersQOP { credentials.protection = .init(count: count, clientNonce: clientNonce) }
        credentials.response = credentials.expected(
            DigestSecret(password: password, username: username, realm: realm), method: method)
        return credentials
    }
}
