// SPDX-License-Identifier: Apache-2.0

extension Exchange {
    /// A call comes in: who takes it?
    func incoming(_ offer: CallOffer) {
        let meaning = meaning(of: offer.destination, from: offer.origin, isHousePhone: offer.isHousePhone)
        if let replaced = offer.replaces { return replace(replaced, by: offer) }
        if offer.isOutside, fence.isLoop(from: offer.callerNumber, to: offer.destination, by: options.fence) {
            tell("call.refused", ["peer": offer.peer, "destination": offer.destination, "reason": "loop"])
            return offer.leg.reject(status: 482, [])
        }
        // No limit stands before an emergency.
        guard callOfLeg.count < options.maxCalls || meaning.isEmergency else {
            tell("call.refused", ["peer": offer.peer, "destination": offer.destination, "reason": "full"])
            return offer.leg.reject(status: 503, [HeaderField("Retry-After", "10")])
        }
        let info = SessionCallInfo(
            callerNumber: offer.callerNumber, callerName: offer.callerName, destination: offer.destination,
            fromURI: offer.fromURI, toURI: offer.toURI, headers: offer.headers,
            clientType: offer.origin == .lines ? "user" : "sip", customData: "")
        let id = addCall(
            .incoming, leg: offer.leg, info: info, origin: offer.origin, peer: offer.peer,
            owner: .house(.announcement(then: .unallocatedNumber)))
        calls[id]?.isOutside = offer.isOutside
        calls[id]?.isHousePhone = offer.isHousePhone
        calls[id]?.isToldOf = true
        tell(
            "call.incoming",
            ["call": "\(id)", "from": offer.callerNumber, "destination": offer.destination, "peer": offer.peer])
        switch meaning {
        case .emergency(let number): callEmergency(number, from: id)
        case .outside(let number): callOutside(number, from: id)
        case .extension(let number):
            callExtension(number, from: id)
        case .test(let test): callTest(test, from: id)
        case .route(let destination):
            guard !isWrongNumber(destination, offer) else {
                tell("call.refused", ["call": "\(id)", "destination": destination, "reason": "no such number"])
                return step(id, .reject(status: 404))
            }
            route(id, to: destination, from: offer.origin)
        }
    }

    /// What a number means that somebody of this side has dialled.
    /// - Parameter ruledAs: from where the rules see it come, where that is another side.
    func meaning(
        of number: String, from origin: CallOrigin, isHousePhone: Bool, ruledAs: CallOrigin? = nil
    ) -> DialPlan.Meaning {
        options.dialPlan.meaning(
            of: number, from: origin, isHousePhone: isHousePhone,
            isOutside: { [fence = options.fence] in fence.allows($0) },
            isExtension: { [drivers] number in drivers.contains { $0.knows(number) } },
            isService: { [rules = options.rules] in rules.takesAsDialled($0, from: ruledAs ?? origin) })
    }

    /// A telephone of the house has dialled a room's number and more: no room, and nobody outside who may be called. A rule
    /// that takes everything is for those who do not know the house, and not meant.
    private func isWrongNumber(_ destination: String, _ offer: CallOffer) -> Bool {
        guard offer.origin == .lines, offer.isTyped, !offer.isOutside,
            destination.allSatisfy({ ("0"..."9").contains($0) }),
            options.dialPlan.roomNumbers?.matchesBeginning(of: destination) == true
        else { return false }
        return options.rules.rule(for: destination, from: offer.origin)?.pattern.catchesEverything ?? true
    }

    func addCall(
        _ direction: CallStateMachine.Direction, leg: (any Leg)?, info: SessionCallInfo, origin: CallOrigin,
        peer: String, owner: CallOwner, node: MediaGraph.Node? = nil
    ) -> CallID {
        let id = newCallID()
        let port = leg?.port
        let kind: MediaGraph.Kind = port.map { .port($0, isAnswered: false) } ?? .silent
        calls[id] = Call(
            id: id, owner: owner, machine: CallStateMachine(direction), node: node ?? graph.add(kind), leg: leg,
            port: port,
            info: info, origin: origin, peerName: peer,
            arbiter: DigitArbiter(of: leg), beganAt: now)
        if let leg { callOfLeg[leg.id] = id }
        if let port { callOfPort[port] = id }
        timers.schedule(.unanswered(id), at: now + options.unansweredMilliseconds)
        return id
    }

