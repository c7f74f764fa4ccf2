// SPDX-License-Identifier: Apache-2.0
import CLinux
import RTP
import Signals
import Synchronization
import Telephony
import Testing

@testable import Media

/// The engine with its threads and real sockets on loopback; waits are bounded.
@Suite(.serialized) struct MediaEngineTests {
    private final class Silence: SoundSourceStore {
        let prepared = Atomic(0)

        func prepare(_ sound: Sound) async throws -> PlayableSound {
            prepared.add(1, ordering: .relaxed)
            guard case .tones = sound else { throw MediaError.sound("no such sound") }
            let budget = SoundBudget(mostBytes: 1600)
            guard let samples = SoundSamples(capacity: 800, sampleRate: 8000, budget: budget) else {
                throw MediaError.sound("no room")
            }
            samples.append([Int16](repeating: 4000, count: 800)[...])
            return PlayableSound([samples], loopStart: nil)
        }
    }

    @Test func `what can not be played or recorded is known before anything is begun`() async {
        let engine = makeEngine()
        #expect(await engine.obstacle(to: .file(path: "nosuch.wav"))?.reason.contains("no such sound") == true)
        #expect(await engine.obstacle(to: .tones([.silence(100)], repeats: false)) == nil)
        #expect(await engine.obstacleToRecording() == "nothing can be recorded here")
    }

    @Test func `a sound that was looked at is not prepared once more when it is played`() async throws {
        let sounds = Silence()
        let engine = makeEngine(sounds)
        let log = Log()
        _ = try engine.start(priority: 0, locksMemory: false) { log.add($0) }
        defer { engine.stop() }
        let beep = Sound.tones([.silence(100)], repeats: false)
        #expect(await engine.obstacle(to: beep) == nil)
        #expect(await engine.obstacle(to: beep) == nil)
        #expect(sounds.prepared.load(ordering: .relaxed) == 2)
        let mix = try #require(engine.openMix())
        let player = try #require(engine.play(beep, loop: false, delayMilliseconds: 0))
        engine.add(.player(player), to: mix)
        #expect(await log.waits(for: "playerStarted"))
        #expect(sounds.prepared.load(ordering: .relaxed) == 2)
        // It is there once.
        let second = try #require(engine.play(beep, loop: false, delayMilliseconds: 0))
        engine.add(.player(second), to: mix)
        for _ in 0..<300 where sounds.prepared.load(ordering: .relaxed) < 3 {
            try await Task.sleep(nanoseconds: 10_000_000)
        }
        #expect(sounds.prepared.load(ordering: .relaxed) == 3)
    }

    private final class Log: Sendable {
        let events = Mutex<[String]>([])

        func add(_ event: MediaEvent) {
            let text = String(describing: event)
            events.withLock { $0.append(text) }
        }

        func waits(for beginning: String, milliseconds: Int = 3000) async -> Bool {
            for _ in 0..<(milliseconds / 10) {
                if events.withLock({ $0.contains { $0.hasPrefix(beginning) } }) { return true }
                try? await Task.sleep(nanoseconds: 10_000_000)
            }
            return false
        }
    }

    private func makeEngine(_ sounds: any SoundSourceStore = Silence()) -> MediaEngine {
        var options = MixOptions()
        options.ports = 64
        options.mixes = 16
        options.players = 16
        let network = MediaNetwork(ports: 31_800...31_899, dscp: 46, workspace: RTPWorkspace(spareBuffers: 64))
        return MediaEngine(options: options, network: network, sounds: sounds)
    }

