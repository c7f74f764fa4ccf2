// SPDX-License-Identifier: Apache-2.0

import CSofia
import Logging
import SDP

/// What becomes of a message before the library reads it. Called on the SIP thread for each; must be quick.
///
///     bytes --> banned? a stranger's, and too many? --> well formed? (SIPScreen) --> within the limits? --> the library
extension SIPCore {
    /// Connections at a time.
    private static let mostConnectionsInAll: UInt32 = 480
    private static let mostConnectionsOfStrangers: UInt32 = 128
    private static let mostConnectionsPerStranger: UInt32 = 8

    /// How much a source is believed.
    enum Standing {
        /// On the list of those who need no password.
        case listed
        /// In a call to us, or registered: it has shown that it is somebody.
        case known
        case stranger
    }

    func standing(of source: IPAddress) -> Standing {
        if options.allowed.contains(source) { return .listed }
        return isKnown(source) ? .known : .stranger
    }

    func screen(_ raw: csofia_raw, into reply: inout csofia_reply) -> csofia_verdict {
        guard let start = raw.bytes,
            let source = IPAddress(bytes: UnsafeBufferPointer(start: raw.source, count: raw.source_length))?.unmapped
        else { return csofia_drop }
        let now = ContinuousClock.now
        let standing = standing(of: source)
        let isStranger = if case .stranger = standing { true } else { false }
        let isCalled = isStranger && dialogs.hasCalled(source)
        let isBanned = isStranger && bans.isBanned(source)
        if isBanned, !isCalled { return csofia_drop }
        if isStranger, !isCalled, !strangers.look(at: source, now: now) {
            noteUnread(source, now)
            return csofia_drop
        }
        let message = RawMessage(Array(UnsafeBufferPointer(start: start, count: min(raw.count, RawMessage.mostBytes))))
        // Whoever we call is heard in that call, banned or not, and gains nothing else by it.
        let belongsToCall = isCalled && belongsToCall(message, source)
        if isBanned, !belongsToCall { return csofia_drop }
        let answer: StatelessAnswer
        switch SIPScreen.judge(message, isDatagram: !raw.is_stream) {
        case .drop: return csofia_drop
        case .refuse(let found): answer = found
        case .pass:
            guard !belongsToCall, let found = capabilities(askedBy: message) ?? limit(message, source, standing) else {
                if !raw.is_stream { correctTransport(message, &reply) }
                trace(message, from: source, raw)
                return csofia_pass
            }
            answer = found
        }
        if isStranger, !strangers.mayAnswer(source, now: now) {
            report(answer, message, source, now)
            return csofia_drop
        }
        report(answer, message, source, now)
        let bytes = answer.response(
            to: message, source: source, port: raw.source_port, tag: tag(of: message, source))
        guard bytes.count <= reply.capacity, let place = reply.bytes else { return csofia_drop }
        place.update(from: bytes, count: bytes.count)
        reply.count = bytes.count
        reply.port = StatelessAnswer.returnPort(of: message, source: raw.source_port)
        return csofia_refuse
    }

    /// What came by UDP is answered by UDP, whatever the Via says.
    private func correctTransport(_ message: RawMessage, _ reply: inout csofia_reply) {
        guard let via = message.first("via").flatMap({ RawVia(message[$0]) }) else { return }
        let name = message.bytes[via.transport]
        guard name.count >= 3, !name.elementsEqual("UDP".utf8) else { return }
        reply.transport = via.transport.lowerBound
        reply.transport_length = via.transport.count
    }

    /// Whether a connection is taken.
    func admitsConnection(from text: String, same: UInt32, all: UInt32) -> Bool {
        guard let source = IPAddress(text)?.unmapped else { return false }
        switch standing(of: source) {
        case .listed: return true
        case .known: return all < Self.mostConnectionsInAll
        case .stranger:
            if all < Self.mostConnectionsOfStrangers, same < Self.mostConnectionsPerStranger, !bans.isBanned(source) {
                return true
            }
            if strangers.shallReport(source, now: .now) {
                logger.notice("sip refused source=\(source) method=any user=- reason=connections")
            }
            return false
        }
    }

    /// A refusal that says "later" when a stranger asks for more than he may. Somebody who shares his address with a phone of
    /// the house is believed as to floods, but guesses passwords no faster.
    private func limit(_ message: RawMessage, _ source: IPAddress, _ standing: Standing) -> StatelessAnswer? {
        if case .listed = standing { return nil }
        guard let request = RequestLine(message.bytes[message.startLine]),
            request.method != "ACK", request.method != "CANCEL"
        else { return nil }
        if phoneGuard.hasPhones, Self.wantsPassword.contains(request.method), !isWithinDialog(message),
            let challenge = challenge(message, source, standing)
        {
            return challenge
        }
        if case .known = standing { return nil }
        guard strangers.admit(source, now: .now) else { return .later }
        // Nobody could be asked for a password, and no trunk could call: as `identify` would say.
        let isHopeless = !phoneGuard.hasPhones && trunks.isEmpty && !isWithinDialog(message)
        return isHopeless && request.method == "INVITE" ? .notAllowed : nil
    }

