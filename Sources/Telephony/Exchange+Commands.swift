// SPDX-License-Identifier: Apache-2.0

extension Exchange {
    func perform(_ command: SessionCommand, of session: SessionID) {
        guard sessions[session] != nil else { return }
        switch command {
        case .answer(let unit, let headers): onCall(unit, session) { step($0, .answer, headers: headers) }
        case .reject(let unit, let status, let headers):
            onCall(unit, session) { step($0, .reject(status: min(max(status, 300), 699)), headers: headers) }
        case .ring(let unit, let headers): onCall(unit, session) { step($0, .ring, headers: headers) }
        case .startEarlyMedia(let unit, let headers):
            onCall(unit, session) { step($0, .startEarlyMedia, headers: headers) }
        case .hangUp(let unit, let headers):
            onCall(unit, session) { step($0, .hangUp(.normalClearing), headers: headers) }
        case .handleTones(let unit, let enabled, let sources):
            onCall(unit, session) { handleTones($0, enabled, sources) }
        case .handleMicStatus(let unit, let enabled):
            onCall(unit, session) { handleSpeech($0, enabled) }
        case .sendDigits(let unit, let digits): onCall(unit, session) { sendDigits(digits, on: $0) }
        case .sendInfo(let unit, let type, let body, let headers):
            onCall(unit, session) { sendInfo(type, body, headers, on: $0) }
        case .sendMessage(let unit, let text): onCall(unit, session) { sendMessage(text, on: $0) }
        case .dial(let unit, let dial): self.dial(unit, dial, session)
        case .startPlayback(let unit, let sound, let loop): startPlayback(unit, sound, loop, session)
        case .stopPlayback(let unit): stopPlayback(unit, session)
        case .createPlayer(let unit, let sound, let loop): createPlayer(unit, sound, loop, session)
        case .pausePlayer(let unit, let paused):
            if let player = sessions[session]?.players[unit] { media.pause(player.player, paused) }
        case .stopPlayer(let unit):
            if let player = sessions[session]?.players.removeValue(forKey: unit) { drop(player) }
        case .createConference(let unit, let options): createConference(unit, options, session)
        case .stopConference(let unit): stopConference(unit, session)
        case .connect(let from, let to): wire(from, to, session) { graph.connect(from: $0, to: $1) }
        case .disconnect(let from, let to): wire(from, to, session) { graph.disconnect(from: $0, to: $1) }
        case .nameCaller(let unit, let name): onCall(unit, session) { nameCaller(name, of: $0) }
        case .startRecording(let unit, let wish): startRecording(unit, wish, session)
        case .stopRecording(let unit): stopRecording(unit, session)
        case .createRecorder(let unit, let wish): createRecorder(unit, wish, session)
        case .muteRecorder(let unit, let muted): muteRecorder(unit, muted, session)
        case .stopRecorder(let unit): stopRecorder(unit, session)
        case .transfer(let unit, let target, let other, let headers):
            transfer(unit, to: target, with: other, headers, by: session)
        case .handleBlindTransfer(let unit, let enabled):
            onCall(unit, session) { calls[$0]?.handlesBlindTransfer = enabled }
        case .blindTransferResult(let unit, let isDone): onCall(unit, session) { blindTransferResult($0, isDone) }
        case .detectBeep(let unit, let enabled):
            onCall(unit, session) { listenForTones($0, beep: enabled) }
        case .detectProgressTone(let unit, let enabled):
            onCall(unit, session) { listenForTones($0, progress: enabled) }
        case .httpAnswer(let number, let status, let type, let body):
            answer(number, SessionAnswer(status: status, contentType: type, body: body), by: session)
        case .terminate: terminate(session)
        }
    }

    private func onCall(_ unit: UnitID, _ session: SessionID, _ body: (CallID) -> Void) {
        guard let id = sessions[session]?.calls[unit] else { return }
        body(id)
    }

    /// Behind one end of a wire it is the caller at the other end's session who is seen in the room.
    private func nameCaller(_ name: String, of id: CallID) {
        let shown = String(name.prefix(200).filter { !$0.isNewline })
        var person = id
        if let node = calls[id]?.node, let port = graph.port(behind: node), let call = callOfPort[port] {
            person = call
        }
        calls[person]?.shownName = shown.isEmpty ? nil : shown
    }

