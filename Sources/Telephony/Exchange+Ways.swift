// SPDX-License-Identifier: Apache-2.0

/// A call that leaves the house.
struct OutsideUse {
    var request: DialRequest
    /// Which of the drivers has it; the next one is tried when it cannot be reached.
    var way: Int
    /// Landlines that gave up for want of a dial tone: when nothing else works they are dialled on blindly.
    var silentLines: Set<String> = []
    /// How the landline that was tried last has ended.
    var lastRelease: LandlineRelease?
    /// An emergency for which lines were freed: so often it still tries, since they may need a moment.
    var triesLeft = 0
    var isEmergency: Bool { request.kind == .emergency }
}

/// Ways to the outside: the drivers in their order, and within that of the lines each landline.
extension Exchange {
    /// The first driver, from that one on, that has a way to the destination.
    func place(_ request: DialRequest, from way: Int) -> (any Leg, Int)? {
        for index in drivers.indices.dropFirst(way) {
            var request = request
            request.hasOtherWay = request.mayHunt && drivers[(index + 1)...].contains { $0.hasWay(request) }
            if let leg = drivers[index].dial(request) { return (leg, index) }
        }
        return nil
    }

    /// For an emergency a line that is in use is freed.
    func placeOutside(_ request: DialRequest) -> (any Leg, Int)? {
        if let placed = place(request, from: 0) { return placed }
        return request.kind == .emergency && freeOutsideLines(for: nil) ? place(request, from: 0) : nil
    }

    /// Notes that a call leaves the house.
    func isOutside(_ id: CallID, _ request: DialRequest, _ way: Int) {
        calls[id]?.outside = OutsideUse(request: request, way: way)
        guard request.kind != .emergency else { return }
        fence.began(id, to: request.destination)
        tell("call.outside", ["call": "\(id)", "destination": request.destination])
    }

    /// An unanswered call that cannot be reached by this way goes by the next one: another landline, then the next driver. Last of
    /// all those landlines dial blindly that had no dial tone. True: it goes on.
    func triesNextWay(_ id: CallID, _ cause: HangupCause, _ headers: [HeaderField]) -> Bool {
        guard let call = calls[id], var use = call.outside, !call.machine.isConnected, !call.machine.isOver,
            // Whoever is in an emergency goes on, whatever this way says.
            cause.isUnreachable || use.isEmergency && cause != .normalClearing
        else { return false }
        var next = use.way + 1
        use.lastRelease = headers.lazy.compactMap { LandlineRelease($0) }.first
        if let line = call.leg?.outsideLine {
            use.request.triedLines.insert(line)
            let mayWork = use.lastRelease == .lineInUse || use.lastRelease == .deviceEnded
            if use.lastRelease == .noDialTone || use.isEmergency && mayWork {
                use.silentLines.insert(line)
            }
            // The pause between two tries of a number is all landlines'.
            if use.lastRelease != .redialPause { next = use.way }
        }
        calls[id]?.outside = use
        if goesOn(id, from: next) { return true }
        // Somebody's chat gives way to an emergency. A gateway whose landline is in a call of ours is busy, too.
        let isTaken = cause.isUnreachable || cause == .userBusy && call.leg?.outsideLine == nil
        if use.isEmergency, isTaken, freeOutsideLines(for: call.owner) {
            calls[id]?.outside?.triesLeft = Self.mostTries
            if goesOn(id, from: 0) { return true }
        }
        if !use.request.isLastTry, !use.silentLines.isEmpty {
            calls[id]?.outside?.request.isLastTry = true
            calls[id]?.outside?.request.triedLines.subtract(use.silentLines)
            if goesOn(id, from: 0) { return true }
        }
        return waitsForFreedLine(id)
    }

    private static let mostTries = 4
    private static let triesEvery: Int64 = 1_500

    /// A gateway, or a provider, needs a moment until a line that was let go can be dialled on.
    private func waitsForFreedLine(_ id: CallID) -> Bool {
        guard let left = calls[id]?.outside?.triesLeft, left > 0 else { return false }
        calls[id]?.outside?.triesLeft = left - 1
        timers.schedule(.freedLine(id), at: now + Self.triesEvery)
        return true
    }

    func triesFreedLine(_ id: CallID) {
        guard let call = calls[id], !call.machine.isConnected, !call.machine.isOver else { return }
        if !goesOn(id, from: 0) { step(id, .farHungUp(.noCircuitAvailable)) }
    }

    private func goesOn(_ id: CallID, from first: Int) -> Bool {
        guard let use = calls[id]?.outside, let (leg, way) = place(use.request, from: first) else { return false }
        tell(
            "call.rerouted",
            [
                "call": "\(id)", "destination": use.request.destination,
                "reason": use.lastRelease?.rawValue ?? "not reached", "way": leg.outsideLine ?? leg.technology,
            ])
        calls[id]?.outside?.way = way
        // Each way has the whole time to answer.
        waitsForAnswer(id)
        if case .house(.called(let caller)) = calls[id]?.owner { waitsForAnswer(caller) }
        replaceLeg(of: id, with: leg)
        return true
    }

    private func waitsForAnswer(_ id: CallID) {
        guard let call = calls[id], !call.machine.isConnected, !call.machine.isOver else { return }
        timers.schedule(.unanswered(id), at: now + options.unansweredMilliseconds)
    }

    /// Ends the calls to the outside that are no emergencies, and those that trunks have brought; those in them are told. False:
    /// there were none.
    /// - Parameter owner: of the emergency's call. Whom the same script serves may be the one who needs help: he stays.
    private func freeOutsideLines(for owner: CallOwner?) -> Bool {
        let all = fence.runningCalls.filter { calls[$0]?.outside?.isEmergency == false }
        for id in all {
            tell("call.preempted", ["call": "\(id)"])
            cutOff(id, words: Self.neededForEmergency)
        }
        let callers = calls.values.filter {
            $0.origin == .trunks && $0.outside == nil && !$0.machine.isOver && !isServed($0.owner, with: owner)
        }.map(\.id)
        for id in callers {
            preempted(id)
            step(id, .hangUp(.noCircuitAvailable))
        }
        return !all.isEmpty || !callers.isEmpty
    }

    /// Both are calls of one session.
    private func isServed(_ one: CallOwner, with other: CallOwner?) -> Bool {
        guard case .session(let session, _) = one, case .session(session, _)? = other else { return false }
        return true
    }

    /// Ends a call to the outside; a phone of the house that is in it hears why.
    func cutOff(_ id: CallID, words: String) {
        sayToPartner(of: id, words)
        step(id, .hangUp(.noCircuitAvailable))
    }

    /// Before a call to the outside ends: the phone of the house in it hears why, and is left to hang up.
    func sayToPartner(of id: CallID, _ words: String) {
        guard case .house(.called(let partner)) = calls[id]?.owner, calls[partner]?.machine.isConnected == true else {
            return
        }
        // Otherwise its end would be the partner's, too.
        calls[id]?.owner = .house(.announcement(then: .noCircuitAvailable))
        calls[partner]?.owner = .house(.announcement(then: .normalClearing))
        startPlayback(.speech(text: words, voice: options.voice), loop: false, delayMilliseconds: 300, of: partner)
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
