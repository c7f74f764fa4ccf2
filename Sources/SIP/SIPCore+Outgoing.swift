// SPDX-License-Identifier: Apache-2.0
// RFC 3261 sections 8.1 and 13.2. Redirections (3xx) are told and then refusals: the switchboard asks its fence.

import CSofia
import Logging
import SDP
import Telephony

extension SIPCore {
    /// Calls one place. Nil when the INVITE is under way, otherwise why it is not.
    func dial(_ branch: Int, of hunt: SIPHunt) -> HangupCause? {
        let target = hunt.targets[branch]
        let call = hunt.call
        let isEmergency = if case .trunks(_, isEmergency: true) = call.destination { true } else { false }
        guard let stack, !isClosing, callCount < options.mostCalls || isEmergency, let listener = listener(for: target),
            let local = localAddress(listener, to: target.address)
        else { return .noCircuitAvailable }
        guard let preferences = try? audioPreferences(target.transport, own: target.security) else {
            logger.notice("sip call not made: secured audio is required, and its keys go over TLS only")
            return .bearerNotAvailable
        }
        guard let opening = ports.openPort(on: local) else { return .noCircuitAvailable }
        let trunk = target.trunk.flatMap { name in trunks.first { $0.account.name == name } }
        var negotiation = OfferAnswer(
            preferences: preferences,
            endpoint: AudioEndpoint(
                address: trunk?.external ?? local, port: opening.rtpPort, rtcpPort: opening.rtcpPort),
            sessionID: .random(in: 1...0x7FFF_FFFF))
        let offer = (try? negotiation.offer()) ?? ""
        let contact =
            trunk.map { trunkContact($0, listener, target.address) }
            ?? contact(listener: listener, transport: target.transport, peer: target.address)
        let name = call.callerName.filter { $0 != "\"" && $0 != "\\" }
        var from = "\"\(SIPText.cleaned(name, most: 128))\" <sip:\(escaped(call.callerNumber))@\(local.bracketed)>"
        var identities: [String] = []
        if let trunk { (from, identities) = identity(call, by: trunk) }
        let token = queue.newToken()
        let handle = invite(
            stack, listener, token, uri: target.uri, from: from, to: "<\(target.uri)>", contact: contact,
            nextHop: target.nextHop, offer: offer, lines: lines(for: target, of: call, identities),
            session: trunk?.account.sessionInterval ?? 0, hasAccount: trunk != nil,
            takesReliable: trunk?.account.takesReliable ?? true)
        guard let handle else {
            ports.closePort(opening.port)
            return .temporaryFailure
        }
        let dialog = SIPDialog(
            token: token, leg: call.leg.id, port: opening.port, isIncoming: false, source: target.address,
            listener: listener,
            contact: contact, call: handle, negotiation: negotiation)
        dialog.forks = ForkedAnswers(negotiation)
        dialog.hunt = call.leg.token
        dialog.branch = branch
        dialog.trunk = target.trunk
        dialog.takesForeignAudio = target.takesForeignAudio
        trunk?.callCount += 1
        dialogs.insert(dialog)
        if let trunk {
            trunksChanged()
            expectSign(of: trunk, for: dialog)
        }
        hunt.tokens[branch] = token
        callCount += 1
        watch()
        return nil
    }

    /// The header lines of an INVITE of ours: those of the script, and what we know ourselves.
    private func lines(for target: OutgoingTarget, of call: OutgoingCall, _ identities: [String]) -> String {
        var lines =
            ["X-Partyline: \(boxID)"] + identities + target.route.map { "Route: \(SIPText.cleaned($0, most: 512))" }
        if target.answersAtOnce {
            // Each maker of phones reads another one of these.
            lines += [
                "Call-Info: <sip:partyline>;answer-after=0", "Alert-Info: <http://localhost>;info=alert-autoanswer",
                "Answer-Mode: Auto",
            ]
        }
        if let replaces = call.replaces { lines.append("Replaces: \(SIPText.cleaned(replaces, most: 512))") }
        // Who calls is the trunk's business, not the script's.
        let own: Set<String> = ["p-asserted-identity", "p-preferred-identity", "remote-party-id", "privacy"]
        let further = SIPText.headerLines(
            target.trunk == nil ? call.headers : call.headers.filter { !own.contains($0.name.lowercased()) })
        return (lines + (further.isEmpty ? [] : [further])).joined(separator: "\r\n")
    }

