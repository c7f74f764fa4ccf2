// SPDX-License-Identifier: Apache-2.0

package import SDP

/// A SIP phone of the house: who may register and call as what.
package struct PhoneAccount: Sendable, Hashable {
    /// What it logs in with and is called by.
    package var name: String
    /// The number under which the others dial it.
    package var `extension`: String?
    /// What is shown to those it calls; empty: what it says itself.
    package var displayName: String
    package var secret: DigestSecret
    /// Places where it is registered at the same time; a further one takes the place of the oldest.
    package var mostContacts: Int
    /// From where it may register and call; nil: from anywhere.
    package var networks: AddressList?
    /// It is told to answer at once, as an intercom does.
    package var answersAtOnce: Bool
    /// Which hashes it is asked for, the preferred one first. Many phones stumble over SHA-256 even where MD5 is offered too.
    package var hashes: [DigestAlgorithm]
    /// Whether its audio is secured; nil: as for everybody.
    package var security: SecurityPolicy?
    /// Audio may come from a host that neither the session description nor the signalling has named.
    package var takesForeignAudio = false
    /// The telephone socket of a gateway, which is shown among the lines.
    package var isGateway = false

    package init(
        name: String, extension number: String?, displayName: String, secret: DigestSecret, mostContacts: Int,
        networks: AddressList?, answersAtOnce: Bool, hashes: [DigestAlgorithm]
    ) {
        self.name = name
        self.extension = number
        self.displayName = displayName
        self.secret = secret
        self.mostContacts = mostContacts
        self.networks = networks
        self.answersAtOnce = answersAtOnce
        self.hashes = hashes
    }

    /// What those who are called by it see.
    package var number: String { self.extension ?? name }

    package func isCalled(_ text: String) -> Bool { text == name || text == self.extension }
}

/// How the registrar works.
package struct RegistrarOptions: Sendable {
    package var realm: String
    package var phones: [PhoneAccount]
    /// Seconds.
    package var shortestExpiry: Int
    package var longestExpiry: Int
    /// For names that nobody has.
    package var hashes: [DigestAlgorithm]

    package init(
        realm: String, phones: [PhoneAccount], shortestExpiry: Int, longestExpiry: Int, hashes: [DigestAlgorithm]
    ) {
        self.realm = realm
        self.phones = phones
        self.shortestExpiry = shortestExpiry
        self.longestExpiry = longestExpiry
        self.hashes = hashes
    }

    /// Nobody can register.
    package static let none = RegistrarOptions(
        realm: "partyline", phones: [], shortestExpiry: 60, longestExpiry: 3_600, hashes: [.md5])
}
