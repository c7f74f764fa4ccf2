// SPDX-License-Identifier: Apache-2.0

extension Exchange {
    package func callReports() -> [CallReport] {
        let statistics = statisticsByPort()
        return calls.values.filter { $0.leg != nil }.sorted { $0.id < $1.id }.map { call in
            var report = CallReport()
            report.id = "\(call.id)"
            report.technology = call.leg?.technology ?? ""
            let end = call.present
            report.peer = end.peer
            report.callerNumber = end.callerNumber
            report.callerName = end.callerName
            report.destination = end.destination
            report.state = call.isHeld ? "on hold" : call.machine.state.rawValue
            report.rule = call.rule
            report.room =
                call.room.flatMap { rooms[$0] }.map { DialPlan.roomName(ofConference: $0.room.conferenceID) } ?? ""
            report.seconds = Int((now - (end.connectedAt ?? end.beganAt)) / 1000)
            report.media = call.port.flatMap { statistics[$0] } ?? PortStatistics()
            return report
        }
    }

    /// The leg and the port of a call, as the reports name it; of one that is over the leg alone.
    package func wire(ofCall text: String) -> (leg: LegID, port: PortID?)? {
        guard let number = UInt32(text) else { return nil }
        let id = CallID(number)
        guard let call = calls[id], let leg = call.leg else { return formerLegs[id].map { ($0, nil) } }
        return (leg.id, call.port)
    }

    /// Those with somebody in them; a room stays for a while when everybody has gone.
    package func roomReports() -> [RoomReport] {
        let statistics = statisticsByPort()
        let away = away
        return rooms.values.filter { !$0.room.participants.isEmpty || away[$0.room.id] != nil }
            .map { report(of: $0, statistics, away) }
            .sorted { $0.name < $1.name }
    }

    package func roomReport(_ name: String) -> RoomReport? {
        guard let record = record(ofRoom: name) else { return nil }
        return report(of: record, statisticsByPort(), away)
    }

    package func status() -> StatusReport {
        var report = StatusReport()
        report.calls = calls.values.count { $0.leg != nil }
        let away = away
        report.rooms = rooms.values.count { !$0.room.participants.isEmpty || away[$0.room.id] != nil }
        report.sessions = sessions.count
        return report
    }

    package func perform(_ request: ControlRequest, now: Int64) -> ControlOutcome {
        self.now = now
        defer { applyGraph() }
        switch request {
        case .kick(let room, let participant):
            return onParticipant(participant, room) { step($0, .hangUp(.normalClearing)) }
        case .mute(let room, let participant, let muted):
            return onParticipant(participant, room) {
                calls[$0]?.isMutedByDesk = muted
                if !muted { calls[$0]?.isMutedByKey = false }
                applyMute($0)
            }
        case .deafen(let room, let participant, let deaf):
            return onParticipant(participant, room) {
                calls[$0]?.isDeaf = deaf
                if let port = calls[$0]?.port { media.deafen(port, deaf) }
            }
        case .volume(let room, let participant, let talk, let listen):
            guard (-40...20).contains(talk), (-40...20).contains(listen) else {
                return .refused("a volume lies between -40 and 20 dB")
            }
            return onParticipant(participant, room) {
                calls[$0]?.talkDB = talk
                calls[$0]?.listenDB = listen
                if let port = calls[$0]?.port { media.setGain(port, talkDB: talk, listenDB: listen) }
            }
        case .lock(let room, let locked): return onRoom(room) { rooms[$0]?.room.isLocked = locked }
        case .say(let room, let text):
            return play(.speech(text: String(text.prefix(1500)), voice: options.voice), inRoom: room)
        case .play(let room, let file): return play(.file(path: file), inRoom: room)
        case .record(let room, let action):
            guard let wish = RoomRecording(rawValue: action) else { return .refused("write start, stop or pause") }
            guard let record = record(ofRoom: room) else { return Self.noRoom(room) }
            return self.record(record.room.id, wish).map { .refused($0) } ?? .done
        case .unban: return .refused("that is not the exchange's business")
        case .hangUp(let call):
            guard let id = callID(call) else { return .notFound("no call \(call)") }
            step(id, .hangUp(.normalClearing))
            return .done
        case .dial(let room, let destination): return invite(destination, into: room)
        case .line: return .refused("lines are operated elsewhere")
        }
    }

    private static func noRoom(_ name: String) -> ControlOutcome {
        .notFound(Obstacle("no room \(name)", remedy: "partyline rooms shows the rooms"))
    }

    private func onRoom(_ name: String, _ body: (RoomID) -> Void) -> ControlOutcome {
        guard let record = record(ofRoom: name) else { return Self.noRoom(name) }
        body(record.room.id)
        return .done
    }

    private func play(_ sound: Sound, inRoom name: String) -> ControlOutcome {
        guard let room = record(ofRoom: name)?.room.id else { return Self.noRoom(name) }
        play(sound, in: room)
        return rooms[room]?.playback == nil ? .refused("\(Self.noPlayer)") : .done
    }

    private func onParticipant(_ text: String, _ room: String, _ body: (CallID) -> Void) -> ControlOutcome {
        guard let record = record(ofRoom: room) else { return Self.noRoom(room) }
        guard let id = callID(text), calls[id]?.room == record.room.id else {
            return .notFound("no participant \(text) in room \(room)")
        }
        body(id)
        return .done
    }

    private func callID(_ text: String) -> CallID? {
        guard let number = UInt32(text), calls[CallID(number)]?.leg != nil else { return nil }
        return CallID(number)
    }

    private func record(ofRoom name: String) -> RoomRecord? {
        rooms.values.first { record in
            record.room.conferenceID == name || DialPlan.roomName(ofConference: record.room.conferenceID) == name
        }
    }

    private func report(
        of record: RoomRecord, _ statistics: [PortID: PortStatistics], _ away: [RoomID: [Call]]
    ) -> RoomReport {
        let inside = present(in: record.room.id) + (away[record.room.id] ?? [])
        var report = RoomReport()
        report.name = DialPlan.roomName(ofConference: record.room.conferenceID)
        report.conferenceID = record.room.conferenceID
        report.isLocked = record.room.isLocked
        report.recording = record.recorder == nil ? "" : record.isRecordingPaused ? "paused" : "on"
        report.participants = inside.sorted { $0.id < $1.id }.map { call in
            var participant = ParticipantReport()
            participant.id = "\(call.id)"
            let person = call.person
            participant.name = person.name.isEmpty ? person.number : person.name
            participant.number = person.number
            participant.technology = call.leg?.technology ?? ""
            participant.media = call.port.flatMap { statistics[$0] } ?? PortStatistics()
            participant.isTalking = participant.media.isTalking && !call.isMuted
            participant.isMuted = call.isMuted
            participant.isDeaf = call.isDeaf
            participant.isOnHold = call.isHeld
            participant.secondsInRoom = Int((now - call.roomSince) / 1000)
            return participant
        }
        return report
    }

    private func statisticsByPort() -> [PortID: PortStatistics] {
        Dictionary(
            media.statistics().map { (PortID(slot: $0.slot, generation: $0.generation), $0) }, uniquingKeysWith: { $1 })
    }
}

extension Exchange {
    /// The session in which a call is; of one that a script has called into a room, the script's.
    func session(of id: CallID) -> SessionID? {
        if case .session(let session, _) = calls[id]?.owner { session } else { nil }
    }
}
