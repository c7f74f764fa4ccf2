// SPDX-License-Identifier: Apache-2.0

extension Exchange {
    func startSession(_ rule: RoutingRule, conference: String?, customData: String = "") -> SessionID {
        let id = newSessionID()
        sessions[id] = Session(
            id: id, rule: rule.name, scenarios: rule.scenarios, conferenceName: conference, startedAt: now)
        let token = Self.newToken()
        sessions[id]?.token = token
        sessionOfToken[token] = id
        if let conference { sessionOfConference[conference] = id }
        tell("session.started", ["session": "\(id)", "rule": rule.name])
        var start = SessionStart(
            session: id, rule: rule.name, scenarios: rule.scenarios, conferenceName: conference, customData: customData)
        start.accessURL = options.accessURL + token
        host.start(start)
        return id
    }

    /// 128 random bits: nobody finds a session by trying.
    private static func newToken() -> String {
        (0..<2).map { _ in
            let text = String(UInt64.random(in: 0 ... .max), radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }

    /// Gives an incoming call to a session.
    func offer(_ id: CallID, to session: SessionID) {
        guard var record = sessions[session], let call = calls[id] else { return }
        let unit = record.nextIncomingUnit()
        record.calls[unit] = id
        if record.firstCall == nil { record.firstCall = id }
        sessions[session] = record
        timers.cancel(.idleSession(session))
        calls[id]?.owner = .session(session, unit)
        calls[id]?.rule = record.rule
        host.deliver(.callAlerting(unit, call.info), to: session)
    }

    /// Tells the session that owns the call.
    func toOwner(_ id: CallID, _ event: (UnitID) -> SessionEvent) {
        guard case .session(let session, let unit) = calls[id]?.owner else { return }
        host.deliver(event(unit), to: session)
    }

    func isLocked(_ session: SessionID) -> Bool {
        sessions[session]?.rooms.values.contains { rooms[$0]?.room.isLocked == true } ?? false
    }

    /// A session that has no call (and no one in its rooms) ends after a minute.
    func sessionLostCall(_ session: SessionID) {
        guard let record = sessions[session], record.calls.isEmpty else { return }
        timers.schedule(.idleSession(session), at: now + options.idleSessionMilliseconds)
    }

    func endIdle(_ session: SessionID) {
        guard let record = sessions[session], record.calls.isEmpty else { return }
        let isInhabited = record.rooms.values.contains { rooms[$0]?.room.participants.isEmpty == false }
        if isInhabited { return sessionLostCall(session) }
        end(session)
    }

    /// Asks the session's worker to finish; new calls for its conference id start another session from now on.
    func end(_ session: SessionID) {
        guard var record = sessions[session], !record.isEnding else { return }
        record.isEnding = true
        sessions[session] = record
        forgetConference(of: record)
        host.end(session)
    }

    /// The script is done: its callers go now, not when its worker has said its last words (which may wait for the web).
    func terminate(_ session: SessionID) {
        guard let record = sessions[session] else { return }
        end(session)
        for call in record.calls.values.sorted() { step(call, .hangUp(.normalClearing)) }
    }

    func flooded(_ session: SessionID) {
        guard let record = sessions[session] else { return }
        tell(
            "session.flooded",
            ["session": "\(session)", "rule": record.rule, "reason": "more than 1000 commands at once"])
        end(session)
        for call in record.calls.values.sorted() { step(call, .hangUp(.temporaryFailure)) }
    }

    private func forgetConference(of record: Session) {
        if let name = record.conferenceName, sessionOfConference[name] == record.id { sessionOfConference[name] = nil }
    }

    func sessionEnded(_ id: SessionID, _ reason: String?, _ orphaned: Bool) {
        guard let record = sessions[id] else { return }
        tell("session.ended", ["session": "\(id)", "rule": record.rule, "reason": reason ?? ""])
        timers.cancel(.idleSession(id))
        forgetConference(of: record)
        sessionOfToken[record.token] = nil
        dropQuestions(of: id)
        if orphaned { return orphan(record) }
        for call in record.calls.values.sorted() {
            let wasAnswered = calls[call]?.connectedAt != nil
            step(call, .hangUp(reason == nil || wasAnswered ? .normalClearing : .temporaryFailure))
        }
        for player in record.players.values { drop(player) }
        for recorder in record.recorders.values { stop(recorder) }
        for room in record.rooms.values { closeRoom(room) }
        sessions[id] = nil
    }

    /// The worker was lost: calls and rooms keep their audio. A caller who is in no room yet is greeted anew.
    private func orphan(_ record: Session) {
        sessions[record.id] = nil
        applyGraph()
        for room in record.rooms.values {
            rooms[room]?.session = nil
            rooms[room]?.unit = nil
            // Only the room of the conference id has a name that somebody asks for again.
            if let name = record.conferenceName, rooms[room]?.room.conferenceID == name { orphanedRooms[name] = room }
            closeIfEmpty(room)
        }
        for player in record.players.values { drop(player) }
        for recorder in record.recorders.values { stop(recorder) }
        var again: [CallID] = []
        for id in record.calls.values.sorted() {
            guard let call = calls[id] else { continue }
            calls[id]?.owner = .orphan(record.id)
            let isIncoming = call.machine.direction == .incoming && call.leg != nil
            if isIncoming, call.room == nil { again.append(id) }
            // A wire that was not bridged yet would be silent for ever.
            let isBridged = call.machine.isConnected && graph.source(of: call.node) != nil
            if call.peer != nil, !isBridged { step(id, .hangUp(.temporaryFailure)) }
        }
        for id in again { greetAgain(id, record) }
    }

    private func greetAgain(_ id: CallID, _ record: Session) {
        guard let call = calls[id] else { return }
        endTarget(of: id)
        codeFailed(id)
        stopPlayback(of: id)
        // Digits wait until the new script listens.
        calls[id]?.handlesTones = false
        calls[id]?.tellsSpeech = false
        step(id, .reoffer)
        let rule = RoutingRule(name: record.rule, pattern: NeverPattern(), origins: [], scenarios: record.scenarios)
        if let name = record.conferenceName, let running = sessionOfConference[name] { return offer(id, to: running) }
        tell("call.taken-over", ["call": "\(id)", "rule": call.rule])
        offer(id, to: startSession(rule, conference: record.conferenceName))
    }
}

/// The rule of a session that is started again is not asked for its pattern.
private struct NeverPattern: DestinationPattern {
    func matchesWhole(_ destination: String) -> Bool { false }
}
