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
private final class WishedLandline: StationDevice {
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
    var waiting: [Int16] = []
    /// What the box says comes back, so much weaker, 40 ms later; nil: does not.
    var echo: Double?
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
        case .bell, .lamp: break
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
private final class Trunk: @unchecked Sendable {
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
    private final class Box: Sendable { let requests = Mutex<[LineRequest]>([]) }
    private let box = Box()

    init(_ change: (inout LineDescription) -> Void = { _ in }) throws {
        let (box, device) = (box, device)
        nonisolated(unsafe) let shared = device
        let house = StationHouse(
            media: media, ports: media, sink: sink, tones: .standard,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            open: { _, _ throws(LineError) in shared },
            post: { _, request in box.requests.withLock { $0.append(request) } })
        var line = LineDescription(name: "landline", preset: "alsa-fxo", pcm: "x", ctl: "x")
        line.route = "welcome"
        change(&line)
        let profile = try #require(LineProfiles.named("alsa-fxo"))
        station = LandlineStation(
            number: 0, line: line, profile: profile, country: LandlineCountry(), memory: LandlineMemory(path: path),
            house: house)
        pass(2_000)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var port: PortID { media.openPorts.first ?? PortID(slot: 0, generation: 0) }
    var isMuted: Bool {
        let port = port
        return media.state.withLock { $0.muted.contains(port) }
    }

    func pass(_ milliseconds: Int64) {
        let end = now + milliseconds
        var frame = [Int16](repeating: 0, count: 80)
        while now < end {
            now += 10
            let port = port
            if let card = media.state.withLock({ $0.cards[port] }) {
                var played = [Int16](repeating: 0, count: 80)
                for index in 0..<80 where !music.isEmpty {
                    played[index] = music[musicPlace % music.count]
                    musicPlace += 1
                }
                _ = card.play(card.context, played, 80)
                let count = card.capture(card.context, &frame, 80)
                heard += frame.prefix(Int(max(0, count)))
            }
            station.expire(now: now)
            deliver()
        }
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

    func ring() {
        signal(.ring(true))
        pass(1_000)
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
        if question == .test { pass(4_000) }
        _ = box
        return answer.outcome.withLock { $0 }
    }
}

@Suite struct LandlineStationTests {
    @Test(arguments: CallerIDSender.Way.allCases)
    func `a call comes in with its caller, is answered between two rings and released by busy tone`(
        way: CallerIDSender.Way
    ) throws {
        let trunk = try Trunk()
        #expect(trunk.station.report.state == "idle")
        trunk.ring()
        trunk.pass(500)
        var caller = CallerID(kind: .v23)
        caller.number = "0301234567"
        caller.name = "Erika"
        trunk.device.waiting = CallerIDSender.samples(caller, way, isSingle: false, sampleRate: 8_000)
        trunk.pass(2_900)
        let offer = try #require(trunk.sink.offers.first)
        #expect(offer.callerNumber == "0301234567")
        #expect(offer.callerName == (way == .dtmf ? "" : "Erika"))
        #expect(offer.destination == "welcome")
        #expect(offer.isOutside)
        #expect(!trunk.device.isSeized)
        offer.leg.answer([])
        trunk.deliver()
        trunk.pass(100)
        #expect(trunk.device.isSeized)
        #expect(trunk.sink.events == ["answered"])
        // A room with music; the caller hangs up: three cycles.
        trunk.say(TonePlan.standard.busy, milliseconds: 4_000)
        trunk.pass(1_600)
        #expect(trunk.isMuted)
        trunk.pass(1_400)
        #expect(!trunk.device.isSeized)
        #expect(trunk.sink.events.last == "hung up: normal clearing")
        trunk.pass(2_000)
        #expect(trunk.station.report.state == "idle")
    }

    @Test func `a lone caller in a room with music who hangs up is released although the line gives the music back`()
        throws
    {
        let trunk = try Trunk()
        trunk.device.echo = 0.25
        try trunk.connect()
        var generator = SplitMix(state: 3)
        // Noise in the rhythm of music, as loud as the tone.
        trunk.music = (0..<80_000).map { index in
            let beat = 0.3 + 0.7 * abs(sin(Double(index) / 900))
            return Int16(Double.random(in: -5_000...5_000, using: &generator) * beat)
        }
        trunk.pass(6_000)
        // Of the music's echo (12 dB down, 40 ms late) the room hears next to nothing.
        let (sent, left) = (power(trunk.music), power(trunk.heard.suffix(8_000)))
        let loss = 10 * log10(sent / max(left, 1e-3))
        print("echo: \(Int(loss)) dB below what was played, \(trunk.station.history.echoDelay ?? -1) ms late")
        #expect(loss > 28)
        trunk.say(TonePlan.standard.busy, milliseconds: 6_000)
        trunk.pass(3 * 960)
        #expect(!trunk.device.isSeized)
    }

    private func power(_ samples: some Collection<Int16>) -> Double {
        samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(1, samples.count))
    }

    @Test func `another member's busy tone in the room releases nobody`() throws {
        let trunk = try Trunk()
        trunk.device.echo = 0.25
        try trunk.connect()
        var generator = SplitMix(state: 4)
        trunk.music = (0..<40_000).map { _ in Int16.random(in: -3_000...3_000, using: &generator) }
        trunk.pass(5_000)
        let tone = ToneGenerator(TonePlan.standard.busy.map(Tone.init), repeats: true, sampleRate: 8_000)
        var busy = [Int16](repeating: 0, count: 7_680 * 4)
        busy.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { _ = tone.fill(base, count: buffer.count) }
        }
        trunk.music = busy
        trunk.pass(15_000)
        #expect(trunk.device.isSeized)
    }

