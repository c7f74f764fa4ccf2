// SPDX-License-Identifier: Apache-2.0

/// What waits until somebody from outside has typed the code.
struct WaitingDial {
    var session: SessionID
    var unit: UnitID
    var info: SessionCallInfo
    var request: DialRequest
    var dialog: CodeDialog
    /// What the outsider heard before it was asked, and hears again afterwards.
    var heard: MediaGraph.Node?
    /// The code was wrong.
    var isAskedAgain = false
}

/// Scripts that call out (callPSTN, callSIP): through the fence.
extension Exchange {
    func dialOutside(_ unit: UnitID, _ info: SessionCallInfo, _ target: SessionDial.Target, _ session: SessionID) {
        let number = info.destination
        let destination = target == .sip ? Self.address(number) : .number(number)
        guard let destination else {
            return failed(unit, session, code: 484, "\"\(number.prefix(64))\" is no SIP address")
        }
        var request = DialRequest(
            destination: number, callerNumber: info.callerNumber, callerName: info.callerName, headers: info.headers)
        request.kind = target == .sip ? .uri : .outside
        let outsider = outsider(in: session)
        dial(unit, info, request, session, judge(destination, for: party(of: outsider)), outsider)
    }

    /// Before the fence, and counted nowhere. But nobody who calls from outside makes such a call with this box's number unless
    /// he has the code: he has a telephone of his own.
    func dialEmergency(_ unit: UnitID, _ number: String, _ info: SessionCallInfo, _ session: SessionID) {
        var info = info
        info.destination = number
        var request = DialRequest(
            destination: number, callerNumber: info.callerNumber, callerName: info.callerName, headers: info.headers)
        request.kind = .emergency
        let outsider = outsider(in: session)
        dial(unit, info, request, session, judgeEmergency(for: party(of: outsider)), outsider)
    }

    private func judgeEmergency(for party: Fence.Party) -> Fence.Verdict {
        switch party {
        case .house, .outside(hasCode: true): .allowed
        case .outside(hasCode: false): options.fence.code.isEmpty ? .refused(.noCode) : .needsCode
        }
    }

    private func party(of outsider: CallID?) -> Fence.Party {
        outsider.map { .outside(hasCode: calls[$0]?.hasCode ?? false) } ?? .house
    }

    private func dial(
        _ unit: UnitID, _ info: SessionCallInfo, _ request: DialRequest, _ session: SessionID, _ verdict: Fence.Verdict,
        _ outsider: CallID?
    ) {
        switch verdict {
        case .allowed: dialOutside(unit, info, request, session)
        case .refused(let refusal): refuse(unit, info, refusal, outsider, session)
        case .needsCode:
            guard let outsider else { return refuse(unit, info, .noCode, nil, session) }
            // Whoever is in a conference goes on hearing it, and everybody there would hear what he types.
            guard calls[outsider]?.room == nil else { return refuse(unit, info, .inConference, outsider, session) }
            guard waitingDials[outsider] == nil else { return refuse(unit, info, .askedAlready, outsider, session) }
            guard let call = calls[outsider], codeGuard.wait(call.codeSource, now: now) == 0 else {
                return refuse(unit, info, .triedTooOften, outsider, session)
            }
            waitingDials[outsider] = WaitingDial(
                session: session, unit: unit, info: info, request: request,
                dialog: CodeDialog(code: options.fence.code, tries: call.wrongCodes),
                heard: nodeOf(outsider).flatMap { graph.source(of: $0) })
            askForCode(outsider)
        }
    }

    private func refuse(
        _ unit: UnitID, _ info: SessionCallInfo, _ refusal: Fence.Refusal, _ outsider: CallID?, _ session: SessionID
    ) {
        tellRefused(refusal, info.destination, call: outsider)
        failed(unit, session, code: refusal.cause.sipStatus, refusal.rawValue)
    }

    private func dialOutside(_ unit: UnitID, _ info: SessionCallInfo, _ request: DialRequest, _ session: SessionID) {
        let isEmergency = request.kind == .emergency
        guard let (leg, way) = placeOutside(request) else {
            if isEmergency { tellEmergency(request.destination, "", "no way out") }
            return failed(unit, session, code: 503, "there is no way to the outside")
        }
        let id = addCall(
            .outgoing, leg: leg, info: info, origin: .inside, peer: "outside \(info.destination)",
            owner: .session(session, unit))
        sessions[session]?.calls[unit] = id
        isOutside(id, request, way)
        if isEmergency { tellEmergency(request.destination, "\(id)", "calling") }
    }

    private func failed(_ unit: UnitID, _ session: SessionID, code: Int, _ reason: String) {
        host.deliver(.failed(unit, code: code, reason: reason, headers: []), to: session)
    }

    /// Somebody from outside who is behind a session and has not typed the code; if all have, one who has.
    func outsider(in session: SessionID) -> CallID? {
        collect(session).filter { calls[$0]?.isOutside == true }.min { one, other in
            let (first, second) = (calls[one]?.hasCode ?? false, calls[other]?.hasCode ?? false)
            return first == second ? one < other : !first
        }
    }