    @Test func `two ports on loopback hear each other through a mix and a player plays to its end`() async throws {
        let engine = makeEngine()
        let log = Log()
        _ = try engine.start(priority: 0, locksMemory: false) { log.add($0) }
        let loopback = TransportAddress(ipv4: 0x7F00_0001, port: 0)
        let a = try engine.openRTPPort(loopback)
        let b = try engine.openRTPPort(loopback)
        // Each of them is the other's far end: what a hears, b says.
        for (port, peer) in [(a, b), (b, a)] {
            let parameters = RTPParameters(
                audio: [RTPParameters.Audio(payloadType: 0, codec: .pcmu)], remote: peer.local)
            try engine.configure(port.port, parameters)
        }
        let mix = try #require(engine.openMix())
        engine.listen(a.port, to: mix)
        let player = try #require(engine.play(.tones([], repeats: false), loop: false, delayMilliseconds: 0))
        engine.add(.player(player), to: mix)
        #expect(await log.waits(for: "firstAudio"))
        #expect(await log.waits(for: "playerStarted"))
        #expect(await log.waits(for: "playerFinished"))
        try await Task.sleep(nanoseconds: 300_000_000)
        let statistics = engine.statistics()
        #expect(statistics.count == 2)
        #expect(statistics.allSatisfy { $0.packetsReceived > 5 && $0.packetsSent > 5 && $0.codec == "PCMU" })
        #expect(engine.counters.frames > 10)
        engine.closeRTPPort(a.port)
        engine.closeRTPPort(b.port)
        engine.closeMix(mix)
        #expect(engine.statistics().isEmpty)
        engine.stop()
    }

    @Test func `a sound that cannot be prepared is reported, a stopped player says nothing`() async throws {
        let engine = makeEngine()
        let log = Log()
        _ = try engine.start(priority: 0, locksMemory: false) { log.add($0) }
        _ = engine.play(.file(path: "nowhere.wav"), loop: false, delayMilliseconds: 0)
        #expect(await log.waits(for: "playerFinished"))
        log.events.withLock { $0 = [] }
        let player = try #require(engine.play(.tones([], repeats: false), loop: true, delayMilliseconds: 0))
        engine.stop(player)
        #expect(!(await log.waits(for: "playerFinished", milliseconds: 200)))
        engine.stop()
    }

    /// Hands out a sound of half of a session's share, a new one each time.
    private final class Music: SoundSourceStore {
        let budget = SoundBudget(mostBytes: 1 << 30)

        func prepare(_ sound: Sound) async throws -> PlayableSound {
            let capacity = SoundShares.mostBytes / 4
            guard let samples = SoundSamples(capacity: capacity, sampleRate: 8000, budget: budget) else {
                throw MediaError.sound("no room")
            }
            samples.append([0])
            return PlayableSound([samples], loopStart: nil)
        }
    }

    @Test func `a session that plays too much is told so, and others play on`() async throws {
        let music = Music()
        let engine = makeEngine(music)
        let log = Log()
        _ = try engine.start(priority: 0, locksMemory: false) { log.add($0) }
        defer { engine.stop() }
        let sound = Sound.file(path: "music")
        func play(_ session: SessionID?) throws -> PlayerID {
            try #require(engine.play(sound, loop: true, delayMilliseconds: 0, for: session))
        }
        let mine = try (0..<3).map { _ in try play(SessionID(1)) }
        #expect(await log.waits(for: "playerFinished"))
        #expect(log.events.withLock { $0.contains { $0.contains("one session have 64 MB") } })
        #expect(music.budget.usedBytes == SoundShares.mostBytes)
        log.events.withLock { $0 = [] }
        for session in [SessionID(2), nil, nil, nil] { _ = try play(session) }
        for player in mine { engine.stop(player) }
        // What was given back is there for it again.
        _ = try play(SessionID(1))
        #expect(await log.waits(for: "playerStarted"))
        #expect(!(await log.waits(for: "playerFinished", milliseconds: 200)))
    }

    @Test func `a full engine refuses and a closed port makes room`() throws {
        var options = MixOptions()
        options.ports = 2
        let network = MediaNetwork(ports: 31_900...31_919, dscp: 46, workspace: RTPWorkspace(spareBuffers: 8))
        let engine = MediaEngine(options: options, network: network, sounds: Silence())
        let loopback = TransportAddress(ipv4: 0x7F00_0001, port: 0)
        let first = try engine.openRTPPort(loopback)
        _ = try engine.openRTPPort(loopback)
        #expect(throws: MediaError.self) { try engine.openRTPPort(loopback) }
        engine.closeRTPPort(first.port)
        let again = try engine.openRTPPort(loopback)
        #expect(again.port != first.port)
    }
}
