// SPDX-License-Identifier: Apache-2.0
import Foundation
import Signals
import Telephony
import Testing

@testable import Lines

/// When a landline is let go, and when it is not, in virtual time.
@Suite struct LandlineReleaseTests {
    private static func tone(_ one: Double, _ two: Double = 0, times: [Int], modulation: Double = 0) -> [ToneSegment] {
        times.enumerated().map { place, milliseconds in
            guard place % 2 == 0 else { return .silence(milliseconds) }
            var segment = ToneSegment(one, two, levelDBm0: -20, milliseconds: milliseconds)
            segment.modulationHz = modulation
            return segment
        }
    }

    /// Busy and congestion tones that are in no plan.
    static let foreign: [[ToneSegment]] = [
        tone(440, times: [300, 200]), tone(500, times: [650, 350]), tone(620, times: [120, 130]),
        tone(350, 620, times: [400, 400]),
        tone(900, times: [500, 500]), tone(425, times: [100, 100, 100, 400]),
        tone(480, times: [300, 80]) + tone(620, times: [300, 300]),
        tone(400, 450, times: [250, 250]), tone(450, times: [500, 400], modulation: 30),
        tone(1_100, times: [1_000, 500]),
        tone(380, times: [200, 600]), tone(425, times: [350, 150, 150, 350]),
    ]

    @Test(arguments: foreign) func `a tone that is in no plan releases within three cycles, and is proposed`(
        tones: [ToneSegment]
    ) throws {
        let trunk = try Trunk()
        try trunk.connect()
        // The last words before the far end hangs up.
        var generator = SplitMix(state: 5)
        trunk.device.waiting = (0..<6_000).map { _ in Int16.random(in: -3_000...3_000, using: &generator) }
        trunk.pass(1_300)
        let period = tones.reduce(0) { $0 + $1.milliseconds }
        trunk.say(tones, milliseconds: period * 4)
        // And the look every 20 ms.
        trunk.pass(Int64(period) * 3 + 60)
        #expect(!trunk.device.isSeized)
        #expect(trunk.station.history.release == .learnedTone || trunk.station.history.release == .disconnectTone)
        #expect(trunk.ask(.accept) == .done)
    }

