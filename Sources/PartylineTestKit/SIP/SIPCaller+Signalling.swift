// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Requests and answers (RFC 3261). Everything here runs under the group's lock.
extension SIPCaller {
    func invite(_ user: String, offer: Bool) {
        guard dialog.phase == .idle || dialog.phase.isOver else { return }
        let phase = sound.phase
        dialog = CallerDialog()
        sound.phase = phase
        dialog.phase = .inviting
        dialog.user = user
        dialog.hasOffered = offer
        dialog.callID = "\(name)-\(UInt64.random(in: 0 ... .max))"
        dialog.localTag = String(UInt32.random(in: 0 ... .max), radix: 36)
        dialog.invitedAt = MonotonicClock.now
        sendInvite()
    }

    func reinvite(_ direction: SessionText.Direction) {
        guard dialog.phase == .up, dialog.pending == nil else { return }
        dialog.direction = direction
        dialog.hasOffered = true
        sendInvite()
    }

    func sendCancel() {
        guard dialog.phase == .inviting || dialog.phase == .ringing else { return }
        dialog.phase = .ending
        dialog.pending = nil
        send(request("CANCEL", sequence: dialog.inviteSequence, branch: dialog.inviteBranch), untilAnswered: true)
    }

    func sayBye() {
        switch dialog.phase {
        case .up:
            dialog.phase = .ending
            dialog.sequence += 1
            send(request("BYE", sequence: dialog.sequence, branch: newBranch()), untilAnswered: true)
        case .inviting, .ringing: sendCancel()
        case .idle, .ending, .over: break
        }
    }

    /// The group is at its end: one BYE, no waiting.
    func abandon() {
        sayBye()
    }

    func sendInfo(_ digit: Character) {
        guard dialog.phase == .up else { return }
        dialog.sequence += 1
        var message = request("INFO", sequence: dialog.sequence, branch: newBranch())
        message.add("Content-Type", "application/dtmf-relay")
        message.body = "Signal=\(digit)\r\nDuration=160\r\n"
        send(message, untilAnswered: true)
    }

    /// Sends again what was not answered; returns when to look again.
    func workSignalling(_ now: Int64) -> Int64 {
        guard var pending = dialog.pending else { return now + 1_000_000_000 }
        if now < pending.due { return pending.due }
        pending.tries += 1
        if pending.tries > 7 {
            dialog.pending = nil
            if pending.method == "INVITE" || pending.method == "BYE" || pending.method == "CANCEL" {
                dialog.phase = .over(pending.method == "INVITE" ? .noAnswer : .hungUpByUs)
            }
            return now + 1_000_000_000
        }
        signalling.send(pending.bytes, to: server)
        pending.interval = min(pending.interval * 2, 4_000_000_000)
        pending.due = now + pending.interval
        dialog.pending = pending
        return pending.due
    }

    func receive(_ text: SIPText, from source: SocketAddress) {
        guard text["Call-ID"] == dialog.callID else {
            if text.status == nil { answer(text, 481, "No such call", to: source) }
            return
        }
        if let status = text.status { receiveAnswer(text, status) } else { receiveRequest(text, from: source) }
    }

    // MARK: answers to us

    private func receiveAnswer(_ text: SIPText, _ status: Int) {
        let method = text.method
        if status < 200 {
            if method == "INVITE" {
                dialog.pending = nil
                if status >= 180, dialog.phase == .inviting { dialog.phase = .ringing }
            }
            return
        }
        if dialog.pending?.method == method, text.sequence == dialog.sequence || method == "CANCEL" {
            dialog.pending = nil
        }
        switch method {
        case "INVITE": finalAnswer(text, status)
        case "BYE": if dialog.phase == .ending { dialog.phase = .over(.hungUpByUs) }
        default: break
        }
    }

    private func finalAnswer(_ text: SIPText, _ status: Int) {
        guard text.sequence == dialog.inviteSequence else { return }
        dialog.pending = dialog.pending?.method == "INVITE" ? nil : dialog.pending
        if status >= 300 {
            dialog.remoteTag = dialog.phase == .up ? dialog.remoteTag : SIPText.tag(text["To"])
            signalling.send(
                request("ACK", sequence: dialog.inviteSequence, branch: dialog.inviteBranch).bytes, to: server)
            if dialog.answers.count < dialog.sequence { dialog.answers.append(status) }
            guard dialog.phase != .up else { return }
            let reason = text.firstLine.dropFirst("SIP/2.0 xxx ".count)
            dialog.phase = .over(dialog.phase == .ending ? .hungUpByUs : .refused(status, String(reason)))
            return
        }
        let isFirst = dialog.phase != .up
        if isFirst {
            dialog.remoteTag = SIPText.tag(text["To"])
            dialog.remoteContact = SIPText.address(text["Contact"])
            dialog.routes = text.all("Record-Route").reversed()
            dialog.setupMilliseconds = Double(MonotonicClock.now - dialog.invitedAt) / 1e6
        }
        take(text.body)
        dialog.answers.append(status)
        var acknowledge = request("ACK", sequence: dialog.inviteSequence, branch: newBranch())
        if !dialog.hasOffered {
            acknowledge.add("Content-Type", "application/sdp")
            acknowledge.body = sessionText()
        }
        signalling.send(acknowledge.bytes, to: server)
        guard isFirst else { return }
        if dialog.phase == .ending {
            // The answer crossed our CANCEL (RFC 3261 section 15): a BYE ends it.
            dialog.phase = .up
            sayBye()
            return
        }
        dialog.phase = .up
        sound.start(MonotonicClock.now)
    }

