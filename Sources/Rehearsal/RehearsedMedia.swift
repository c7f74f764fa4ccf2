// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Synchronization
import Telephony

/// A media engine without audio: it knows who hears what and how long that takes. Speech is reckoned at 15 characters a second,
/// WAV files have the length that they say.
final class RehearsedMedia: MediaControl {
    struct Playing {
        var words: String
        var milliseconds: Int64?
        /// Virtual time at which it ends; nil: never, or it is paused.
        var endsAt: Int64?
        var left: Int64?
        var error: String?
        var isTold = false
    }

    struct Books {
        var now: Int64 = 0
        var mixes: [MixID: Set<SoundSource>] = [:]
        var listening: [PortID: MixID] = [:]
        var playing: [PlayerID: Playing] = [:]
        var muted: Set<PortID> = []
        var deaf: Set<PortID> = []
        var recordings = RehearsedRecordings()
        var number: UInt32 = 0

        mutating func next() -> UInt32 {
            number += 1
            return number
        }
    }

    private let books = Mutex(Books())
    private let promptsFolder: String?

    init(promptsFolder: String?) { self.promptsFolder = promptsFolder }

    func openMix() -> MixID? {
        books.withLock { books in
            let mix = MixID(slot: books.next(), generation: 1)
            books.mixes[mix] = []
            return mix
        }
    }
    func closeMix(_ mix: MixID) { books.withLock { $0.mixes[mix] = nil } }
    func add(_ source: SoundSource, to mix: MixID) { books.withLock { _ = $0.mixes[mix]?.insert(source) } }
    func remove(_ source: SoundSource, from mix: MixID) { books.withLock { _ = $0.mixes[mix]?.remove(source) } }
    func listen(_ port: PortID, to mix: MixID?) { books.withLock { $0.listening[port] = mix } }
    func mute(_ port: PortID, _ muted: Bool) {
        books.withLock { if muted { $0.muted.insert(port) } else { $0.muted.remove(port) } }
    }
    func deafen(_ port: PortID, _ deaf: Bool) {
        books.withLock { if deaf { $0.deaf.insert(port) } else { $0.deaf.remove(port) } }
    }
    func setGain(_ port: PortID, talkDB: Double, listenDB: Double) {}
    func setNeighbourhood(_ port: PortID, _ neighbourhood: UInt32) {}
    func detectDigits(_ port: PortID, _ enabled: Bool, removed: Bool) {}
    func send(_ digits: [DTMFDigit], to port: PortID) {}
    func statistics() -> [PortStatistics] { [] }

    func play(_ sound: Sound, loop: Bool, delayMilliseconds: Int) -> PlayerID? {
        let length = length(of: sound)
        return books.withLock { books in
            guard books.playing.count < 1000 else { return nil }
            let player = PlayerID(slot: books.next(), generation: 1)
            var playing = Playing(words: Self.words(sound))
            switch length {
            case .success(let milliseconds):
                playing.milliseconds = milliseconds
                playing.endsAt = loop ? nil : milliseconds.map { books.now + $0 + Int64(delayMilliseconds) }
                if loop { playing.words += " again and again" }
            case .failure(let fault):
                playing.error = fault.words
                playing.words += " (it can not be played: \(fault.words))"
                playing.endsAt = books.now
            }
            books.playing[player] = playing
            return player
        }
    }

    func pause(_ player: PlayerID, _ paused: Bool) {
        books.withLock { books in
            guard var playing = books.playing[player] else { return }
            if paused, let end = playing.endsAt {
                playing.left = end - books.now
                playing.endsAt = nil
            } else if !paused, let left = playing.left {
                playing.endsAt = books.now + left
                playing.left = nil
            }
            books.playing[player] = playing
        }
    }

    func stop(_ player: PlayerID) { books.withLock { $0.playing[player] = nil } }

