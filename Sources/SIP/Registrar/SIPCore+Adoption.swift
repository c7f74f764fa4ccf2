// SPDX-License-Identifier: Apache-2.0

extension SIPCore {
    /// Takes of new options who may call without a password, how many calls there may be, and the phones. Calls go on;
    /// registrations stay where phone, password and network are as they were.
    func adopt(_ fresh: SIPOptions) {
        let former = options.registrar.phones
        options.allowed = fresh.allowed
        options.mostCalls = fresh.mostCalls
        options.registrar = fresh.registrar
        phoneGuard.adopt(fresh.registrar)
        let before = Dictionary(former.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let unchanged = fresh.registrar.phones.filter { phone in
            before[phone.name].map { $0.secret == phone.secret && $0.networks == phone.networks } ?? false
        }
        registrar.adopt(
            shortestExpiry: fresh.registrar.shortestExpiry, longestExpiry: fresh.registrar.longestExpiry,
            keeping: unchanged)
        phoneBook.adopt(fresh.registrar.phones)
        let all = registrar.all(now: milliseconds())
        phoneBook.update(all)
        journal?(all)
        for phone in former { settle(phone.name, all[phone.name] ?? []) }
    }
}
