// SPDX-License-Identifier: Apache-2.0

extension Exchange {
    /// A key that a participant has pressed in a room whose keys work.
    func roomKey(_ digit: DTMFDigit, of id: CallID, in room: RoomID) {
        guard var call = calls[id], let port = call.port else { return }
        let outcome = call.roomKeys.press(digit, now: now)
        calls[id] = call
        var words: String?
        switch outcome {
        case .nothing: return
        case .unknown: words = "Star zero for help."
        case .action(let action):
            if action.isForHost, host(of: room) != id {
                words = "Only the host can do that."
            } else {
                words = perform(action, by: id, in: room)
            }
        }
        applyMute(id)
        if let call = calls[id] { media.setGain(port, talkDB: call.talkDB, listenDB: call.listenDB) }
        if let words { whisper(words, to: id) }
    }

    /// Whoever has been inside longest.
    func host(of room: RoomID) -> CallID? {
        inside(room).min { ($0.roomSince, $0.id) < ($1.roomSince, $1.id) }?.id
    }

    /// What is said to the one who pressed it.
    private func perform(_ action: RoomKey.Action, by id: CallID, in room: RoomID) -> String? {
        switch action {
        case .help: return RoomKey.all.map(\.words).joined(separator: ". ") + "."
        case .count:
            let count = inside(room).count
            return count == 1 ? "You are alone here." : "There are \(count) people here."
        case .toggleMute:
            calls[id]?.isMutedByKey.toggle()
            return calls[id]?.isMutedByKey == true ? "You are muted." : "You can speak."
        case .louder:
            let listenDB = calls[id]?.listenDB ?? 0
            calls[id]?.listenDB = min(listenDB + 3, 12)
            return nil
        case .quieter:
            let listenDB = calls[id]?.listenDB ?? 0
            calls[id]?.listenDB = max(listenDB - 3, -12)
            return nil
        case .toggleLock:
            rooms[room]?.room.isLocked.toggle()
            return rooms[room]?.room.isLocked == true ? "The room is locked." : "The room is open."
        case .record:
            // What everybody hears tells the host as well.
            let isOn = rooms[room]?.recorder != nil
            return record(room, isOn ? .stop : .start).map { "That is not possible: \($0)." }
        case .kickLast:
            guard let last = inside(room).max(by: { ($0.roomSince, $0.id) < ($1.roomSince, $1.id) }), last.id != id
            else {
                return "Nobody else is here."
            }
            tell("room.kicked", ["call": "\(last.id)", "by": "\(id)"])
            step(last.id, .hangUp(.normalClearing))
            return nil
        }
    }
}