    /// Finds the scenarios for a destination and lets them have the call; refuses it where no rule matches.
    /// - Parameter isEmergency: it leads an emergency service to somebody; no lock and no limit stands before it.
    func route(_ id: CallID, to destination: String, from origin: CallOrigin, isEmergency: Bool = false) {
        if let fault = options.dialPlan.fault(ofConference: destination) {
            tell("call.refused", ["call": "\(id)", "destination": destination, "reason": fault])
            return step(id, .reject(status: 404))
        }
        guard let rule = options.rules.rule(for: destination, from: origin) else {
            tell("call.refused", ["call": "\(id)", "destination": destination, "reason": "no rule matches"])
            return step(id, .reject(status: 404))
        }
        let isConference = destination.hasPrefix(DialPlan.conferencePrefix) || calls[id]?.peer != nil
        calls[id]?.rule = rule.name
        if isConference, let running = sessionOfConference[destination], sessions[running]?.isEnding == false {
            if isLocked(running), !isEmergency { return step(id, .reject(status: 403)) }
            return offer(id, to: running)
        }
        // Its session was lost, its lock was not.
        if isConference, !isEmergency, let room = orphanedRooms[destination], rooms[room]?.room.isLocked == true {
            return step(id, .reject(status: 403))
        }
        guard sessions.count < options.mostInside || isEmergency else {
            tell("call.refused", ["call": "\(id)", "destination": destination, "reason": "too many sessions"])
            return step(id, .reject(status: 503))
        }
        let session = startSession(rule, conference: isConference ? destination : nil)
        offer(id, to: session)
    }

    func legEvent(_ event: LegEvent, of leg: LegID) {
        if transferEvent(event, of: leg) { return }
        guard let id = callOfLeg[leg] else { return }
        if case .held = event { givePortAway(id) }
        adoptPort(of: id)
        switch event {
        case .hungUp(let cause, let headers) where triesNextWay(id, cause, headers) || leavesTransferBehind(id): break
        case .transferRequested(let request): transferRequested(request, by: id)
        case .redirected(let addresses): redirected(id, addresses)
        case .ringing: step(id, .farRinging)
        case .earlyMedia: step(id, .farEarlyMedia)
        case .answered: step(id, .farAnswered)
        case .hungUp(let cause, let headers):
            if headers.contains(where: LandlineRelease.isPreemption) { preempted(id) }
            step(id, .farHungUp(cause))
        case .digit(let digit, let source): digitHeard(digit, by: source, on: id)
        case .held(let isHeld): held(id, isHeld)
        case .reInvite(let news, let headers): toOwner(id) { .reInvite($0, news, headers: headers) }
        case .conferenceWanted(let other): confer(id, with: other)
        case .leftTo(let other, let ringback): leave(id, to: other, ringback)
        case .notice(let sound): whisper(sound, to: id)
        case .info(let type, let body, let headers):
            toOwner(id) { .info($0, contentType: type, body: body, headers: headers) }
        case .message(let text): toOwner(id) { .message($0, text) }
        }
    }

    /// An outgoing leg has its port only when the far end has told where it wants its audio.
    private func adoptPort(of id: CallID) {
        guard let call = calls[id], call.port == nil, let port = call.leg?.port else { return }
        calls[id]?.port = port
        callOfPort[port] = id
        graph.change(call.node, to: .port(port, isAnswered: call.machine.isConnected))
        isGraphChanged = true
        // What was asked for before there was anything to ask.
        if call.isMuted { media.mute(port, true) }
        if call.isDeaf { media.deafen(port, true) }
        if call.talkDB != 0 || call.listenDB != 0 {
            media.setGain(port, talkDB: call.talkDB, listenDB: call.listenDB)
        }
        startDetectors(of: call, on: port)
    }

    private func held(_ id: CallID, _ isHeld: Bool) {
        guard calls[id]?.isHeld != isHeld else { return }
        calls[id]?.isHeld = isHeld
        applyMute(id)
        tell(isHeld ? "call.held" : "call.resumed", ["call": "\(id)"])
        toOwner(id) { isHeld ? .onHold($0) : .offHold($0) }
    }

    func applyMute(_ id: CallID) {
        guard let call = calls[id], let port = call.port else { return }
        media.mute(port, call.isMuted)
    }
}
