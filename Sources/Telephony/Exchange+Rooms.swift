// SPDX-License-Identifier: Apache-2.0

extension Exchange {
    func createConference(_ unit: UnitID, _ options: SessionConferenceOptions, _ session: SessionID) {
        guard let record = sessions[session], unit.number < 0, record.rooms[unit] == nil else { return }
        guard record.rooms.count < Session.maxRooms else {
            return host.deliver(.conferenceError(unit, "more than 10 conferences in this session"), to: session)
        }
        let isNamed = record.conferenceName != nil && record.rooms.isEmpty
        let name = isNamed ? record.conferenceName ?? "" : "\(session)\(unit)"
        // Whoever is still inside from a session that was lost belongs to the new one now.
        let id = orphanedRooms.removeValue(forKey: name) ?? newRoomID()
        if rooms[id] == nil {
            rooms[id] = RoomRecord(
                room: Room(id: id, conferenceID: name, options: options), node: graph.add(.conference),
                mix: media.openMix())
            isGraphChanged = true
        }
        rooms[id]?.room.options = options
        rooms[id]?.session = session
        rooms[id]?.unit = unit
        sessions[session]?.rooms[unit] = id
        guard rooms[id]?.mix != nil else {
            tell("room.failed", ["room": name, "reason": "the mixer is full"])
            // The script may try again, and its next one has the conference's name.
            sessions[session]?.rooms[unit] = nil
            closeRoom(id)
            return host.deliver(.conferenceError(unit, "the mixer is full"), to: session)
        }
        host.deliver(.conferenceStarted(unit), to: session)
    }

    func stopConference(_ unit: UnitID, _ session: SessionID) {
        guard let room = sessions[session]?.rooms.removeValue(forKey: unit) else { return }
        closeRoom(room)
        host.deliver(.conferenceStopped(unit), to: session)
    }

    func closeRoom(_ id: RoomID) {
        guard let record = rooms[id] else { return }
        if let playback = record.playback { drop(playback) }
        if let playback = record.scriptPlayback { drop(playback) }
        if let recorder = record.recorder { stop(recorder) }
        graph.remove(record.node)
        isGraphChanged = true
        applyGraph()
        rooms[id] = nil
        if let mix = record.mix { media.closeMix(mix) }
        for (name, room) in orphanedRooms where room == id { orphanedRooms[name] = nil }
    }

    /// A room without a session goes when its last participant goes.
    func closeIfEmpty(_ id: RoomID) {
        guard let record = rooms[id], record.session == nil, isEmpty(id) else { return }
        closeRoom(id)
    }

    /// Those who are in a room: who hears it, and whose telephone holds it while it has another call. Those keep their place,
    /// since when they are there, and with it the host's keys.
    func inside(_ room: RoomID) -> [Call] { present(in: room) + away(from: room) }

    /// Those who hear it.
    func present(in room: RoomID) -> [Call] {
        (rooms[room]?.room.participants ?? []).compactMap { callOfPort[$0] }.compactMap { calls[$0] }
    }

    private func away(from room: RoomID) -> [Call] { calls.values.filter { $0.room == room && $0.isAway } }

    /// Those whose telephone holds a room, by that room: for whoever asks about all rooms.
    var away: [RoomID: [Call]] {
        calls.values.reduce(into: [:]) { away, call in
            if call.isAway, let room = call.room { away[room, default: []].append(call) }
        }
    }

    private func isEmpty(_ room: RoomID) -> Bool {
        rooms[room]?.room.participants.isEmpty == true && away(from: room).isEmpty
    }

    /// Nobody is in it any more, and nobody comes back to it.
    func vacate(_ room: RoomID) {
        guard isEmpty(room) else { return }
        rooms[room]?.room.isLocked = false
        if rooms[room]?.session == nil { emptied.append(room) }
    }

    func toOwner(_ room: RoomID, _ event: (UnitID) -> SessionEvent) {
        guard let record = rooms[room], let session = record.session, let unit = record.unit else { return }
        host.deliver(event(unit), to: session)
    }

    /// Tells rooms who is inside now.
    func updateRooms() {
        var present: [RoomID: Set<PortID>] = [:]
        var roomOfNode: [MediaGraph.Node: RoomID] = [:]
        for (id, record) in rooms {
            roomOfNode[record.node] = id
            present[id] = []
        }
        for (node, sources) in members {
            guard let room = roomOfNode[node] else { continue }
            for case .port(let port) in sources { present[room]?.insert(port) }
        }
        for (port, what) in heard {
            if case .conference(let node) = what, let room = roomOfNode[node] { present[room]?.insert(port) }
        }
        for (id, ports) in present {
            guard let actions = rooms[id]?.room.update(ports) else { continue }
            for action in actions { perform(action, in: id) }
            sayParting(actions, in: id)
        }
        releaseTakenAway(present)
    }

    /// A script has led somebody elsewhere while his telephone held the room: he does not come back to it.
    private func releaseTakenAway(_ present: [RoomID: Set<PortID>]) {
        for (id, call) in calls {
            guard let room = call.room, let port = call.port, present[room]?.contains(port) != true else { continue }
            calls[id]?.room = nil
            vacate(room)
        }
    }

    private func sayParting(_ actions: [Room.Action], in id: RoomID) {
        let isLeaving = actions.contains { if case .left = $0 { true } else { false } }
        guard isLeaving, let words = rooms[id]?.partingWords else { return }
        rooms[id]?.partingWords = nil
        guard rooms[id]?.room.participants.isEmpty == false else { return }
        play(.speech(text: words, voice: options.voice), in: id)
    }

    private func perform(_ action: Room.Action, in id: RoomID) {
        guard let record = rooms[id] else { return }
        let name = DialPlan.roomName(ofConference: record.room.conferenceID)
        switch action {
        case .joined(let port):
            guard let call = callOfPort[port] else { return }
            // Whoever comes back from his other call has never left.
            if calls[call]?.room != id { calls[call]?.roomSince = now }
            calls[call]?.room = id
            calls[call]?.lastRoom = name
            calls[call]?.typedAhead = []
            tell("room.joined", ["room": name, "call": "\(call)", "from": calls[call]?.person.number ?? ""])
            if record.recorder != nil, !record.isRecordingPaused { whisper(Self.recordingWords, to: call) }
        case .left(let port):
            if let call = callOfPort[port], calls[call]?.room == id {
                calls[call]?.room = nil
                watchDeserted(call)
            }
            tell("room.left", ["room": name, "participants": "\(record.room.participants.count)"])
        case .playJoinTone: play(.tones(RoomTones.join, repeats: false), in: id)
        case .playLeaveTone: play(.tones(RoomTones.leave, repeats: false), in: id)
        case .sayAlone: play(.speech(text: "You are the first one here.", voice: options.voice), in: id)
        case .stopSayingAlone: stopRoomPlayback(id)
        case .becameEmpty:
            stopRoomPlayback(id)
            // An hour of an empty room is of no use to anybody.
            if let recorder = record.recorder { stop(recorder) }
            rooms[id]?.recorder = nil
            rooms[id]?.isRecordingPaused = false
            vacate(id)
        }
    }
}

extension Call {
    /// Its telephone has another call in hand meanwhile.
    fileprivate var isAway: Bool { isHeld && port == nil }
}
