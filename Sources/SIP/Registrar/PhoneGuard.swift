// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 22, RFC 7616, RFC 8760.

package import SDP
package import Telephony

/// Asks phones for their passwords. A value without memory of those who do not know one.
package struct PhoneGuard: Sendable {
    package enum Verdict: Sendable, Equatable {
        case granted(PhoneAccount)
        /// Ask: a WWW-Authenticate header for each hash.
        case challenge([HeaderField])
        /// It answered, and wrongly. The name as it was given.
        case wrongPassword(String)
        /// Right, but not from there.
        case wrongNetwork(String)
    }

    private let accounts: [String: PhoneAccount]
    private let realm: String
    private let nonces: StatelessNonce
    private var counts = NonceCounts()
    /// For names that nobody has, so that they take as long as a wrong password.
    private let nobody: DigestSecret

    package init(_ options: RegistrarOptions, key: [UInt8] = StatelessNonce.randomKey()) {
        accounts = Dictionary(options.phones.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        realm = options.realm
        nonces = StatelessNonce(key: key, lifetime: 300)
        nobody = DigestSecret(password: DigestAlgorithm.hex(key), username: "", realm: options.realm)
    }

    package var hasPhones: Bool { !accounts.isEmpty }

    package func account(named name: String) -> PhoneAccount? { accounts[name] }

    package func account(called text: String) -> PhoneAccount? {
        accounts[text] ?? accounts.values.first { $0.extension == text }
    }

    /// - Parameters:
    ///   - authorizations: the values of the Authorization headers.
    ///   - seconds: a clock that does not go back.
    package mutating func check(
        _ authorizations: [String], method: String, user: String, from source: IPAddress, at seconds: UInt32
    ) -> Verdict {
        let all = authorizations.prefix(4).compactMap(DigestCredentials.init)
        guard let credentials = all.first(where: { $0.realm == realm }) else {
            return .challenge(challenge(source, seconds, isStale: false))
        }
        let account = accounts[credentials.username]
        guard credentials.isRight(account?.secret ?? nobody, method: method), let account,
            isFor(user, credentials.uri)
        else {
            return .wrongPassword(credentials.username)
        }
        guard account.networks?.contains(source) ?? true else { return .wrongNetwork(account.name) }
        // The password is right. An old nonce, or one from before a restart, or a count that was there: once more.
        let isFresh =
            nonces.check(credentials.nonce, from: source, at: seconds) == .valid
            && (credentials.protection.map { counts.take(credentials.nonce, count: $0.count) } ?? false)
        return isFresh ? .granted(account) : .challenge(challenge(source, seconds, isStale: true))
    }

    /// Credentials are good for the number for which they were made, whatever a proxy did to the rest of the address.
    private func isFor(_ user: String, _ uri: String) -> Bool {
        let asked = SIPURI(uri)?.user ?? ""
        return asked == SIPText.unescaped(user, most: 128)
    }

    private func challenge(_ source: IPAddress, _ seconds: UInt32, isStale: Bool) -> [HeaderField] {
        let nonce = nonces.make(for: source, at: seconds)
        return DigestAlgorithm.allCases.map { algorithm in
            var challenge = DigestChallenge(realm: realm, nonce: nonce, algorithm: algorithm)
            challenge.isStale = isStale
            return HeaderField("WWW-Authenticate", challenge.text)
        }
    }
}
