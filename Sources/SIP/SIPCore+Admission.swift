// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 8.2 (what a server inspects), 21.4 (refusals), 20.43 (Warning codes of RFC 3261 and RFC 3264).

import CSofia
import Logging
import SDP
import Telephony

/// An INVITE that begins a call: who may, how many, with which audio.
extension SIPCore {
    struct Refusal: Error {
        var status: Int
        /// One word for the log.
        var reason: String
        var lines = ""

        static let full = Refusal(status: 503, reason: "full", lines: "Retry-After: 10")

        init(status: Int, reason: String, lines: String = "") {
            self.status = status
            self.reason = reason
            self.lines = lines
        }

        init(_ refusal: SDPRefusal) {
            let (code, reason) =
                switch refusal {
                case .noAudio: (304, "no-audio")
                case .securedOnly: (302, "secured-only")
                case .clearOnly: (302, "clear-only")
                case .noCommonCodec: (305, "no-codec")
                case .address: (300, "media-address")
                case .pending, .unexpected: (399, "offer-pending")
                }
            self.init(
                status: refusal == .pending ? 491 : 488, reason: reason,
                lines: "Warning: \(code) partyline \"\(refusal.description)\"")
        }
    }

    func admit(_ event: SIPEvent) {
        guard let call = event.call else { return }
        do throws(Refusal) {
            try admit(event, call)
        } catch {
            refuse(event, error, method: "INVITE") {
                answering(error.status, contact: nil, description: nil, lines: error.lines) { csofia_respond(call, $0) }
            }
            csofia_forget(call)
        }
    }

    private func admit(_ event: SIPEvent, _ call: OpaquePointer) throws(Refusal) {
        guard let source = event.source else { throw Refusal(status: 403, reason: "not-allowed") }
        let caller = try identify(event, source)
        guard !event.hasTooManyHeaders else { throw Refusal(status: 513, reason: "too-many-headers") }
        if let hops = event.value(of: "max-forwards"), Int(hops) == 0 {
            throw Refusal(status: 483, reason: "too-many-hops")
        }
        guard event.takesDescription else {
            throw Refusal(status: 406, reason: "accept", lines: "Accept: application/sdp")
        }
        let most = options.mostCalls + options.emergencyCalls
        guard !isClosing, callCount < most, dialogs.count < most * 2 + 64 else { throw .full }

        var replaced: LegID?
        if event.hasReplaces {
            guard let other = dialogs[event.replacesToken], !other.hasReleased else {
                throw Refusal(status: 481, reason: "replaces")
            }
            replaced = other.leg
        }
        if event.value(of: "x-partyline") == boxID { throw Refusal(status: 482, reason: "loop") }
        let preferences = try audioPreferences(event.transport, own: caller.security)
        let offer = try description(of: event)
        let local = try localAddress(for: offer, event, preferences)
        let trunk: SIPTrunk? = if case .trunk(let trunk) = caller { trunk } else { nil }
        if let trunk, trunk.callCount >= trunk.account.mostCalls { throw .full }
        let isGuest = if case .listed = caller { true } else { false }
        guard limits.open(source, isGuest: isGuest) else {
            throw Refusal(status: 503, reason: "too-many-unanswered", lines: "Retry-After: 5")
        }
        guard let opening = ports.openPort(on: local) else {
            limits.close(source, isGuest: isGuest)
            throw .full
        }
        let token = queue.newToken()
        var negotiation = OfferAnswer(
            preferences: preferences,
            endpoint: AudioEndpoint(
                address: trunk?.external ?? local, port: opening.rtpPort, rtcpPort: opening.rtcpPort),
            sessionID: .random(in: 1...0x7FFF_FFFF))
        var answer: String?
        if let offer {
            do {
                answer = try negotiation.answer(offer)
            } catch {
                limits.close(source, isGuest: isGuest)
                ports.closePort(opening.port)
                throw Refusal(error)
            }
        }
        let dialog = SIPDialog(
            token: token, leg: sink.newLegID(), port: opening.port, isIncoming: true, source: source,
            listener: event.listener,
            contact: trunk.map { trunkContact($0, event.listener, source) }
                ?? contact(
                    listener: event.listener, transport: event.transport, peer: source,
                    isSecure: event.requestURI.lowercased().hasPrefix("sips:")), call: call,
            negotiation: negotiation)
        dialog.isGuest = isGuest
        dialog.trunk = trunk?.account.name
        dialog.takesForeignAudio = caller.takesForeignAudio
        trunk?.callCount += 1
        dialog.callID = event.callID
        dialog.answer = answer
        dialog.takesReliable = ["supported", "require"].contains { event.lists("100rel", in: $0) }
        dialogs.insert(dialog)
        traceLog.remember(dialog.leg, callID: event.callID)
        callCount += 1
        follow(event, dialog)
        watch()
        var presented = offerOfCall(event, dialog, caller)
        presented.replaces = replaced
        sink.incoming(presented)
    }

