// SPDX-License-Identifier: Apache-2.0

extension Exchange {
    /// Hands an input to a call's state machine and performs what it says.
    func step(_ id: CallID, _ input: CallStateMachine.Input, headers: [HeaderField] = []) {
        guard var call = calls[id] else { return }
        let actions = call.machine.handle(input)
        calls[id] = call
        for action in actions { perform(action, on: id, headers) }
    }

    private func perform(_ action: CallStateMachine.Action, on id: CallID, _ headers: [HeaderField]) {
        guard let call = calls[id] else { return }
        switch action {
        case .ringLeg:
            forward(call, headers) {
                $0.ring(headers)
            } wire: {
                .farRinging
            }
        case .openEarlyMedia:
            forward(call, headers) {
                $0.startEarlyMedia(headers)
            } wire: {
                .farEarlyMedia
            }
        case .answerLeg: answerLeg(call, headers)
        case .rejectLeg(let status):
            forward(call, headers) {
                $0.reject(status: status, headers)
            } wire: {
                .farHungUp(HangupCause(sipStatus: status))
            }
        case .hangUpLeg(let cause):
            forward(call, headers) {
                $0.hangUp(cause, headers)
            } wire: {
                .farHungUp(cause)
            }
        case .tellRinging: ringing(call, headers)
        case .tellEarlyMedia:
            // What the outside says before it answers is for the one who calls there, and for nobody else.
            if case .house(.called(let caller)) = call.owner, call.outside != nil {
                return step(caller, .startEarlyMedia)
            }
            toOwner(id) { .audioStarted($0, headers: headers) }
        case .tellConnected: connected(call, headers)
        case .noteConnected: noteConnected(call)
        case .playRingback: playRingback(to: id)
        case .tellDisconnected(let cause):
            calls[id]?.endCause = cause
            disconnected(call, cause)
        case .tellFailed(let cause, let status):
            calls[id]?.endCause = cause
            failed(call, cause, status)
        case .release: release(id)
        }
    }

    /// A leg gets the method; the other end of a wire gets what its far end did.
    private func forward(
        _ call: Call, _ headers: [HeaderField], leg: (any Leg) -> Void, wire: () -> CallStateMachine.Input
    ) {
        if let target = call.leg {
            leg(target)
        } else if let peer = call.peer {
            step(peer, wire(), headers: headers)
        }
    }

    private func answerLeg(_ call: Call, _ headers: [HeaderField]) {
        if let leg = call.leg { return leg.answer(headers) }
        // A wire has no acknowledgement to wait for.
        step(call.id, .farAnswered, headers: headers)
        if let peer = call.peer { step(peer, .farAnswered, headers: headers) }
    }

    private func ringing(_ call: Call, _ headers: [HeaderField]) {
        if case .house(.called(let caller)) = call.owner { return step(caller, .ring) }
        toOwner(call.id) { .ringing($0, headers: headers) }
    }

    /// In the books and for the media; of wires nothing is told, they are no calls of anybody's.
    private func noteConnected(_ call: Call) {
        timers.cancel(.unanswered(call.id))
        if calls[call.id]?.connectedAt == nil {
            calls[call.id]?.connectedAt = now
            if call.leg != nil {
                calls[call.id]?.isToldOf = true
                tell("call.answered", ["call": "\(call.id)"])
            }
            outsideAnswered(call.id)
        }
        if let port = call.port {
            graph.change(call.node, to: .port(port, isAnswered: true))
            isGraphChanged = true
        }
        askNow(call.id)
    }

    private func connected(_ call: Call, _ headers: [HeaderField]) {
        noteConnected(call)
        if case .house(let role) = call.owner { return houseConnected(call.id, role) }
        toOwner(call.id) { .connected($0, headers: headers) }
    }

