// SPDX-License-Identifier: Apache-2.0

/// A call that leaves the house.
struct OutsideUse {
    var request: DialRequest
    /// Which of the drivers has it; the next one is tried when it cannot be reached.
    var way: Int
    var isEmergency: Bool { request.kind == .emergency }
}

extension Exchange {
    // MARK: - Who may

    func judge(_ destination: Fence.Destination, for party: Fence.Party) -> Fence.Verdict {
        fence.judge(destination, for: party, by: options.fence, day: options.day(), now: now)
    }

    /// "sip:anna@example.com:5060;x=y" as the fence sees it; nil: no SIP address.
    static func address(_ uri: String) -> Fence.Destination? {
        let lower = uri.lowercased()
        guard lower.hasPrefix("sip:") || lower.hasPrefix("sips:"), let colon = uri.firstIndex(of: ":") else {
            return nil
        }
        let rest = uri[uri.index(after: colon)...].prefix { $0 != ";" && $0 != "?" }
        let at = rest.lastIndex(of: "@")
        let user = at.map { String(rest[..<$0]) } ?? ""
        var host = at.map { rest[rest.index(after: $0)...] } ?? rest
        if host.first == "[" {
            host = host.prefix { $0 != "]" }.dropFirst()
        } else if let port = host.firstIndex(of: ":") {
            host = host[..<port]
        }
        return host.isEmpty ? nil : .address(user: user, host: host.lowercased())
    }

    func tellRefused(_ refusal: Fence.Refusal, _ destination: String, call: CallID?) {
        tell(
            "fence.refused",
            ["call": call.map { "\($0)" } ?? "", "destination": destination, "reason": refusal.rawValue])
    }

    // MARK: - Phones of the house

    /// A phone dials a number outside.
    func callOutside(_ number: String, from id: CallID) {
        guard let caller = calls[id] else { return }
        switch judge(.number(number), for: caller.party) {
        case .allowed:
            var request = DialRequest(
                destination: number, callerNumber: caller.info.callerNumber, callerName: caller.info.callerName,
                headers: [])
            request.kind = .outside
            if !connectOutside(request, with: id) {
                announce(Fence.Refusal.tooManyCalls.words, to: id, then: .noCircuitAvailable)
            }
        case .refused(let refusal):
            tellRefused(refusal, number, call: id)
            announce(refusal.words, to: id, then: refusal.cause)
        case .needsCode:
            tellRefused(.noCode, number, call: id)
            announce(Fence.Refusal.noCode.words, to: id, then: .callRejected)
        }
    }

    /// An emergency number: nothing stands before it, and a line that is in use is freed for it.
    func callEmergency(_ number: String, from id: CallID) {
        guard let caller = calls[id] else { return }
        var request = DialRequest(
            destination: number, callerNumber: caller.info.callerNumber, callerName: caller.info.callerName,
            headers: [])
        request.kind = .emergency
        let isPlaced = connectOutside(request, with: id)
        tellEmergency(number, "\(id)", isPlaced ? "calling" : "no way out")
        guard !isPlaced else { return }
        announce(Self.noWayOut, to: id)
    }

    func tellEmergency(_ number: String, _ call: String, _ outcome: String) {
        tell("call.emergency", ["call": call, "number": number, "outcome": outcome])
    }

    private static var noWayOut: String {
        "This box has no line to the outside. Your emergency call can not be made from here."
    }

    /// An emergency call came to nothing before anybody answered; nil: that is not what happened. Whoever dialled it is told
    /// where the network itself has said nothing.
    func emergencyFailed(_ call: Call, _ cause: HangupCause) -> Bool {
        guard let use = call.outside, use.isEmergency, cause.isUnreachable else { return false }
        let number = use.request.destination
        guard case .house(.called(let caller)) = call.owner else {
            // A script hears it from its call.
            tellEmergency(number, "\(call.id)", "no way out")
            if case .house(.invited(let conference)) = call.owner { say(Self.noWayOut, inConference: conference) }
            return false
        }
        guard let waiting = calls[caller], !waiting.machine.isConnected, !waiting.machine.isOver else { return false }
        tellEmergency(number, "\(caller)", "no way out")
        announce(Self.noWayOut, to: caller)
        return true
    }

    private func say(_ words: String, inConference name: String) {
        guard let room = rooms.values.first(where: { $0.room.conferenceID == name })?.room.id else { return }
        play(.speech(text: words, voice: options.voice), in: room)
    }

    /// A landline was taken from its call for an emergency: those who are left behind hear why.
    func preempted(_ id: CallID) {
        guard let call = calls[id] else { return }
        tell("call.preempted", ["call": "\(id)"])
        if let room = call.room {
            rooms[room]?.partingWords = "The landline is needed for an emergency call. Whoever was on it has left."
        }
        sayToPartner(of: id, Self.neededForEmergency)
    }

    private static var neededForEmergency: String { "This line is needed for an emergency call." }

