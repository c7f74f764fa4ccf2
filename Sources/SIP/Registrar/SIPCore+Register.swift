// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 10.3.

import CSofia
import Logging
import SDP
import Telephony

/// The registrar's side of the SIP thread.
extension SIPCore {
    func takeRegister(_ event: SIPEvent) {
        do throws(Refusal) {
            try register(event)
        } catch {
            refuse(event, error, method: "REGISTER") { respondNow(event, error.status, lines: error.lines) }
        }
    }

    private func register(_ event: SIPEvent) throws(Refusal) {
        guard phoneGuard.hasPhones else { throw Refusal(status: 405, reason: "no-phones", lines: "Allow: INVITE") }
        guard let source = event.source else { throw Refusal(status: 403, reason: "not-allowed") }
        // The request line of a REGISTER names the domain, and so do its credentials.
        let phone = try authenticate(event, method: "REGISTER", user: "", from: source)
        guard let called = NameAddress(event.toURI).flatMap({ SIPURI($0.uri)?.user }), phone.isCalled(called) else {
            throw Refusal(status: 403, reason: "foreign-address")
        }
        let request = try registerRequest(event, source)
        let now = milliseconds()
        switch registrar.take(request, of: phone, now: now) {
        case .malformed(let words):
            throw Refusal(
                status: 400, reason: "contact", lines: "Warning: 399 partyline \"\(words.filter { $0 != "\"" })\"")
        case .tooBrief(let seconds):
            throw Refusal(status: 423, reason: "too-brief", lines: "Min-Expires: \(seconds)")
        case .outOfOrder:
            throw Refusal(status: 500, reason: "out-of-order")
        case .bindings(let bindings):
            let lines =
                bindings.map { "Contact: <\($0.uri)>;expires=\(max(0, ($0.expires - now) / 1_000))" }
                + request.path.map { "Path: \($0)" }
            respondNow(event, 200, lines: lines.joined(separator: "\r\n"))
            registrationsChanged()
            settle(phone.name, bindings)
            let change = bindings.isEmpty ? "gone" : "registered"
            logger.debug("sip phone \(change) name=\(phone.name) source=\(event.peer) contacts=\(bindings.count)")
        }
    }

    private func registerRequest(_ event: SIPEvent, _ source: IPAddress) throws(Refusal) -> RegisterRequest {
        let values = event.headers.filter { $0.name.lowercased() == "contact" }.map(\.value)
        let isWildcard = values.contains { $0.filter { $0 != " " } == "*" }
        var contacts: [NameAddress] = []
        for value in values where value.filter({ $0 != " " }) != "*" {
            guard let list = NameAddress.list(value), contacts.count + list.count <= NameAddress.most else {
                throw Refusal(status: 400, reason: "contact")
            }
            contacts += list
        }
        let path = event.headers.filter { $0.name.lowercased() == "path" }.map { SIPText.cleaned($0.value, most: 512) }
        guard path.count <= 8 else { throw Refusal(status: 400, reason: "path") }
        let sequence = event.value(of: "cseq")?.split(separator: " ").first.flatMap { UInt32($0) } ?? 0
        return RegisterRequest(
            contacts: contacts, isWildcard: isWildcard, expires: event.value(of: "expires").flatMap { Int($0) },
            callID: SIPText.cleaned(event.callID, most: 256), sequence: sequence, source: source,
            port: event.sourcePort, transport: event.transport, listener: event.listener, path: path,
            product: SIPText.cleaned(event.value(of: "user-agent") ?? "", most: 64))
    }

    /// Who knows the password, or a refusal with a challenge.
    func authenticate(
        _ event: SIPEvent, method: String, user: String, from source: IPAddress
    ) throws(Refusal) -> PhoneAccount {
        let answers = event.headers.filter { $0.name.lowercased() == "authorization" }.map(\.value)
        let caller = SIPText.unescaped(event.fromUser, most: 128)
        let verdict = phoneGuard.check(
            answers, method: method, user: user, caller: caller, from: source, at: seconds())
        switch verdict {
        case .granted(let phone):
            noteProof(phone.name, source)
            strangers.giveBackTry(phone.name, from: source, now: .now)
            strangers.prove(phone.name, from: source, now: .now)
            return phone
        case .challenge(let headers):
            throw Refusal(
                status: 401, reason: "",
                lines: headers.map { "\($0.name): \($0.value)" }.joined(separator: "\r\n"))
        case .wrongPassword:
            noteFailure(source)
            throw Refusal(status: 403, reason: "wrong-password")
        case .wrongNetwork: throw Refusal(status: 403, reason: "wrong-network")
        }
    }

    /// The one line that tells of a refusal; a challenge is none.
    func refuse(_ event: SIPEvent, _ refusal: Refusal, method: String, _ answer: () -> Void) {
        if !refusal.reason.isEmpty {
            let source = event.source?.description ?? "unknown"
            let user =
                method == "REGISTER"
                ? NameAddress(event.toURI).flatMap { SIPURI($0.uri)?.user } ?? "" : event.requestUser
            logger.notice(
                "sip refused source=\(source) method=\(method) user=\(SIPText.logWord(user, most: 64)) reason=\(refusal.reason)"
            )
        }
        answer()
    }

    /// A password counts as shown as long as the binding that came of it.
    func settle(_ name: String, _ bindings: [Binding]) {
        let now = ContinuousClock.now
        let instant = milliseconds()
        strangers.settle(
            name,
            at: bindings.compactMap { binding in
                let left = Duration.milliseconds(binding.expires - instant)
                return IPAddress(binding.source).map { (source: $0, until: now + left) }
            })
    }

    private func registrationsChanged() {
        let all = registrar.all(now: milliseconds())
        phoneBook.update(all)
        journal?(all)
    }

    /// Milliseconds since the server was made.
    func milliseconds() -> Int64 { clock.milliseconds() }

    func seconds() -> UInt32 { UInt32(truncatingIfNeeded: clock.milliseconds() / 1_000) }
}