    private func node(of unit: UnitID, _ session: SessionID) -> MediaGraph.Node? {
        guard let record = sessions[session] else { return nil }
        if let call = record.calls[unit] { return nodeOf(call) }
        if let player = record.players[unit] { return player.node }
        if let room = record.rooms[unit] { return rooms[room]?.node }
        if let recorder = record.recorders[unit] { return recorders[recorder]?.channels.first?.node }
        return nil
    }

    private func wire(
        _ from: UnitID, _ to: UnitID, _ session: SessionID, _ change: (MediaGraph.Node, MediaGraph.Node) -> Void
    ) {
        guard let sender = node(of: from, session), let receiver = node(of: to, session) else { return }
        change(sender, receiver)
        isGraphChanged = true
        // A new stream to a call replaces what it was being played.
        if let call = sessions[session]?.calls[to], let playback = calls[call]?.playback,
            graph.source(of: receiver) != playback.node
        {
            stopPlayback(of: call)
        }
    }

    private func sendDigits(_ text: String, on id: CallID) {
        guard let call = calls[id] else { return }
        let digits = text.prefix(100).compactMap { DTMFDigit($0) }
        if let port = call.port { return media.send(digits, to: port) }
        guard let peer = call.peer else { return }
        for digit in digits { digitHeard(digit, by: .telephoneEvent, on: peer) }
    }

    private func sendInfo(_ type: String, _ body: String, _ headers: [HeaderField], on id: CallID) {
        guard let call = calls[id] else { return }
        if let leg = call.leg { return leg.sendInfo(contentType: type, body: body, headers) }
        if let peer = call.peer { toOwner(peer) { .info($0, contentType: type, body: body, headers: headers) } }
    }

    private func sendMessage(_ text: String, on id: CallID) {
        guard let call = calls[id] else { return }
        if let leg = call.leg { return leg.sendMessage(text) }
        if let peer = call.peer { toOwner(peer) { .message($0, text) } }
    }

    private func dial(_ unit: UnitID, _ dial: SessionDial, _ session: SessionID) {
        guard let record = sessions[session], unit.number < 0, record.calls[unit] == nil else { return }
        guard record.calls.count < Session.maxCalls else {
            return host.deliver(
                .failed(unit, code: 503, reason: "too many calls in this session", headers: []), to: session)
        }
        let first = record.firstCall.flatMap { calls[$0] }
        let info = SessionCallInfo(
            callerNumber: dial.callerNumber ?? first?.info.callerNumber ?? "",
            callerName: dial.callerName ?? first?.info.callerName ?? "",
            destination: dial.destination, fromURI: "", toURI: dial.destination, headers: dial.headers,
            clientType: "conference", customData: "")
        if dial.target == .pstn || dial.target == .user,
            let number = options.dialPlan.emergencyNumber(dial.destination)
        {
            return dialEmergency(unit, number, info, session)
        }
        switch dial.target {
        case .conference: dialConference(unit, info, session)
        case .user: dialOut(unit, info, session)
        case .sip, .pstn: dialOutside(unit, info, dial.target, session)
        }
    }

    private func dialConference(_ unit: UnitID, _ info: SessionCallInfo, _ session: SessionID) {
        guard calls.count + 1 < options.mostInside else {
            tell("call.refused", ["destination": info.destination, "reason": "too many calls between sessions"])
            return host.deliver(
                .failed(unit, code: 503, reason: "too many calls between sessions", headers: []), to: session)
        }
        let (near, far) = graph.addWire()
        let a = addCall(
            .outgoing, leg: nil, info: info, origin: .inside, peer: "inside", owner: .session(session, unit), node: near
        )
        let b = addCall(
            .incoming, leg: nil, info: info, origin: .inside, peer: "inside",
            owner: .house(.announcement(then: .noRouteToDestination)), node: far)
        calls[a]?.peer = b
        calls[b]?.peer = a
        sessions[session]?.calls[unit] = a
        route(b, to: info.destination, from: .inside)
    }

    private func dialOut(_ unit: UnitID, _ info: SessionCallInfo, _ session: SessionID) {
        var request = DialRequest(
            destination: info.destination, callerNumber: info.callerNumber, callerName: info.callerName,
            headers: info.headers)
        request.caller = outsider(in: session) == nil ? .group : .outside
        guard let leg = dial(request) else {
            return host.deliver(
                .failed(unit, code: 404, reason: HangupCause.unallocatedNumber.words, headers: []), to: session)
        }
        let id = addCall(
            .outgoing, leg: leg, info: info, origin: .inside, peer: "extension \(info.destination)",
            owner: .session(session, unit))
        sessions[session]?.calls[unit] = id
    }
}
