// SPDX-License-Identifier: Apache-2.0
import PartylineTestKit
import Telephony
import Testing

@testable import Lines

/// Talk and music on a landline that is in a call, through all that may release it: nothing of it does. In virtual time.
///
/// Known weakness: two notes or syllables that are two bursts of the plan's busy tone keep the line from the room for 4 s.
@Suite struct LandlineConcertTests {
    private static let weakness: Int64 = 4_000

    private struct Figures {
        var isReleased = false
        /// In ms: how long the room did not hear the line, in all and at a stretch.
        var muted: Int64 = 0
        var longest: Int64 = 0
    }

    /// The far end says `near` while the room says `far`, until both are over; who says nothing is a faint noise.
    private func hear(_ trunk: Trunk, near: [Int16], far: [Int16]) -> Figures {
        var figures = Figures()
        var stretch: Int64 = 0
        var generator = SplitMix(state: 13)
        let noise = (0..<8_000).map { _ in Int16.random(in: -12...12, using: &generator) }
        for start in stride(from: 0, to: max(near.count, far.count) - 79, by: 80) {
            let isSilent = start + 80 > near.count
            trunk.device.waiting += isSilent ? noise[start % 8_000..<start % 8_000 + 80] : near[start..<start + 80]
            let played =
                start + 80 > far.count ? [Int16](repeating: 0, count: 80) : Array(far[start..<start + 80])
            _ = trunk.step(playing: played)
            stretch = trunk.isMuted ? stretch + 10 : 0
            figures.muted += stretch > 0 ? 10 : 0
            figures.longest = max(figures.longest, stretch)
            guard trunk.device.isSeized else {
                figures.isReleased = true
                break
            }
        }
        return figures
    }

    /// The same as if nothing had been: the next busy tone releases.
    private func expectRelease(of trunk: Trunk) {
        trunk.device.waiting = []
        trunk.pass(500)
        trunk.say(TonePlan.standard.busy, milliseconds: 6_000)
        trunk.pass(3 * 960 + 60)
        #expect(!trunk.device.isSeized)
        #expect(trunk.station.history.release == .disconnectTone)
    }

    private func check(_ what: String, _ figures: Figures, mutedAtMost longest: Int64, _ trunk: Trunk) {
        print(
            "\(what): released: \(figures.isReleased), muted for \(figures.muted) ms, \(figures.longest) at a stretch")
        #expect(!figures.isReleased, "\(what): released after \(trunk.now) ms")
        #expect(figures.longest <= longest, "\(what): the room did not hear it for \(figures.longest) ms")
        #expect(trunk.station.proposal == nil, "\(what): learned as a tone of the line")
    }

    @Test func `half an hour of talk and half an hour of music from the far end release nobody`() throws {
        let hour = try Concert.hour()
        #expect(hour.speech.count >= 1_800 * 8_000 && hour.music.count >= 1_800 * 8_000)
        for (what, samples, longest) in [("talk", hour.speech, Int64(0)), ("music", hour.music, Self.weakness)] {
            // Nothing is played, so there is no echo to be taken out.
            let trunk = try Trunk { $0.echoTailMilliseconds = 0 }
            try trunk.connect()
            let figures = hear(trunk, near: samples, far: [])
            check(what, figures, mutedAtMost: longest, trunk)
            expectRelease(of: trunk)
        }
    }

    /// Of each voice and of each two minutes and a half of music 25 s; echoes 12 dB down, within the filter's reach.
    @Test func `five minutes of talk and of music in the room, and what comes back of them, release nobody`() throws {
        let hour = try Concert.hour()
        for (what, samples, longest) in [("talk", hour.speech, Int64(0)), ("music", hour.music, Self.weakness)] {
            let trunk = try Trunk()
            trunk.device.echo = 0.25
            try trunk.connect()
            var played: [Int16] = []
            for part in 0..<12 {
                let start = part * 150 * 8_000
                played += samples[start..<start + 25 * 8_000]
            }
            let figures = hear(trunk, near: [], far: played)
            check("\(what) that is played", figures, mutedAtMost: longest, trunk)
            expectRelease(of: trunk)
        }
    }
}