    private func callsOf(_ session: SessionID) -> [CallID] { sessions[session].map { Array($0.calls.values) } ?? [] }

    /// All calls behind a session, through wires and through those that the house has put together.
    private func collect(_ session: SessionID) -> Set<CallID> {
        var sessionsSeen: Set<SessionID> = []
        var seen: Set<CallID> = []
        var waiting = callsOf(session)
        while let id = waiting.popLast() {
            guard seen.insert(id).inserted, let call = calls[id] else { continue }
            if let peer = call.peer { waiting.append(peer) }
            switch call.owner {
            case .session(let other, _):
                guard sessionsSeen.insert(other).inserted else { continue }
                waiting += callsOf(other)
            case .orphan(let session): waiting += calls.values.filter { $0.owner == .orphan(session) }.map(\.id)
            case .house(.target(let other)), .house(.called(let other)), .house(.caller(let other)):
                waiting.append(other)
            case .house(.announcement), .house(.invited), .house(.trying): break
            }
        }
        return seen
    }

    // MARK: - The code

    private func askForCode(_ id: CallID) {
        timers.schedule(.code(id), at: now + 30_000)
        // Nobody hears a question, or can answer it, whose call is not answered: the box does that itself where the script has
        // not (a script that forwards answers last), and asks when it is done.
        guard calls[id]?.machine.isConnected == true else { return step(id, .answerUnasked) }
        let again = waitingDials[id]?.isAskedAgain == true ? "This code is wrong. " : ""
        startPlayback(
            .speech(text: again + "Please enter the code, then press pound.", voice: options.voice), loop: false,
            delayMilliseconds: 100, of: id)
    }

    /// The call has just been connected.
    func askNow(_ id: CallID) {
        if waitingDials[id] != nil { askForCode(id) }
    }

    /// A caller whom the box has answered by itself hears that somebody is rung.
    func playRingback(to id: CallID) {
        let tones = options.progressPlan.ringback
        guard waitingDials[id] == nil, calls[id]?.playback == nil, !tones.isEmpty, let node = nodeOf(id),
            graph.source(of: node) == nil
        else { return }
        startPlayback(.tones(tones, repeats: true), loop: false, delayMilliseconds: 0, of: id)
    }

    /// A digit of somebody who is asked for the code. True: it is none of the script's.
    func codeDigit(_ digit: DTMFDigit, of id: CallID) -> Bool {
        guard var waiting = waitingDials[id] else { return false }
        let outcome = waiting.dialog.press(digit)
        waitingDials[id] = waiting
        calls[id]?.wrongCodes = waiting.dialog.tries
        switch outcome {
        case .typing: break
        case .wrong:
            tellWrongCode(id, wait: 0)
            waitingDials[id]?.isAskedAgain = true
            askForCode(id)
        case .givenUp:
            tellWrongCode(id, wait: codeGuard.failed(calls[id]?.codeSource ?? "", now: now))
            codeFailed(id)
            step(id, .hangUp(.callRejected))
        case .right:
            endCode(id)
            calls[id]?.hasCode = true
            codeGuard.succeeded(calls[id]?.codeSource ?? "")
            guard sessions[waiting.session] != nil else { return true }
            let target = Self.address(waiting.request.destination) ?? .number(waiting.request.destination)
            let isEmergency = waiting.request.kind == .emergency
            // Meanwhile the last line may have been taken.
            guard isEmergency || judge(target, for: .outside(hasCode: true)) == .allowed else {
                failed(waiting.unit, waiting.session, code: 503, Fence.Refusal.tooManyCalls.rawValue)
                return true
            }
            dialOutside(waiting.unit, waiting.info, waiting.request, waiting.session)
        }
        return true
    }

    /// In a form that does not change, for programs that watch logs for guessing.
    private func tellWrongCode(_ id: CallID, wait: Int64) {
        guard let call = calls[id] else { return }
        tell(
            "code.wrong",
            [
                "call": "\(id)", "peer": call.peerName, "from": call.info.callerNumber, "tries": "\(call.wrongCodes)",
                "wait_s": "\(wait / 1_000)",
            ])
    }

    /// Wrong too often, too slow, or gone.
    func codeFailed(_ id: CallID) {
        guard let waiting = waitingDials[id] else { return }
        endCode(id)
        tellRefused(.noCode, waiting.request.destination, call: id)
        failed(waiting.unit, waiting.session, code: 403, Fence.Refusal.noCode.rawValue)
    }

    private func endCode(_ id: CallID) {
        let heard = waitingDials.removeValue(forKey: id)?.heard
        timers.cancel(.code(id))
        stopPlayback(of: id)
        // From now on the script has as long as with any call to answer it.
        if calls[id]?.machine.isUnasked == true {
            timers.schedule(.unanswered(id), at: now + options.unansweredMilliseconds)
        }
        guard let heard, let node = nodeOf(id), graph.source(of: node) == nil else { return }
        graph.connect(from: heard, to: node)
        isGraphChanged = true
    }
}
