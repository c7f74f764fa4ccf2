// SPDX-License-Identifier: Apache-2.0

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

    /// A call to the outside came to nothing before anybody answered. Whoever dialled it is told in words where the network
    /// itself has said nothing. False: there is nothing to tell, or nobody.
    func outsideFailed(_ call: Call, _ cause: HangupCause) -> Bool {
        guard let use = call.outside, cause.isUnreachable || use.isEmergency && cause != .normalClearing else {
            return false
        }
        guard use.isEmergency else { return landlineFailed(call, use) }
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

    /// A phone of the house that only knows the reorder tone would dial again and again.
    private func landlineFailed(_ call: Call, _ use: OutsideUse) -> Bool {
        guard let release = use.lastRelease, release.meansOutOfOrder, case .house(.called(let caller)) = call.owner,
            let waiting = calls[caller], !waiting.machine.isConnected, !waiting.machine.isOver
        else { return false }
        announce(Self.outOfOrder, to: caller, then: .networkOutOfOrder)
        return true
    }

    private static var outOfOrder: String { "The line to the outside does not work. Your call can not be made." }

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

    static var neededForEmergency: String { "This line is needed for an emergency call." }

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
