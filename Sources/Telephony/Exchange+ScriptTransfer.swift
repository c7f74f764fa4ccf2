// SPDX-License-Identifier: Apache-2.0
// RFC 5589 sections 6 (blind) and 7 (attended), as seen from a transferor that is a script.

/// Transfers that scripts ask for (`Call.transferTo`): the far end of a call gets somebody else, and the session is out of it.
///
///     blind      script -- call -- far end          attended     script -- call ---- far end
///                   \_ tries __ target                             \------ other --- target
///
///     both end as    far end -- call ~ target -- whoever answered
///
/// Until the target answers, the call stays with the script as it is; when it does not, nothing has changed. The box puts
/// the two together itself, so that it works alike for phones, lines, trunks and wires between sessions.
extension Exchange {
    func transfer(
        _ unit: UnitID, to target: String, with other: UnitID?, _ headers: [HeaderField], by session: SessionID
    ) {
        guard let id = sessions[session]?.calls[unit], let call = calls[id] else { return }
        tell("call.transfer", ["call": "\(id)", "to": target, "attended": "\(other != nil)"])
        guard call.machine.isConnected, !call.machine.isUnasked else {
            return transferFailed(unit, session, TransferFailure(480, "the call is not answered"))
        }
        guard transfer(of: id) == nil, tried(for: id) == nil else {
            return transferFailed(unit, session, TransferFailure(491, "the call is being transferred already"))
        }
        if let other {
            guard let partner = sessions[session]?.calls[other], partner != id,
                calls[partner]?.machine.isConnected == true, calls[partner]?.machine.isUnasked == false
            else { return transferFailed(unit, session, TransferFailure(481, "the other call is not answered")) }
            guard transfer(of: partner) == nil, tried(for: partner) == nil else {
                let failure = TransferFailure(491, "the other call is being transferred already")
                return transferFailed(unit, session, failure)
            }
            return handOver(id, to: partner)
        }
        do throws(TransferFailure) {
            try dialTarget(target, for: id, headers, of: session)
        } catch {
            transferFailed(unit, session, error)
        }
    }

    /// The call that is tried for this one.
    private func tried(for id: CallID) -> CallID? { calls.first { $0.value.owner == .house(.target(of: id)) }?.key }

    private func transferFailed(_ unit: UnitID, _ session: SessionID, _ failure: TransferFailure) {
        if let id = sessions[session]?.calls[unit] { tellNoTransfer(of: id, failure.words) }
        host.deliver(.transferFailed(unit, code: failure.status, reason: failure.words), to: session)
    }

    // MARK: - The target

    /// What a phone of the house would reach with these digits, or an address elsewhere; to the outside as far as the fence
    /// lets those out who are in the session.
    private func dialTarget(
        _ target: String, for id: CallID, _ headers: [HeaderField], of session: SessionID
    ) throws(TransferFailure) {
        guard let call = calls[id] else { return }
        var (user, host) = (target, "")
        if case .address(let name, let place)? = Self.address(target) { (user, host) = (name, place) }
        guard !user.isEmpty else { throw TransferFailure(484, "\"\(target.prefix(64))\" can not be called") }
        var info = call.info
        info.callerNumber =
            call.machine.direction == .incoming
            ? call.info.callerNumber : DialPlan.roomName(ofConference: call.info.destination)
        info.destination = target
        info.headers = headers
        var request = DialRequest(
            destination: target, callerNumber: info.callerNumber, callerName: info.callerName, headers: headers)
        var asked = Fence.Destination.address(user: user, host: host)
        if host.isEmpty || options.fence.ownHosts.contains(host) {
            switch meaning(of: user, from: .lines, isHousePhone: true, ruledAs: .inside) {
            case .emergency: throw TransferFailure(403, "nobody is transferred to an emergency number")
            case .test: throw TransferFailure(403, "nobody is transferred to a test number")
            case .route(let place): return try wireTarget(place, info, for: id)
            case .extension(let number): request.destination = number
            case .outside(let number):
                request.destination = number
                request.kind = .outside
                asked = .number(number)
            }
        } else {
            request.kind = .uri
        }
        if request.kind != .inside { try ask(asked, target, for: session) }
        guard let (leg, way) = place(request, from: 0) else { throw TransferFailure(404, "nobody has that number") }
        let added = addCall(
            .outgoing, leg: leg, info: info, origin: .inside, peer: "transfer \(request.destination)",
            owner: .house(.target(of: id)))
        if request.kind != .inside { isOutside(added, request, way) }
    }

