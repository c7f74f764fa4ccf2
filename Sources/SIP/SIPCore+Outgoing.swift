// SPDX-License-Identifier: Apache-2.0
// RFC 3261 sections 8.1 and 13.2. Redirections (3xx) are refusals here: nobody may send our callers elsewhere.

import CSofia
import Logging
import SDP
import Telephony

/// A call out, as `SIPDriver` hands it to the SIP thread.
struct OutgoingCall: Sendable {
    var token: UInt64
    var leg: LegID
    /// Nil: cannot be placed, for this cause.
    var opening: RTPPortOpening?
    var failure: HangupCause
    var local: IPAddress
    var target: IPAddress
    var targetPort: UInt16
    var transport: String
    var uri: String
    var callerNumber: String
    var callerName: String
    var headers: [HeaderField]
}

extension SIPCore {
    func dial(_ call: OutgoingCall) {
        guard let opening = call.opening else {
            sink.post(.hungUp(call.failure, []), from: call.leg)
            return
        }
        guard let stack, !isClosing, callCount < options.mostCalls, let listener = listener(for: call) else {
            ports.closePort(opening.port)
            sink.post(.hungUp(.noCircuitAvailable, []), from: call.leg)
            return
        }
        var negotiation = OfferAnswer(
            preferences: options.audio,
            endpoint: AudioEndpoint(address: call.local, port: opening.rtpPort, rtcpPort: opening.rtcpPort),
            sessionID: .random(in: 1...0x7FFF_FFFF))
        let offer = (try? negotiation.offer()) ?? ""
        let contact = contact(listener: listener, transport: call.transport, peer: call.target)
        let name = call.callerName.filter { $0 != "\"" && $0 != "\\" }
        let from = "\"\(SIPText.cleaned(name, most: 128))\" <sip:\(escaped(call.callerNumber))@\(call.local.bracketed)>"
        let nextHop = "sip:\(call.target.bracketed):\(call.targetPort);transport=\(call.transport)"
        let handle = call.uri.withCString { uri in
            from.withCString { from in
                "<\(call.uri)>".withCString { to in
                    contact.withCString { contact in
                        nextHop.withCString { nextHop in
                            offer.withCString { offer in
                                SIPText.headerLines(call.headers).withCString { headers in
                                    var invitation = csofia_invitation(
                                        uri: uri, from: from, to: to, contact: contact, next_hop: nextHop, sdp: offer,
                                        headers: headers)
                                    return csofia_call_out(stack, listener, call.token, &invitation)
                                }
                            }
                        }
                    }
                }
            }
        }
        guard let handle else {
            ports.closePort(opening.port)
            sink.post(.hungUp(.temporaryFailure, []), from: call.leg)
            return
        }
        dialogs[call.token] = SIPDialog(
            token: call.token, leg: call.leg, port: opening.port, isIncoming: false, source: nil, listener: listener,
            contact: contact, call: handle, negotiation: negotiation)
        callCount += 1
        watch()
    }

    private func listener(for call: OutgoingCall) -> Int32? {
        options.listen.firstIndex { listen in
            listen.address.family == call.target.family
                && (listen.transports == .both || listen.transports.rawValue == call.transport)
        }.map { Int32($0) }
    }

    private func escaped(_ user: String) -> String {
        SIPURI.escaped(user.isEmpty ? "anonymous" : user)
    }

    func takeInviteResponse(_ event: SIPEvent, _ dialog: SIPDialog) {
        let status = event.status
        switch dialog.machine.state {
        case .calling, .proceeding, .cancelling:
            if status <= 100 { return }
            if status < 200 {
                let hasMedia = takeAnswer(in: event, dialog, isFinal: false)
                run(
                    dialog, .progressed(isRinging: status == 180, hasMedia: hasMedia), headers: cleaned(event.headers))
            } else if status < 300 {
                if takeAnswer(in: event, dialog) || dialog.negotiation.current != nil { dialog.negotiation.settle() }
                // Only now, so that requests within the dialog go where the far end answered from.
                let isUsable = dialog.negotiation.current != nil && !dialog.negotiation.isPending
                run(dialog, .answered(isUsable: isUsable), headers: cleaned(event.headers))
            } else {
                run(dialog, .refused(status), headers: cleaned(event.headers))
            }
        default:
            takeReinviteResponse(event, dialog)
        }
    }

    /// To a re-INVITE: ours with an offer, or the library's refresh without.
    private func takeReinviteResponse(_ event: SIPEvent, _ dialog: SIPDialog) {
        guard event.status >= 200, let call = dialog.call else { return }
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
