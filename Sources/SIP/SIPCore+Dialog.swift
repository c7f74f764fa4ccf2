// SPDX-License-Identifier: Apache-2.0
// RFC 3261 sections 12 to 15, RFC 3262 (PRACK), RFC 3311 (UPDATE), RFC 6086 (INFO), RFC 3428 (MESSAGE).

import CSofia
import Logging
import SDP
import Telephony

/// What the far end does within a dialog.
extension SIPCore {
    func take(_ event: SIPEvent, for dialog: SIPDialog) {
        switch event.kind {
        case csofia_ack:
            acknowledged(event, dialog)
        case csofia_prack:
            takeAnswer(in: event, dialog)
        case csofia_cancel:
            run(
                dialog, .cancelled(HangupCause(reasonsIn: event.headers) ?? .normalClearing),
                headers: cleaned(event.headers))
        case csofia_bye:
            run(
                dialog, .farEndLeft(HangupCause(reasonsIn: event.headers) ?? .normalClearing),
                headers: cleaned(event.headers))
        case csofia_reinvite, csofia_update:
            reoffered(event, dialog)
        case csofia_info:
            takeInfo(event, dialog)
        case csofia_message:
            takeMessage(event, dialog)
        case csofia_refer:
            takeRefer(event, dialog)
        case csofia_invite_response:
            takeInviteResponse(event, dialog)
        case csofia_response:
            takeResponse(event, dialog)
        case csofia_failed:
            // No ACK or no PRACK came; other errors are about single requests and change nothing.
            if event.status == 408 || event.status == 504 { run(dialog, .lost(.recoveryOnTimerExpiry)) }
        case csofia_terminated:
            run(dialog, .over)
        default:
            break
        }
    }

    private func acknowledged(_ event: SIPEvent, _ dialog: SIPDialog) {
        if dialog.answerIsDueInACK {
            dialog.answerIsDueInACK = false
            let isFirst = dialog.negotiation.current == nil
            if !takeAnswer(in: event, dialog), isFirst, dialog.machine.state == .accepted {
                run(dialog, .hangUp(.incompatibleMedia))
            }
            dialog.negotiation.withdraw()
        }
        run(dialog, .acknowledged, headers: cleaned(event.headers))
    }

    /// The answer to our offer in an ACK, PRACK or response. False when there was none, or none of use.
    @discardableResult
    func takeAnswer(in event: SIPEvent, _ dialog: SIPDialog, isFinal: Bool = true) -> Bool {
        guard dialog.negotiation.isPending,
            case .description(let bytes) = MessageBody.description(
                type: event.contentType, encoding: event.contentEncoding, body: event.body)
        else { return false }
        guard let answer = try? SDPParser.parse(bytes: bytes),
            (try? dialog.negotiation.accept(answer, isFinal: isFinal)) != nil
        else { return false }
        if !dialog.machine.isUnanswered || dialog.machine.state == .early { configure(dialog) }
        return true
    }

    /// re-INVITE or UPDATE: hold, resume, another codec or address, or only a refresh.
    private func reoffered(_ event: SIPEvent, _ dialog: SIPDialog) {
        do throws(Refusal) {
            // A call of ours that is not answered yet may be changed by UPDATE (RFC 3311 section 5.2).
            let states: [DialogStateMachine.State] = [.confirmed, .early, .accepted, .proceeding]
            guard states.contains(dialog.machine.state) else {
                throw Refusal(status: 500, reason: "busy", lines: "Retry-After: \(Int.random(in: 1...9))")
            }
            if event.kind == csofia_reinvite, !dialog.hasReleased {
                tell(.reInvite(.received, cleaned(event.headers)), from: dialog)
            }
            let text: String?
            if let offer = try description(of: event) {
                do { text = try dialog.negotiation.answer(offer) } catch { throw Refusal(error) }
                configure(dialog)
                // The far end may have moved: what we send from now on follows it.
                follow(event, dialog)
            } else if event.kind == csofia_reinvite {
                do { text = try dialog.negotiation.offer() } catch { throw Refusal(error) }
                dialog.answerIsDueInACK = true
            } else {
                text = nil
            }
            respondNow(event, 200, contact: dialog.contact, description: text)
        } catch {
            logger.debug("sip re-offer refused source=\(event.peer) status=\(error.status) reason=\(error.reason)")
            respondNow(event, error.status, lines: error.lines)
        }
    }

