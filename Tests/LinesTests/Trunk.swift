// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import Media
import Signals
import Synchronization
import Telephony
import Testing

@testable import Lines

/// A landline's hardware; what its line says is queued as samples of 8 kHz.
final class WishedLandline: StationDevice {
    var descriptors: [Int32] { [] }
    var deadline: Int64? { nil }
    let sampleRate = 8_000
    let periodMilliseconds = 5.0
    var warnings: [String] { [] }
    var isSeized = false
    var seizures = 0
    var flashes: [Int64] = []
    var news: [LineSignal] = []
    var isInUse = false
    var tellsOfRings = true
    var sensesLoop = false
    var isReady = true
    var waiting: [Int16] = []
    /// What the box says comes back, so much weaker, so much later; nil: does not.
    var echo: Double?
    var echoMilliseconds = 40 { didSet { said = [Int16](repeating: 0, count: echoMilliseconds * 8) } }
    private var said = [Int16](repeating: 0, count: 320)

    func isOffHook() throws(LineError) -> Bool { isInUse }
    func signals(now: Int64) throws(LineError) -> [LineSignal] {
        defer { news = [] }
        return news
    }
    func expire(now: Int64) throws(LineError) -> [LineSignal] { [] }
    func perform(_ order: LineOrder, now: Int64) {
        switch order {
        case .seize(let takes):
            isSeized = takes
            seizures += takes ? 1 : 0
        case .flash: flashes.append(now)
        case .bell, .lamp, .display: break
        }
    }
    func start() throws(LineError) -> CardFunctions {
        CardFunctions(
            context: Unmanaged.passUnretained(self).toOpaque(), sampleRate: 8_000, capture: Self.capture,
            play: Self.play, capturePosition: Self.position, playPosition: Self.position)
    }
    func recover() throws(LineError) {}
    func stop() {}
    var xruns: (overruns: Int, underruns: Int) { (0, 0) }

    private static let capture: @convention(c) (UnsafeMutableRawPointer, UnsafeMutablePointer<Int16>, Int32) -> Int32 =
        { context, target, count in
            let line = Unmanaged<WishedLandline>.fromOpaque(context).takeUnretainedValue()
            for index in 0..<Int(count) {
                var value = index < line.waiting.count ? Double(line.waiting[index]) : 0
                if let echo = line.echo, index < line.said.count { value += Double(line.said[index]) * echo }
                target[index] = Int16(max(-32_768, min(32_767, value)))
            }
            line.waiting.removeFirst(min(line.waiting.count, Int(count)))
            line.said.removeFirst(min(line.said.count, Int(count)))
            return count
        }
    private static let play: @convention(c) (UnsafeMutableRawPointer, UnsafePointer<Int16>, Int32) -> Int32 = {
        context, samples, count in
        let line = Unmanaged<WishedLandline>.fromOpaque(context).takeUnretainedValue()
        line.said += UnsafeBufferPointer(start: samples, count: Int(count))
        return count
    }
    private static let position:
        @convention(c) (UnsafeMutableRawPointer, Int64, UnsafeMutablePointer<CardPosition>) -> Int32 = { _, _, _ in 0 }
}

/// A landline station with everything around it, in virtual time; the test is the mix thread as well.
/// One thread only.
final class Trunk: @unchecked Sendable {
    let media = NotingMedia()
    let sink = NotingSink()
    let device = WishedLandline()
    let station: LandlineStation
    let path = NSTemporaryDirectory() + "landlines-\(UUID().uuidString).json"
    var now: Int64 = 0
    /// What the mix lets the line hear, for ever; empty: silence.
    var music: [Int16] = []
    /// What went into the room.
    var heard: [Int16] = []
    private var musicPlace = 0
    private var dialogue = Trunk.talkingModem()
    /// What the station itself plays (8 kHz), and how far.
    private var playing: (player: PlayerID, place: Int)?
    private final class Box: Sendable { let requests = Mutex<[LineRequest]>([]) }
    private let box = Box()