    /// OPTIONS outside of a call asks whether the exchange is there and what it can do (RFC 3261 section 11). The answer is
    /// always the same, so it needs no state: the library would keep some 10 kB of each for half a minute. What has a body or
    /// requires something goes to the library all the same.
    private func capabilities(askedBy message: RawMessage) -> StatelessAnswer? {
        guard let request = RequestLine(message.bytes[message.startLine]), request.method == "OPTIONS",
            !isWithinDialog(message), message.first("require") == nil, message.first("proxy-require") == nil,
            message.first("content-length").map({ SIPScreen.number(message[$0], most: 0) == 0 })
                ?? (message.body >= message.bytes.count)
        else { return nil }
        return StatelessAnswer(
            status: 200, phrase: "OK",
            lines: [
                "Allow: " + String(cString: csofia_allowed()), "Supported: " + String(cString: csofia_supported()),
                "Accept: application/sdp", "Server: \(options.product)",
            ], reason: "")
    }

    private static let wantsPassword: Set<String> = ["INVITE", "REGISTER"]

    private func isWithinDialog(_ message: RawMessage) -> Bool {
        message.first("to").map { message.text($0).lowercased().contains("tag=") } ?? false
    }

    /// Whoever has no nonce of ours gets one, and nothing is kept of the request; whoever has one may try a password, but not
    /// as often as he likes.
    private func challenge(_ message: RawMessage, _ source: IPAddress, _ standing: Standing) -> StatelessAnswer? {
        let answers = message.all("authorization").map { message.text($0) }
        let from = message.first("from").flatMap { NameAddress(message.text($0)) }
        let caller = SIPText.unescaped(from.flatMap { SIPURI($0.uri)?.user } ?? "", most: 128)
        switch phoneGuard.look(at: answers, caller: caller, from: source, at: seconds()) {
        case .ask(let lines):
            // A provider's server needs no password, and a phone of the house may be asked by the library.
            if case .known = standing { return nil }
            return StatelessAnswer(status: 401, phrase: "Unauthorized", lines: lines, reason: "")
        case .tries(let name):
            return strangers.mayTry(name, from: source, now: .now)
                ? nil
                : StatelessAnswer(
                    status: 503, phrase: "Service Unavailable", lines: ["Retry-After: 2"], reason: "too-many-tries")
        }
    }

    private func report(
        _ answer: StatelessAnswer, _ message: RawMessage, _ source: IPAddress, _ now: ContinuousClock.Instant
    ) {
        // A challenge is no refusal; those who are not allowed are few enough by the limits, and all are told.
        guard !answer.reason.isEmpty, answer == .notAllowed || strangers.shallReport(source, now: now) else { return }
        let request = RequestLine(message.bytes[message.startLine])
        let known = request.map { SIPScreen.knownMethods.contains($0.method) } ?? false
        let method = answer.reason == "flood" ? "any" : known ? request?.method ?? "any" : "unknown"
        let called = request.flatMap { SIPURI(String(decoding: $0.uri, as: UTF8.self)) }?.user ?? ""
        let user = answer == .notAllowed ? SIPText.logWord(called, most: 64) : "-"
        logger.notice("sip refused source=\(source) method=\(method) user=\(user) reason=\(answer.reason)")
    }

    /// The same for every repetition of a request, and not to be guessed.
    private func tag(of message: RawMessage, _ source: IPAddress) -> String {
        var hasher = Hasher()
        hasher.combine(source)
        for name in ["call-id", "from", "cseq"] {
            if let field = message.first(name) { hasher.combine(bytes: Array(message[field])) }
        }
        let value = UInt32(truncatingIfNeeded: hasher.finalize())
        return String(value, radix: 16)
    }
}

extension Hasher {
    fileprivate mutating func combine(bytes: [UInt8]) { bytes.withUnsafeBytes { combine(bytes: $0) } }
}

extension SIPCore {
    /// Somebody whose call we took, who has shown that he may; a trunk's server; or a phone that is registered from there.
    /// Whoever we call has shown nothing.
    func isKnown(_ source: IPAddress) -> Bool {
        isAtHome(source)
            || dialogs.hasKnown(at: source)
    }

    /// A response, or a request of the dialog that a call of ours to there began. Our tag and Call-ID are random: who names
    /// both was called. A REGISTER is of no dialog, whatever it says.
    private func belongsToCall(_ message: RawMessage, _ source: IPAddress) -> Bool {
        guard let request = RequestLine(message.bytes[message.startLine]) else { return true }
        guard request.method != "REGISTER", let callID = message.first("call-id").map({ message.text($0) }),
            let own = tag("to", of: message), let far = tag("from", of: message)
        else { return false }
        return dialogs.calls(to: source).contains {
            $0.callID == callID && $0.ownTag == own && $0.farTag == far
        }
    }

    private func tag(_ name: String, of message: RawMessage) -> String? {
        message.first(name).flatMap { NameAddress(message.text($0)) }?.parameters["tag"]
    }
}