    private func takeInfo(_ event: SIPEvent, _ dialog: SIPDialog) {
        switch MessageBody.digit(type: event.contentType, body: event.body) {
        case .some(.some(let digit)):
            respondNow(event, 200)
            if !dialog.hasReleased { tell(.digit(digit, .info), from: dialog) }
        case .some(.none):
            respondNow(event, 400)
        case .none:
            respondNow(event, 200)
            guard !dialog.hasReleased else { return }
            let body = String(decoding: event.body.prefix(8_192), as: UTF8.self)
            let type = SIPText.cleaned(MessageBody.mediaType(event.contentType), most: 128)
            tell(.info(contentType: type, body: body, cleaned(event.headers)), from: dialog)
        }
    }

    private func takeMessage(_ event: SIPEvent, _ dialog: SIPDialog) {
        let type = MessageBody.mediaType(event.contentType)
        guard type.isEmpty || type == "text/plain" else { return respondNow(event, 415, lines: "Accept: text/plain") }
        respondNow(event, 200)
        if !dialog.hasReleased {
            tell(.message(String(decoding: event.body.prefix(8_192), as: UTF8.self)), from: dialog)
        }
    }

    /// Responses to requests of ours other than INVITE. The library refreshes sessions by UPDATE (RFC 4028).
    private func takeResponse(_ event: SIPEvent, _ dialog: SIPDialog) {
        guard event.status >= 200 else { return }
        switch event.method {
        case "UPDATE":
            if event.status == 405 || event.status == 501 {
                renegotiate(dialog, .wanted)
            } else if event.status >= 300 {
                renegotiate(dialog, .refused(event.status))
            }
        case "BYE":
            // A BYE that we did not ask for: the session ran out.
            if dialog.machine.state == .confirmed { run(dialog, .lost(.recoveryOnTimerExpiry)) }
        default:
            break
        }
    }

    /// Says 200 and the like to the request of the running event.
    func respondNow(
        _ event: SIPEvent, _ status: Int, contact: String? = nil, description: String? = nil, lines: String = ""
    ) {
        guard let stack, let call = event.call else { return }
        answering(status, contact: contact, description: description, lines: lines) {
            csofia_respond_now(stack, event.listener, call, $0)
        }
    }

    /// Tells the port what is agreed upon, and the switchboard whether we are held.
    func configure(_ dialog: SIPDialog) {
        guard var audio = dialog.negotiation.current, !dialog.hasReleased else { return }
        audio.signallingAddress = dialog.source
        audio.takesForeignAudio = dialog.takesForeignAudio
        ports.configure(dialog.port, for: audio)
        probe(dialog, .agreed(sends: audio.receives))
        guard audio.isHeld != dialog.isHeld else { return }
        dialog.isHeld = audio.isHeld
        tell(.held(audio.isHeld), from: dialog)
    }

    /// What a 183 or 200 of ours carries: the answer, or an offer where the INVITE brought none.
    func description(for status: Int, of dialog: SIPDialog) -> String? {
        if let answer = dialog.answer { return answer }
        if dialog.negotiation.isPending {
            // The offer went out in a reliable 183 and its answer has not come: not twice (RFC 3264 section 4).
            return nil
        }
        if dialog.negotiation.current != nil { return nil }
        guard status >= 200 || dialog.takesReliable, let offer = try? dialog.negotiation.offer() else { return nil }
        dialog.answerIsDueInACK = status >= 200
        return offer
    }
}
