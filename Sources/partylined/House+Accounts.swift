// SPDX-License-Identifier: Apache-2.0

import SDP
import SIP
import Settings

extension House {
    static func registrarOptions(_ settings: PartylineSettings) -> RegistrarOptions {
        let realm = settings.registrar.realm
        let phones = settings.phones.map { phone in
            var account = PhoneAccount(
                name: phone.name, extension: phone.extension, displayName: phone.displayName ?? "",
                secret: DigestSecret(password: phone.password ?? "", username: phone.name, realm: realm),
                mostContacts: phone.maxContacts,
                networks: phone.from.flatMap { try? AddressList($0.map(\.description)) },
                answersAtOnce: phone.autoAnswer,
                hashes: (phone.digest ?? settings.registrar.digest).compactMap(DigestAlgorithm.init(name:)))
            account.security = phone.srtp.flatMap(SecurityPolicy.init(rawValue:))
            return account
        }
        return RegistrarOptions(
            realm: realm, phones: phones, shortestExpiry: settings.registrar.minExpires,
            longestExpiry: max(settings.registrar.maxExpires, settings.registrar.minExpires),
            hashes: settings.registrar.digest.compactMap(DigestAlgorithm.init(name:)))
    }
}
