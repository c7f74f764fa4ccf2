// SPDX-License-Identifier: Apache-2.0

extension Exchange {
    func mediaEvent(_ event: MediaEvent) {
        switch event {
        case .digit(let port, let digit, let source):
            if let id = callOfPort[port] { digitHeard(digit, by: source, on: id) }
        case .talking(let port, let isTalking):
            guard let id = callOfPort[port] else { return }
            calls[id]?.isTalking = isTalking
            if calls[id]?.tellsSpeech == true { toOwner(id) { .micStatus($0, active: isTalking) } }
        case .firstAudio(let port):
            guard let id = callOfPort[port] else { return }
            toOwner(id) { .firstAudio($0) }
            let isWide = media.isWideband(port)
            toOwner(id) { .audioQuality($0, isHighDefinition: isWide) }
        case .flowing(let port, let isBack):
            if let id = callOfPort[port] { toOwner(id) { isBack ? .mediaResumed($0) : .mediaStopped($0) } }
        case .beep(let port, let milliseconds):
            if let id = callOfPort[port] { toOwner(id) { .beepDetected($0, milliseconds: milliseconds) } }
        case .progressTone(let port):
            guard let id = callOfPort[port] else { return }
            toOwner(id) { .toneDetected($0, isProgressTone: true, isVoicemail: false) }
        case .playerSegments(let player, let lengths): playerSegments(player, lengths)
        case .mediaTimeout(let port):
            guard let id = callOfPort[port] else { return }
            tell("call.silent", ["call": "\(id)", "words": "no media for \(options.mediaTimeoutSeconds) s"])
            step(id, .hangUp(.recoveryOnTimerExpiry))
        case .playerStarted(let player, let milliseconds): playerStarted(player, milliseconds)
        case .playerFinished(let player, let error): playerFinished(player, error)
        case .recordingStarted(let recorder, let name): recordingStarted(recorder, name)
        case .recordingEnded(let recorder, let name, let seconds, let error):
            recordingEnded(recorder, name, seconds, error)
        case .portFailed(let port, let reason):
            tell("port.failed", ["call": callOfPort[port].map { "\($0)" } ?? "", "reason": reason])
        case .eventsLost(let count):
            tell("media.events-lost", ["count": "\(count)"])
        }
    }

    // MARK: - Digits

    func digitHeard(_ digit: DTMFDigit, by source: DigitSource, on id: CallID) {
        guard var call = calls[id] else { return }
        let verdict = call.arbiter.heard(digit, by: source, now: now)
        calls[id] = call
        switch verdict {
        case .accept: accept(digit, source, on: id)
        case .wait(let milliseconds): timers.schedule(.digit(id), at: now + milliseconds)
        case .drop: break
        }
    }

    func releaseDigit(of id: CallID) {
        guard var call = calls[id], let digit = call.arbiter.release(now: now) else { return }
        calls[id] = call
        accept(digit, .inBand, on: id)
    }

    private func accept(_ digit: DTMFDigit, _ source: DigitSource, on id: CallID) {
        guard let call = calls[id], !codeDigit(digit, of: id), !invitationDigit(digit, of: id) else { return }
        if call.handlesTones { return tone(digit, source, on: call) }
        if let room = call.room {
            if rooms[room]?.room.options.roomKeys == true { roomKey(digit, of: id, in: room) }
        } else if call.machine.direction == .incoming, call.typedAhead.count < Call.mostTypedAhead {
            calls[id]?.typedAhead.append((digit, source))
        }
    }

    private func tone(_ digit: DTMFDigit, _ source: DigitSource, on call: Call) {
        guard call.toneSources.isEmpty || call.toneSources.contains(source) else { return }
        toOwner(call.id) { .tone($0, String(digit.character), source) }
    }

    /// The script listens (or not) from now on; what was typed before comes first.
    func handleTones(_ id: CallID, _ enabled: Bool, _ sources: [DigitSource]) {
        calls[id]?.handlesTones = enabled
        calls[id]?.toneSources = sources
        guard enabled, let call = calls[id], !call.typedAhead.isEmpty else { return }
        calls[id]?.typedAhead = []
        for (digit, source) in call.typedAhead { tone(digit, source, on: call) }
    }

    /// In a room somebody begins or stops to speak many times a second: only who asked is told, what is so now at once.
    func handleSpeech(_ id: CallID, _ enabled: Bool) {
        guard let call = calls[id] else { return }
        calls[id]?.tellsSpeech = enabled
        if enabled, !call.tellsSpeech, call.isTalking { toOwner(id) { .micStatus($0, active: true) } }
    }

