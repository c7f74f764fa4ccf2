// SPDX-License-Identifier: Apache-2.0

import SDP
import Synchronization
package import Telephony

/// Which phones there are and where, for those who are not on the SIP thread. Written by the SIP thread only.
package final class PhoneBook: Sendable {
    package var phones: [PhoneAccount] { accounts.withLock { $0 } }
    private struct Contents {
        var bindings: [String: [Binding]] = [:]
        var sources: Set<IPAddress> = []
    }

    private let accounts: Mutex<[PhoneAccount]>
    private let contents = Mutex(Contents())
    private let clock: @Sendable () -> Int64

    /// - Parameter clock: milliseconds, the registrar's.
    init(_ phones: [PhoneAccount], clock: @escaping @Sendable () -> Int64) {
        accounts = Mutex(phones)
        self.clock = clock
    }

    func update(_ all: [String: [Binding]]) {
        let sources = Set(all.values.flatMap { $0.compactMap { IPAddress($0.source) } })
        contents.withLock { $0 = Contents(bindings: all, sources: sources) }
    }

    func adopt(_ phones: [PhoneAccount]) { accounts.withLock { $0 = phones } }

    package func phone(called text: String) -> PhoneAccount? {
        let phones = phones
        return phones.first { $0.name == text } ?? phones.first { $0.extension == text }
    }

    func bindings(of phone: PhoneAccount) -> [Binding] {
        let now = clock()
        return contents.withLock { $0.bindings[phone.name] ?? [] }.filter { $0.expires > now }
    }

    /// Asked for every datagram of a stranger.
    func isAnybodyAt(_ source: IPAddress) -> Bool { contents.withLock { $0.sources.contains(source) } }

    package func reports() -> [PhoneReport] {
        let now = clock()
        return phones.map { phone in
            var report = PhoneReport()
            report.name = phone.name
            report.extension = phone.extension ?? ""
            report.displayName = phone.displayName
            report.contacts = bindings(of: phone).map { binding in
                var contact = PhoneReport.Contact()
                contact.address =
                    binding.source.contains(":")
                    ? "[\(binding.source)]:\(binding.port)" : "\(binding.source):\(binding.port)"
                contact.transport = binding.transport
                contact.uri = binding.uri
                contact.product = binding.product
                contact.expiresSeconds = Int((binding.expires - now) / 1_000)
                return contact
            }
            return report
        }
    }
}
