// SPDX-License-Identifier: Apache-2.0

extension Exchange {
    // MARK: - Of calls

    /// Starts a call's own playback in place of what it heard before.
    func startPlayback(_ sound: Sound, loop: Bool, delayMilliseconds: Int, of id: CallID) {
        stopPlayback(of: id)
        guard let call = calls[id] else { return }
        var payer: SessionID?
        if case .session(let session, _) = call.owner { payer = session }
        guard let player = media.play(sound, loop: loop, delayMilliseconds: delayMilliseconds, for: payer) else {
            tell("player.failed", ["reason": Self.noPlayer])
            return finished(id, nil, Self.noPlayer)
        }
        let playback = Playback(player: player, node: graph.add(.player(player)))
        calls[id]?.playback = playback
        players[player] = .call(id)
        graph.connect(from: playback.node, to: call.node)
        isGraphChanged = true
    }

    func stopPlayback(of id: CallID) {
        guard let playback = calls[id]?.playback else { return }
        calls[id]?.playback = nil
        drop(playback)
    }

    func drop(_ playback: Playback) {
        media.stop(playback.player)
        forget(playback)
    }

    private func forget(_ playback: Playback) {
        players[playback.player] = nil
        graph.remove(playback.node)
        isGraphChanged = true
    }

    // MARK: - Of scripts

    func startPlayback(_ unit: UnitID, _ sound: SessionSound, _ loop: Bool, _ session: SessionID) {
        guard let record = sessions[session] else { return }
        guard let sound = translated(sound) else {
            return host.deliver(.playbackFinished(unit, error: Self.noSound), to: session)
        }
        if let call = record.calls[unit] {
            startPlayback(sound, loop: loop, delayMilliseconds: 0, of: call)
        } else if let room = record.rooms[unit] {
            startScriptPlayback(sound, loop, in: room)
        }
    }

    func stopPlayback(_ unit: UnitID, _ session: SessionID) {
        guard let record = sessions[session] else { return }
        if let call = record.calls[unit] { return stopPlayback(of: call) }
        if let room = record.rooms[unit], let playback = rooms[room]?.scriptPlayback {
            rooms[room]?.scriptPlayback = nil
            drop(playback)
        }
    }

    func createPlayer(_ unit: UnitID, _ sound: SessionSound, _ loop: Bool, _ session: SessionID) {
        guard let record = sessions[session], unit.number < 0, record.players[unit] == nil else { return }
        guard record.players.count < Session.maxPlayers else {
            return host.deliver(.playbackFinished(unit, error: "more than 10 players in this session"), to: session)
        }
        guard let sound = translated(sound) else {
            return host.deliver(.playbackFinished(unit, error: Self.noSound), to: session)
        }
        guard let player = media.play(sound, loop: loop, delayMilliseconds: 0, for: session) else {
            return host.deliver(.playbackFinished(unit, error: Self.noPlayer), to: session)
        }
        sessions[session]?.players[unit] = Playback(player: player, node: graph.add(.player(player)))
        players[player] = .session(session, unit)
    }

    private func startScriptPlayback(_ sound: Sound, _ loop: Bool, in id: RoomID) {
        if let old = rooms[id]?.scriptPlayback { drop(old) }
        let playback = play(sound, loop: loop, in: id, as: .scriptRoom(id))
        rooms[id]?.scriptPlayback = playback
        if playback == nil { toOwner(id) { .playbackFinished($0, error: Self.noPlayer) } }
    }

    // MARK: - Of rooms

    /// The room's own words and tones; a new one replaces the old.
    func play(_ sound: Sound, in id: RoomID) {
        stopRoomPlayback(id)
        let playback = play(sound, loop: false, in: id, as: .room(id))
        rooms[id]?.playback = playback
    }

    func stopRoomPlayback(_ id: RoomID) {
        guard let old = rooms[id]?.playback else { return }
        rooms[id]?.playback = nil
        drop(old)
    }