    /// Calls out for a phone of the house and connects the two. False: there is no way.
    private func connectOutside(_ request: DialRequest, with id: CallID) -> Bool {
        guard let caller = calls[id], let (leg, way) = placeOutside(request) else { return false }
        var info = caller.info
        info.destination = request.destination
        let called = addCall(
            .outgoing, leg: leg, info: info, origin: .inside, peer: "outside \(request.destination)",
            owner: .house(.called(by: id)))
        isOutside(called, request, way)
        calls[id]?.owner = .house(.caller(of: called))
        if let node = nodeOf(called) {
            graph.connect(from: caller.node, to: node)
            graph.connect(from: node, to: caller.node)
        }
        isGraphChanged = true
        return true
    }

    // MARK: - Ways out

    /// The first driver, from that one on, that has a way to the destination.
    func place(_ request: DialRequest, from way: Int) -> (any Leg, Int)? {
        for index in drivers.indices.dropFirst(way) {
            if let leg = drivers[index].dial(request) { return (leg, index) }
        }
        return nil
    }

    /// For an emergency a line that is in use is freed.
    func placeOutside(_ request: DialRequest) -> (any Leg, Int)? {
        if let placed = place(request, from: 0) { return placed }
        return request.kind == .emergency && freeOutsideLines() ? place(request, from: 0) : nil
    }

    /// Notes that a call leaves the house.
    func isOutside(_ id: CallID, _ request: DialRequest, _ way: Int) {
        calls[id]?.outside = OutsideUse(request: request, way: way)
        guard request.kind != .emergency else { return }
        fence.began(id, to: request.destination)
        tell("call.outside", ["call": "\(id)", "destination": request.destination])
    }

    /// An unanswered call that cannot be reached by this way goes by the next one. True: it goes on.
    func triesNextWay(_ id: CallID, _ cause: HangupCause) -> Bool {
        guard let call = calls[id], let use = call.outside, !call.machine.isConnected, !call.machine.isOver,
            cause.isUnreachable
        else { return false }
        if let (leg, way) = place(use.request, from: use.way + 1) {
            calls[id]?.outside?.way = way
            replaceLeg(of: id, with: leg)
            return true
        }
        // Somebody's chat gives way to an emergency.
        guard use.isEmergency, freeOutsideLines(), let (leg, way) = place(use.request, from: 0) else { return false }
        calls[id]?.outside?.way = way
        replaceLeg(of: id, with: leg)
        return true
    }

    /// Ends the calls to the outside that are no emergencies; those in them are told. False: there were none.
    private func freeOutsideLines() -> Bool {
        let all = fence.runningCalls.filter { calls[$0]?.outside?.isEmergency == false }
        for id in all {
            tell("call.preempted", ["call": "\(id)"])
            cutOff(id, words: Self.neededForEmergency)
        }
        return !all.isEmpty
    }

    /// Ends a call to the outside; a phone of the house that is in it hears why.
    private func cutOff(_ id: CallID, words: String) {
        sayToPartner(of: id, words)
        step(id, .hangUp(.noCircuitAvailable))
    }

    /// Before a call to the outside ends: the phone of the house in it hears why, and is left to hang up.
    private func sayToPartner(of id: CallID, _ words: String) {
        guard case .house(.called(let partner)) = calls[id]?.owner, calls[partner]?.machine.isConnected == true else {
            return
        }
        // Otherwise its end would be the partner's, too.
        calls[id]?.owner = .house(.announcement(then: .noCircuitAvailable))
        calls[partner]?.owner = .house(.announcement(then: .normalClearing))
        startPlayback(.speech(text: words, voice: options.voice), loop: false, delayMilliseconds: 300, of: partner)
    }

    // MARK: - Minutes

    func outsideAnswered(_ id: CallID) {
        guard fence.isRunning(id) else { return }
        fence.answered(id, now: now)
        watchMinutes()
    }

    func outsideEnded(_ id: CallID) {
        guard fence.isRunning(id) else { return }
        if fence.ended(id, now: now) { options.keepLedger(fence.ledger) }
        watchMinutes()
    }

    private func watchMinutes() {
        guard let moment = fence.exhausted(by: options.fence, now: now) else { return timers.cancel(.minutes) }
        timers.schedule(.minutes, at: moment)
    }

    /// The minutes of the day may be used up.
    func minutesAreOver() {
        guard let moment = fence.exhausted(by: options.fence, now: now), moment <= now else { return watchMinutes() }
        tell("fence.exhausted", ["minutes": "\(options.fence.minutesPerDay)"])
        for id in fence.runningCalls {
            cutOff(id, words: Fence.Refusal.noMinutes.words)
        }
    }
}

extension HangupCause {
    /// Nothing is said about who was called: another way may lead there.
    package var isUnreachable: Bool {
        switch self {
        case .noUserResponding, .subscriberAbsent, .noRouteToDestination, .noCircuitAvailable, .networkOutOfOrder,
            .temporaryFailure, .congestion, .destinationOutOfOrder, .recoveryOnTimerExpiry, .interworking,
            .protocolError, .facilityRejected, .notPermitted:
            true
        default: false
        }
    }
}
