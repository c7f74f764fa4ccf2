// SPDX-License-Identifier: Apache-2.0

import Foundation
import SoundFiles
import Synchronization
import Telephony
import Testing

@testable import Media

enum BuiltDecoder {
    static let path: String? = {
        let own = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        return [own, own.deletingLastPathComponent()].map { $0.appendingPathComponent("partyline-decode").path }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()
}

/// Sounds that are read in a process of their own, and sounds of the web: real files, the real decoder.
@Suite(.enabled(if: BuiltDecoder.path != nil, "partyline-decode is not built")) struct DecodeTests {
    private let folder = NSTemporaryDirectory() + "decode-\(UUID().uuidString)"

    private func store(_ fetcher: (any SoundFetcher)? = nil) -> PromptStore {
        var options = PromptStore.Options(promptsFolder: folder, cacheFolder: folder + "/cache")
        options.decoder = BuiltDecoder.path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return PromptStore(options, fetcher: fetcher)
    }

    /// A second of 1 kHz.
    private func tone(_ format: SoundFileFormat, _ name: String, rate: Int = 16_000) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let descriptor = open(folder + "/" + name, O_RDWR | O_CREAT | O_EXCL, 0o644)
        let writer = try SoundFileWriter(descriptor: descriptor, format: format, sampleRate: rate, channels: 1)
        let samples = (0..<rate).map { Int16(8000 * sin(Double($0) * 2 * .pi * 1000 / Double(rate))) }
        try writer.write(samples, count: samples.count)
        try writer.finish()
    }

    private func check(_ sound: PlayableSound) {
        let samples = sound.everything
        #expect(abs(Double(sound.count) / Double(sound.sampleRate) - 1) < 0.15)
        #expect(RecorderTests.strength(samples, 1000, rate: sound.sampleRate) > 0.15)
    }