    private func play(_ sound: Sound, loop: Bool, in id: RoomID, as use: PlayerUse) -> Playback? {
        guard let room = rooms[id] else { return nil }
        var payer: SessionID?
        if case .scriptRoom = use { payer = room.session }
        guard let player = media.play(sound, loop: loop, delayMilliseconds: 0, for: payer) else { return nil }
        let playback = Playback(player: player, node: graph.add(.player(player)))
        players[player] = use
        graph.connect(from: playback.node, to: room.node)
        isGraphChanged = true
        return playback
    }

    // MARK: - What players tell

    func playerSegments(_ player: PlayerID, _ milliseconds: [Int]) {
        switch players[player] {
        case .call(let id): toOwner(id) { .playbackSegments($0, milliseconds: milliseconds) }
        case .session(let session, let unit):
            host.deliver(.playbackSegments(unit, milliseconds: milliseconds), to: session)
        case .scriptRoom(let room): toOwner(room) { .playbackSegments($0, milliseconds: milliseconds) }
        case .room, .whisper, nil: break
        }
    }

    func playerStarted(_ player: PlayerID, _ milliseconds: Int) {
        switch players[player] {
        case .call(let id): toOwner(id) { .playbackStarted($0, milliseconds: milliseconds) }
        case .session(let session, let unit):
            host.deliver(.playbackStarted(unit, milliseconds: milliseconds), to: session)
        case .scriptRoom(let room): toOwner(room) { .playbackStarted($0, milliseconds: milliseconds) }
        case .room, .whisper, nil: break
        }
    }

    func playerFinished(_ player: PlayerID, _ error: String?) {
        if let error { tell("player.failed", ["reason": error]) }
        switch players[player] {
        case .call(let id): finished(id, player, error)
        case .session(let session, let unit):
            if let playback = sessions[session]?.players.removeValue(forKey: unit) { forget(playback) }
            host.deliver(.playbackFinished(unit, error: error), to: session)
        case .scriptRoom(let room):
            if let playback = rooms[room]?.scriptPlayback { forget(playback) }
            rooms[room]?.scriptPlayback = nil
            toOwner(room) { .playbackFinished($0, error: error) }
        case .room(let room):
            if let playback = rooms[room]?.playback, playback.player == player { forget(playback) }
            rooms[room]?.playback = nil
        case .whisper(let port): whisperEnded(port, player)
        case nil: break
        }
    }

    /// Whoever waits for the end of a sound that can not begin would wait for ever.
    static let noPlayer = "all players are in use"
    private static let noSound = "this tone script or address is not understood"

    /// `player`: nil when there was none to be had.
    private func finished(_ id: CallID, _ player: PlayerID?, _ error: String?) {
        if let playback = calls[id]?.playback, playback.player == player {
            calls[id]?.playback = nil
            forget(playback)
        }
        if case .house(.announcement(let cause)) = calls[id]?.owner { return step(id, .hangUp(cause)) }
        if case .house(.trying) = calls[id]?.owner { return step(id, .hangUp(.normalClearing)) }
        if case .house(.invited(let conference)) = calls[id]?.owner { return sayInvitation(id, conference) }
        // The words that ask for the code are not the script's.
        guard waitingDials[id] == nil else { return }
        toOwner(id) { .playbackFinished($0, error: error) }
    }

    private func translated(_ sound: SessionSound) -> Sound? {
        switch sound {
        case .speech(let text, let language):
            let capped = String(text.prefix(1500))
            return .speech(text: capped, voice: VoiceNames.voice(for: language, standard: options.voice))
        case .url(let url):
            return PlaybackAddress.sound(
                url, recordingsURL: options.recordingsURL, recordingsFolder: options.recordingsFolder)
        case .request(let request):
            switch PlaybackAddress.sound(
                request.url, recordingsURL: options.recordingsURL, recordingsFolder: options.recordingsFolder)
            {
            case .web?: return .webRequest(request)
            // A recording of this box needs no question.
            case let file?: return request.isKept ? file : nil
            case nil: return nil
            }
        case .toneScript(let script): return ToneScript.parse(script).map { .tones($0.segments, repeats: $0.repeats) }
        case .sequence(let parts):
            guard parts.count <= SessionSound.mostSegments else { return nil }
            let sounds = parts.compactMap { part -> Sound? in
                if case .sequence = part { nil } else { translated(part) }
            }
            return sounds.count == parts.count ? .sequence(sounds) : nil
        }
    }
}
