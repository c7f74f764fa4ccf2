// SPDX-License-Identifier: Apache-2.0
import Synchronization
package import Telephony

// Players: their sound is prepared in a task of its own, then handed over. Until then the engine remembers what was asked.

extension MediaEngine {
    package func play(_ sound: Sound, loop: Bool, delayMilliseconds: Int) -> PlayerID? {
        let place = state.withLock { state -> PlayerID? in
            guard let place = state.playerSlots.take() else { return nil }
            let id = PlayerID(slot: place.slot, generation: place.generation)
            state.players[id] = PreparedPlayer()
            return id
        }
        guard let id = place else { return nil }
        let task = Task {
            do {
                let prepared =
                    if let ahead = takeAhead(sound) { ahead } else { try await sounds.prepare(sound) }
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
            return ahead.take()
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
            guard state.players.removeValue(forKey: player) != nil else { return false }
            return state.playerSlots.give(slot: player.slot, generation: player.generation)
        }
    }

    /// Everything that was asked for meanwhile goes out in one piece behind the player itself.
    private func start(_ id: PlayerID, _ sound: PlayableSound, loop: Bool, delayMilliseconds: Int) {
        let source = PlayerSource(
            id: id, samples: sound.samples, count: sound.count, sampleRate: sound.sampleRate,
            loopStart: loop ? 0 : sound.loopStart, delayMilliseconds: delayMilliseconds)
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

/// A sound that is ready to be played: samples that the receiver takes over and frees. Unchecked: given away with it.
package struct PlayableSound: @unchecked Sendable {
    package let samples: UnsafeMutablePointer<Int16>
    package let count: Int
    /// 8000, 16000 or 48000.
    package let sampleRate: Int
    /// From where it repeats for ever; nil: it ends.
    package let loopStart: Int?
    /// Lengths of the parts of a sequence; empty: it has none.
    package var partMilliseconds: [Int] = []

    package init(samples: UnsafeMutablePointer<Int16>, count: Int, sampleRate: Int, loopStart: Int?) {
        self.samples = samples
        self.count = count
        self.sampleRate = sampleRate
        self.loopStart = loopStart
    }
}

/// Prepares sounds off the real-time threads: files, speech, tones.
package protocol SoundSourceStore: Sendable {
    /// Throws with a description for a person.
    func prepare(_ sound: Sound) async throws -> PlayableSound
}
