// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 10.2 and 11 (OPTIONS as a sign of life), RFC 3608 (Service-Route).

import CSofia
import Logging
import SDP
import Telephony

/// Trunks on the SIP thread: they register, are asked whether they are there, and tell how they are.
extension SIPCore {
    /// When the stack listens.
    func startTrunks() {
        for trunk in trunks {
            guard let numeric = IPAddress(trunk.account.server) else { continue }
            resolved(trunk, [TrunkAddress(address: numeric, port: trunk.account.defaultPort)])
        }
        trunksChanged()
    }

    /// From the thread that looks names up.
    func take(_ news: TrunkNews) {
        guard let trunk = trunks.first(where: { $0.account.name == news.trunk }) else { return }
        if let addresses = news.addresses { resolved(trunk, addresses) }
        if let external = news.external, trunk.account.externalAddress == nil, external != trunk.external {
            trunk.external = external
            logger.notice("sip trunk external address name=\(trunk.account.name) address=\(external)")
            if trunk.registration.isUp { run(trunk, .lost) }
        }
        trunksChanged()
    }

    private func resolved(_ trunk: SIPTrunk, _ all: [TrunkAddress]) {
        // Those of a family that the box does not speak with this transport are of no use.
        let reachable = all.filter { trunkListener(trunk.account, [$0]) != nil }
        let addresses = reachable.isEmpty ? all : reachable
        guard !addresses.isEmpty, addresses != trunk.addresses else { return }
        let former = trunk.address
        trunk.addresses = addresses
        // A server that is still among them goes on being used.
        trunk.choice = former.flatMap { addresses.firstIndex(of: $0) } ?? 0
        if trunk.listener == nil { trunk.listener = trunkListener(trunk.account, addresses) }
        guard trunk.listener != nil else {
            logger.error(
                "sip trunk without listener name=\(trunk.account.name) transport=\(trunk.account.transport) address=\(words(trunk))"
            )
            return
        }
        if former == nil || trunk.account.registers && trunk.registration.state == .idle {
            if trunk.account.registers {
                run(trunk, .start)
            } else if trunk.account.pingInterval > 0 {
                ping(trunk)
            }
        } else if trunk.address != former, trunk.account.registers {
            run(trunk, .lost)
        }
    }

    func run(_ trunk: SIPTrunk, _ input: Registration.Input) {
        for action in trunk.registration.take(input) {
            switch action {
            case .register: sendRegister(trunk, seconds: trunk.account.expires)
            case .unregister: sendRegister(trunk, seconds: 0)
            case .wait(let range):
                let delay = Int.random(in: range)
                trunk.waitNumber += 1
                trunk.retryAt = milliseconds() + Int64(delay)
                let number = trunk.waitNumber
                after(milliseconds: delay) { core in
                    if trunk.waitNumber == number { core.run(trunk, .timerRang) }
                }
            case .tellUp:
                logger.notice("sip trunk registered name=\(trunk.account.name) server=\(words(trunk))")
            case .tellDown(let status):
                let reason = status == 0 ? "no-answer" : "\(status)"
                logger.warning("sip trunk lost name=\(trunk.account.name) server=\(words(trunk)) reason=\(reason)")
            case .tellTooOften(let status):
                logger.notice(
                    "sip trunk asked too often name=\(trunk.account.name) status=\(status), from now on only when it is due"
                )
            }
        }
        trunksChanged()
    }

    private func words(_ trunk: SIPTrunk) -> String {
        trunk.address.map { "\($0.address.bracketed):\($0.port)" } ?? "unknown"
    }

    func sendRegister(_ trunk: SIPTrunk, seconds: Int) {
        guard let stack, let listener = trunk.listener, let address = trunk.address else {
            return run(trunk, .refused(status: 503, retryAfter: nil))
        }
        let account = trunk.account
        let identity = "<sip:\(SIPURI.escaped(account.user))@\(account.domain)>"
        let hop = trunk.nextHop(address)
        // Another server knows nothing of this registration: a new Call-ID.
        if hop != trunk.requestHop, let old = trunk.request {
            csofia_forget(old)
            requests[trunk.requestToken] = nil
            trunk.request = nil
        }
        trunk.requestHop = hop
        trunk.hasAuthenticated = false
        let token = trunk.request == nil ? queue.newToken() : trunk.requestToken
        trunk.requestToken = token
        requests[token] = { core, event in core.takeRegistration(event, trunk) }
        expectAnswer(of: trunk)
        let request = OutgoingRequest(
            method: "REGISTER", uri: "sip:\(account.domain)", from: identity, to: identity,
            contact: trunkContact(trunk, listener, address.address, isMarked: true), nextHop: hop,
            headers: "Expires: \(seconds)")
        if let handle = trunk.request {
            request.withC { csofia_request_again(handle, $0) }
        } else {
            trunk.request = request.withC { csofia_request_out(stack, listener, token, $0) }
            if trunk.request == nil { run(trunk, .refused(status: 503, retryAfter: nil)) }
        }
    }

