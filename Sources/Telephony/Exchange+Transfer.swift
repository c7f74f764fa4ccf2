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
    /// Who comes, if he does.
    var successor: CallEnd
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
        calls[id]?.arbiter = DigitArbiter(of: leg)
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
        guard let call = calls[id], let leg = call.leg else { return }
        tell("call.transfer", ["call": "\(id)", "to": request.target, "attended": "\(request.replaces != nil)"])
        guard call.machine.isConnected else { return refuseTransfer(of: id, leg, 603, "the call is not answered") }
        guard transfer(of: id) == nil else {
            return refuseTransfer(of: id, leg, 603, "the call is being transferred already")
        }
        if let replaced = request.replaces {
            guard let other = callOfLeg[replaced], other != id, calls[other]?.machine.isConnected == true else {
                return refuseTransfer(of: id, leg, 481, "the other call is not answered")
            }
            guard !isEmergency(id), !isEmergency(other) else { return refuseTransfer(of: id, leg, 603, Self.kept) }
            return splice(id, other)
        }
        guard !isEmergency(id) else { return refuseTransfer(of: id, leg, 603, Self.kept) }
        if call.handlesBlindTransfer, case .session(let session, let unit) = call.owner {
            return host.deliver(.transferRequested(unit, to: request.target, headers: []), to: session)
        }
        // Whoever is called from a room presses 1 first.
        if let room = call.room, !threeWays.values.contains(where: { $0.room == room }) {
            return refuseTransfer(of: id, leg, 603, "a room is not handed on")
        }
        blindTransfer(to: request.target, of: id, leg)
    }

    private static let kept = "an emergency call is not handed on"

    private func isEmergency(_ id: CallID) -> Bool {
        [id, partner(of: id)].contains { $0.flatMap { calls[$0]?.outside }?.isEmergency == true }
    }

    private func refuseTransfer(of id: CallID, _ transferor: any Leg, _ status: Int, _ reason: String) {
        tellNoTransfer(of: id, reason)
        transferor.tellTransfer(status: status, isLast: true)
    }

    /// How a transfer came to nothing; one that was done is told as `call.transferred`.
    func tellNoTransfer(of id: CallID, _ reason: String) {
        tell("call.transfer", ["call": "\(id)", "outcome": "failed", "reason": reason])
    }

    /// The script has done what its call asked for, or not.
    func blindTransferResult(_ id: CallID, _ isDone: Bool) {
        if !isDone { tellNoTransfer(of: id, "the script has not done it") }
        calls[id]?.leg?.tellTransfer(status: isDone ? 200 : 603, isLast: true)
    }

    private func blindTransfer(to target: String, of id: CallID, _ transferor: any Leg) {
        guard let call = calls[id], case .address(let user, let host) = Self.address(target) ?? .number(target) else {
            return refuseTransfer(of: id, transferor, 400, "that is no number and no address")
        }
        let isHere = options.fence.ownHosts.contains(host) || host.isEmpty
        var request = DialRequest(
            destination: isHere ? user : target, callerNumber: partnerNumber(of: id), callerName: "", headers: [])
        var destination = Fence.Destination.address(user: user, host: host)
        if isHere {
            // A telephone of the house that was called has the house's plan like one that calls.
            let isCalled = call.machine.direction == .outgoing && call.outside == nil
            let meaning = meaning(
                of: user, from: isCalled ? .phones : call.origin, isHousePhone: isCalled || call.isHousePhone,
                ruledAs: call.origin)
            switch meaning {
            case .extension(let number):
                request.destination = number
                let other = partner(of: id).flatMap { calls[$0] }
                request.caller = other?.isOutside == true || other?.outside != nil ? .outside : .inside
            case .test: return refuseTransfer(of: id, transferor, 404, "nobody is transferred to a test number")
            case .outside(let number):
                request.destination = number
                request.kind = .outside
                destination = .number(number)
            case .route(let place): return moveIntoRoute(id, place, transferor)
            case .emergency:
                return refuseTransfer(of: id, transferor, 403, "nobody is transferred to an emergency number")
            }
        } else {
            request.kind = .uri
        }
        if request.kind != .inside {
            guard case .allowed = judge(destination, for: call.party) else {
                tellRefused(.notAllowed, target, call: id)
                return refuseTransfer(of: id, transferor, 403, Fence.Refusal.notAllowed.rawValue)
            }
        }
        request.mayHunt = false
        guard let (leg, way) = place(request, from: 0) else {
            return refuseTransfer(of: id, transferor, 404, "nobody has that number")
        }
        let successor = CallEnd(
            direction: .outgoing, peer: "transfer \(request.destination)", callerNumber: request.callerNumber,
            callerName: "", destination: request.destination, beganAt: now)
        transfers[leg.id] = Transfer(call: id, transferor: transferor, leg: leg, successor: successor)
        if request.kind != .inside { isOutside(id, request, way) }
    }

    /// What those see who are called for somebody else.
    private func partnerNumber(of id: CallID) -> String {
        partner(of: id).flatMap { calls[$0]?.end.number } ?? calls[id]?.info.callerNumber ?? ""
    }

    /// A room, or whatever the rules have: the call becomes one end of a wire to there.
    private func moveIntoRoute(_ id: CallID, _ destination: String, _ transferor: any Leg) {
        guard let call = calls[id], options.rules.rule(for: destination, from: call.origin) != nil,
            options.dialPlan.fault(ofConference: destination) == nil, calls.count + 1 < options.mostInside
        else { return refuseTransfer(of: id, transferor, 404, "no rule takes \(destination.prefix(64))") }
        var info = call.info
        info.callerNumber = partnerNumber(of: id)
        info.destination = destination
        let far = addCall(
            .incoming, leg: nil, info: info, origin: call.origin, peer: "inside",
            owner: .house(.announcement(then: .noRouteToDestination)))
        let left = partner(of: id)
        takeOffLeg(of: id)
        join(id, far)
        if let left { calls[left]?.talksTo = DialPlan.roomName(ofConference: destination) }
        tell("call.transferred", ["call": "\(id)", "to": DialPlan.roomName(ofConference: destination)])
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
            keepRecordOfLeg(of: transfer.call)
            var successor = transfer.successor
            successor.connectedAt = now
            succeed(transfer.call, successor)
            replaceLeg(of: transfer.call, with: transfer.leg)
            transfer.transferor.tellTransfer(status: 200, isLast: true)
            transfer.transferor.hangUp(.normalClearing, [])
            outsideAnswered(transfer.call)
            tell("call.transferred", ["call": "\(transfer.call)", "to": successor.destination])
        case .hungUp(let cause, _):
            transfers[leg] = nil
            tellNoTransfer(of: transfer.call, cause.words)
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
        takeOffLeg(of: id, isOver: false)
        return true
    }

    func transfer(of id: CallID) -> LegID? { transfers.first { $0.value.call == id }?.key }

    /// The call is over: so is what was being tried for it.
    func endTransfer(of id: CallID) {
        guard let leg = transfer(of: id), let transfer = transfers.removeValue(forKey: leg) else { return }
        tellNoTransfer(of: id, "the call has ended")
        transfer.leg.hangUp(.normalClearing, [])
    }

    // MARK: - Attended

    /// Two calls of one phone become one: what each was connected with is connected, and the phone is out of it.
    private func splice(_ id: CallID, _ other: CallID) {
        let legs = [id, other].compactMap { calls[$0]?.leg }
        let partners = [id, other].map { partner(of: $0) }
        takeOffLeg(of: id)
        takeOffLeg(of: other)
        join(id, other)
        introduce(partners[0], partners[1])
        legs.first?.tellTransfer(status: 200, isLast: true)
        for leg in legs { leg.hangUp(.normalClearing, []) }
        tell("call.transferred", ["call": "\(id)", "with": "\(other)"])
    }

    /// - Parameter isOver: no other leg is tried for the call; nothing more is told of it.
    func takeOffLeg(of id: CallID, isOver: Bool = true) {
        keepRecordOfLeg(of: id)
        if isOver { tellEnd(of: id, .normalClearing) }
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
        keepRecordOfLeg(of: id, isRinging ? .answeredElsewhere : .normalClearing)
        let successor = CallEnd(
            direction: .incoming, peer: offer.peer, callerNumber: offer.callerNumber, callerName: offer.callerName,
            destination: partnerNumber(of: id), beganAt: now, connectedAt: now)
        succeed(id, successor)
        replaceLeg(of: id, with: offer.leg)
        offer.leg.answer([])
        old.hangUp(isRinging ? .answeredElsewhere : .normalClearing, [])
        if isRinging { step(id, .farAnswered) }
    }
}
