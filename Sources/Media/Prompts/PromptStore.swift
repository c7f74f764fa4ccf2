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
        package var mostMemoryBytes = 32 << 20
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
    private var memory: SoundMemory
    private var running: [String: Task<WAVAudio, any Error>] = [:]
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
        memory = SoundMemory(mostBytes: options.mostMemoryBytes)
    }

    /// Ready samples at 8, 16 or 48 kHz, which the caller owns. Throws `PromptError`.
    package func prepare(_ sound: Sound) async throws -> PlayableSound {
        if case .tones(let segments, let repeats) = sound {
            let playback = try TonePlayback(segments, repeats: repeats)
            return PlayableSound(playback.audio, loopStart: playback.loopStart)
        }
        if case .samples(let samples, let rate) = sound {
            return PlayableSound(WAVAudio(sampleRate: rate, samples: samples), loopStart: nil)
        }
        if case .sequence(let parts) = sound { return try await sequence(parts) }
        return PlayableSound(try await audio(sound), loopStart: nil)
    }

    /// One after another at the highest rate of them all.
    private func sequence(_ parts: [Sound]) async throws -> PlayableSound {
        var audios: [WAVAudio] = []
        for part in parts {
            if case .sequence = part { continue }
            audios.append(try await audio(part))
        }
        let rate = audios.map(\.sampleRate).max() ?? 8000
        let all = await Self.aside { [audios] in
            WAVAudio(sampleRate: rate, samples: audios.flatMap { $0.resampled(to: rate).samples })
        }
        var sound = PlayableSound(all, loopStart: nil)
        sound.partMilliseconds = audios.map { $0.samples.count * 1000 / max(1, $0.sampleRate) }
        return sound
    }

    private func audio(_ sound: Sound) async throws -> WAVAudio {
        switch sound {
        case .tones(let segments, _): return try TonePlayback(segments, repeats: false).audio
        case .samples(let samples, let rate): return WAVAudio(sampleRate: rate, samples: samples)
        case .file(let path): return try await file(path)
        case .web(let url): return try await fetched(SoundRequest(url: url))
        case .webRequest(let request): return try await fetched(request)
        case .speech(let text, let voice): return try await speech(text, voice: voice)
        case .sequence: throw PromptError.noTones
        }
    }

    /// Texts that wait or are being rendered.
    package var pending: Int { running.count }

    private func file(_ path: String) async throws -> WAVAudio {
        let folder = folder
        let (real, key) = try await Self.aside {
            let real = try folder.resolve(path)
            return (real, "file \(real) \(PromptFolder.stamp(real))")
        }
        return try await shared(key) { try await self.decoded(real, mostBytes: folder.mostBytes) }
    }

    private func fetched(_ request: SoundRequest) async throws -> WAVAudio {
        guard let web else { throw PromptError.unreadable(path: request.url, reason: "nothing is fetched on this box") }
        guard request.isKept else {
            let path = cache.scratchPath()
            let result: Result<WAVAudio, any Error>
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

    /// The audio of a file: WAV is read here, in memory-safe code; everything else in a process of its own.
    private func decoded(_ real: String, mostBytes: Int) async throws -> WAVAudio {
        let known = try await Self.aside { () throws -> WAVAudio? in
            let bytes = try PromptFolder.bytes(of: real, most: mostBytes)
            do throws(WAVError) {
                let audio = try WAVAudio(bytes)
                return audio.resampled(to: Self.rate(for: audio.sampleRate))
            } catch {
                switch error {
                case .notRIFF, .unsupported: break
                default: throw PromptError.notAWAVFile(path: real, error)
                }
            }
            return nil
        }
        if let known { return known }
        guard let decoder = options.decoder else { throw PromptError.notAWAVFile(path: real, .notRIFF) }
        let output = cache.scratchPath()
        try await takeTurn()
        let ending = await ChildProcess.run(decoder, [real, output], seconds: options.decoderSeconds)
        giveTurn()
        return try await Self.aside {
            defer { unlink(output) }
            guard case .exited(0) = ending else { throw PromptError.notDecoded(path: real, Self.words(ending)) }
            do {
                let audio = try WAVAudio(PromptFolder.bytes(of: output, most: 1 << 30))
                return audio.resampled(to: Self.rate(for: audio.sampleRate))
            } catch {
                throw PromptError.notDecoded(path: real, "\(error)")
            }
        }
    }

    private static func words(_ ending: ChildProcess.Ending) -> String {
        switch ending {
        case .exited: "it is no sound file, or a broken one"
        case .killed(let signal): "the decoder was ended by signal \(signal)"
        case .tooSlow: "it took too long"
        case .notStarted(let number): "the decoder did not start (error \(number)); install it beside the daemon"
        }
    }

    private func speech(_ text: String, voice: String) async throws -> WAVAudio {
        let text = try SpeechCommand.clean(text)
        let voice = voice.isEmpty ? options.voice : voice
        try SpeechCommand.check(voice: voice)
        let level = options.speechLevelDBm0
        let key = (options.speechCommand + [voice, "\(level)", text]).joined(separator: "\u{1}")
        var command = SpeechCommand(options.speechCommand)
        command.seconds = options.speechSeconds
        let (cache, wanted, standard) = (cache, command, options.voice)
        return try await shared(key) {
            if let known = await Self.aside({ cache.load(key) }) { return known }
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
                await self.giveTurn()
                return audio
            } catch {
                await self.giveTurn()
                throw error
            }
        }
    }

    /// From memory, or from the work that is under way, or by starting it.
    private func shared(
        _ key: String, _ work: @escaping @Sendable () async throws -> WAVAudio
    ) async throws -> WAVAudio {
        if let audio = memory.find(key) { return audio }
        if let task = running[key] { return try await task.value }
        let task = Task { try await work() }
        running[key] = task
        defer { running[key] = nil }
        let audio = try await task.value
        memory.keep(audio, key: key)
        return audio
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

extension PlayableSound {
    /// A copy of the samples that the player owns.
    init(_ audio: WAVAudio, loopStart: Int?) {
        let samples = UnsafeMutablePointer<Int16>.allocate(capacity: max(1, audio.samples.count))
        samples.initialize(repeating: 0, count: max(1, audio.samples.count))
        audio.samples.withUnsafeBufferPointer { buffer in
            if let base = buffer.baseAddress { samples.update(from: base, count: buffer.count) }
        }
        self.init(samples: samples, count: audio.samples.count, sampleRate: audio.sampleRate, loopStart: loopStart)
    }
}
