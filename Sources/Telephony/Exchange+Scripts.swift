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
        let party: Fence.Party = outsider.map { .outside(hasCode: calls[$0]?.hasCode ?? false) } ?? .house
        switch judge(destination, for: party) {
        case .allowed: dialOutside(unit, info, request, session)
        case .refused(let refusal):
            tellRefused(refusal, number, call: outsider)
            failed(unit, session, code: refusal.cause.sipStatus, refusal.rawValue)
        case .needsCode:
            // In a conference nobody can be asked.
            guard let outsider, calls[outsider]?.room == nil, waitingDials[outsider] == nil else {
                tellRefused(.noCode, number, call: outsider)
                return failed(unit, session, code: 403, Fence.Refusal.noCode.rawValue)
            }
            waitingDials[outsider] = WaitingDial(
                session: session, unit: unit, info: info, request: request,
                dialog: CodeDialog(code: options.fence.code), heard: nodeOf(outsider).flatMap { graph.source(of: $0) })
            askForCode("Please enter the code, then press pound.", outsider)
        }
    }

    private func dialOutside(_ unit: UnitID, _ info: SessionCallInfo, _ request: DialRequest, _ session: SessionID) {
        guard let (leg, way) = place(request, from: 0) else {
            return failed(unit, session, code: 503, "there is no way to the outside")
        }
        let id = addCall(
            .outgoing, leg: leg, info: info, origin: .inside, peer: "outside \(info.destination)",
            owner: .session(session, unit))
        sessions[session]?.calls[unit] = id
        isOutside(id, request, way)
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

    private func askForCode(_ words: String, _ id: CallID) {
        startPlayback(.speech(text: words, voice: options.voice), loop: false, delayMilliseconds: 100, of: id)
        timers.schedule(.code(id), at: now + 30_000)
    }

    /// A digit of somebody who is asked for the code. True: it is none of the script's.
    func codeDigit(_ digit: DTMFDigit, of id: CallID) -> Bool {
        guard var waiting = waitingDials[id] else { return false }
        let outcome = waiting.dialog.press(digit)
        waitingDials[id] = waiting
        switch outcome {
        case .typing: break
        case .wrong: askForCode("This code is wrong. Please enter the code, then press pound.", id)
        case .givenUp: codeFailed(id)
        case .right:
            endCode(id)
            calls[id]?.hasCode = true
            let again = Self.address(waiting.request.destination) ?? .number(waiting.request.destination)
            // Meanwhile the last line may have been taken.
            guard judge(again, for: .outside(hasCode: true)) == .allowed else {
                failed(waiting.unit, waiting.session, code: 503, Fence.Refusal.tooManyCalls.rawValue)
                return true
            }
            dialOutside(waiting.unit, waiting.info, waiting.request, waiting.session)
        }
        return true
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
        guard let heard, let node = nodeOf(id), graph.source(of: node) == nil else { return }
        graph.connect(from: heard, to: node)
        isGraphChanged = true
    }
}
