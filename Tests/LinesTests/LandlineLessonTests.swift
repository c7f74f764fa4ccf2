// SPDX-License-Identifier: Apache-2.0
import Foundation
import Signals
import Synchronization
import Telephony
import Testing

@testable import Lines

/// What a landline teaches by the calls that come, as `learn` tells it and as it is used.
@Suite struct LandlineLessonTests {
    private var country: LandlineCountry {
        var country = LandlineCountry()
        country.bell = [1_000, 4_000]
        country.bells = ["de": [1_000, 4_000], "uk": [400, 200, 400, 2_000]]
        return country
    }

    private func words(_ outcome: ControlOutcome?) -> String {
        if case .told(let words) = outcome { words } else { "" }
    }

    /// A British ring: two bursts, and the pause in front of the next.
    private func doubleRing(_ trunk: Trunk) {
        trunk.ring(400)
        trunk.pass(200)
        trunk.ring(400)
        trunk.pass(2_000)
    }

    @Test func `a bell is heard once it was asked for, accepted, kept, and makes rings of its bursts`() throws {
        let trunk = try Trunk(country: country)
        #expect(words(trunk.ask(.learn)).contains("left to ring until its bell has been heard"))
        doubleRing(trunk)
        doubleRing(trunk)
        #expect(trunk.sink.offers.isEmpty, "it was answered before its bell was known")
        #expect(trunk.station.lessons.cadence == nil)
        trunk.ring(400)
        #expect(trunk.sink.offers.count == 1)
        let told = words(trunk.ask(.learn))
        #expect(told.contains("400 ms, pause 200 ms, 400 ms, pause 2000 ms (as in uk)"), "\(told)")
        #expect(words(trunk.ask(.doctor)).contains("is country in [dialling] right?"))
        #expect(trunk.ask(.accept) == .done)
        #expect(LandlineMemory(path: trunk.path).bell(of: "landline") == [400, 200, 400, 2_000])
        #expect(trunk.ask(.accept) == .refused("nothing was learned that could be taken over"))
        trunk.pass(20_000)
        #expect(trunk.sink.events == ["hung up: normal clearing"])
        // One burst is half a ring.
        let before = trunk.sink.offers.count
        trunk.station.machine.plan.callerIDWait = 0
        trunk.ring(400)
        #expect(trunk.sink.offers.count == before)
        trunk.pass(200)
        trunk.ring(400)
        #expect(trunk.sink.offers.count == before + 1)
        // The caller gives up: after the pause of the bell and a bit, not after six seconds.
        trunk.pass(2_900)
        #expect(trunk.sink.events.count == 1)
        trunk.pass(200)
        #expect(trunk.sink.events.count == 2)
        trunk.pass(20_000)
        #expect(trunk.ask(.forget) == .done)
        #expect(LandlineMemory(path: trunk.path).bell(of: "landline") == nil)
        #expect(trunk.station.machine.plan.burstsPerRing == 1)
        #expect(trunk.station.machine.plan.ringTimeout == LandlinePlan().ringTimeout)
    }

    @Test func `without being asked for, a call is answered as ever, and missed ones teach all the same`() throws {
        let trunk = try Trunk(country: country) { $0.landline.answerAfterRings = 9 }
        for _ in 0..<3 { doubleRing(trunk) }
        trunk.pass(8_000)
        #expect(trunk.sink.offers.isEmpty)
        #expect(words(trunk.ask(.learn)).contains("(as in uk)"))
        let quick = try Trunk(country: country)
        quick.ring()
        quick.pass(2_600)
        #expect(quick.sink.offers.count == 1)
    }

    @Test func `who is told before the first ring is not waited for after it any more`() throws {
        let trunk = try Trunk(country: country)
        var caller = CallerID(kind: .dtmf)
        caller.number = "0301234567"
        for _ in 0..<2 {
            trunk.device.waiting = CallerIDSender.samples(caller, .dtmf, isSingle: false, sampleRate: 8_000)
            trunk.pass(Int64(trunk.device.waiting.count / 8) + 500)
            trunk.ring()
            #expect(trunk.sink.offers.last?.callerNumber == "0301234567")
            trunk.pass(25_000)
        }
        // A caller whose number does not come is waited for in vain.
        trunk.ring()
        #expect(trunk.sink.offers.count == 2)
        trunk.pass(25_000)
        #expect(words(trunk.ask(.learn)).contains("caller-ID: DTMF, before the first ring"))
        #expect(trunk.ask(.accept) == .done)
        trunk.ring()
        #expect(trunk.sink.offers.count == 4)
        trunk.pass(25_000)
        #expect(words(trunk.ask(.doctor)).contains("caller-ID: told in 2 of 4 calls"))
        let kept = LandlineMemory(path: trunk.path).callerWay(of: "landline")
        #expect(kept == BellLearner.Way(kind: "dtmf", comesFirst: true))
    }