    private func ask(
        _ destination: Fence.Destination, _ target: String, for session: SessionID
    ) throws(TransferFailure) {
        let outsider = outsider(in: session)
        let party: Fence.Party = outsider.map { .outside(hasCode: calls[$0]?.hasCode ?? false) } ?? .house
        switch judge(destination, for: party) {
        case .allowed: return
        case .refused(let refusal):
            tellRefused(refusal, target, call: outsider)
            throw TransferFailure(refusal.cause.sipStatus, refusal.rawValue)
        case .needsCode:
            tellRefused(.noCode, target, call: outsider)
            throw TransferFailure(403, Fence.Refusal.noCode.rawValue)
        }
    }

    /// A room, or whatever the rules have: the target is one end of a wire to there.
    private func wireTarget(_ place: String, _ info: SessionCallInfo, for id: CallID) throws(TransferFailure) {
        guard options.rules.rule(for: place, from: .inside) != nil else {
            throw TransferFailure(404, "no rule takes \(place.prefix(64))")
        }
        guard calls.count + 1 < options.mostInside else {
            throw TransferFailure(503, "too many calls between sessions")
        }
        var info = info
        info.destination = place
        let (near, far) = graph.addWire()
        let inner = addCall(
            .outgoing, leg: nil, info: info, origin: .inside, peer: "inside", owner: .house(.target(of: id)), node: near
        )
        let outer = addCall(
            .incoming, leg: nil, info: info, origin: .inside, peer: "inside",
            owner: .house(.announcement(then: .noRouteToDestination)), node: far)
        calls[inner]?.peer = outer
        calls[outer]?.peer = inner
        route(outer, to: place, from: .inside)
    }

    /// The session may have lost the call meanwhile, by the end of its worker for instance: then nobody waits for the target.
    func targetAnswered(_ target: CallID, of id: CallID) {
        guard let call = calls[id], call.machine.isConnected, case .session = call.owner else {
            return step(target, .hangUp(.normalClearing))
        }
        handOver(id, to: target)
    }

    func targetFailed(of id: CallID, _ cause: HangupCause, _ status: Int) {
        tellNoTransfer(of: id, cause.words)
        toOwner(id) { .transferFailed($0, code: status, reason: cause.words) }
    }

    /// The call is over: so is what was being tried for it.
    func endTarget(of id: CallID) {
        guard let target = tried(for: id) else { return }
        tellNoTransfer(of: id, "nobody waits for it any more")
        calls[target]?.owner = .house(.announcement(then: .normalClearing))
        step(target, .hangUp(.normalClearing))
    }

    // MARK: - Together

    /// Both calls leave their session and hear each other, and nothing else.
    private func handOver(_ id: CallID, to other: CallID) {
        leaveSession(id, as: "transferee", besides: other)
        leaveSession(other, as: "target", besides: id)
        guard let one = calls[id], let two = calls[other] else { return }
        calls[id]?.owner = .house(.caller(of: other))
        calls[other]?.owner = .house(.called(by: id))
        graph.connect(from: one.node, to: two.node)
        graph.connect(from: two.node, to: one.node)
        isGraphChanged = true
        introduce(id, other)
        tell("call.transferred", ["call": "\(id)", "with": "\(other)"])
    }

    /// For its script the call is over; what it had begun for it ends, and whom it talked to is looked after.
    private func leaveSession(_ id: CallID, as role: String, besides other: CallID) {
        let left = bridged(with: id).filter { $0 != other }
        // Whoever was asked for the code of the outside lines: that call is not made any more.
        codeFailed(id)
        stopPlayback(of: id)
        stopRecording(of: id)
        if let node = calls[id]?.node { graph.isolate(node) }
        guard let call = calls[id] else { return }
        defer { for partner in left { partnerGone(of: partner, call) } }
        guard case .session(let session, let unit) = call.owner else { return }
        let seconds = call.connectedAt.map { Int((now - $0) / 1000) } ?? 0
        host.deliver(.transferCompleted(unit, role: role), to: session)
        host.deliver(
            .disconnected(unit, headers: [], code: 200, reason: "transferred", seconds: seconds), to: session)
        sessions[session]?.calls[unit] = nil
        calls[id]?.owner = .house(.announcement(then: .normalClearing))
        calls[id]?.handlesTones = false
        calls[id]?.handlesBlindTransfer = false
        calls[id]?.typedAhead = []
        listenForTones(id, beep: false, progress: false)
        sessionLostCall(session)
    }
}

/// Why a script's transfer does not begin: a SIP status, and words.
private struct TransferFailure: Error {
    var status: Int
    var words: String

    init(_ status: Int, _ words: String) {
        self.status = status
        self.words = words
    }
}