    /// Says something to one participant, over the room.
    func whisper(_ words: String, to id: CallID) { whisper(.speech(text: words, voice: options.voice), to: id) }

    func whisper(_ sound: Sound, to id: CallID) {
        guard let port = calls[id]?.port, let mix = whisperMix(for: port) else { return }
        guard let player = media.play(sound, loop: false, delayMilliseconds: 0) else { return }
        if let old = whispers[port] {
            media.stop(old)
            players[old] = nil
        }
        whispers[port] = player
        // Whatever becomes of the words, nobody stays out of the room for them.
        timers.schedule(.whisper(port), at: now + 30_000)
        players[player] = .whisper(port)
        media.add(.player(player), to: mix.mix)
        media.listen(port, to: mix.mix)
    }

    /// Opened for the one who is spoken to: it hears the words alone and comes back to the room when they end.
    private func whisperMix(for port: PortID) -> PrivateMix? {
        if let mix = whisperMixes[port] { return mix }
        guard let mix = media.openMix() else { return nil }
        let made = PrivateMix(mix: mix, source: .port(port))
        whisperMixes[port] = made
        return made
    }

    func whisperEnded(_ port: PortID, _ player: PlayerID) {
        guard whispers[port] == player else { return }
        endWhisper(port)
        if let what = heard[port] { listen(port, to: what) }
    }

    func endWhisper(_ port: PortID) {
        timers.cancel(.whisper(port))
        if let player = whispers.removeValue(forKey: port) {
            media.stop(player)
            players[player] = nil
        }
        if let mix = whisperMixes.removeValue(forKey: port) { media.closeMix(mix.mix) }
    }

    // MARK: - The graph's consequences

    /// Performs the difference between what the graph says now and what it said before.
    func applyGraph() {
        guard isGraphChanged else { return }
        isGraphChanged = false
        let resolution = graph.resolved()
        for (node, sources) in resolution.members { applyMembers(of: node, sources) }
        for node in members.keys where resolution.members[node] == nil { members[node] = nil }
        for (port, what) in resolution.heard where heard[port] ?? .nothing != what {
            heard[port] = what
            // Somebody looks after it again; whoever talks to it may also be silent for a while.
            if what != .nothing, let id = callOfPort[port] { timers.cancel(.deserted(id)) }
            if whispers[port] == nil { listen(port, to: what) }
        }
        for port in heard.keys where resolution.heard[port] == nil { forget(port) }
        updateRooms()
        let gone = emptied
        emptied = []
        for room in gone { closeIfEmpty(room) }
        // Rooms may have started or stopped something that is heard.
        applyGraph()
    }

    private func applyMembers(of node: MediaGraph.Node, _ sources: Set<SoundSource>) {
        let before = members[node] ?? []
        guard sources != before || members[node] == nil else { return }
        members[node] = sources
        guard let mix = recorderMixes[node] ?? rooms.values.first(where: { $0.node == node })?.mix else { return }
        for source in before.subtracting(sources) { media.remove(source, from: mix) }
        for source in sources.subtracting(before) { media.add(source, to: mix) }
    }

    private func listen(_ port: PortID, to what: MediaGraph.Heard) {
        switch what {
        case .nothing: media.listen(port, to: nil)
        case .conference(let node): media.listen(port, to: rooms.values.first { $0.node == node }?.mix)
        case .direct(let source): return listenPrivately(port, to: source)
        }
        if let mix = privateMixes.removeValue(forKey: port) { media.closeMix(mix.mix) }
    }

    private func listenPrivately(_ port: PortID, to source: SoundSource) {
        if let old = privateMixes[port] {
            guard old.source != source else { return media.listen(port, to: old.mix) }
            media.remove(old.source, from: old.mix)
            media.add(source, to: old.mix)
            privateMixes[port]?.source = source
            return media.listen(port, to: old.mix)
        }
        guard let mix = media.openMix() else {
            tell("media.full", ["call": callOfPort[port].map { "\($0)" } ?? "", "reason": "no mix is free"])
            return media.listen(port, to: nil)
        }
        privateMixes[port] = PrivateMix(mix: mix, source: source)
        media.add(source, to: mix)
        media.listen(port, to: mix)
    }

    private func forget(_ port: PortID) {
        heard[port] = nil
        media.listen(port, to: nil)
        endWhisper(port)
        if let mix = privateMixes.removeValue(forKey: port) { media.closeMix(mix.mix) }
    }
}
