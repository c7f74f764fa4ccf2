// SPDX-License-Identifier: Apache-2.0

/// A recording in the exchange's books, until its file is complete.
struct Recorder {
    enum Owner: Hashable {
        case session(SessionID, UnitID)
        case room(RoomID)
        /// Whoever wanted it is gone.
        case nobody
    }

    let owner: Owner
    /// One for each channel, with the mix that it hears.
    let channels: [(node: MediaGraph.Node, mix: MixID)]
    var name = ""
    var isStopping = false
}

extension Exchange {
    // MARK: - Of scripts

    /// call.record(): both ways, as one or as two channels. A second one of the same call replaces the first.
    func startRecording(_ unit: UnitID, _ wish: SessionRecording, _ session: SessionID) {
        guard let id = sessions[session]?.calls[unit], let call = calls[id] else { return }
        stopRecording(of: id)
        let sides: [MediaGraph.Side] = wish.isStereo ? [.far, .near] : [.both]
        let kinds = sides.map { MediaGraph.Kind.recorder(of: call.node, $0) }
        calls[id]?.recorder = begin(RecordingOrder(wish), kinds, for: .session(session, unit))
    }

    func stopRecording(_ unit: UnitID, _ session: SessionID) {
        if let id = sessions[session]?.calls[unit] { stopRecording(of: id) }
    }

    func stopRecording(of call: CallID) {
        guard let recorder = calls[call]?.recorder else { return }
        calls[call]?.recorder = nil
        stop(recorder)
    }

    /// A unit of its own, to which others send.
    func createRecorder(_ unit: UnitID, _ wish: SessionRecording, _ session: SessionID) {
        guard let record = sessions[session], unit.number < 0, record.recorders[unit] == nil else { return }
        guard record.recorders.count < Session.maxRecorders else {
            return host.deliver(.recordError(unit, "more than 10 recorders in this session"), to: session)
        }
        var order = RecordingOrder(wish)
        order.channels = 1
        sessions[session]?.recorders[unit] = begin(order, [.recorder(of: nil, .both)], for: .session(session, unit))
    }

    func muteRecorder(_ unit: UnitID, _ muted: Bool, _ session: SessionID) {
        guard let recorder = sessions[session]?.recorders[unit] else { return }
        media.setMode(recorder, muted ? .silent : .on)
    }

    func stopRecorder(_ unit: UnitID, _ session: SessionID) {
        if let recorder = sessions[session]?.recorders.removeValue(forKey: unit) { stop(recorder) }
    }

    // MARK: - Of rooms

    package enum RoomRecording: String, Sendable, Hashable, CaseIterable {
        case start, stop, pause
    }

    /// `start` also goes on after a pause. Those inside are told.
    /// - Returns: why it was refused; nil: it was not.
    func record(_ room: RoomID, _ wish: RoomRecording) -> Obstacle? {
        guard let record = rooms[room] else { return nil }
        switch (wish, record.recorder) {
        case (.start, nil):
            var order = RecordingOrder()
            let name = DialPlan.roomName(ofConference: record.room.conferenceID)
            order.name = options.recordingName("room-" + name)
            order.sampleRate = 16_000
            guard let recorder = begin(order, [.recorder(of: nil, .both)], for: .room(room)) else {
                return Obstacle("no recorder is free", remedy: "stop another recording")
            }
            rooms[room]?.recorder = recorder
            if let node = recorders[recorder]?.channels.first?.node { graph.connect(from: record.node, to: node) }
            isGraphChanged = true
            play(.speech(text: Self.recordingWords, voice: options.voice), in: room)
        case (.start, let recorder?):
            media.setMode(recorder, .on)
            rooms[room]?.isRecordingPaused = false
        case (.pause, let recorder?):
            media.setMode(recorder, .paused)
            rooms[room]?.isRecordingPaused = true
        case (.stop, let recorder?):
            stop(recorder)
            rooms[room]?.recorder = nil
            rooms[room]?.isRecordingPaused = false
            play(.speech(text: "The recording has ended.", voice: options.voice), in: room)
        case (.pause, nil), (.stop, nil): return "this room is not being recorded"
        }
        return nil
    }

    // MARK: - Both

    /// Nil when there is none to be had; a script has been told.
    private func begin(_ order: RecordingOrder, _ kinds: [MediaGraph.Kind], for owner: Recorder.Owner) -> RecorderID? {
        var order = order
        order.channels = kinds.count
        let mixes = kinds.compactMap { _ in media.openMix() }
        guard mixes.count == kinds.count, let id = media.record(order) else {
            for mix in mixes { media.closeMix(mix) }
            tell("recording.failed", ["reason": Self.noRecorder])
            if case .session(let session, let unit) = owner {
                host.deliver(.recordError(unit, Self.noRecorder), to: session)
            }
            return nil
        }
        let channels = zip(kinds, mixes).map { (node: graph.add($0), mix: $1) }
        for (number, channel) in channels.enumerated() {
            recorderMixes[channel.node] = channel.mix
            media.listen(id, channel: number, to: channel.mix)
        }
        recorders[id] = Recorder(owner: owner, channels: channels)
        isGraphChanged = true
        return id
    }

    static let recordingWords = "This room is being recorded."
    private static let noRecorder = "no recorder is free"

    /// Its file will be completed; what becomes of it is told when it is.
    func stop(_ id: RecorderID) {
        guard let recorder = recorders[id], !recorder.isStopping else { return }
        recorders[id]?.isStopping = true
        media.stopRecording(id)
        dismantle(recorder)
    }

    private func dismantle(_ recorder: Recorder) {
        for channel in recorder.channels {
            graph.remove(channel.node)
            recorderMixes[channel.node] = nil
            media.closeMix(channel.mix)
        }
        isGraphChanged = true
    }

    // MARK: - What the media engine tells

    func recordingStarted(_ id: RecorderID, _ name: String) {
        guard let recorder = recorders[id] else { return }
        recorders[id]?.name = name
        tell("recording.started", ["file": name])
        if case .session(let session, let unit) = recorder.owner {
            host.deliver(.recordStarted(unit, url: options.recordingURL(name)), to: session)
        }
    }

    func recordingEnded(_ id: RecorderID, _ name: String?, _ seconds: Int, _ error: String?) {
        guard let recorder = recorders.removeValue(forKey: id) else { return }
        if !recorder.isStopping { dismantle(recorder) }
        if let error { tell("recording.failed", ["file": name ?? "", "reason": error]) }
        if let name { tell("recording.ended", ["file": name, "seconds": "\(seconds)"]) }
        switch recorder.owner {
        case .session(let session, let unit):
            if let call = sessions[session]?.calls[unit], calls[call]?.recorder == id { calls[call]?.recorder = nil }
            if sessions[session]?.recorders[unit] == id { sessions[session]?.recorders[unit] = nil }
            if let error { host.deliver(.recordError(unit, error), to: session) }
            if let name {
                host.deliver(.recordStopped(unit, url: options.recordingURL(name), seconds: seconds), to: session)
            }
        case .room(let room):
            guard rooms[room]?.recorder == id else { return }
            rooms[room]?.recorder = nil
            rooms[room]?.isRecordingPaused = false
            play(.speech(text: "The recording has ended.", voice: options.voice), in: room)
        case .nobody: break
        }
    }
}
