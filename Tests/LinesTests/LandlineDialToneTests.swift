// SPDX-License-Identifier: Apache-2.0
import Foundation
import Signals
import Telephony
import Testing

@testable import Lines

/// A dial tone that comes back releases; what only sounds like it for a while does not. In virtual time; the dial tone of the plan
/// is 425 Hz.
@Suite struct LandlineDialToneTests {
    private static let rate = 8_000.0

    /// A tone on the dial tone's frequency, whose pitch swings by so many hertz.
    private func tone(_ milliseconds: Int, levelDBm0: Double = -20, swing: Double = 0) -> [Double] {
        let peak = 32_767 * pow(10, (levelDBm0 - 3.14) / 20)
        var phase = 0.0
        return (0..<milliseconds * 8).map { index in
            phase += 2 * .pi * (425 + swing * sin(2 * .pi * 0.7 * Double(index) / Self.rate)) / Self.rate
            return peak * sin(phase)
        }
    }

    private func silence(_ milliseconds: Int) -> [Double] { [Double](repeating: 0, count: milliseconds * 8) }

    /// Something like a voice: noise in syllables, so many ms of it.
    private func voice(_ milliseconds: Int, _ generator: inout SplitMix) -> [Double] {
        var last = 0.0
        return (0..<milliseconds * 8).map { index in
            last = last * 0.7 + Double.random(in: -4_000...4_000, using: &generator)
            return last * (0.2 + abs(sin(Double(index) / 1_100)))
        }
    }

    private func say(_ samples: [Double], on trunk: Trunk) {
        trunk.device.waiting += samples.map { Int16(max(-32_768, min(32_767, $0))) }
    }

    /// How long after its begin the line is let go; nil: not within so many ms.
    private func released(_ trunk: Trunk, within milliseconds: Int64) -> Int64? {
        let begin = trunk.now
        while trunk.now - begin < milliseconds {
            trunk.pass(20)
            if !trunk.device.isSeized { return trunk.now - begin }
        }
        return nil
    }

    @Test(arguments: [false, true]) func `dial tone releases in its third second, also in a room with music`(
        hasMusic: Bool
    ) throws {
        let trunk = try Trunk()
        trunk.device.echo = 0.25
        try trunk.connect()
        var generator = SplitMix(state: 21)
        if hasMusic {
            trunk.music = (0..<80_000).map { index in
                let beat = 0.3 + 0.7 * abs(sin(Double(index) / 900))
                return Int16(Double.random(in: -5_000...5_000, using: &generator) * beat)
            }
        }
        trunk.pass(6_000)
        say(voice(1_500, &generator) + silence(700) + tone(12_000), on: trunk)
        trunk.pass(2_200)
        let took = try #require(released(trunk, within: 12_000))
        #expect((2_000...3_400).contains(took), "\(took) ms")
        #expect(trunk.station.history.release == .dialTone)
    }

    enum Talk: String, CaseIterable {
        case notes = "a melody that stays on the dial tone's frequency for two seconds now and then"
        case hold = "a hold tone under speech with pauses of two seconds and a half"
        case loud = "a hold tone as loud as speech, which begins with it"
        case hum = "somebody who hums it for five seconds, a little out of tune"
        case fax = "a fax: calling tone, answering tone, for half a minute"
    }

    @Test(arguments: Talk.allCases) func `tones in the talk release nobody`(talk: Talk) throws {
        let trunk = try Trunk()
        try trunk.connect()
        var generator = SplitMix(state: 22)
        var samples: [Double] = []
        func beep(_ hertz: Double, _ milliseconds: Int) -> [Double] {
            HandsetSignals.tones([hertz], levelDBm0: -15, milliseconds: milliseconds, sampleRate: 8_000).map(
                Double.init)
        }
        func mixed(_ one: [Double], _ other: [Double]) -> [Double] { zip(one, other).map { $0 + $1 } }
        switch talk {
        case .notes:
            for _ in 0..<12 { samples += tone(2_000) + voice(900, &generator) + tone(900) + silence(300) }
        case .hold, .loud:
            for _ in 0..<12 {
                samples += voice(1_500, &generator) + silence(2_500)
                if talk == .loud { samples.removeLast(16_000) }
            }
            samples = mixed(samples, tone(samples.count / 8, levelDBm0: talk == .hold ? -28 : -18))
        case .hum:
            for _ in 0..<6 { samples += voice(1_000, &generator) + tone(5_000, swing: 8) }
        case .fax:
            for _ in 0..<8 { samples += beep(1_100, 500) + silence(3_000) }
            samples += beep(2_100, 4_000)
        }
        say(samples, on: trunk)
        #expect(released(trunk, within: Int64(samples.count / 8)) == nil, "\(talk.rawValue)")
        // And the far end hangs up in the end: later than otherwise, where a tone had to be taken for talk.
        say(silence(500) + tone(20_000), on: trunk)
        trunk.pass(500)
        let took = try #require(released(trunk, within: 15_000), "\(talk.rawValue)")
        print("\(talk.rawValue): dial tone then releases after \(took) ms")
        #expect(took < 9_500)
    }

    /// What the room heard of the line while it was taken for a dial tone for a moment.
    @Test func `a note mutes the line for a moment only`() throws {
        let trunk = try Trunk()
        try trunk.connect()
        var generator = SplitMix(state: 23)
        say(tone(2_500) + voice(6_000, &generator), on: trunk)
        trunk.pass(2_400)
        #expect(trunk.isMuted)
        trunk.pass(2_000)
        #expect(!trunk.isMuted)
        #expect(trunk.device.isSeized)
    }
}
