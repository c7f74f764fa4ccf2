// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
package import Telephony

/// Prepares what players play: files of the folder of prompts, speech, tones. Control side.
///
/// Speech is rendered once: what is being rendered is shared by all who want it, what was rendered stays in memory and on
/// disk. Files and programs are handled on threads of their own, so the actor never waits.
package actor PromptStore: SoundSourceStore {
    package struct Options: Sendable, Hashable {
        /// Where relative paths start.
        package var promptsFolder: String
        /// Folders from which absolute paths are taken as well (recordings, for example).
        package var otherFolders: [String] = []
        package var cacheFolder: String
        package var speechCommand: [String] = ["espeak-ng", "-v", "{voice}", "-w", "{output}", "{text}"]
        /// When a sound names none.
        package var voice = "en"
        package var speechSeconds = 10.0
        /// Texts rendered at the same time, and texts that may wait for it.
        package var renderings = 2
        package var waiting = 64
        package var mostFileBytes = 10 << 20
        package var mostCacheBytes = 64 << 20
        /// Of samples that are kept for the next who wants them.
        package var mostMemoryBytes = 32 << 20
        /// Of samples of one sound: 349 s at 48 kHz, 35 minutes at 8 kHz.
        package var mostSoundBytes = 32 << 20
        /// Of all samples that are kept, played or being read.
        package var mostSampleBytes = 128 << 20
        /// Active level of speech in dBm0 (RFC 7874).
        package var speechLevelDBm0 = -19.0
        /// The program that reads what this one does not: mp3, flac, ogg. Nil: there is none.
        package var decoder: String?
        package var decoderSeconds = 20.0

        package init(promptsFolder: String, cacheFolder: String) {
            self.promptsFolder = promptsFolder
            self.cacheFolder = cacheFolder
        }
    }

    private let options: Options
    private let folder: PromptFolder
    private let cache: PromptCache
    private let web: WebSounds?
    private let memory: SoundMemory
    private let loader: SoundLoader
    private var running: [String: Task<SoundSamples, any Error>] = [:]
    private var renderings = 0
    private var queue: [CheckedContinuation<Void, Never>] = []

    /// `fetcher` gets sounds over http; nil: there are none.
    package init(_ options: Options, fetcher: (any SoundFetcher)? = nil) {
        self.options = options
        web = fetcher.map {
            WebSounds(
                folder: options.cacheFolder + "/web", mostBytes: options.mostCacheBytes,
                mostFileBytes: options.mostFileBytes, fetcher: $0)
        }
        folder = PromptFolder(
            folders: [options.promptsFolder] + options.otherFolders, mostBytes: options.mostFileBytes)
        cache = PromptCache(folder: options.cacheFolder, mostBytes: options.mostCacheBytes)
        let memory = SoundMemory(mostBytes: options.mostMemoryBytes)
        self.memory = memory
        loader = SoundLoader(
            budget: SoundBudget(mostBytes: options.mostSampleBytes), mostBytes: options.mostSoundBytes,
            makeRoom: { memory.dropOldest() })
    }

    /// Ready samples at 8, 16 or 48 kHz, shared with others who play the same. Throws `PromptError`.
    package func prepare(_ sound: Sound) async throws -> PlayableSound {
        if case .tones(let segments, let repeats) = sound {
            let playback = try TonePlayback(segments, repeats: repeats)
            return PlayableSound([try loader.keep(playback.audio, name: "the tone")], loopStart: playback.loopStart)
        }
        if case .sequence(let parts) = sound { return try await sequence(parts) }
        return PlayableSound([try await samples(sound)], loopStart: nil)
    }

    /// One after another at the highest rate of them all; where that is too much, at the lowest.
    private func sequence(_ parts: [Sound]) async throws -> PlayableSound {
        var sounds: [SoundSamples] = []
        for part in parts {
            if case .sequence = part { continue }
            sounds.append(try await samples(part))
        }
        let rates = sounds.map(\.sampleRate)
        var rate = rates.max() ?? 8000
        if sounds.contains(where: { $0.count * rate / $0.sampleRate * 2 > options.mostSoundBytes }) {
            rate = rates.min() ?? 8000
        }
        let (loader, chosen) = (loader, rate)
        let all = try await Self.aside { [sounds] in
            try sounds.map { try loader.converted($0, to: chosen, name: "a part of the sequence") }
        }
        var playable = PlayableSound(all, loopStart: nil)
        playable.partMilliseconds = sounds.map(\.milliseconds)
        return playable
    }

    private func samples(_ sound: Sound) async throws -> SoundSamples {
        switch sound {
        case .tones(let segments, _):
            return try loader.keep(TonePlayback(segments, repeats: false).audio, name: "the tone")
        case .samples(let samples, let rate):
            return try loader.keep(WAVAudio(sampleRate: rate, samples: samples), name: "the sound")
        case .file(let path): return try await file(path)
        case .web(let url): return try await fetched(SoundRequest(url: url))
        case .webRequest(let request): return try await fetched(request)
        case .speech(let text, let voice): return try await speech(text, voice: voice)
        case .sequence: throw PromptError.noTones
        }
    }

    /// Bytes of samples that are there now.
    package nonisolated var sampleBytes: Int { loader.budget.usedBytes }

    /// Texts that wait or are being rendered.
    package var pending: Int { running.count }

    private func file(_ path: String) async throws -> SoundSamples {
        let folder = folder
        let (real, key) = try await Self.aside {
            let real = try folder.resolve(path)
            return (real, "file \(real) \(PromptFolder.stamp(real))")
        }
        return try await shared(key) { try await self.decoded(real, mostBytes: folder.mostBytes) }
    }

    private func fetched(_ request: SoundRequest) async throws -> SoundSamples {
        guard let web else { throw PromptError.unreadable(path: request.url, reason: "nothing is fetched on this box") }
        guard request.isKept else {
            let path = cache.scratchPath()
            let result: Result<SoundSamples, any Error>
            do {
                try await web.fetch(request, to: path)
                result = .success(try await decoded(path, mostBytes: options.mostFileBytes))
            } catch {
                result = .failure(error)
            }
            await Self.aside { _ = unlink(path) }
            return try result.get()
        }
        let file = try await web.file(request)
        return try await shared("web \(file.path) \(file.stamp)") {
            try await self.decoded(file.path, mostBytes: self.options.mostFileBytes)
        }
    }

    /// The samples of a file: WAV is read here, in memory-safe code; everything else in a process of its own.
    private func decoded(_ real: String, mostBytes: Int) async throws -> SoundSamples {
        let loader = loader
        let known = try await Self.aside { () throws -> SoundSamples? in
            do throws(SoundLoader.Flaw) {
                return try loader.load(real, most: mostBytes)
            } catch {
                switch error {
                case .format(.notRIFF), .format(.unsupported): return nil
                case .format(let flaw): throw PromptError.notAWAVFile(path: real, flaw)
                case .sound(let flaw): throw flaw
                }
            }
        }
        if let known { return known }
        guard let decoder = options.decoder else { throw PromptError.notAWAVFile(path: real, .notRIFF) }
        let output = cache.scratchPath()
        try await takeTurn()
        defer { giveTurn() }
        let ending = await ChildProcess.run(decoder, [real, output], seconds: options.decoderSeconds)
        return try await Self.aside { () throws -> SoundSamples in
            defer { unlink(output) }
            if ending == .exited(Self.decoderTooLong) {
                throw PromptError.soundTooLong(name: real, mostSeconds: loader.mostSeconds)
            }
            guard case .exited(0) = ending else { throw PromptError.notDecoded(path: real, Self.words(ending)) }
            do throws(SoundLoader.Flaw) {
                return try loader.load(output, most: 1 << 30)
            } catch {
                switch error {
                case .format(let flaw): throw PromptError.notDecoded(path: real, "\(flaw)")
                case .sound(.soundTooLong(_, let seconds)):
                    throw PromptError.soundTooLong(name: real, mostSeconds: seconds)
                case .sound(.noRoom(_, let bytes, let most)):
                    throw PromptError.noRoom(name: real, bytes: bytes, most: most)
                case .sound(let flaw): throw PromptError.notDecoded(path: real, "\(flaw)")
                }
            }
        }
    }

    /// How `partyline-decode` ends where a sound goes on for too long.
    private static let decoderTooLong: Int32 = 2

    private static func words(_ ending: ChildProcess.Ending) -> String {
        switch ending {
        case .exited: "it is no sound file, or a broken one"
        case .killed(let signal): "the decoder was ended by signal \(signal)"
        case .tooSlow: "it took too long"
        case .notStarted(let number): "the decoder did not start (error \(number)); install it beside the daemon"
        }
    }

    private func speech(_ text: String, voice: String) async throws -> SoundSamples {
        let text = try SpeechCommand.clean(text)
        let voice = voice.isEmpty ? options.voice : voice
        try SpeechCommand.check(voice: voice)
        let level = options.speechLevelDBm0
        let key = (options.speechCommand + [voice, "\(level)", text]).joined(separator: "\u{1}")
        var command = SpeechCommand(options.speechCommand)
        command.seconds = options.speechSeconds
        let (cache, loader, wanted, standard) = (cache, loader, command, options.voice)
        return try await shared(key) {
            if let known = await Self.aside({ cache.load(key) }) { return try loader.keep(known, name: "the speech") }
            try await self.takeTurn()
            do {
                let raw: WAVAudio
                do {
                    raw = try await wanted.speak(text, voice: voice, output: cache.scratchPath())
                } catch PromptError.speechCommandFailed where voice != standard {
                    // In the wrong accent rather than not at all: not every program has every voice.
                    raw = try await wanted.speak(text, voice: standard, output: cache.scratchPath())
                }
                let audio = await Self.aside {
                    let audio = raw.resampled(to: Self.rate(for: raw.sampleRate)).levelled(to: level)
                    cache.store(audio, key: key)
                    return audio
                }
                let samples = try loader.keep(audio, name: "the speech")
                await self.giveTurn()
                return samples
            } catch {
                await self.giveTurn()
                throw error
            }
        }
    }

    /// From memory, or from the work that is under way, or by starting it.
    private func shared(
        _ key: String, _ work: @escaping @Sendable () async throws -> SoundSamples
    ) async throws -> SoundSamples {
        if let sound = memory.find(key) { return sound }
        if let task = running[key] { return try await task.value }
        let task = Task { try await work() }
        running[key] = task
        defer { running[key] = nil }
        let sound = try await task.value
        memory.keep(sound, key: key)
        return sound
    }

    private func takeTurn() async throws(PromptError) {
        if renderings < max(1, options.renderings) {
            renderings += 1
            return
        }
        guard queue.count < options.waiting else { throw .tooBusy(waiting: queue.count) }
        await withCheckedContinuation { queue.append($0) }
    }

    /// The turn goes to the next who waits, or back.
    private func giveTurn() {
        if queue.isEmpty { renderings -= 1 } else { queue.removeFirst().resume() }
    }

    /// The rate of the house that loses nothing worth keeping.
    private static func rate(for rate: Int) -> Int { rate <= 8000 ? 8000 : rate <= 24_000 ? 16_000 : 48_000 }

    /// Work that may wait for a disk, on a thread that may wait.
    private static func aside<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result(catching: work)) }
        }
    }

    private static func aside<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: work()) }
        }
    }
}
