// SPDX-License-Identifier: Apache-2.0

/// `partyline dial ROOM DESTINATION`: somebody is called into a room, and enters it by pressing 1, so that no answering
/// machine ever sits in a conference.
extension Exchange {
    package static let mostInvitationWords = 4

    func invite(_ destination: String, into room: String) -> ControlOutcome {
        let conference = room.hasPrefix(DialPlan.conferencePrefix) ? room : DialPlan.conferencePrefix + room
        guard options.rules.rule(for: conference, from: .inside) != nil else {
            return .notFound("no rule takes \(conference)")
        }
        if let fault = options.dialPlan.fault(ofConference: conference) {
            return .notFound("\(DialPlan.roomName(ofConference: conference)): \(fault)")
        }
        let emergency = options.dialPlan.emergencyNumber(destination)
        guard callOfLeg.count < options.maxCalls || emergency != nil else { return .refused("the house is full") }
        let name = DialPlan.roomName(ofConference: conference)
        var request = DialRequest(destination: destination, callerNumber: name, callerName: "Room \(name)", headers: [])
        request.caller = .group
        if let emergency {
            // Before the fence, as on every phone.
            request.kind = .emergency
            request.destination = emergency
        } else if !drivers.contains(where: { $0.knows(destination) }) {
            let address = Self.address(destination)
            request.kind = address == nil ? .outside : .uri
            guard address != nil || destination.contains(where: \.isNumber) else {
                return .notFound("\(destination) is no extension, number or SIP address")
            }
            switch judge(address ?? .number(destination), for: .house) {
            case .allowed: break
            case .refused(let refusal):
                tellRefused(refusal, destination, call: nil)
                return .refused("\(destination): \(refusal.rawValue) (see [outside] in partyline.toml)")
            case .needsCode: return .refused("\(destination): \(Fence.Refusal.noCode.rawValue)")
            }
        }
        guard let (leg, way) = placeOutside(request) else {
            if let emergency { tellEmergency(emergency, "", "no way out") }
            return .refused("there is no way to \(destination)")
        }
        let info = SessionCallInfo(
            callerNumber: name, callerName: "Room \(name)", destination: destination, fromURI: "", toURI: destination,
            headers: [], clientType: "user", customData: "")
        let id = addCall(
            .outgoing, leg: leg, info: info, origin: .inside, peer: "invited \(destination)",
            owner: .house(.invited(to: conference)))
        if request.kind != .inside { isOutside(id, request, way) }
        if let emergency { tellEmergency(emergency, "\(id)", "calling") }
        tell("room.inviting", ["call": "\(id)", "room": name, "destination": destination])
        return .done
    }

    /// It answered, or has heard the words and did nothing.
    func sayInvitation(_ id: CallID, _ conference: String) {
        // No emergency service is asked to press anything.
        if calls[id]?.outside?.isEmergency == true { return enter(id, conference) }
        let said = (calls[id]?.invitationWords ?? 0) + 1
        calls[id]?.invitationWords = said
        guard said <= Self.mostInvitationWords else {
            tell("room.declined", ["call": "\(id)"])
            return step(id, .hangUp(.normalClearing))
        }
        let room = DialPlan.roomName(ofConference: conference)
        startPlayback(
            .speech(text: "You are invited to conference \(room). Press 1 to join.", voice: options.voice), loop: false,
            delayMilliseconds: said == 1 ? 500 : 2_500, of: id)
    }

    /// True: the digit was an answer to the invitation.
    func invitationDigit(_ digit: DTMFDigit, of id: CallID) -> Bool {
        guard let call = calls[id], case .house(.invited(let conference)) = call.owner else { return false }
        if digit.character == "1" { enter(id, conference) }
        return true
    }

    private func enter(_ id: CallID, _ conference: String) {
        stopPlayback(of: id)
        guard let call = calls[id], calls.count + 1 < options.mostInside || call.outside?.isEmergency == true else {
            return
        }
        // From now on it is one of those who are in the room, not one that the room calls.
        calls[id]?.info.callerNumber = call.info.destination
        calls[id]?.info.callerName = ""
        calls[id]?.handlesTones = false
        calls[id]?.tellsSpeech = false
        wire(id, to: conference, from: .inside)
    }

    /// Leads a connected call of the house to where the rules say, by a wire that goes with it.
    func wire(_ id: CallID, to destination: String, from origin: CallOrigin) {
        guard let call = calls[id] else { return }
        let (near, far) = graph.addWire()
        var info = call.info
        info.callerNumber = calls[id]?.info.callerNumber ?? ""
        info.destination = destination
        let inner = addCall(
            .outgoing, leg: nil, info: info, origin: .inside, peer: "inside", owner: .house(.called(by: id)), node: near
        )
        let outer = addCall(
            .incoming, leg: nil, info: info, origin: origin, peer: "inside",
            owner: .house(.announcement(then: .noRouteToDestination)), node: far)
        calls[inner]?.peer = outer
        calls[outer]?.peer = inner
        calls[id]?.owner = .house(.caller(of: inner))
        graph.connect(from: call.node, to: near)
        graph.connect(from: near, to: call.node)
        isGraphChanged = true
        route(outer, to: destination, from: origin, isEmergency: call.outside?.isEmergency == true)
    }
}
