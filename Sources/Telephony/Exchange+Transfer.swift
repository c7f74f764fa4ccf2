// SPDX-License-Identifier: Apache-2.0
// RFC 3515 (REFER), RFC 3891 (Replaces), RFC 5589 (how phones use them).

/// Somebody asks for another one to take his place.
package struct TransferRequest: Sendable, Hashable {
    /// "sip:32@192.0.2.1", without headers.
    package var target: String
    /// The leg of this box whose place shall be taken (an attended transfer).
    package var replaces: LegID?

    package init(target: String, replaces: LegID?) {
        self.target = target
        self.replaces = replaces
    }
}

/// A transfer that is under way: the new leg rings while the old call still stands.
struct Transfer {
    var call: CallID
    /// Who asked; it is told how things go.
    var transferor: any Leg
    var leg: any Leg
    /// Whom it calls.
    var destination: String
    /// The transferor has hung up meanwhile.
    var isAlone = false
}

extension Exchange {
    /// One leg takes the place of another: the call, its owner and all that it is connected with stay.
    func replaceLeg(of id: CallID, with leg: any Leg) {
        guard let call = calls[id] else { return }
        if let old = call.leg { callOfLeg[old.id] = nil }
        if let port = call.port { callOfPort[port] = nil }
        callOfLeg[leg.id] = id
        calls[id]?.leg = leg
        calls[id]?.port = leg.port
        endHold(of: id)
        calls[id]?.arbiter = DigitArbiter(inBandWaitMilliseconds: leg.technology == "line" ? 0 : 60)
        if let port = leg.port {
            callOfPort[port] = id
            startDetectors(of: call, on: port)
        }
        graph.change(
            call.node, to: leg.port.map { .port($0, isAnswered: call.machine.isConnected) } ?? .silent)
        isGraphChanged = true
    }

    /// Whoever held it is out of it.
    private func endHold(of id: CallID) {
        guard calls[id]?.isHeld == true else { return }
        calls[id]?.isHeld = false
        toOwner(id) { .offHold($0) }
    }

    // MARK: - REFER

    func transferRequested(_ request: TransferRequest, by id: CallID) {
        guard let call = calls[id], let leg = call.leg, call.machine.isConnected, transfer(of: id) == nil else {
            calls[id]?.leg?.tellTransfer(status: 603, isLast: true)
            return
        }
        tell("call.transfer", ["call": "\(id)", "to": request.target, "attended": "\(request.replaces != nil)"])
        if let replaced = request.replaces {
            guard let other = callOfLeg[replaced], other != id, calls[other]?.machine.isConnected == true else {
                return leg.tellTransfer(status: 481, isLast: true)
            }
            return splice(id, other)
        }
        if call.handlesBlindTransfer, case .session(let session, let unit) = call.owner {
            return host.deliver(.transferRequested(unit, to: request.target, headers: []), to: session)
        }
        blindTransfer(to: request.target, of: id, leg)
    }

    /// The script has done what its call asked for, or not.
    func blindTransferResult(_ id: CallID, _ isDone: Bool) {
        calls[id]?.leg?.tellTransfer(status: isDone ? 200 : 603, isLast: true)
    }

    private func blindTransfer(to target: String, of id: CallID, _ transferor: any Leg) {
        guard let call = calls[id], case .address(let user, let host) = Self.address(target) ?? .number(target) else {
            return transferor.tellTransfer(status: 400, isLast: true)
        }
        let isHere = options.fence.ownHosts.contains(host) || host.isEmpty
        var request = DialRequest(
            destination: isHere ? user : target, callerNumber: partnerNumber(of: id), callerName: "", headers: [])
        var destination = Fence.Destination.address(user: user, host: host)
        if isHere {
            // A telephone of the house that was called has the house's plan like one that calls.
            let isCalled = call.machine.direction == .outgoing && call.outside == nil
            let meaning = options.dialPlan.meaning(
                of: user, from: isCalled ? .phones : call.origin, isHousePhone: isCalled || call.isHousePhone,
                isOutside: { [fence = options.fence] in fence.allows($0) },
                isExtension: { [drivers] number in drivers.contains { $0.knows(number) } })
            switch meaning {
            case .extension(let number):
                request.destination = number
                request.caller = isFromOutside(partnerOf: id) ? .outside : .inside
            case .test: return transferor.tellTransfer(status: 404, isLast: true)
            case .outside(let number):
                request.destination = number
                request.kind = .outside
                destination = .number(number)
            case .route(let place): return moveIntoRoute(id, place, transferor)
            case .emergency: return transferor.tellTransfer(status: 403, isLast: true)
            }
        } else {
            request.kind = .uri
        }
        if request.kind != .inside {
            guard case .allowed = judge(destination, for: call.party) else {
                tellRefused(.notAllowed, target, call: id)
                return transferor.tellTransfer(status: 403, isLast: true)
            }
        }
        guard let (leg, way) = place(request, from: 0) else {
            return transferor.tellTransfer(status: 404, isLast: true)
        }
        transfers[leg.id] = Transfer(
            call: id, transferor: transferor, leg: leg, destination: request.destination)
        if request.kind != .inside { isOutside(id, request, way) }
    }