    func record(_ order: RecordingOrder) -> RecorderID? {
        books.withLock { books in books.recordings.record(order, now: books.now) }
    }
    func listen(_ recorder: RecorderID, channel: Int, to mix: MixID?) {}
    func setMode(_ recorder: RecorderID, _ mode: RecorderMode) {
        books.withLock { books in books.recordings.setMode(recorder, mode, now: books.now) }
    }
    func stopRecording(_ recorder: RecorderID) {
        books.withLock { books in books.recordings.stop(recorder, now: books.now) }
    }

    // MARK: - For the rehearsal

    /// Events that are due at that time.
    func advance(to now: Int64) -> [MediaEvent] {
        books.withLock { books in
            books.now = max(books.now, now)
            var events = books.recordings.takeNews()
            for player in books.playing.keys.sorted(by: { $0.slot < $1.slot }) {
                guard var playing = books.playing[player] else { continue }
                if !playing.isTold, playing.error == nil {
                    playing.isTold = true
                    books.playing[player] = playing
                    events.append(.playerStarted(player, milliseconds: Int(playing.milliseconds ?? 0)))
                }
                if let end = playing.endsAt, end <= now {
                    books.playing[player] = nil
                    events.append(.playerFinished(player, error: playing.error))
                }
            }
            return events
        }
    }

    var nextEnd: Int64? { books.withLock { $0.playing.values.compactMap(\.endsAt).min() } }

    /// Somebody must be told that a sound begins, or of a recording.
    var hasNews: Bool {
        books.withLock { books in
            books.recordings.hasNews || books.playing.values.contains { !$0.isTold && $0.error == nil }
        }
    }

    /// What a port hears: players with their words, those of them that have no end, and other ports.
    func heard(by port: PortID) -> (players: [PlayerID: String], endless: Set<PlayerID>, ports: Set<PortID>) {
        books.withLock { books in
            guard !books.deaf.contains(port), let mix = books.listening[port], let sources = books.mixes[mix] else {
                return ([:], [], [])
            }
            var players: [PlayerID: String] = [:]
            var endless: Set<PlayerID> = []
            var ports: Set<PortID> = []
            for source in sources {
                switch source {
                case .player(let player):
                    guard let playing = books.playing[player] else { continue }
                    players[player] = playing.words
                    if playing.endsAt == nil { endless.insert(player) }
                case .port(let other): if other != port, !books.muted.contains(other) { ports.insert(other) }
                }
            }
            return (players, endless, ports)
        }
    }

    // MARK: - Words and lengths

    private static func words(_ sound: Sound) -> String {
        switch sound {
        case .speech(let text, let voice): "\"\(text)\" [\(voice)]"
        case .file(let path): "the file \(path)"
        case .web(let url): "the file \(url)"
        case .webRequest(let request): "the file \(request.url) (\(request.method))"
        case .samples: "samples"
        case .tones(let segments, let repeats):
            repeats || segments.contains { $0.milliseconds == 0 } ? "a tone without end" : "tones"
        case .sequence(let sounds): sounds.map(words).joined(separator: ", then ")
        }
    }

    /// Nil: without end.
    private func length(of sound: Sound) -> Result<Int64?, SoundFileLength.Fault> {
        switch sound {
        case .speech(let text, _): return .success(max(600, Int64(text.count) * 1000 / 15))
        case .tones(let segments, let repeats):
            let isEndless = repeats || segments.contains { $0.milliseconds == 0 }
            return .success(isEndless ? nil : segments.reduce(0) { $0 + Int64($1.milliseconds) })
        case .samples(let samples, let rate): return .success(Int64(samples.count * 1_000 / max(1, rate)))
        // A rehearsal fetches nothing.
        case .web, .webRequest: return .success(3000)
        case .file(let path):
            let full = path.hasPrefix("/") ? path : (promptsFolder ?? ".") + "/" + path
            return SoundFileLength.look(at: full, name: path).map { $0 }
        case .sequence(let sounds):
            var sum: Int64 = 0
            for sound in sounds {
                switch length(of: sound) {
                case .success(let part): sum += part ?? 0
                case .failure(let fault): return .failure(fault)
                }
            }
            return .success(sum)
        }
    }
}
