// SPDX-License-Identifier: Apache-2.0

import CSofia
import Logging
import SDP

/// What becomes of a message before the library reads it. Called on the SIP thread for each; must be quick.
///
///     bytes --> a stranger's, and too many? --> well formed? (SIPScreen) --> banned? within the limits? --> the library
extension SIPCore {
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
        guard let source = IPAddress(bytes: UnsafeBufferPointer(start: raw.source, count: raw.source_length))?.unmapped
        else { return csofia_drop }
        let verdict = judge(raw, from: source, into: &reply)
        if raw.is_stream, verdict != csofia_drop {
            streams.hear(StreamTable.Peer(source: source, port: raw.source_port), now: .now)
        }
        return verdict
    }

    private func judge(
        _ raw: csofia_raw, from source: IPAddress, into reply: inout csofia_reply
    ) -> csofia_verdict {
        guard let start = raw.bytes else { return csofia_drop }
        let now = ContinuousClock.now
        let standing = standing(of: source)
        let isStranger = if case .stranger = standing { true } else { false }
        let isCalled = isStranger && dialogs.hasCalled(source)
        let isBanned = isStranger && bans.isBanned(source)
        if isBanned {
            guard isCalled || strangers.lookAtBanned(source, now: now) else { return csofia_drop }
        } else if isStranger, !isCalled, !strangers.look(at: source, now: now) {
            noteUnread(source, now)
            return csofia_drop
        }
        let message = RawMessage(Array(UnsafeBufferPointer(start: start, count: min(raw.count, RawMessage.mostBytes))))
        // Whoever we call is heard in that call, banned or not, and gains nothing else by it.
        let belongsToCall = isCalled && belongsToCall(message, source)
        let answer: StatelessAnswer
        switch SIPScreen.judge(message, isDatagram: !raw.is_stream) {
        case .drop: return csofia_drop
        case .refuse(let found):
            if isBanned, !belongsToCall { return csofia_drop }
            answer = found
        case .pass:
            var refusal: StatelessAnswer?
            if isBanned, !belongsToCall {
                switch hearBanned(message, source) {
                case .nothing: return csofia_drop
                case .answer(let challenge): refusal = challenge
                case .pass: break
                }
            } else if !belongsToCall {
                refusal = capabilities(askedBy: message) ?? limit(message, source, standing)
            }
            guard let found = refusal else {
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

    private func report(
        _ answer: StatelessAnswer, _ message: RawMessage, _ source: IPAddress, _ now: ContinuousClock.Instant
    ) {
        // A challenge is no refusal; those that limits keep few are all told, and of whom they are.
        let isTold = [.notAllowed, .wrongPassword].contains(answer)
        guard !answer.reason.isEmpty, isTold || strangers.shallReport(source, now: now) else { return }
        let request = RequestLine(message.bytes[message.startLine])
        let known = request.map { SIPScreen.knownMethods.contains($0.method) } ?? false
        let method = answer.reason == "flood" ? "any" : known ? request?.method ?? "any" : "unknown"
        let user = isTold ? SIPText.logWord(calledUser(message, request), most: 64) : "-"
        logger.notice("sip refused source=\(source) method=\(method) user=\(user) reason=\(answer.reason)")
    }

    /// As it was written, escapes and all.
    private func calledUser(_ message: RawMessage, _ request: RequestLine?) -> String {
        guard let request else { return "" }
        // The request line of a REGISTER names the domain.
        guard request.method == "REGISTER" else {
            guard let end = request.uri.lastIndex(of: .at) else { return "" }
            let user = request.uri[..<end].drop { $0 != .colon }.dropFirst().prefix { $0 != .colon }
            return String(decoding: user, as: UTF8.self)
        }
        return message.first("to").flatMap { NameAddress(message.text($0)) }.flatMap { SIPURI($0.uri) }?.user ?? ""
    }

    private func tag(of message: RawMessage, _ source: IPAddress) -> String {
        String(UInt32(truncatingIfNeeded: identity(of: message, source)), radix: 16)
    }

    /// The same for every repetition of a request, and not to be guessed.
    func identity(of message: RawMessage, _ source: IPAddress) -> Int {
        var hasher = Hasher()
        hasher.combine(source)
        for name in ["call-id", "from", "cseq"] {
            if let field = message.first(name) { hasher.combine(bytes: Array(message[field])) }
        }
        return hasher.finalize()
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