    // MARK: requests to us

    private func receiveRequest(_ text: SIPText, from source: SocketAddress) {
        switch text.method {
        case "ACK": break
        case "BYE":
            answer(text, 200, "OK", to: source)
            if dialog.phase == .up || dialog.phase == .ending {
                dialog.pending = nil
                dialog.phase = .over(dialog.phase == .ending ? .hungUpByUs : .hungUpByThem(text["Reason"]))
            }
        case "INVITE", "UPDATE":
            take(text.body)
            answer(text, 200, "OK", to: source, body: sessionText())
        case "OPTIONS", "INFO", "NOTIFY": answer(text, 200, "OK", to: source)
        default: answer(text, 501, "Not Implemented", to: source)
        }
    }

    private func take(_ body: String) {
        guard !body.isEmpty else { return }
        let session = SessionText(body)
        dialog.answerSDP = body
        if let media = session.media {
            dialog.remoteMedia = media
            relayStore?.connect(to: media)
        }
        dialog.telephoneEvent = session.telephoneEvent ?? dialog.telephoneEvent
    }

    private func answer(_ text: SIPText, _ status: Int, _ reason: String, to source: SocketAddress, body: String = "") {
        var message = SIPText(firstLine: "SIP/2.0 \(status) \(reason)")
        for via in text.all("Via") { message.add("Via", via) }
        for header in ["From", "To", "Call-ID", "CSeq"] {
            if let value = text[header] { message.add(header, value) }
        }
        message.add("Contact", "<sip:\(name)@\(signalling.local)>")
        if !body.isEmpty { message.add("Content-Type", "application/sdp") }
        message.body = body
        signalling.send(message.bytes, to: source)
    }

    // MARK: writing

    private func newBranch() -> String {
        dialog.branch += 1
        return "z9hG4bK\(dialog.localTag)\(dialog.branch)x\(UInt32.random(in: 0 ... .max))"
    }

    private func sendInvite() {
        dialog.sequence += 1
        dialog.inviteSequence = dialog.sequence
        dialog.inviteBranch = newBranch()
        var message = request("INVITE", sequence: dialog.sequence, branch: dialog.inviteBranch)
        if dialog.hasOffered {
            message.add("Content-Type", "application/sdp")
            message.body = sessionText()
        }
        send(message, untilAnswered: true)
    }

    private func sessionText() -> String {
        dialog.sdpVersion += 1
        return SessionText.write(
            codec, media: relayStore?.outside ?? media.local, milliseconds: milliseconds, version: dialog.sdpVersion,
            direction: dialog.direction, multiplexes: relayStore != nil)
    }

    private func request(_ method: String, sequence: Int, branch: String) -> SIPText {
        let target = "sip:\(dialog.user)@\(server)"
        let isInDialog = dialog.phase == .up || (dialog.phase == .ending && method == "BYE")
        var message = SIPText(firstLine: "\(method) \(isInDialog ? dialog.remoteContact ?? target : target) SIP/2.0")
        message.add("Via", "SIP/2.0/UDP \(signalling.local);rport;branch=\(branch)")
        message.add("Max-Forwards", "70")
        if isInDialog { for route in dialog.routes { message.add("Route", route) } }
        message.add("From", "\"\(name)\" <sip:\(name)@\(signalling.local.host)>;tag=\(dialog.localTag)")
        message.add("To", "<\(target)>" + (dialog.remoteTag.map { ";tag=\($0)" } ?? ""))
        message.add("Call-ID", dialog.callID)
        message.add("CSeq", "\(sequence) \(method)")
        message.add("Contact", "<sip:\(name)@\(signalling.local)>")
        message.add("User-Agent", "Partyline test caller")
        return message
    }

    private func send(_ message: SIPText, untilAnswered: Bool) {
        let bytes = message.bytes
        signalling.send(bytes, to: server)
        guard untilAnswered else { return }
        dialog.pending = CallerDialog.Pending(
            bytes: bytes, method: message.method, due: MonotonicClock.now + 500_000_000, interval: 500_000_000, tries: 0
        )
    }
}
