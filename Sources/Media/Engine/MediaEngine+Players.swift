// SPDX-License-Identifier: Apache-2.0
import Synchronization
package import Telephony

// Players: their sound is prepared in a task of its own, then handed over. Until then the engine remembers what was asked.

extension MediaEngine {
    package func play(_ sound: Sound, loop: Bool, delayMilliseconds: Int) -> PlayerID? {
        play(sound, loop: loop, delayMilliseconds: delayMilliseconds, for: nil)
    }

    package func play(_ sound: Sound, loop: Bool, delayMilliseconds: Int, for session: SessionID?) -> PlayerID? {
        let place = state.withLock { state -> PlayerID? in
            guard let place = state.playerSlots.take() else { return nil }
            let id = PlayerID(slot: place.slot, generation: place.generation)
            state.players[id] = PreparedPlayer(session: session)
            return id
        }
        guard let id = place else { return nil }
        let task = Task {
            do {
                let prepared =
                    if let ahead = takeAhead(sound) { ahead } else { try await sounds.prepare(sound) }
                try charge(id, prepared)
                start(id, prepared, loop: loop, delayMilliseconds: delayMilliseconds)
            } catch {
                guard forget(id) else { return }
                report(.playerFinished(id, error: String(describing: error)))
            }
        }
        state.withLock { $0.players[id]?.preparation = task }
        return id
    }

    package func obstacle(to sound: Sound) async -> Obstacle? {
        do {
            keepAhead(SoundAhead(sound, try await sounds.prepare(sound)))
            return nil
        } catch let error as PromptError {
            return error.obstacle
        } catch {
            return "\(error)"
        }
    }

    /// Whoever asked is about to play it: it is not prepared twice.
    private func keepAhead(_ ahead: SoundAhead) {
        state.withLock { $0.ahead = ahead }
        Task {
            try? await Task.sleep(for: SoundAhead.lasts)
            state.withLock { if $0.ahead === ahead { $0.ahead = nil } }
        }
    }

    private func takeAhead(_ sound: Sound) -> PlayableSound? {
        state.withLock { state in
            guard let ahead = state.ahead, ahead.sound == sound else { return nil }
            state.ahead = nil
            return ahead.playable
        }
    }

    package func pause(_ player: PlayerID, _ paused: Bool) {
        let isReady = state.withLock { state in
            state.players[player]?.isPaused = paused
            return state.players[player]?.isReady ?? false
        }
        if isReady { send(.pausePlayer(player, paused)) }
    }

    package func stop(_ player: PlayerID) {
        let known = state.withLock { $0.players[player] }
        guard let known, forget(player) else { return }
        known.preparation?.cancel()
        if known.isReady { send(.stopPlayer(player)) }
    }

    /// A player's slot may serve another one from now on.
    @discardableResult
    func forget(_ player: PlayerID) -> Bool {
        state.withLock { state in
            guard let gone = state.players.removeValue(forKey: player) else { return false }
            if let session = gone.session { state.shares.give(gone.charged, of: session) }
            return state.playerSlots.give(slot: player.slot, generation: player.generation)
        }
    }

    /// A session's players hold only so much between them.
    private func charge(_ id: PlayerID, _ sound: PlayableSound) throws(MediaError) {
        let isRefused = state.withLock { state in
            guard let session = state.players[id]?.session else { return false }
            guard state.shares.take(sound.parts, for: session) else { return true }
            state.players[id]?.charged = sound.parts.map { ObjectIdentifier($0) }
            return false
        }
        guard isRefused else { return }
        throw .sound(
            "the sounds of one session have \(SoundShares.mostBytes >> 20) MB of memory together, and this one needs more: play fewer or shorter ones at a time"
        )
    }

    /// Everything that was asked for meanwhile goes out in one piece behind the player itself.
    private func start(_ id: PlayerID, _ sound: PlayableSound, loop: Bool, delayMilliseconds: Int) {
        let source = PlayerSource(
            id: id, sound, loopStart: loop ? 0 : sound.loopStart, delayMilliseconds: delayMilliseconds)
        if !sound.partMilliseconds.isEmpty { report(.playerSegments(id, milliseconds: sound.partMilliseconds)) }
        let open = MixCommand.openPlayer(.passRetained(source))
        let isWanted = state.withLock { state in
            guard let player = state.players[id] else { return false }
            state.players[id]?.isReady = true
            state.players[id]?.mixes = []
            state.players[id]?.preparation = nil
            state.send(open, into: queues)
            if player.isPaused { state.send(.pausePlayer(id, true), into: queues) }
            for mix in player.mixes { state.send(.add(.player(id), mix), into: queues) }
            return true
        }
        guard isWanted else {
            // Stopped while it was being prepared.
            if case .openPlayer(let unused) = open { unused.release() }
            return
        }
        queues.wakeMixThread()
    }
}

/// A sound that is ready to be played: one or more runs of samples at one rate, which others may play as well.
package struct PlayableSound: Sendable {
    package let parts: [SoundSamples]
    /// From where it repeats for ever; nil: it ends.
    package let loopStart: Int?
    /// Lengths of the parts of a sequence; empty: it has none.
    package var partMilliseconds: [Int] = []

    package init(_ parts: [SoundSamples], loopStart: Int?) {
        self.parts = parts
        self.loopStart = loopStart
    }

    /// 8000, 16000 or 48000.
    package var sampleRate: Int { parts.first?.sampleRate ?? 8000 }
    package var count: Int { parts.reduce(0) { $0 + $1.count } }
}

/// Prepares sounds off the real-time threads: files, speech, tones.
package protocol SoundSourceStore: Sendable {
    /// Throws with a description for a person.
    func prepare(_ sound: Sound) async throws -> PlayableSound
}