    @Test func `an unknown tone releases within three cycles, and is learned`() throws {
        let own = [
            ToneSegment(440, 0, levelDBm0: -20, milliseconds: 300), .silence(200),
        ]
        let trunk = try Trunk()
        try trunk.connect()
        trunk.say(own, milliseconds: 4_000)
        trunk.pass(3 * 500 + 60)
        #expect(!trunk.device.isSeized)
        guard case .told(let words) = trunk.ask(.learn) else {
            Issue.record("nothing told")
            return
        }
        #expect(words.contains("440 Hz for 300 ms"))
        #expect(trunk.ask(.accept) == .done)
        #expect(LandlineMemory(path: trunk.path).tones(of: "landline").count == 1)
        // From now on it is a tone like any other.
        trunk.pass(3_000)
        try trunk.connect()
        trunk.say(own, milliseconds: 4_000)
        trunk.pass(3 * 500 + 60)
        #expect(!trunk.device.isSeized)
        #expect(trunk.ask(.forget) == .done)
        #expect(LandlineMemory(path: trunk.path).tones(of: "landline").isEmpty)
    }

    @Test func `a call out waits for dial tone, sends its digits and is answered by a voice`() throws {
        let trunk = try Trunk()
        var request = DialRequest(destination: "0301234", callerNumber: "21", callerName: "", headers: [])
        request.kind = .outside
        let (id, box) = (trunk.sink.newLegID(), trunk)
        let leg = LineLeg(id: id, port: nil, tones: trunk.station.tones, ringback: []) { request in
            box.station.handle(request, now: box.now)
        }
        trunk.station.handle(.call(leg, request), now: trunk.now)
        #expect(trunk.device.isSeized)
        trunk.say(TonePlan.standard.dial, milliseconds: 2_500)
        trunk.pass(2_500)
        #expect(trunk.media.state.withLock { $0.sent }.count == 7)
        trunk.pass(2_000)
        #expect(leg.port != nil)
        trunk.say(TonePlan.standard.ringback, milliseconds: 7_500)
        trunk.pass(7_500)
        #expect(trunk.sink.events.contains("ringing"))
        #expect(!trunk.sink.events.contains("answered"))
        var generator = SplitMix(state: 8)
        trunk.device.waiting = (0..<8_000).map { _ in Int16.random(in: -4_000...4_000, using: &generator) }
        trunk.pass(1_000)
        #expect(trunk.sink.events.contains("answered"))
        leg.hangUp(.normalClearing, [])
        #expect(!trunk.device.isSeized)
    }

    @Test func `pulses are as many as the digits say`() throws {
        let trunk = try Trunk { $0.landline.dialling = .pulse }
        var request = DialRequest(destination: "203", callerNumber: "", callerName: "", headers: [])
        request.kind = .outside
        let box = trunk
        let leg = LineLeg(id: trunk.sink.newLegID(), port: nil, tones: trunk.station.tones, ringback: []) { request in
            box.station.handle(request, now: box.now)
        }
        trunk.station.handle(.call(leg, request), now: trunk.now)
        trunk.pass(12_000)
        #expect(trunk.device.flashes.count == 2 + 10 + 3)
        #expect(trunk.station.report.state == "calling")
    }

    @Test func `a test and the doctor speak in words`() throws {
        let trunk = try Trunk()
        trunk.say(TonePlan.standard.dial, milliseconds: 5_000)
        guard case .told(let words) = trunk.ask(.test) else {
            Issue.record("nothing told")
            return
        }
        #expect(words.contains("dial tone: good (425 Hz"))
        #expect(!trunk.device.isSeized)
        trunk.pass(3_000)
        #expect(trunk.station.report.state == "idle")
        guard case .told(let dead) = trunk.ask(.test) else { return }
        #expect(dead.contains("no dial tone"))
        guard case .told(let doctor) = trunk.ask(.doctor) else { return }
        #expect(doctor.contains("caller-ID: none"))
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
