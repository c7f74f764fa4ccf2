// SPDX-License-Identifier: Apache-2.0
import Foundation
import Signals
import Synchronization
import Telephony
import Testing

@testable import Lines

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

    /// Number display: bell in halves of a second, off-hook for the message, on-hook, an ordinary bell.
    @Test func `in Japan who calls is told to a line that is seized unanswered`() throws {
        let trunk = try Trunk { $0.landline.seizesForCallerID = true }
        func bell(_ milliseconds: Int64, _ pause: Int64) {
            trunk.signal(.ring(true))
            trunk.pass(milliseconds)
            trunk.signal(.ring(false))
            trunk.pass(pause)
        }
        bell(500, 500)
        #expect(!trunk.device.isSeized)
        bell(500, 300)
        #expect(trunk.device.isSeized)
        #expect(trunk.station.report.state == "ringing")
        var caller = CallerID(kind: .v23JP)
        caller.number = "0312345678"
        trunk.device.waiting = CallerIDSender.japanese(caller, sampleRate: 8_000)
        trunk.pass(Int64(trunk.device.waiting.count / 8) + 60)
        #expect(!trunk.device.isSeized)
        #expect(trunk.sink.offers.isEmpty)
        trunk.pass(800)
        bell(1_000, 100)
        let offer = try #require(trunk.sink.offers.first)
        #expect(offer.callerNumber == "0312345678")
        offer.leg.answer([])
        trunk.deliver()
        trunk.pass(500)
        #expect(trunk.device.isSeized && trunk.sink.events == ["answered"])
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

    @Test func `pulses of a thread that is late stay as many, and as far apart`() throws {
        let trunk = try Trunk { $0.landline.dialling = .pulse }
        var request = DialRequest(destination: "112", callerNumber: "", callerName: "", headers: [])
        request.kind = .emergency
        let box = trunk
        let leg = LineLeg(id: trunk.sink.newLegID(), port: nil, tones: trunk.station.tones, ringback: []) { request in
            box.station.handle(request, now: box.now)
        }
        trunk.station.handle(.call(leg, request), now: trunk.now)
        trunk.pass(4_010)
        // From here on it is served every 137 ms only.
        for _ in 0..<60 {
            trunk.now += 137
            trunk.station.expire(now: trunk.now)
        }
        let times = trunk.device.flashes
        #expect(times.count == 1 + 1 + 2)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= 100 }, "\(times)")
        #expect(trunk.station.report.state == "emergency")
    }

    @Test func `an emergency breaks a test off, and no second one takes the line from it`() throws {
        let trunk = try Trunk()
        var request = DialRequest(destination: "112", callerNumber: "21", callerName: "", headers: [])
        request.kind = .emergency
        final class Answer: Sendable { let outcome = Mutex<ControlOutcome?>(nil) }
        let answer = Answer()
        trunk.station.handle(
            .question(.test) { outcome in answer.outcome.withLock { $0 = outcome } }, now: trunk.now)
        trunk.pass(500)
        #expect(trunk.device.isSeized && LandlineStation.ownWords.contains(trunk.station.report.state))
        func call(_ number: UInt64) -> LineLeg {
            let leg = LineLeg(id: LegID(number), port: nil, tones: trunk.station.tones, ringback: []) { _ in }
            trunk.station.handle(.call(leg, request), now: trunk.now)
            return leg
        }
        let first = call(70)
        #expect(answer.outcome.withLock { $0 } == .refused("the line was needed for an emergency call"))
        #expect(!trunk.device.isSeized)
        // So the desk offers it to no other emergency.
        #expect(trunk.station.report.state == "emergency" && !LandlineStation.ownWords.contains("emergency"))
        trunk.pass(1_600)
        #expect(trunk.device.isSeized)
        trunk.say(TonePlan.standard.dial, milliseconds: 3_000)
        trunk.pass(2_000)
        let seizures = trunk.device.seizures
        _ = call(71)
        trunk.pass(100)
        // The first one goes on meanwhile, and has news of its own.
        let told = trunk.sink.state.withLock { state in state.events.filter { $0.leg == LegID(71) }.map(\.event) }
        #expect(told == ["hung up: no free line"])
        #expect(trunk.device.seizures == seizures && trunk.device.isSeized)
        trunk.station.handle(.release(first.id, .normalClearing), now: trunk.now)
        trunk.pass(2_000)
        #expect(!trunk.device.isSeized && trunk.station.report.state == "idle")
    }

    @Test func `a line without a port in the media engine is not there, and comes when there is one`() throws {
        let trunk = try Trunk()
        trunk.station.unplugged(now: trunk.now)
        trunk.media.state.withLock { $0.isFull = true }
        trunk.pass(10_000)
        #expect(trunk.station.report.state == "gone" && trunk.station.device == nil)
        #expect(trunk.station.trouble.contains("the media engine is full"))
        trunk.media.state.withLock { $0.isFull = false }
        trunk.pass(10_000)
        #expect(trunk.station.report.state == "idle" && trunk.media.openPorts.count == 1)
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
        #expect(doctor.contains("caller-ID: nobody has called"))
    }
}