    /// Two landlines in a room whose far ends hang up at the same moment: each hears its own exchange's busy tone and, by way of the
    /// room, the other's, which is the same.
    @Test(arguments: [0, 480, 250]) func `a line is let go although the room plays the same busy tone to it`(
        behind: Int
    ) throws {
        let trunk = try Trunk()
        trunk.device.echo = 0.25
        try trunk.connect()
        var generator = SplitMix(state: 4)
        trunk.music = (0..<40_000).map { _ in Int16.random(in: -3_000...3_000, using: &generator) }
        trunk.pass(5_000)
        let tone = ToneGenerator(TonePlan.standard.busy.map(Tone.init), repeats: true, sampleRate: 8_000)
        var busy = [Int16](repeating: 0, count: 7_680 * 8)
        busy.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { _ = tone.fill(base, count: buffer.count) }
        }
        trunk.playFromNowOn(Array(busy.dropFirst(behind * 8)))
        trunk.say(TonePlan.standard.busy, milliseconds: 8_000)
        trunk.pass(3 * 960 + 60)
        #expect(!trunk.device.isSeized)
    }

    /// A room with two landlines: each hears the other, some 20 ms later.
    private struct Pair {
        let trunks: [Trunk]
        var released: [Int64?] = [nil, nil]
        private var waiting: [[[Int16]]]

        /// Echoes 12 dB down, so late; the delay of them is not known yet.
        init(echoMilliseconds: Int) throws {
            trunks = [try Trunk(), try Trunk()]
            for trunk in trunks {
                trunk.device.echo = 0.25
                trunk.device.echoMilliseconds = echoMilliseconds
                try trunk.connect()
            }
            let silence = [[Int16]](repeating: [Int16](repeating: 0, count: 80), count: 2)
            waiting = [silence, silence]
        }

        mutating func pass(_ milliseconds: Int) {
            for _ in 0..<milliseconds / 10 {
                for place in 0..<2 {
                    let said = trunks[place].step(playing: waiting[place].removeFirst())
                    waiting[1 - place].append(said)
                    if released[place] == nil, !trunks[place].device.isSeized { released[place] = trunks[place].now }
                }
            }
        }
    }

    /// Neither echo is within the filter's reach, and each line's own tone is an echo of the other's to it.
    @Test(arguments: [64, 100], [0, 120, 250, 480, 730])
    func `two lines in each other's room that hang up together are both let go`(late: Int, behind: Int) throws {
        var pair = try Pair(echoMilliseconds: late)
        pair.pass(500)
        // Each exchange in its own phase.
        let begins = [pair.trunks[0].now, pair.trunks[1].now + Int64(behind)]
        pair.trunks[0].say(TonePlan.standard.busy, milliseconds: 12_000)
        pair.trunks[1].device.waiting = [Int16](repeating: 0, count: behind * 8 + 3)
        pair.trunks[1].say(TonePlan.standard.busy, milliseconds: 12_000)
        pair.pass(6_000)
        for place in 0..<2 {
            let released = try #require(pair.released[place], "line \(place) is not released")
            #expect(released - begins[place] <= 3 * 960 + 60, "line \(place): \(released - begins[place]) ms")
            #expect(pair.trunks[place].station.history.release == .disconnectTone)
        }
    }

    /// Before the canceller has learned anything, and where it reaches as well as where it does not.
    @Test(arguments: [0, 40, 64, 100, 250], [0.25, 0.5])
    func `what is only the echo of another line's tone releases nobody`(late: Int, echo: Double) throws {
        let trunk = try Trunk()
        trunk.device.echo = echo
        trunk.device.echoMilliseconds = late
        try trunk.connect()
        let plan = TonePlan.standard
        for tone in [plan.busy, plan.reorder, plan.dial] + Self.foreign.prefix(4) {
            let generator = ToneGenerator(tone.map(Tone.init), repeats: true, sampleRate: 8_000)
            var samples = [Int16](repeating: 0, count: 9_600 * 8)
            samples.withUnsafeMutableBufferPointer { buffer in
                if let base = buffer.baseAddress { _ = generator.fill(base, count: buffer.count) }
            }
            trunk.playFromNowOn(samples)
            let begin = trunk.now
            while trunk.device.isSeized, trunk.now < begin + 9_600 { trunk.pass(20) }
            guard trunk.device.isSeized else {
                let (release, lesson) = (trunk.station.history.release, trunk.station.proposal)
                Issue.record("\(tone.map(\.words)) after \(trunk.now - begin) ms: \(release as Any) \(lesson as Any)")
                return
            }
            #expect(!trunk.isMuted)
        }
    }

    @Test(arguments: [40, 64, 100])
    func `a lone caller in a room with music is let go whatever the echo`(late: Int) throws {
        let trunk = try Trunk()
        trunk.device.echo = 0.25
        trunk.device.echoMilliseconds = late
        try trunk.connect()
        let scale: [[Double]] = [[262, 330, 392], [294, 349, 440], [247, 294, 392], [220, 262, 330]]
        trunk.music = (0..<80).flatMap { beat in
            HandsetSignals.tones(scale[beat % 4], levelDBm0: -22, milliseconds: 500, sampleRate: 8_000)
        }
        trunk.pass(4_000)
        #expect(trunk.device.isSeized)
        trunk.say(TonePlan.standard.busy, milliseconds: 8_000)
        trunk.pass(3 * 960 + 60)
        #expect(!trunk.device.isSeized)
    }

    /// Somebody on a muted telephone: next to nothing comes from the line, a conference goes out to it.
    @Test func `somebody who only listens for half an hour stays`() throws {
        let trunk = try Trunk()
        trunk.device.echo = 0.25
        try trunk.connect()
        var generator = SplitMix(state: 11)
        // Half a minute of talk with pauses, over and over; the line's own noise.
        trunk.music = (0..<240_000).map { index in
            let second = index / 8_000
            let swell = second % 7 < 5 ? 0.2 + abs(sin(Double(index) / 1_300)) : 0
            return Int16(Double.random(in: -4_000...4_000, using: &generator) * swell)
        }
        for _ in 0..<180 {
            trunk.device.waiting = (0..<80_000).map { _ in Int16.random(in: -12...12, using: &generator) }
            trunk.heard = []
            trunk.pass(10_000)
            #expect(trunk.device.isSeized)
            if !trunk.device.isSeized { break }
        }
        #expect(trunk.now > 30 * 60_000)
        #expect(!trunk.isMuted)
        // And then it is let go like any other.
        trunk.device.waiting = []
        trunk.say(TonePlan.standard.busy, milliseconds: 6_000)
        trunk.pass(3 * 960 + 60)
        #expect(!trunk.device.isSeized)
    }
}