    private func offerOfCall(_ event: SIPEvent, _ dialog: SIPDialog, _ caller: Caller) -> CallOffer {
        var offer = CallOffer(
            leg: SIPLeg(id: dialog.leg, port: dialog.port, token: dialog.token, queue: queue),
            destination: SIPText.unescaped(event.requestUser, most: 128),
            callerNumber: SIPText.unescaped(event.fromUser, most: 128),
            callerName: SIPText.displayName(event.fromDisplay, most: 128), origin: .phones,
            fromURI: SIPText.cleaned(event.fromURI, most: 512), toURI: SIPText.cleaned(event.toURI, most: 512),
            headers: cleaned(event.headers), peer: event.peer)
        if case .phone(let phone) = caller {
            offer.account = phone.name
            offer.callerNumber = phone.number
            if !phone.displayName.isEmpty { offer.callerName = phone.displayName }
        }
        if case .trunk(let trunk) = caller { complete(&offer, event, trunk) }
        return offer
    }

    /// Headers as scripts see them: no secrets, no control characters, at most 64.
    func cleaned(_ headers: [HeaderField]) -> [HeaderField] {
        headers.lazy.filter { !["authorization", "proxy-authorization"].contains($0.name.lowercased()) }.prefix(64).map
        {
            HeaderField(SIPText.cleaned($0.name, most: 64), SIPText.cleaned($0.value, most: 2_048))
        }
    }

    /// The offer in a request, nil where there is none.
    func description(of event: SIPEvent) throws(Refusal) -> SDPDescription? {
        switch MessageBody.description(type: event.contentType, encoding: event.contentEncoding, body: event.body) {
        case .none: return nil
        case .unsupported
        where event.value(of: "content-disposition")?.lowercased().contains("handling=optional") ?? false:
            return nil
        case .unsupported:
            throw Refusal(status: 415, reason: "body", lines: "Accept: application/sdp\r\nAccept-Encoding: identity")
        case .description(let bytes):
            do { return try SDPParser.parse(bytes: bytes) } catch {
                throw Refusal(status: 400, reason: "description", lines: "Warning: 399 partyline \"\(error)\"")
            }
        }
    }

    /// The address on which this call's audio is taken: where the listener is, or whence the far end is reached.
    private func localAddress(
        for offer: SDPDescription?, _ event: SIPEvent, _ preferences: AudioPreferences
    ) throws(Refusal) -> IPAddress {
        var target = event.source
        if let offer {
            do {
                if let wanted = try OfferAnswer.addressWanted(by: offer, preferences: preferences) { target = wanted }
            } catch { throw Refusal(error) }
        }
        if let listener = listenAddress(event.listener), !listener.isUnspecified, listener.family == target?.family {
            return listener
        }
        guard let target, let local = Self.route(to: target) else {
            throw Refusal(
                status: 488, reason: "media-address", lines: "Warning: 300 partyline \"audio address out of reach\"")
        }
        return local
    }

    func listenAddress(_ listener: Int32) -> IPAddress? { listenAddress(of: listener)?.address }

    func listenAddress(of listener: Int32) -> SIPListenAddress? {
        options.listen.indices.contains(Int(listener)) ? options.listen[Int(listener)] : furtherListens[listener]
    }

    /// - Parameter isSecure: the far end asked for TLS all the way, so it wants to be answered so (RFC 3261 section 12.1.1).
    func contact(listener: Int32, transport: String, peer: IPAddress, isSecure: Bool = false) -> String {
        guard let listen = listenAddress(of: listener) else { return "" }
        let own = listen.address.isUnspecified ? Self.route(to: peer) ?? listen.address : listen.address
        if isSecure, transport == "tls" { return "<sips:\(own.bracketed):\(listen.port)>" }
        return "<sip:\(own.bracketed):\(listen.port)\(transport == "udp" ? "" : ";transport=\(transport)")>"
    }

    /// What we send goes where this request came from, whatever names its headers hold.
    func follow(_ event: SIPEvent, _ dialog: SIPDialog) {
        guard let source = event.source, let call = dialog.call else { return }
        let nextHop = "sip:\(source.bracketed):\(event.sourcePort);transport=\(event.transport)"
        guard nextHop != dialog.nextHop else { return }
        dialog.nextHop = nextHop
        csofia_bind(call, dialog.token, nextHop, event.peerTakesUpdate)
    }

    static func route(to peer: IPAddress) -> IPAddress? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress, csofia_route(peer.description, start, buffer.count) else {
                return nil
            }
            return IPAddress(String(cString: start))
        }
    }
}

extension IPAddress {
    var bracketed: String { family == .ipv6 ? "[\(description)]" : description }
}

extension SIPEvent {
    /// Without an Accept header, or with one that takes a session description (RFC 3261 section 20.1).
    var takesDescription: Bool {
        let lists = headers.filter { $0.name.lowercased() == "accept" }
        guard !lists.isEmpty else { return true }
        return lists.contains { list in
            list.value.split(separator: ",").contains { range in
                let type = range.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
                return ["application/sdp", "application/*", "*/*"].contains(type)
            }
        }
    }

    /// Whether a header that lists words has this one.
    func lists(_ word: String, in name: String) -> Bool {
        headers.contains { header in
            header.name.lowercased() == name
                && header.value.split(whereSeparator: { $0 == "," || $0 == " " }).contains { $0.lowercased() == word }
        }
    }
}
