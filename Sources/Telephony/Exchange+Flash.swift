// SPDX-License-Identifier: Apache-2.0

/// Three who hear each other because the telephone of two calls wants it: a room of their own.
///
///     partner of the first --- first call ~wire~ end --+
///     partner of the second - second call ~wire~ end --+-- room
///     the telephone's port -------------------- phone --+
struct ThreeWay {
    var room: RoomID
    /// The call that has the telephone's port, and the one that it held.
    var active: CallID
    var other: CallID
    var phone: MediaGraph.Node
    /// The far ends of the wires that the two calls' nodes have become.
    var ends: [MediaGraph.Node]
}

/// What a telephone of this box with two calls asks for.
extension Exchange {
    // MARK: - Hold

    /// The leg has lost its port to the telephone's other call, or has another one now.
    func givePortAway(_ id: CallID) {
        guard let call = calls[id], let port = call.port, let leg = call.leg, leg.port != port else { return }
        if callOfPort[port] == id { callOfPort[port] = nil }
        calls[id]?.port = nil
        guard threeWays[id] == nil else { return }
        graph.change(call.node, to: .silent)
        isGraphChanged = true
    }

    // MARK: - Three-way

    /// Rooms and scripts decide themselves who joins them (a room by its PIN, its lock and the press of 1).
    func confer(_ id: CallID, with held: LegID) {
        guard let call = calls[id], let port = call.port, call.machine.isConnected, threeWays[id] == nil,
            let other = callOfLeg[held], other != id, let first = calls[other], first.machine.isConnected,
            first.port == nil, isPlain(id), isPlain(other), let mix = media.openMix()
        else {
            calls[id]?.leg?.refuseConference()
            return tell("call.three-way", ["call": "\(id)", "outcome": "not possible"])
        }
        let name = "three-way-\(id)"
        let room = RoomRecord(
            room: Room(id: newRoomID(), conferenceID: name, options: SessionConferenceOptions()),
            node: graph.add(.conference), mix: mix)
        rooms[room.room.id] = room
        let phone = graph.add(.port(port, isAnswered: true))
        var ends: [MediaGraph.Node] = []
        for node in [first.node, call.node] {
            let end = graph.add(.wire(peer: node))
            graph.change(node, to: .wire(peer: end))
            ends.append(end)
        }
        for node in ends + [phone] {
            graph.connect(from: node, to: room.node)
            graph.connect(from: room.node, to: node)
        }
        threeWays[id] = ThreeWay(room: room.room.id, active: id, other: other, phone: phone, ends: ends)
        isGraphChanged = true
        tell("call.three-way", ["call": "\(id)", "with": "\(other)", "room": name])
    }

    /// One of the two calls ends, or is handed on: what is left is an ordinary call again.
    func endThreeWay(with id: CallID) {
        guard let three = threeWays.values.first(where: { $0.active == id || $0.other == id }) else { return }
        threeWays[three.active] = nil
        for call in [three.active, three.other] {
            guard let node = nodeOf(call) else { continue }
            let port = calls[call]?.port
            graph.change(node, to: port.map { .port($0, isAnswered: true) } ?? .silent)
        }
        for node in three.ends + [three.phone] { graph.remove(node) }
        closeRoom(three.room)
    }

    // MARK: - Transfer

    /// The telephone has hung up: the one it held gets whom it has called, be he reached or not yet. What is outside passed
    /// the fence when it was dialled, and stays in its books. Neither a room, nor a script that speaks itself, nor an emergency
    /// call is handed on: there both calls just end. A script that has only put people together keeps its call, with somebody
    /// else at its end.
    func leave(_ id: CallID, to held: LegID, _ ringback: [ToneSegment]) {
        guard let call = calls[id], let other = callOfLeg[held], other != id,
            calls[other]?.machine.isConnected == true, !call.machine.isOver
        else { return }
        guard isPlain(id), isPlain(other) else {
            return tell("call.transfer", ["call": "\(other)", "with": "\(id)", "outcome": "not possible"])
        }
        endThreeWay(with: id)
        let isReached = call.machine.isConnected
        guard isReached || call.machine.direction == .incoming else { return }
        let partners = (partner(of: other), partner(of: id))
        takeOffLeg(of: id)
        takeOffLeg(of: other)
        join(id, other)
        introduce(partners.0, partners.1)
        if !isReached { startPlayback(.tones(ringback, repeats: true), loop: false, delayMilliseconds: 0, of: id) }
        tell("call.transferred", ["call": "\(other)", "with": "\(id)"])
    }

    /// Whether a call leads, through whatever wires and scripts, to nothing but people: no room, no emergency service, no script
    /// that is what it leads to.
    private func isPlain(_ id: CallID) -> Bool {
        var (seen, next) = (Set<CallID>(), [id])
        while let id = next.popLast() {
            guard seen.insert(id).inserted, let call = calls[id] else { continue }
            if call.outside?.isEmergency == true { return false }
            if let room = call.room, !threeWays.values.contains(where: { $0.room == room }) { return false }
            switch call.owner {
            case .session(let session, _):
                guard isBridge(id, of: session) else { return false }
                next += bridged(with: id)
            case .orphan, .house(.invited): return false
            case .house(.caller(let partner)), .house(.called(let partner)), .house(.target(let partner)):
                next.append(partner)
            case .house(.announcement), .house(.trying): break
            }
            if let peer = call.peer { next.append(peer) }
        }
        return true
    }

    /// Whether a script has put this call together with other calls, and with no room.
    private func isBridge(_ id: CallID, of session: SessionID) -> Bool {
        guard let node = nodeOf(id), let record = sessions[session], !bridged(with: id).isEmpty else { return false }
        return record.rooms.values.allSatisfy { room in
            guard let mix = rooms[room]?.node else { return true }
            return !graph.isConnected(from: node, to: mix) && !graph.isConnected(from: mix, to: node)
        }
    }

    /// Somebody answers whose caller was left to another one, who has heard the ringback tone until now.
    func endRingback(of caller: CallID, answeredBy called: CallID) {
        guard let call = calls[caller], call.leg == nil, call.playback != nil, let node = nodeOf(called) else { return }
        stopPlayback(of: caller)
        graph.connect(from: node, to: call.node)
        isGraphChanged = true
    }
}
