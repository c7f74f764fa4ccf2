// SPDX-License-Identifier: Apache-2.0

import Telephony

extension Roster {
    static func phones(_ phones: [PhoneReport]) -> String {
        guard !phones.isEmpty else { return "no phones; a file in phones.d makes one\n" }
        var table = Table(["NAME", "EXT", "SHOWN AS", "REGISTERED AT", "BY", "FOR", "PRODUCT"], toTheRight: [5])
        for phone in phones {
            let first = phone.contacts.first
            table.add([
                phone.name, phone.extension, phone.displayName, first?.address ?? "-", first?.transport ?? "",
                first.map { "\($0.expiresSeconds) s" } ?? "", first?.product ?? "",
            ])
            for contact in phone.contacts.dropFirst() {
                table.add([
                    "", "", "", contact.address, contact.transport, "\(contact.expiresSeconds) s", contact.product,
                ])
            }
        }
        return table.text
    }

    static func trunks(_ trunks: [TrunkReport]) -> String {
        guard !trunks.isEmpty else { return "no trunks; a file in trunks.d makes one\n" }
        var table = Table(["NAME", "STATE", "SERVER", "AT", "BY", "SEEN AS", "CALLS"], toTheRight: [6])
        for trunk in trunks {
            var state = trunk.state
            if trunk.lastStatus != 0 { state += " (\(trunk.lastStatus))" }
            if trunk.expiresSeconds > 0 { state += " for \(trunk.expiresSeconds) s" }
            if trunk.retrySeconds > 0 { state += ", again in \(trunk.retrySeconds) s" }
            table.add([
                trunk.name, state, trunk.server, trunk.address, trunk.transport, trunk.externalAddress,
                "\(trunk.calls)",
            ])
        }
        return table.text
    }
}
