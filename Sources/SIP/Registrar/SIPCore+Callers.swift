// SPDX-License-Identifier: Apache-2.0

import SDP
import Telephony

/// Who calls.
extension SIPCore {
    enum Caller {
        /// Somebody at an address that needs no password.
        case listed
        case phone(PhoneAccount)
        case trunk(SIPTrunk)

        /// What it wants for itself.
        var security: SecurityPolicy? {
            switch self {
            case .listed: nil
            case .phone(let account): account.security
            case .trunk(let trunk): trunk.account.security
            }
        }

        /// Its audio may come from a host that nobody named.
        var takesForeignAudio: Bool {
            switch self {
            case .listed: false
            case .phone(let account): account.takesForeignAudio
            case .trunk(let trunk): trunk.account.takesForeignAudio
            }
        }
    }

    /// Whoever may call, or the refusal: a challenge where the caller could be a phone of the house.
    func identify(_ event: SIPEvent, _ source: IPAddress) throws(Refusal) -> Caller {
        if let trunk = trunk(of: event, source) { return .trunk(trunk) }
        if options.allowed.contains(source) {
            let name = SIPText.unescaped(event.fromUser, most: 128)
            guard let account = phoneGuard.account(called: name) else { return .listed }
            // A gateway writes into From whatever number its line shows: a name alone makes nobody a phone of the house.
            // Gateways send what their former registrar asked for as well.
            let answers = event.headers.filter { $0.name.lowercased() == "authorization" }.map(\.value)
            if phoneGuard.isAnswered(by: answers) {
                return .phone(try authenticate(event, method: "INVITE", user: event.requestUser, from: source))
            }
            let isRegistered = phoneBook.bindings(of: account).contains {
                $0.port == event.sourcePort && IPAddress($0.source) == source
            }
            return isRegistered ? .phone(account) : .listed
        }
        guard phoneGuard.hasPhones else { throw Refusal(status: 403, reason: "not-allowed") }
        return .phone(try authenticate(event, method: "INVITE", user: event.requestUser, from: source))
    }

    /// A phone is registered from there, which has shown that it knows a password; or it is a trunk's server.
    func isAtHome(_ source: IPAddress) -> Bool {
        trunks.contains { $0.isServer(source) || $0.account.networks?.contains(source) ?? false }
            || phoneBook.isAnybodyAt(source)
    }
}