    private func disconnected(_ call: Call, _ cause: HangupCause) {
        let seconds = call.connectedAt.map { Int((now - $0) / 1000) } ?? 0
        tellEnd(of: call.id, cause)
        if case .house(let role) = call.owner { return houseEnded(role, cause) }
        toOwner(call.id) {
            .disconnected(
                $0, headers: [], code: cause == .normalClearing ? 200 : cause.sipStatus, reason: cause.words,
                seconds: seconds)
        }
    }

    private func failed(_ call: Call, _ cause: HangupCause, _ status: Int) {
        if call.leg != nil {
            tell("call.failed", ["call": "\(call.id)", "cause": "\(cause.rawValue)", "words": cause.words])
        }
        if case .house(.target(let transferee)) = call.owner { return targetFailed(of: transferee, cause, status) }
        if outsideFailed(call, cause) { return }
        if case .house(let role) = call.owner { return houseEnded(role, cause) }
        toOwner(call.id) { .failed($0, code: status, reason: cause.words, headers: []) }
    }

    /// The call is over: it leaves the books, and those who were with it alone are looked after.
    private func release(_ id: CallID) {
        guard let call = calls[id] else { return }
        codeFailed(id)
        // Who hangs up before the last try waits as well.
        if call.wrongCodes > 0, call.wrongCodes < CodeDialog.mostTries, !call.hasCode {
            codeGuard.failed(call.codeSource, now: now)
        }
        endThreeWay(with: id)
        endTransfer(of: id)
        endTarget(of: id)
        outsideEnded(id)
        stopPlayback(of: id)
        if let mix = calls[id]?.echoMix { media.closeMix(mix) }
        stopRecording(of: id)
        let partners = bridged(with: id)
        if call.leg != nil { keepRecord(record(of: calls[id] ?? call)) }
        calls[id] = nil
        graph.remove(call.node)
        isGraphChanged = true
        timers.cancel(.unanswered(id))
        timers.cancel(.deserted(id))
        timers.cancel(.digit(id))
        if let leg = call.leg {
            callOfLeg[leg.id] = nil
            formerLegs.remember(id, leg.id)
        }
        if let port = call.port { callOfPort[port] = nil }
        if case .session(let session, let unit) = call.owner {
            sessions[session]?.calls[unit] = nil
            sessionLostCall(session)
        }
        for partner in partners { partnerGone(of: partner, call) }
        if let room = call.room { vacate(room) }
    }

    /// The calls of the same owner that exchange audio with this one.
    func bridged(with id: CallID) -> [CallID] {
        guard let call = calls[id] else { return [] }
        let group: [CallID]
        switch call.owner {
        case .session(let session, _): group = sessions[session].map { Array($0.calls.values) } ?? []
        case .orphan(let session): group = calls.values.filter { $0.owner == .orphan(session) }.map(\.id)
        case .house: group = []
        }
        return group.filter { other in
            guard other != id, let node = calls[other]?.node else { return false }
            return graph.isConnected(from: call.node, to: node) || graph.isConnected(from: node, to: call.node)
        }.sorted()
    }

    /// A plain script does not look after what its caller leaves behind; the house does: the conference leg goes with its
    /// caller, an orphan with its partner, and whoever is left in silence is not left there for long.
    func partnerGone(of id: CallID, _ gone: Call) {
        guard let call = calls[id] else { return }
        if case .orphan = call.owner { return step(id, .hangUp(.normalClearing)) }
        if call.peer != nil, gone.machine.direction == .incoming { return step(id, .hangUp(.normalClearing)) }
        watchDeserted(id)
    }

    func watchDeserted(_ id: CallID) {
        guard let call = calls[id], call.leg != nil, call.machine.isConnected else { return }
        timers.schedule(.deserted(id), at: now + options.desertedMilliseconds)
    }

    func endDeserted(_ id: CallID) {
        guard let call = calls[id], call.machine.isConnected, let port = call.port else { return }
        applyGraph()
        guard heard[port] ?? .nothing == .nothing else { return }
        tell("call.deserted", ["call": "\(id)"])
        step(id, .hangUp(.normalClearing))
    }
}