    @Test func `callers that the device tells of are counted like those that are heard`() throws {
        let trunk = try Trunk()
        trunk.ring()
        trunk.signal(.callerID(number: "0301234", name: ""))
        #expect(trunk.sink.offers.last?.callerNumber == "0301234")
        #expect(words(trunk.ask(.doctor)).contains("caller-ID: told in 1 of 1 calls"))
    }

    @Test func `a damaged memory teaches nothing`() throws {
        let path = NSTemporaryDirectory() + "landlines-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        for bell in ["[1]", "[0, 4000]", "[1000, 4000, 1000]", "[1000, 99999999]"] {
            let text = #"{"landline":{"tones":[],"bell":\#(bell),"callerID":"\#(String(repeating: "x", count: 99))"}}"#
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            let memory = LandlineMemory(path: path)
            #expect(memory.entries.count == 1 && memory.bell(of: "landline") == nil)
            #expect(memory.callerWay(of: "landline") == nil)
        }
    }

    @Test func `a memory that can not be read is put aside, and what is learned then is kept`() throws {
        let path = NSTemporaryDirectory() + "landlines-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = path + "/landlines.json"
        let absent = LandlineMemory(path: file)
        #expect(absent.trouble == nil && absent.entries.isEmpty)
        for text in ["{\"landline\":{\"tones\":[", "[]", "{\"landline\":7}", String(repeating: " ", count: 1 << 21)] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            let memory = LandlineMemory(path: file)
            #expect(memory.entries.isEmpty && memory.trouble?.contains("put aside") == true)
            #expect(FileManager.default.contents(atPath: file + ".broken") == Data(text.utf8))
            memory.set(echoDelay: 60, of: "landline")
            let again = LandlineMemory(path: file)
            #expect(again.trouble == nil && again.echoDelay(of: "landline") == 60)
        }
    }

    // MARK: - Doctor

    /// A call in which the box speaks (noise) for so long while the far end does or does not, then hangs up with that tone.
    private func call(
        _ trunk: Trunk, talking: Bool, milliseconds: Int, endsBy tone: [ToneSegment] = TonePlan.standard.busy
    ) throws {
        var generator = SplitMix(state: 21)
        trunk.music = (0..<40_000).map { _ in Int16.random(in: -3_000...3_000, using: &generator) }
        try trunk.connect()
        let loudest: Int16 = talking ? 6_000 : 10
        let talk = (0..<milliseconds * 8).map { _ in Int16.random(in: -loudest...loudest, using: &generator) }
        trunk.device.waiting = talk
        trunk.pass(Int64(milliseconds))
        trunk.say(tone, milliseconds: 6_000)
        trunk.pass(4_000)
        #expect(!trunk.device.isSeized)
        trunk.device.waiting = []
        trunk.pass(20_000)
    }

    @Test func `a call that the country's busy tone ends teaches no tone, and the echo is told as it is`() throws {
        let trunk = try Trunk(country: country)
        // 12 dB.
        trunk.device.echo = 0.25
        try call(trunk, talking: false, milliseconds: 12_000)
        #expect(trunk.station.history.release == .disconnectTone)
        let learned = words(trunk.ask(.learn))
        #expect(learned.contains("Nothing was learned yet"), "\(learned)")
        #expect(trunk.ask(.accept) == .refused("nothing was learned that could be taken over"))
        let told = words(trunk.ask(.doctor))
        let isRight = [11, 12, 13].contains { told.contains("the line returns \($0) dB less than is said") }
        #expect(isRight && !told.contains("poor match"), "\(told)")
    }

    @Test func `an echo that was never heard by itself is not told of`() throws {
        let trunk = try Trunk(country: country)
        trunk.device.echo = 0.25
        try call(trunk, talking: true, milliseconds: 4_000)
        let told = words(trunk.ask(.doctor))
        #expect(told.contains("the last call ended by: disconnect tone"), "\(told)")
        #expect(!told.contains("echo of the last call") && !told.contains("poor match"), "\(told)")
    }

    @Test func `a tone that was taken over is not proposed again`() throws {
        let tone = [ToneSegment(620, 0, levelDBm0: -20, milliseconds: 300), .silence(350)]
        let trunk = try Trunk(country: country)
        try call(trunk, talking: false, milliseconds: 2_000, endsBy: tone)
        let first = words(trunk.ask(.learn))
        #expect(first.contains("heard: ") && !first.contains("known: "), "\(first)")
        #expect(trunk.ask(.accept) == .done)
        try call(trunk, talking: false, milliseconds: 2_000, endsBy: tone)
        let second = words(trunk.ask(.learn))
        #expect(second.contains("known: ") && !second.contains("heard: "), "\(second)")
    }

    // MARK: - Test

    @Test func `a test ends the dial tone by a key and measures the echo by noise, whatever the gains`() throws {
        for gain in [0.0, 6.0] {
            let trunk = try Trunk {
                $0.rxGainDB = gain
                $0.txGainDB = -gain / 2
            }
            // As the device would be heard with these gains: 12 dB of return loss.
            trunk.device.echo = 0.25 * pow(10, gain / 2 / 20)
            trunk.device.echoMilliseconds = 60
            trunk.say(TonePlan.standard.dial, milliseconds: 20_000)
            let told = Told()
            trunk.station.handle(.question(.test) { told.outcome = $0 }, now: trunk.now)
            trunk.pass(3_600)
            #expect(trunk.media.state.withLock { $0.sent } == [.one])
            trunk.device.waiting = []
            trunk.pass(3_400)
            let words = words(told.outcome)
            #expect(words.contains("echo return loss: 12 dB"), "\(words)")
            #expect(words.contains("out and back: 60 ms"), "\(words)")
            #expect(words.contains("caller-ID: nobody has called"))
            #expect(!trunk.device.isSeized && trunk.media.runningPlayers == 0)
            // The filter has nothing to do with it, so it can not go astray by the noise.
            let figures = try #require(trunk.station.tap).echoFigures
            #expect(figures.enhancement == 0 && figures.returnLoss == 0)
            let said = self.words(trunk.ask(.doctor))
            #expect(!said.contains("went astray"), "\(said)")
            let delay = try #require(LandlineMemory(path: trunk.path).echoDelay(of: "landline"))
            #expect(abs(delay - 60) < 1)
        }
    }

    /// One thread only.
    private final class Told: @unchecked Sendable { var outcome: ControlOutcome? }

    @Test func `a tone that no key ends makes the figures unsure, a soft one asks for gain`() throws {
        let trunk = try Trunk()
        let soft = TonePlan.standard.dial.map { segment in
            var soft = segment
            soft.levelDBm0 = -36
            return soft
        }
        trunk.say(soft, milliseconds: 20_000)
        let words = words(trunk.ask(.test))
        #expect(words.contains("the tone did not end by a key"), "\(words)")
        #expect(words.contains("rx_gain_db = 16"), "\(words)")
        #expect(words.contains("none was heard"), "\(words)")
    }

    // MARK: - Redial

    @Test func `a number that was busy on one line rests on the other as well`() throws {
        var country = LandlineCountry()
        country.redialPauseMilliseconds = 60_000
        let redials = RedialBook(country)
        let first = try Trunk(country: country, redials: redials)
        let second = try Trunk(country: country, redials: redials)
        #expect(try dial(first, "0301234"))
        first.say(TonePlan.standard.dial, milliseconds: 2_500)
        first.pass(4_500)
        first.say(TonePlan.standard.busy, milliseconds: 6_000)
        first.pass(6_000)
        #expect(first.sink.events.last == "hung up: busy")
        second.pass(first.now - second.now)
        #expect(try !dial(second, "0301234"), "the second line dialled at once")
        #expect(try dial(second, "0309999"))
        let third = try Trunk(country: country, redials: redials)
        third.pass(first.now - third.now + 60_000)
        #expect(try dial(third, "0301234"))
    }

    /// Whether the line was seized for it.
    private func dial(_ trunk: Trunk, _ number: String) throws -> Bool {
        var request = DialRequest(destination: number, callerNumber: "21", callerName: "", headers: [])
        request.kind = .outside
        let leg = LineLeg(id: trunk.sink.newLegID(), port: nil, tones: trunk.station.tones, ringback: []) { _ in }
        trunk.station.handle(.call(leg, request), now: trunk.now)
        return trunk.device.isSeized
    }
}