    /// What those see who are called for somebody else.
    private func partnerNumber(of id: CallID) -> String {
        switch calls[id]?.owner {
        case .house(.caller(let other)): calls[other]?.info.destination ?? ""
        case .house(.called(let other)): calls[other]?.info.callerNumber ?? ""
        default: calls[id]?.info.callerNumber ?? ""
        }
    }

    /// A room, or whatever the rules have: the call becomes one end of a wire to there.
    private func moveIntoRoute(_ id: CallID, _ destination: String, _ transferor: any Leg) {
        guard let call = calls[id], options.rules.rule(for: destination, from: call.origin) != nil,
            calls.count + 1 < options.mostInside
        else { return transferor.tellTransfer(status: 404, isLast: true) }
        var info = call.info
        info.callerNumber = partnerNumber(of: id)
        info.destination = destination
        let far = addCall(
            .incoming, leg: nil, info: info, origin: call.origin, peer: "inside",
            owner: .house(.announcement(then: .noRouteToDestination)))
        takeOffLeg(of: id)
        join(id, far)
        transferor.tellTransfer(status: 200, isLast: true)
        transferor.hangUp(.normalClearing, [])
        route(far, to: destination, from: call.origin)
    }

    // MARK: - The new leg's news

    /// True: the event was one of a transfer's.
    func transferEvent(_ event: LegEvent, of leg: LegID) -> Bool {
        guard let transfer = transfers[leg] else { return false }
        switch event {
        case .ringing, .earlyMedia:
            transfer.transferor.tellTransfer(status: 180, isLast: false)
        case .answered:
            transfers[leg] = nil
            replaceLeg(of: transfer.call, with: transfer.leg)
            calls[transfer.call]?.successor = ("", transfer.destination)
            transfer.transferor.tellTransfer(status: 200, isLast: true)
            transfer.transferor.hangUp(.normalClearing, [])
            outsideAnswered(transfer.call)
            tell("call.transferred", ["call": "\(transfer.call)"])
        case .hungUp(let cause, _):
            transfers[leg] = nil
            outsideEnded(transfer.call)
            calls[transfer.call]?.outside = nil
            transfer.transferor.tellTransfer(status: cause.sipStatus, isLast: true)
            if transfer.isAlone { step(transfer.call, .farHungUp(cause)) }
        default: break
        }
        return true
    }

    /// The transferor hangs up before the new leg answers, as many phones do: the others go on waiting. True: so it is.
    func leavesTransferBehind(_ id: CallID) -> Bool {
        guard let leg = transfer(of: id) else { return false }
        transfers[leg]?.isAlone = true
        takeOffLeg(of: id)
        return true
    }

    func transfer(of id: CallID) -> LegID? { transfers.first { $0.value.call == id }?.key }

    /// The call is over: so is what was being tried for it.
    func endTransfer(of id: CallID) {
        guard let leg = transfer(of: id), let transfer = transfers.removeValue(forKey: leg) else { return }
        transfer.leg.hangUp(.normalClearing, [])
    }

    // MARK: - Attended

    /// Two calls of one phone become one: what each was connected with is connected, and the phone is out of it.
    private func splice(_ id: CallID, _ other: CallID) {
        let legs = [id, other].compactMap { calls[$0]?.leg }
        takeOffLeg(of: id)
        takeOffLeg(of: other)
        join(id, other)
        legs.first?.tellTransfer(status: 200, isLast: true)
        for leg in legs { leg.hangUp(.normalClearing, []) }
        tell("call.transferred", ["call": "\(id)", "with": "\(other)"])
    }

    func takeOffLeg(of id: CallID) {
        guard let call = calls[id] else { return }
        if let leg = call.leg { callOfLeg[leg.id] = nil }
        if let port = call.port { callOfPort[port] = nil }
        calls[id]?.leg = nil
        calls[id]?.port = nil
        endHold(of: id)
        graph.change(call.node, to: .silent)
        isGraphChanged = true
    }

    /// Makes two calls without legs the ends of one wire.
    func join(_ id: CallID, _ other: CallID) {
        guard let one = calls[id], let two = calls[other] else { return }
        graph.change(one.node, to: .wire(peer: two.node))
        graph.change(two.node, to: .wire(peer: one.node))
        calls[id]?.peer = other
        calls[other]?.peer = id
        isGraphChanged = true
    }

    // MARK: - INVITE with Replaces

    /// A leg comes in that takes the place of another one (an attended transfer, a call that is picked up).
    func replace(_ replaced: LegID, by offer: CallOffer) {
        guard !offer.isOutside, let id = callOfLeg[replaced], let old = calls[id]?.leg else {
            return offer.leg.reject(status: 481, [])
        }
        let isRinging = calls[id]?.machine.direction == .outgoing && calls[id]?.machine.isConnected == false
        guard isRinging || calls[id]?.machine.isConnected == true else { return offer.leg.reject(status: 481, []) }
        tell("call.replaced", ["call": "\(id)", "peer": offer.peer])
        replaceLeg(of: id, with: offer.leg)
        calls[id]?.successor = (offer.callerName, offer.callerNumber)
        offer.leg.answer([])
        old.hangUp(isRinging ? .answeredElsewhere : .normalClearing, [])
        if isRinging { step(id, .farAnswered) }
    }
}
