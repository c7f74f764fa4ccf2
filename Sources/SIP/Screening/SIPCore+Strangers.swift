// SPDX-License-Identifier: Apache-2.0
// RFC 3261 sections 8.2.7 (answers without state), 11 (OPTIONS), 12.2.2 (requests of no dialog), 22 (challenges).

import CSofia
import SDP

/// What is answered without any memory of the request. The library keeps some 10 kB of each that it sees for half a minute, so
/// of strangers it sees only what shows a secret: a password, the Call-ID of a running call, the address of a trunk.
///
///     INVITE to the address that a trunk was given --> library
///     INVITE, REGISTER --> challenge --> password right? --> library
///     of a call         --> Call-ID known? --> library
///     OPTIONS           --> 200
///     everything else   --> 405, 481, 403
extension SIPCore {
    /// Nil: the library sees it. Somebody who shares his address with a phone of the house is believed as to floods, but
    /// guesses passwords no faster.
    func limit(_ message: RawMessage, _ source: IPAddress, _ standing: Standing) -> StatelessAnswer? {
        if case .listed = standing { return nil }
        guard let request = RequestLine(message.bytes[message.startLine]),
            request.method != "ACK", request.method != "CANCEL"
        else { return nil }
        let isWithinDialog = isWithinDialog(message)
        // Whoever knows that address needs no password.
        if request.method == "INVITE", !isWithinDialog, namesTrunk(request) {
            if case .known = standing { return nil }
            return strangers.admit(source, now: .now) ? nil : .later
        }
        if asksForPassword(request, message) {
            return challenge(message, request.method, source, standing)
        }
        if case .known = standing { return nil }
        guard strangers.admit(source, now: .now) else { return .later }
        if isWithinDialog {
            let callID = message.first("call-id").map { message.text($0) } ?? ""
            return dialogs.has(callID: callID) ? nil : .noSuchCall
        }
        switch request.method {
        case "INVITE": return .notAllowed
        case "OPTIONS":
            let wanted = message.all("require") + message.all("proxy-require")
            return wanted.isEmpty ? capabilities : .extensions(wanted.map { message.text($0) })
        case "BYE", "INFO", "PRACK", "UPDATE": return .noSuchCall
        default: return .notHandled(allowed: String(cString: csofia_allowed()))
        }
    }

    /// OPTIONS outside of a call asks whether the exchange is there and what it can do. The answer is always the same. Nil: it
    /// has a body or requires something, which is the library's business.
    func capabilities(askedBy message: RawMessage) -> StatelessAnswer? {
        guard let request = RequestLine(message.bytes[message.startLine]), request.method == "OPTIONS",
            !isWithinDialog(message), message.first("require") == nil, message.first("proxy-require") == nil,
            message.first("content-length").map({ SIPScreen.number(message[$0], most: 0) == 0 })
                ?? (message.body >= message.bytes.count)
        else { return nil }
        return capabilities
    }

    private var capabilities: StatelessAnswer {
        StatelessAnswer(
            status: 200, phrase: "OK",
            lines: [
                "Allow: " + String(cString: csofia_allowed()), "Supported: " + String(cString: csofia_supported()),
                "Accept: application/sdp", "Server: \(options.product)",
            ], reason: "")
    }

    private static let wantsPassword: Set<String> = ["INVITE", "REGISTER"]

    /// A request that a phone of the house proves itself with.
    func asksForPassword(_ request: RequestLine, _ message: RawMessage) -> Bool {
        phoneGuard.hasPhones && Self.wantsPassword.contains(request.method) && !isWithinDialog(message)
    }

    /// Whom the request says that it is from.
    func caller(of message: RawMessage) -> String {
        let from = message.first("from").flatMap { NameAddress(message.text($0)) }
        return SIPText.unescaped(from.flatMap { SIPURI($0.uri)?.user } ?? "", most: 128)
    }

    private func isWithinDialog(_ message: RawMessage) -> Bool {
        message.first("to").map { message.text($0).lowercased().contains("tag=") } ?? false
    }

    /// The address that a trunk was given at its registration, which only its provider knows.
    private func namesTrunk(_ request: RequestLine) -> Bool {
        trunk(registeredAs: String(decoding: request.uri, as: UTF8.self)) != nil
    }

    /// Whoever has no nonce of ours gets one. Whoever has one may try a password, but not as often as he likes; the library
    /// sees the request when it is right.
    private func challenge(
        _ message: RawMessage, _ method: String, _ source: IPAddress, _ standing: Standing
    ) -> StatelessAnswer? {
        let answers = message.all("authorization").map { message.text($0) }
        let isKnown = if case .known = standing { true } else { false }
        switch phoneGuard.look(at: answers, caller: caller(of: message), from: source, at: seconds()) {
        case .ask(let lines):
            // A provider's server needs no password, and a phone of the house may be asked by the library.
            return isKnown ? nil : StatelessAnswer(status: 401, phrase: "Unauthorized", lines: lines, reason: "")
        case .tries(let name):
            let identity = identity(of: message, source)
            if wrongTries.repeats(identity, at: seconds()) { return .wrongPasswordAgain }
            guard strangers.mayTry(name, from: source, isBanned: false, now: .now) else { return .tooManyTries }
            if isKnown || phoneGuard.isRight(answers, method: method) { return nil }
            wrongTries.note(identity, at: seconds())
            noteFailure(source)
            return .wrongPassword
        }
    }
}

/// Requests whose password was wrong, so that a phone that repeats one, since the answer was lost, is told the same and not
/// counted again.
struct WrongTries: Sendable {
    /// Seconds for which a request is repeated (RFC 3261 section 17.1.2.2: 64 T1).
    private static let lasts = 32.0

    private var since = BoundedTable<Int>(most: StrangerLimits.mostSources)

    func repeats(_ request: Int, at seconds: UInt32) -> Bool {
        since[request].map { Double(seconds) - $0 <= Self.lasts } ?? false
    }

    mutating func note(_ request: Int, at seconds: UInt32) { since[request] = Double(seconds) }
}
