// SPDX-License-Identifier: Apache-2.0
import Logging
import Telephony

/// What the line teaches by the calls that come: how it rings, how it tells who calls, by what tone it tells of an end. It is
/// proposed by `learn` and used once somebody has accepted it.
extension LandlineStation {
    /// After `learn`: so long the next call is left to ring until its bell has been heard.
    private static let lessonMilliseconds: Int64 = 600_000
    /// Bursts after which a call is answered even if no cadence was found in them.
    private static let lessonBursts = 7

    /// A burst of the bell begins or ends.
    func note(bell rings: Bool) {
        // A modem says RING; how long its bursts are is our guess.
        guard profile.capabilities[.sense] != .v253 else { return }
        let before = lessons.cadence
        lessons.bell(rings, now: now)
        if let cadence = lessons.cadence, cadence != before, !isKnown(cadence) {
            house.log.info(
                "bell heard",
                metadata: [
                    "line": "\(line.name)", "bell": "\(BellLearner.words(cadence))",
                    "confirm": "partyline line \(line.name) accept",
                ])
        }
        let isTaught = lessonEnds.map { now < $0 } == true && lessons.cadence == nil
        machine.plan.answerAfterRings =
            isTaught ? max(line.landline.answerAfterRings, Self.lessonBursts) : line.landline.answerAfterRings
        if lessons.cadence != nil { lessonEnds = nil }
    }

    /// Who calls was told, by the line in this way, or by the modem (nil).
    func note(caller: LandlineStateMachine.Caller, by kind: String?) {
        lessons.caller(kind ?? "modem", now: now)
        let who = caller.isWithheld ? "withheld" : caller.number
        house.log.info("caller-ID", metadata: ["line": "\(line.name)", "number": "\(who)"])
    }

    /// A call was offered or missed.
    func note(callFrom caller: LandlineStateMachine.Caller?) {
        history.calls += 1
        if caller != nil { history.callerIDs += 1 }
        lessons.callEnded()
    }

    /// What was accepted, into the plan.
    func applyLessons() {
        var plan = machine.plan
        let standard = line.landline
        let bell = memory.bell(of: line.name)
        // The longest silence within a call, with a quarter to spare.
        let reach = Int64((bell ?? country.bell).max() ?? 0) * 5 / 4 + 500
        plan.ringTimeout = bell == nil ? max(standard.ringTimeout, reach) : max(2_500, reach)
        plan.burstsPerRing = max(1, (bell?.count ?? 2) / 2)
        plan.callerIDWait = standard.callerIDWait
        // Nothing comes any more behind the first ring.
        if let way = memory.callerWay(of: line.name), way == .absent || way.comesFirst { plan.callerIDWait = 0 }
        machine.plan = plan
    }

    private func isKnown(_ cadence: [Int]) -> Bool {
        memory.bell(of: line.name).map { BellLearner.isAlike($0, cadence) } == true
    }

    private var newBell: [Int]? { lessons.cadence.flatMap { isKnown($0) ? nil : $0 } }
    private var newWay: BellLearner.Way? { lessons.way.flatMap { $0 == memory.callerWay(of: line.name) ? nil : $0 } }

    /// Countries whose bell is like that: "uk, au".
    func countries(with bell: [Int]) -> String {
        country.bells.filter { BellLearner.isAlike($0.value, bell) }.map(\.key).sorted().joined(separator: ", ")
    }

    // MARK: - Asked

    /// What is known, what was heard, and how to hear more.
    func learn() -> String {
        var words = memory.tones(of: line.name).map { "known: " + $0.map(\.words).joined(separator: ", ") }
        if let bell = memory.bell(of: line.name) { words.append("known: the bell: \(BellLearner.words(bell))") }
        if let way = memory.callerWay(of: line.name) { words.append("known: caller-ID: \(way.words)") }
        let isEmpty = words.isEmpty
        if let proposal { words.append("heard: \(proposal.map(\.words).joined(separator: ", ")), repeated") }
        if let bell = newBell {
            let names = countries(with: bell)
            words.append("heard: the bell: \(BellLearner.words(bell))" + (names.isEmpty ? "" : " (as in \(names))"))
        }
        if let way = newWay { words.append("heard: caller-ID: \(way.words)") }
        if proposal != nil || newBell != nil || newWay != nil {
            words.append("Take it over with: partyline line \(line.name) accept")
        } else {
            words.append(
                isEmpty
                    ? "Nothing was learned yet. Call this line from elsewhere, let the box answer, and hang up there: the "
                        + "tone that the exchange then sends is learned after three repetitions."
                    : "Nothing else was heard.")
        }
        if memory.bell(of: line.name) == nil, lessons.cadence == nil, profile.capabilities[.sense] != .v253 {
            lessonEnds = now &+ Self.lessonMilliseconds
            words.append(
                "The next call within ten minutes is left to ring until its bell has been heard, \(Self.lessonBursts) bursts "
                    + "at most; accept and forget end that.")
        }
        return words.joined(separator: "\n")
    }

    func accept() -> ControlOutcome {
        guard proposal != nil || newBell != nil || newWay != nil else {
            return .refused("nothing was learned that could be taken over")
        }
        var isWritten = true
        var taken: Logger.Metadata = ["line": "\(line.name)"]
        if let proposal {
            isWritten = memory.add(proposal, to: line.name)
            if isWritten {
                taken["tone"] = "\(proposal.map(\.words).joined(separator: ", "))"
                self.proposal = nil
                ear?.set(country, learned: memory.tones(of: line.name))
            }
        }
        if let bell = newBell {
            taken["bell"] = "\(BellLearner.words(bell))"
            isWritten = memory.set(bell: bell, of: line.name) && isWritten
        }
        if let way = newWay {
            taken["caller_id"] = "\(way.words)"
            isWritten = memory.set(callerWay: way, of: line.name) && isWritten
        }
        lessonEnds = nil
        applyLessons()
        guard isWritten else { return .refused("the state directory can not be written") }
        house.log.info("learned", metadata: taken)
        return .done
    }

    func forget() -> ControlOutcome {
        guard memory.forget(line.name) else { return .refused("the state directory can not be written") }
        ear?.set(country, learned: [])
        lessons = BellLearner()
        lessonEnds = nil
        applyLessons()
        return .done
    }
}
