// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 10.3 (registrar), RFC 3327 (Path), RFC 5626 section 4.1 (+sip.instance tells a phone that came back).

package import SDP

/// Where a phone can be called.
package struct Binding: Sendable, Hashable, Codable {
    /// The Contact's URI, as it goes into the request line.
    package var uri: String
    /// Where the REGISTER came from: calls go there, whatever names the URI has (and through the phone's NAT).
    package var source: String
    package var port: UInt16
    package var transport: String
    package var listener: Int32
    /// Path headers, to go into Route.
    package var path: [String]
    package var callID: String
    package var sequence: UInt32
    package var instance: String
    package var product: String
    /// Milliseconds of the owner's clock.
    package var expires: Int64
    /// When it was first made, for who has to go when there are too many.
    package var since: Int64
}

/// A REGISTER, read.
package struct RegisterRequest: Sendable {
    package var contacts: [NameAddress]
    /// "Contact: *"
    package var isWildcard: Bool
    /// The Expires header.
    package var expires: Int?
    package var callID: String
    package var sequence: UInt32
    package var source: IPAddress
    package var port: UInt16
    package var transport: String
    package var listener: Int32
    package var path: [String]
    package var product: String

    package init(
        contacts: [NameAddress], isWildcard: Bool, expires: Int?, callID: String, sequence: UInt32, source: IPAddress,
        port: UInt16, transport: String, listener: Int32, path: [String], product: String
    ) {
        self.contacts = contacts
        self.isWildcard = isWildcard
        self.expires = expires
        self.callID = callID
        self.sequence = sequence
        self.source = source
        self.port = port
        self.transport = transport
        self.listener = listener
        self.path = path
        self.product = product
    }
}

/// Who is where. Pure: the owner hands in who was proven to ask, and the time.
package struct Registrar: Sendable {
    package enum Outcome: Sendable, Equatable {
        /// 200 with these.
        case bindings([Binding])
        case malformed(String)
        /// 423, and the shortest that is taken.
        case tooBrief(Int)
        /// Came after a newer one.
        case outOfOrder
    }

    private var shortest: Int
    private var longest: Int
    private var byPhone: [String: [Binding]] = [:]

    package init(shortestExpiry: Int, longestExpiry: Int) {
        shortest = shortestExpiry
        longest = longestExpiry
    }

    /// Those that hold now, the newest first.
    package func bindings(of name: String, now: Int64) -> [Binding] {
        (byPhone[name] ?? []).filter { $0.expires > now }.sorted { $0.since > $1.since }
    }

    package func all(now: Int64) -> [String: [Binding]] {
        byPhone.mapValues { $0.filter { $0.expires > now } }.filter { !$0.value.isEmpty }
    }

    /// From a journal: those of phones that are still there.
    package mutating func restore(_ saved: [String: [Binding]], of phones: [PhoneAccount]) {
        for phone in phones {
            if let bindings = saved[phone.name] { byPhone[phone.name] = Array(bindings.prefix(phone.mostContacts)) }
        }
    }

    /// Other settings: only what is known of these phones stays.
    package mutating func adopt(shortestExpiry: Int, longestExpiry: Int, keeping phones: [PhoneAccount]) {
        shortest = shortestExpiry
        longest = longestExpiry
        let former = byPhone
        byPhone = [:]
        for phone in phones {
            if let bindings = former[phone.name] { byPhone[phone.name] = Array(bindings.suffix(phone.mostContacts)) }
        }
    }

    /// All or nothing: a REGISTER that cannot be taken as a whole changes nothing.
    package mutating func take(_ request: RegisterRequest, of phone: PhoneAccount, now: Int64) -> Outcome {
        var bindings = (byPhone[phone.name] ?? []).filter { $0.expires > now }
        if request.isWildcard {
            guard request.contacts.isEmpty, request.expires == 0 else {
                return .malformed("\"Contact: *\" stands alone and needs \"Expires: 0\"")
            }
            guard !bindings.contains(where: { isOlder(request, than: $0) }) else { return .outOfOrder }
            byPhone[phone.name] = nil
            return .bindings([])
        }
        for contact in request.contacts {
            let uri = contact.uri.lowercased()
            guard uri.utf8.count <= 512, uri.hasPrefix("sip:") || uri.hasPrefix("sips:"), !uri.contains("<") else {
                return .malformed("a Contact is no SIP address")
            }
            let wanted = contact.parameters["expires"].map { Int($0) ?? longest } ?? request.expires ?? longest
            guard wanted <= 0 || wanted >= shortest else { return .tooBrief(shortest) }
            let instance = contact.parameters["+sip.instance"] ?? ""
            let former = bindings.first { isSame($0, contact.uri, instance, request) }
            if let former, isOlder(request, than: former) { return .outOfOrder }
            bindings.removeAll { isSame($0, contact.uri, instance, request) }
            guard wanted > 0 else { continue }
            bindings.append(
                Binding(
                    uri: contact.uri, source: request.source.description, port: request.port,
                    transport: request.transport, listener: request.listener, path: request.path,
                    callID: request.callID, sequence: request.sequence, instance: instance, product: request.product,
                    expires: now + Int64(min(wanted, longest)) * 1_000, since: former?.since ?? now))
        }
        bindings.sort { $0.since < $1.since }
        byPhone[phone.name] = Array(bindings.suffix(phone.mostContacts))
        return .bindings(byPhone[phone.name] ?? [])
    }

    /// The same place: the same address, or the same phone that came back with another one.
    private func isSame(_ binding: Binding, _ uri: String, _ instance: String, _ request: RegisterRequest) -> Bool {
        if binding.uri == uri { return true }
        return !instance.isEmpty && binding.instance == instance
    }

    private func isOlder(_ request: RegisterRequest, than binding: Binding) -> Bool {
        binding.callID == request.callID && request.sequence <= binding.sequence
    }
}