    private func invite(
        _ stack: OpaquePointer, _ listener: Int32, _ token: UInt64, uri: String, from: String, to: String,
        contact: String, nextHop: String, offer: String, lines: String, session: Int,
        hasAccount: Bool, takesReliable: Bool
    ) -> OpaquePointer? {
        uri.withCString { uri in
            from.withCString { from in
                to.withCString { to in
                    contact.withCString { contact in
                        nextHop.withCString { nextHop in
                            offer.withCString { offer in
                                lines.withCString { lines in
                                    var invitation = csofia_invitation(
                                        uri: uri, from: from, to: to, contact: contact, next_hop: nextHop, sdp: offer,
                                        headers: lines, session_seconds: UInt32(clamping: session),
                                        has_account: hasAccount, no_reliable: !takesReliable)
                                    return csofia_call_out(stack, listener, token, &invitation)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private func listener(for target: OutgoingTarget) -> Int32? {
        if let listener = target.listener { return listener }
        return options.listen.firstIndex { listen in
            listen.address.family == target.address.family
                && (listen.transports == .both && target.transport != "tls"
                    || listen.transports.rawValue == target.transport)
        }.map { Int32($0) }
    }

    /// The address of ours that the far end is told.
    private func localAddress(_ listener: Int32, to peer: IPAddress) -> IPAddress? {
        if let own = listenAddress(listener), !own.isUnspecified { return own }
        return Self.route(to: peer)
    }

    private func escaped(_ user: String) -> String {
        SIPURI.escaped(user.isEmpty ? "anonymous" : user)
    }

    func takeInviteResponse(_ event: SIPEvent, _ dialog: SIPDialog) {
        let status = event.status
        dialog.hasHeard = true
        if !dialog.isIncoming, status > 100 {
            dialogs.name(dialog, event.callID)
            dialog.ownTag = event.tag("from")
            dialog.farTag = event.tag("to")
        }
        traceLog.remember(dialog.leg, callID: event.callID)
        switch dialog.machine.state {
        case .calling, .proceeding, .cancelling:
            if status <= 100 || authenticates(event, dialog) { return }
            let former = dialog.negotiation
            if status < 300, let current = dialog.forks?.turn(to: event.tag("to"), from: former) {
                dialog.negotiation = current
            }
            if status < 200 {
                // A reliable response (RFC 3262 section 5) brings the answer itself, after which offers may follow by UPDATE.
                let hasMedia = takeAnswer(in: event, dialog, isFinal: event.lists("100rel", in: "require"))
                run(
                    dialog, .progressed(isRinging: status == 180, hasMedia: hasMedia), headers: cleaned(event.headers))
            } else if status < 300 {
                // Some change the tag on the way and have said what they had to say under the former one.
                if event.body.isEmpty, dialog.negotiation.current == nil { dialog.negotiation = former }
                dialog.forks = nil
                if takeAnswer(in: event, dialog) || dialog.negotiation.current != nil { dialog.negotiation.settle() }
                // Only now, so that requests within the dialog go where the far end answered from.
                let isUsable = dialog.negotiation.current != nil && !dialog.negotiation.isPending
                run(dialog, .answered(isUsable: isUsable), headers: cleaned(event.headers))
            } else {
                if status < 400 { redirected(event, dialog) }
                run(dialog, .refused(status), headers: cleaned(event.headers))
            }
        default:
            takeReinviteResponse(event, dialog)
        }
    }

    /// 3xx names other places; whether one of them is called is not decided here.
    private func redirected(_ event: SIPEvent, _ dialog: SIPDialog) {
        let addresses = event.headers.filter { $0.name.lowercased() == "contact" }
            .flatMap { NameAddress.list($0.value) ?? [] }
        let ordered = addresses.sorted { weight($0) > weight($1) }
        guard !ordered.isEmpty else { return }
        tell(.redirected(ordered.prefix(4).map(\.uri)), from: dialog)
    }

    private func weight(_ address: NameAddress) -> Double {
        let weight = address.parameters["q"].flatMap(Double.init) ?? 1
        return weight.isFinite ? weight : 0
    }

    /// To a re-INVITE: ours with an offer, or the library's refresh without.
    private func takeReinviteResponse(_ event: SIPEvent, _ dialog: SIPDialog) {
        guard event.status >= 200, let call = dialog.call else { return }
        if !dialog.hasReleased {
            tell(.reInvite(event.status < 300 ? .accepted : .rejected, cleaned(event.headers)), from: dialog)
        }
        guard event.status < 300 else {
            dialog.negotiation.withdraw()
            return renegotiate(dialog, .refused(event.status))
        }
        if dialog.renegotiation.state == .open {
            takeAnswer(in: event, dialog)
            dialog.negotiation.withdraw()
            csofia_acknowledge(call, nil)
            renegotiate(dialog, .accepted)
        } else if let offer = try? description(of: event), let answer = try? dialog.negotiation.answer(offer) {
            configure(dialog)
            csofia_acknowledge(call, answer)
        } else {
            csofia_acknowledge(call, nil)
        }
    }

    func renegotiate(_ dialog: SIPDialog, _ input: Renegotiation.Input) {
        guard dialog.machine.state == .confirmed, let call = dialog.call else { return }
        switch dialog.renegotiation.take(input) {
        case .send:
            guard let offer = try? dialog.negotiation.offer() else {
                // An offer of the far end is being dealt with: as if it had said 491.
                return renegotiate(dialog, .refused(491))
            }
            csofia_reinvite_out(call, dialog.contact, offer)
        case .wait(let range):
            let token = dialog.token
            after(milliseconds: .random(in: range)) { core in
                if let dialog = core.dialogs[token] { core.renegotiate(dialog, .timerRang) }
            }
        case .giveUp:
            logger.debug("sip re-INVITE given up leg=\(dialog.leg.number)")
        case nil:
            break
        }
    }
}
