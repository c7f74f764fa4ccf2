// SPDX-License-Identifier: Apache-2.0
import Foundation
import PartylineTestKit
import Signals
import Telephony
import Testing

@testable import Lines

/// What a voice modem tells of its line: its guesses at what it hears release nothing by themselves, its keys count once.
@Suite struct ModemWordsTests {
    private static func busy(cycles: Int) -> [Int16] {
        let burst = HandsetSignals.tones([425], levelDBm0: -18, milliseconds: 480, sampleRate: 8_000)
        return (0..<cycles).flatMap { _ in burst + [Int16](repeating: 0, count: burst.count) }
    }

    /// Somebody on a muted telephone hears a conference, and now and then the busy tone of somebody else in it; the modem hears
    /// the echo, and presumes what it likes.
    @Test func `half an hour of presumed hang-ups and busy tones that are only played: who listens stays`() throws {
        let trunk = try Trunk(preset: "v253")
        trunk.device.echo = 0.25
        try trunk.connect()
        var generator = SplitMix(state: 12)
        let noise = (0..<80_000).map { _ in Int16.random(in: -3_000...3_000, using: &generator) }
        for turn in 0..<180 {
            trunk.playFromNowOn(turn % 3 == 2 ? Self.busy(cycles: 11) : noise)
            trunk.heard = []
            for second in 0..<10 {
                trunk.tell(["s", "q", "b", "d", "r"][(turn + second) % 5])
                trunk.pass(500)
                trunk.tell("b")
                trunk.pass(500)
            }
            #expect(trunk.device.isSeized, "after \(trunk.now / 1000) s")
            if !trunk.device.isSeized { break }
        }
        #expect(trunk.now > 30 * 60_000)
        #expect(trunk.sink.events == ["answered"])
        // And then it is let go like any other.
        trunk.playFromNowOn([])
        trunk.pass(1_000)
        trunk.say(TonePlan.standard.busy, milliseconds: 6_000)
        trunk.pass(3 * 960 + 60)
        #expect(!trunk.device.isSeized)
    }

    @Test func `a busy tone that both have heard releases a cycle earlier`() throws {
        for agrees in [true, false] {
            let trunk = try Trunk(preset: "v253")
            try trunk.connect()
            trunk.say(TonePlan.standard.busy, milliseconds: 6_000)
            trunk.pass(960 + 480 + 200)
            #expect(trunk.device.isSeized)
            if agrees { trunk.tell("b") }
            #expect(trunk.device.isSeized != agrees)
        }
    }

    @Test func `silence that the modem presumes releases where silence is set to`() throws {
        for silence in [Int64(0), 3_600_000] {
            let trunk = try Trunk(preset: "v253") { $0.landline.silence = silence }
            try trunk.connect()
            trunk.pass(5_000)
            trunk.tell("s")
            #expect(trunk.device.isSeized == (silence == 0))
        }
    }

    @Test func `keys are told with their source, but not those that we play ourselves`() throws {
        let trunk = try Trunk(preset: "v253")
        try trunk.connect()
        trunk.tell("/5~/#~")
        #expect(trunk.sink.events.suffix(2) == ["digit 5 by keys", "digit # by keys"], "\(trunk.sink.events)")
        // Somebody in the room presses 7; the modem hears it come back.
        trunk.device.echo = 0.25
        let count = trunk.sink.events.count
        trunk.playFromNowOn(
            HandsetSignals.dtmf(.seven, milliseconds: 100, pauseMilliseconds: 100_000, sampleRate: 8_000))
        trunk.pass(120)
        trunk.tell("/7")
        trunk.pass(200)
        trunk.tell("~7")
        #expect(trunk.sink.events.count == count, "\(trunk.sink.events)")
        trunk.tell("8")
        trunk.pass(1_000)
        trunk.tell("7")
        #expect(trunk.sink.events.count == count + 2, "\(trunk.sink.events)")
    }

    @Test func `a modem that ends the call by itself releases it, and its next bell is answered`() throws {
        let trunk = try Trunk(preset: "v253")
        try trunk.connect()
        trunk.signal(.ended)
        #expect(!trunk.device.isSeized)
        #expect(trunk.sink.events.last?.hasPrefix("hung up") == true, "\(trunk.sink.events)")
        guard case .told(let words) = trunk.ask(.doctor) else {
            Issue.record("nothing told")
            return
        }
        #expect(words.contains("the last call ended by: the modem ended the call"))
        trunk.pass(2_000)
        let before = trunk.sink.offers.count
        try trunk.connect()
        #expect(trunk.sink.offers.count == before + 1)
    }

    @Test func `a modem that is open but has not answered is no line yet`() throws {
        let trunk = try Trunk(preset: "v253")
        trunk.device.isReady = false
        trunk.device.isInUse = true
        trunk.station.unplugged(now: trunk.now)
        trunk.pass(12_000)
        trunk.signal(.ring(true))
        #expect(trunk.station.report.state == "gone")
        trunk.device.isReady = true
        trunk.signal(.ring(false))
        trunk.pass(2_000)
        #expect(trunk.station.report.state == "in use")
        trunk.signal(.lineInUse(false))
        #expect(trunk.station.report.state == "idle")
    }

    @Test func `a line whose loop current is sensed and never comes is dead after a second`() throws {
        for senses in [true, false] {
            let trunk = try Trunk()
            trunk.device.sensesLoop = senses
            trunk.station.unplugged(now: trunk.now)
            trunk.pass(12_000)
            #expect(trunk.station.report.state == "idle")
            var request = DialRequest(destination: "112", callerNumber: "21", callerName: "", headers: [])
            request.kind = .emergency
            let leg = LineLeg(id: LegID(70), port: nil, tones: trunk.station.tones, ringback: []) { _ in }
            trunk.station.handle(.call(leg, request), now: trunk.now)
            trunk.pass(1_100)
            #expect(trunk.device.isSeized != senses)
            #expect(trunk.sink.events == (senses ? ["hung up: network out of order"] : []))
        }
    }
}