    init(
        preset: String = "alsa-fxo", country: LandlineCountry = LandlineCountry(), redials: RedialBook? = nil,
        tellsOfRings: Bool = true, _ change: (inout LineDescription) -> Void = { _ in }
    ) throws {
        let (box, device) = (box, device)
        device.tellsOfRings = tellsOfRings
        nonisolated(unsafe) let shared = device
        let house = StationHouse(
            media: media, ports: media, sink: sink, tones: .standard,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            open: { _, _ throws(LineError) in shared },
            post: { _, request in box.requests.withLock { $0.append(request) } })
        var line = LineDescription(name: "landline", preset: preset, pcm: "x", ctl: "x")
        line.route = "welcome"
        change(&line)
        let profile = try #require(LineProfiles.named(preset))
        station = LandlineStation(
            number: 0, line: line, profile: profile, country: country, memory: LandlineMemory(path: path),
            redials: redials ?? RedialBook(country), house: house)
        pass(2_000)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private static func talkingModem() -> ModemDialogue {
        var dialogue = ModemDialogue(country: nil)
        _ = dialogue.start(now: 0)
        _ = dialogue.expire(now: 1_000)
        while dialogue.state == .starting { _ = dialogue.take(Array("OK\r\n".utf8), now: 0) }
        _ = dialogue.seize(true, now: 0)
        for _ in 0..<4 { _ = dialogue.take(Array("OK\r\n".utf8), now: 0) }
        _ = dialogue.take(Array("CONNECT\r\n".utf8), now: 0)
        return dialogue
    }

    var port: PortID { media.openPorts.first ?? PortID(slot: 0, generation: 0) }
    var isMuted: Bool {
        let port = port
        return media.state.withLock { $0.muted.contains(port) }
    }

    func pass(_ milliseconds: Int64) {
        let end = now + milliseconds
        while now < end {
            var played = [Int16](repeating: 0, count: 80)
            for index in 0..<80 where !music.isEmpty {
                played[index] = music[musicPlace % music.count]
                musicPlace += 1
            }
            play(into: &played)
            heard += step(playing: played)
        }
    }

    private func play(into played: inout [Int16]) {
        guard let (player, samples) = media.samples(at: port) else { return playing = nil }
        let start = playing?.player == player ? playing?.place ?? 0 : 0
        for index in 0..<80 where start + index < samples.count { played[index] = samples[start + index] }
        playing = (player, start + 80)
    }

    /// 10 ms in which the line is played that; what the room hears of it.
    func step(playing played: [Int16]) -> [Int16] {
        now += 10
        var frame = [Int16](repeating: 0, count: 80)
        let port = port
        var count: Int32 = 0
        if let card = media.state.withLock({ $0.cards[port] }) {
            _ = card.play(card.context, played, 80)
            count = card.capture(card.context, &frame, 80)
        }
        let isMuted = isMuted
        station.expire(now: now)
        deliver()
        return isMuted || count < 80 ? [Int16](repeating: 0, count: 80) : frame
    }

    func playFromNowOn(_ samples: [Int16]) {
        music = samples
        musicPlace = 0
    }

    func deliver() {
        let waiting = box.requests.withLock { requests in
            defer { requests = [] }
            return requests
        }
        for request in waiting { station.handle(request, now: now) }
    }

    func signal(_ signal: LineSignal) {
        device.news.append(signal)
        station.deviceReadable(now: now)
    }

    /// The line says this from now on.
    func say(_ tones: [ToneSegment], milliseconds: Int) {
        let generator = ToneGenerator(tones.map(Tone.init), repeats: true, sampleRate: 8_000)
        var samples = [Int16](repeating: 0, count: milliseconds * 8)
        samples.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { _ = generator.fill(base, count: buffer.count) }
        }
        device.waiting += samples
    }

    /// What a voice modem tells within its samples, as its transport understands it.
    func tell(_ codes: String) {
        for code in codes.utf8 {
            for case .signal(let signal) in dialogue.take([0x10, code], now: now) { self.signal(signal) }
        }
    }

    func ring(_ milliseconds: Int64 = 1_000) {
        signal(.ring(true))
        pass(milliseconds)
        signal(.ring(false))
    }

    func connect() throws {
        ring()
        pass(3_000)
        let offer = try #require(sink.offers.last)
        offer.leg.answer([])
        deliver()
        pass(500)
        #expect(device.isSeized)
    }

    func ask(_ question: LandlineQuestion) -> ControlOutcome? {
        let box = Mutex<ControlOutcome?>(nil)
        final class Answer: Sendable { let outcome = Mutex<ControlOutcome?>(nil) }
        let answer = Answer()
        station.handle(.question(question) { outcome in answer.outcome.withLock { $0 = outcome } }, now: now)
        if question == .test { pass(7_000) }
        _ = box
        return answer.outcome.withLock { $0 }
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
