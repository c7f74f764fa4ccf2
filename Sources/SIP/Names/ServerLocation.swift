// SPDX-License-Identifier: Apache-2.0
// RFC 3263 sections 4.1 and 4.2 (finding a SIP server), RFC 2782 (SRV: order and weight).

package import SDP

/// A record of the name service.
package struct ServiceRecord: Sendable, Hashable {
    package var order: Int
    /// SRV: the weight.
    package var preference: Int
    package var port: UInt16
    package var target: String
    /// NAPTR: "s" and "SIP+D2U".
    package var flags: String
    package var service: String
    package var seconds: Int

    package init(
        order: Int, preference: Int, port: UInt16, target: String, flags: String = "", service: String = "",
        seconds: Int = 60
    ) {
        self.order = order
        self.preference = preference
        self.port = port
        self.target = target
        self.flags = flags
        self.service = service
        self.seconds = seconds
    }
}

/// What a name server can be asked. Each waits, nil: no answer; empty: there is none.
package protocol NameService {
    func services(_ name: String) -> [ServiceRecord]?
    func pointers(_ name: String) -> [ServiceRecord]?
    func addresses(_ name: String) -> [IPAddress]?
}

/// Where a trunk's server is, asked of a name service.
package enum ServerLocation {
    package struct Found: Sendable, Hashable {
        package var addresses: [TrunkAddress]
        /// For how long it holds.
        package var seconds: Int
    }

    static let mostAddresses = 16

    /// Nil when the name service does not answer, or knows nothing of it: what was known before goes on being used.
    /// - Parameter random: from 0 below 1, for the weights.
    package static func find(
        _ account: TrunkAccount, in names: some NameService, random: () -> Double = { .random(in: 0..<1) }
    ) -> Found? {
        if let numeric = IPAddress(account.server) {
            return Found(addresses: [TrunkAddress(address: numeric, port: account.defaultPort)], seconds: 86_400)
        }
        // A port that is set leaves nothing to ask for but the address (section 4.2).
        if account.port == nil, let found = byServices(account, names, random) { return found }
        guard let addresses = names.addresses(account.server), !addresses.isEmpty else { return nil }
        return Found(
            addresses: addresses.prefix(mostAddresses).map { TrunkAddress(address: $0, port: account.defaultPort) },
            seconds: 300)
    }

    private static func byServices(
        _ account: TrunkAccount, _ names: some NameService, _ random: () -> Double
    ) -> Found? {
        let (service, name) =
            switch account.transport {
            case "tls": ("SIPS+D2T", "_sips._tcp.")
            case "tcp": ("SIP+D2T", "_sip._tcp.")
            default: ("SIP+D2U", "_sip._udp.")
            }
        let pointer = names.pointers(account.server)?.filter {
            $0.flags.lowercased() == "s" && $0.service.uppercased() == service
        }.min { ($0.order, $0.preference) < ($1.order, $1.preference) }
        guard let records = names.services(pointer?.target ?? name + account.server), !records.isEmpty else {
            return nil
        }
        var found: [TrunkAddress] = []
        // "." says that there is no such service.
        for record in ordered(records, random) where !record.target.isEmpty && record.target != "." {
            for address in names.addresses(record.target) ?? [] where found.count < mostAddresses {
                let one = TrunkAddress(address: address, port: record.port)
                if !found.contains(one) { found.append(one) }
            }
        }
        return found.isEmpty ? nil : Found(addresses: found, seconds: records.map(\.seconds).min() ?? 60)
    }

    /// By priority, and among equals at random by weight.
    package static func ordered(_ records: [ServiceRecord], _ random: () -> Double) -> [ServiceRecord] {
        var result: [ServiceRecord] = []
        for order in Set(records.map(\.order)).sorted() {
            var rest = records.filter { $0.order == order }
            while !rest.isEmpty {
                // A weight of zero has a small chance, too.
                let weights = rest.map { Double($0.preference) + 0.01 }
                var mark = random() * weights.reduce(0, +)
                var index = 0
                while index < rest.count - 1, mark >= weights[index] {
                    mark -= weights[index]
                    index += 1
                }
                result.append(rest.remove(at: index))
            }
        }
        return result
    }
}