    private func takeRegistration(_ event: SIPEvent, _ trunk: SIPTrunk) {
        if event.status == 401 || event.status == 407, !trunk.hasAuthenticated, let call = event.call,
            !event.realm.isEmpty, !trunk.account.password.isEmpty
        {
            trunk.hasAuthenticated = true
            let account = trunk.account
            if csofia_authenticate(call, event.realm, account.authenticationUser, account.password) { return }
        }
        if (200..<300).contains(event.status) {
            let seconds = GrantedExpiry.seconds(
                contacts: event.headers.filter { $0.name.lowercased() == "contact" }.map(\.value), line: trunk.line,
                expires: event.value(of: "expires"), asked: trunk.account.expires)
            trunk.registeredUntil = milliseconds() + Int64(seconds) * 1_000
            trunk.serviceRoute = event.headers.filter { $0.name.lowercased() == "service-route" }.prefix(4).map {
                SIPText.cleaned($0.value, most: 512)
            }
            trunk.isReachable = true
            return run(trunk, .accepted(seconds: seconds))
        }
        // Its credentials or its place in the queue are of no use any more.
        forgetRequest(trunk)
        if !Registration.isVerdict(event.status) { trunk.choice &+= 1 }
        let retry = event.value(of: "retry-after").flatMap { Int($0.prefix { $0.isNumber }) }
        run(trunk, .refused(status: event.status, retryAfter: retry))
    }

    private func forgetRequest(_ trunk: SIPTrunk) {
        requests[trunk.requestToken] = nil
        if let request = trunk.request { csofia_forget(request) }
        trunk.request = nil
    }

    /// - Parameter isMarked: for the registrar alone. Whoever knows the mark calls as the provider does, and the Contact of a
    ///   call goes to whom it is with.
    func trunkContact(_ trunk: SIPTrunk, _ listener: Int32, _ peer: IPAddress, isMarked: Bool = false) -> String {
        guard let listen = listenAddress(of: listener) else { return "" }
        let own =
            trunk.external ?? (listen.address.isUnspecified ? Self.route(to: peer) ?? listen.address : listen.address)
        let transport = trunk.account.transport == "udp" ? "" : ";transport=\(trunk.account.transport)"
        let mark = isMarked ? ";line=\(trunk.line)" : ""
        return "<sip:\(SIPURI.escaped(trunk.account.user))@\(own.bracketed):\(listen.port)\(transport)\(mark)>"
    }

    /// The listener from which a trunk is called; of a TLS trunk its own.
    private func trunkListener(_ account: TrunkAccount, _ addresses: [TrunkAddress]) -> Int32? {
        let family = addresses.first?.address.family
        if account.transport == "tls" {
            return secureListeners[account.name].flatMap { listenAddress(of: $0)?.address.family == family ? $0 : nil }
        }
        return options.listen.firstIndex {
            $0.address.family == family && ($0.transports == .both || $0.transports.rawValue == account.transport)
        }.map { Int32($0) }
    }

    func trunksChanged() {
        let now = milliseconds()
        trunkBoard.update(trunks.map { $0.report(now: now) }, at: now)
    }

    /// Says farewell to all providers.
    func stopTrunks() {
        for trunk in trunks {
            trunk.pingNumber += 1
            trunk.waitNumber += 1
            run(trunk, .stop)
        }
    }
}

/// A request of ours outside of calls.
struct OutgoingRequest {
    var method: String
    var uri: String
    var from: String
    var to: String
    var contact: String
    var nextHop: String
    var headers: String

    /// The texts live for the call.
    func withC<Result>(_ body: (UnsafePointer<csofia_request>) -> Result) -> Result {
        method.withCString { method in
            uri.withCString { uri in
                from.withCString { from in
                    to.withCString { to in
                        contact.withCString { contact in
                            nextHop.withCString { nextHop in
                                headers.withCString { headers in
                                    var request = csofia_request(
                                        method: method, uri: uri, from: from, to: to, contact: contact,
                                        next_hop: nextHop, headers: headers)
                                    return body(&request)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