    @Test(arguments: [SoundFileFormat.flac, .mp3, .ogg, .wav])
    func `a second of tone comes out of every format`(_ format: SoundFileFormat) async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try tone(format, "tone.\(format.rawValue)")
        check(try await store().prepare(.file(path: "tone.\(format.rawValue)")))
    }

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/bin/speexenc"),
            "speexenc is not installed (apt-get install speex)"))
    func `Speex in Ogg is read as well`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try tone(.wav, "tone.wav")
        let ending = await ChildProcess.run(
            "/usr/bin/speexenc", ["-w", folder + "/tone.wav", folder + "/tone.spx"], seconds: 10)
        #expect(ending == .exited(0))
        check(try await store().prepare(.file(path: "tone.spx")))
    }

    @Test func `broken and hostile files are errors with words, and leave nothing behind`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try tone(.mp3, "whole.mp3")
        let mp3 = try Data(contentsOf: URL(fileURLWithPath: folder + "/whole.mp3"))
        try tone(.ogg, "whole.ogg")
        let ogg = try Data(contentsOf: URL(fileURLWithPath: folder + "/whole.ogg"))
        var random = SystemRandomNumberGenerator()
        var files: [Data] = [
            Data(), Data("OggS".utf8), Data("fLaC".utf8), Data(repeating: 0xFF, count: 10_000), mp3.prefix(40),
            Data("OggS\u{0}\u{2}".utf8) + Data(repeating: 0, count: 22) + Data("Speex   ".utf8)
                + Data(repeating: 0xFF, count: 200),
        ]
        for whole in [mp3, ogg] {
            for _ in 0..<4 {
                var broken = whole
                for _ in 0..<40 { broken[Int.random(in: 0..<broken.count, using: &random)] = .random(in: 0...255) }
                files.append(broken)
            }
        }
        let store = store()
        for (index, file) in files.enumerated() {
            try file.write(to: URL(fileURLWithPath: folder + "/broken-\(index)"))
            do {
                // A little broken may still be heard.
                _ = try await store.prepare(.file(path: "broken-\(index)"))
            } catch {
                #expect(error is PromptError)
            }
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: folder + "/cache").filter {
            $0.hasPrefix("new-")
        }
        #expect(left.isEmpty)
    }

    /// Silence takes next to no room in a file and all the room there is when it is decoded.
    private func silence(_ name: String, minutes: Int, rate: Int) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let descriptor = open(folder + "/" + name, O_RDWR | O_CREAT | O_EXCL, 0o644)
        let writer = try SoundFileWriter(descriptor: descriptor, format: .flac, sampleRate: rate, channels: 1)
        let second = [Int16](repeating: 0, count: rate)
        for _ in 0..<minutes * 60 { try writer.write(second, count: rate) }
        try writer.finish()
    }

    @Test
    func `a quarter of an hour is played at a lower rate, by ten at a time from one memory, and an hour is refused`()
        async throws
    {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try silence("quarter.flac", minutes: 15, rate: 48_000)
        let store = store()
        var players: [PlayableSound] = []
        for _ in 0..<10 { players.append(try await store.prepare(.file(path: "quarter.flac"))) }
        #expect(players.allSatisfy { $0.sampleRate == 16_000 && $0.count == 15 * 60 * 16_000 })
        #expect(store.sampleBytes == 15 * 60 * 16_000 * 2)
        try silence("hour.flac", minutes: 60, rate: 8000)
        let path = try #require(realpath(folder + "/hour.flac", nil))
        defer { free(path) }
        await #expect(throws: PromptError.soundTooLong(name: String(cString: path), mostSeconds: 2097)) {
            _ = try await store.prepare(.file(path: "hour.flac"))
        }
        players = []
        // Too large to be kept when nobody plays it.
        #expect(store.sampleBytes == 0)
    }

    // MARK: - The web

    /// Counts how many wait for it at a time.
    private final class SlowServer: SoundFetcher {
        let waiting = Mutex((now: 0, most: 0))
        private let bytes: [UInt8]

        init(_ bytes: Data) { self.bytes = Array(bytes) }

        func fetch(
            _ request: SoundRequest, etag: String?, modified: String?, mostBytes: Int
        ) async throws -> FetchedSound {
            waiting.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            try await Task.sleep(nanoseconds: 20_000_000)
            waiting.withLock { $0.now -= 1 }
            return FetchedSound(status: 200, bytes: bytes, etag: nil, modified: nil, cacheControl: nil)
        }
    }

    @Test(arguments: ["GET", "POST"])
    func `only some sounds are fetched at a time, however they are asked for`(_ method: String) async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try tone(.wav, "source.wav", rate: 8000)
        let server = SlowServer(try Data(contentsOf: URL(fileURLWithPath: folder + "/source.wav")))
        let store = store(server)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                let request = SoundRequest(method: method, url: "https://example.org/\(number).wav")
                group.addTask { _ = try await store.prepare(.webRequest(request)) }
            }
            try await group.waitForAll()
        }
        let most = server.waiting.withLock { $0.most }
        #expect(most > 1 && most <= 8, "\(most)")
    }

    private final class Server: SoundFetcher {
        struct State {
            var asked: [(request: SoundRequest, etag: String?)] = []
            var answer = FetchedSound(status: 200, bytes: [], etag: "\"1\"", modified: nil, cacheControl: "max-age=0")
            var fails = false
        }
        let state: Mutex<State>

        init(_ bytes: Data) {
            state = Mutex(State())
            state.withLock { $0.answer.bytes = Array(bytes) }
        }

        func fetch(
            _ request: SoundRequest, etag: String?, modified: String?, mostBytes: Int
        ) async throws -> FetchedSound {
            try state.withLock { state in
                state.asked.append((request, etag))
                if state.fails { throw MediaError.sound("no connection") }
                var answer = state.answer
                if etag == answer.etag, etag != nil {
                    answer.status = 304
                    answer.bytes = []
                }
                return answer
            }
        }
    }

    @Test func `a sound of the web is kept, asked for again by its tag, and played as it was when its server is away`()
        async throws
    {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try tone(.mp3, "source.mp3")
        let server = Server(try Data(contentsOf: URL(fileURLWithPath: folder + "/source.mp3")))
        let store = store(server)
        let sound = Sound.web(url: "https://example.org/a.mp3")
        for _ in 0..<2 { check(try await store.prepare(sound)) }
        #expect(server.state.withLock { $0.asked.map(\.etag) } == [nil, "\"1\""])
        server.state.withLock { $0.fails = true }
        check(try await store.prepare(sound))
        // After a restart as well; a new one that is fresh is not asked for.
        server.state.withLock {
            $0.fails = false
            $0.answer.cacheControl = "public, max-age=600"
        }
        let again = self.store(server)
        for _ in 0..<3 { check(try await again.prepare(sound)) }
        #expect(server.state.withLock { $0.asked.count } == 4)
        await #expect(throws: PromptError.self) {
            server.state.withLock { $0.fails = true }
            return try await again.prepare(.web(url: "https://example.org/other.mp3"))
        }
    }

    @Test func `what is asked by more than a GET is asked each time, and nothing of it stays`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try tone(.mp3, "source.mp3")
        let server = Server(try Data(contentsOf: URL(fileURLWithPath: folder + "/source.mp3")))
        server.state.withLock { $0.answer.cacheControl = "max-age=600" }
        let store = store(server)
        let post = SoundRequest(
            method: "POST", url: "https://example.org/say", headers: [HeaderField("X-Key", "k")], body: "{\"text\":1}")
        for _ in 0..<2 { check(try await store.prepare(.webRequest(post))) }
        #expect(server.state.withLock { $0.asked.map(\.request) } == [post, post])
        let cache = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/cache")) ?? []
        #expect(!cache.contains { $0.hasPrefix("new-") })
        let kept = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/cache/web")) ?? []
        #expect(kept.isEmpty)
        server.state.withLock { $0.answer.status = 403 }
        await #expect(throws: PromptError.self) { try await store.prepare(.webRequest(post)) }
        // A GET with headers is kept, but not for who asks with others.
        server.state.withLock { $0.answer.status = 200 }
        for key in ["a", "a", "b"] {
            let get = SoundRequest(url: "https://example.org/a.mp3", headers: [HeaderField("X-Key", key)])
            check(try await store.prepare(.webRequest(get)))
        }
        check(try await store.prepare(.web(url: "https://example.org/a.mp3")))
        let asked = server.state.withLock { $0.asked.dropFirst(3).map(\.request.headers) }
        #expect(asked == [[HeaderField("X-Key", "a")], [HeaderField("X-Key", "b")], []])
    }

    @Test func `how long a copy is good is what Cache-Control says, within reason`() {
        #expect(WebSounds.age(nil) == 60)
        #expect(WebSounds.age("max-age=5") == 5)
        #expect(WebSounds.age("public, Max-Age=99999999999999999999") == 604_800)
        #expect(WebSounds.age("max-age=x") == 60)
        #expect(WebSounds.age("private, no-cache, max-age=60") == 0)
    }
}
