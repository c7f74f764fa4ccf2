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

    private var accounts: [String: PhoneAccount] = [:]
    private var realm = ""
    private var defaultHashes: [DigestAlgorithm] = []
    private let nonces: StatelessNonce
    private var counts = NonceCounts()
    /// For names that nobody has, so that they take as long as a wrong password.
    private var nobody: DigestSecret
    private let key: [UInt8]

    package init(_ options: RegistrarOptions, key: [UInt8] = StatelessNonce.randomKey()) {
        self.key = key
        nonces = StatelessNonce(key: key, lifetime: 300)
        nobody = DigestSecret(password: "", username: "", realm: options.realm)
        adopt(options)
    }

    /// Other phones from now on. Challenges that are under way hold.
    package mutating func adopt(_ options: RegistrarOptions) {
        accounts = Dictionary(options.phones.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        realm = options.realm
        defaultHashes = options.hashes
        nobody = DigestSecret(password: DigestAlgorithm.hex(key), username: "", realm: options.realm)
    }

    package var hasPhones: Bool { !accounts.isEmpty }

    package func account(named name: String) -> PhoneAccount? { accounts[name] }

    package func account(called text: String) -> PhoneAccount? {
        accounts[text] ?? accounts.values.first { $0.extension == text }
    }

    /// - Parameters:
    ///   - authorizations: the values of the Authorization headers.
    ///   - user: of the request line.
    ///   - caller: whom the request says that it is from, which may be anybody.
    ///   - seconds: a clock that does not go back.
    package mutating func check(
        _ authorizations: [String], method: String, user: String, caller: String, from source: IPAddress,
        at seconds: UInt32
    ) -> Verdict {
        let hashes = account(called: caller)?.hashes ?? defaultHashes
        let all = authorizations.prefix(4).compactMap(DigestCredentials.init)
        guard let credentials = all.first(where: { $0.realm == realm }) else {
            return .challenge(challenge(source, seconds, hashes, isStale: false))
        }
        let account = accounts[credentials.username]
        guard credentials.isRight(account?.secret ?? nobody, method: method), let account,
            account.hashes.contains(credentials.algorithm), isFor(user, credentials.uri)
        else {
            return .wrongPassword(credentials.username)
        }
        guard account.networks?.contains(source) ?? true else { return .wrongNetwork(account.name) }
        // The password is right. An old nonce, or one from before a restart, or a count that was there: once more.
        let isFresh =
            nonces.check(credentials.nonce, from: source, at: seconds) == .valid
            && (credentials.protection.map { counts.take(credentials.nonce, count: $0.count) } ?? false)
        return isFresh ? .granted(account) : .challenge(challenge(source, seconds, hashes, isStale: true))
    }

    /// Whether one of them is for this box, right or wrong.
    package func isAnswered(by authorizations: [String]) -> Bool {
        authorizations.prefix(4).compactMap(DigestCredentials.init).contains { $0.realm == realm }
    }

    /// Whether the password that is tried is right, for any address of that account; no nonce is used up, and `check` follows.
    package func isRight(_ authorizations: [String], method: String) -> Bool {
        let credentials = authorizations.prefix(4).compactMap(DigestCredentials.init).first { $0.realm == realm }
        guard let credentials else { return false }
        let account = accounts[credentials.username]
        return credentials.isRight(account?.secret ?? nobody, method: method)
            && account?.hashes.contains(credentials.algorithm) ?? false
    }

    package enum Glance: Sendable, Equatable {
        /// No answer to a challenge of ours, or one to an old challenge: header lines that ask.
        case ask([String])
        /// A password is being tried for that name.
        case tries(String)
    }

    /// Before anything is kept of a request: does it answer a challenge that was made for its address? No password is
    /// looked at, and no nonce is used up. `caller`: as for `check`.
    package func look(
        at authorizations: [String], caller: String, from source: IPAddress, at seconds: UInt32
    ) -> Glance {
        let hashes = account(called: caller)?.hashes ?? defaultHashes
        let all = authorizations.prefix(4).compactMap(DigestCredentials.init)
        let credentials = all.first { $0.realm == realm }
        let verdict = credentials.map { nonces.check($0.nonce, from: source, at: seconds) }
        if let credentials, verdict == .valid { return .tries(String(credentials.username.prefix(128))) }
        return .ask(
            challenge(source, seconds, hashes, isStale: verdict == .stale).map { "\($0.name): \($0.value)" })
    }

    /// Credentials are good for the number for which they were made, whatever a proxy did to the rest of the address.
    private func isFor(_ user: String, _ uri: String) -> Bool {
        let asked = SIPURI(uri)?.user ?? ""
        return asked == SIPText.unescaped(user, most: 128)
    }

    private func challenge(
        _ source: IPAddress, _ seconds: UInt32, _ hashes: [DigestAlgorithm], isStale: Bool
    ) -> [HeaderField] {
        let nonce = nonces.make(for: source, at: seconds)
        return hashes.map { algorithm in
            var challenge = DigestChallenge(realm: realm, nonce: nonce, algorithm: algorithm)
            challenge.isStale = isStale
            return HeaderField("WWW-Authenticate", challenge.text)
        }
    }
}
