// SPDX-License-Identifier: Apache-2.0
// Talk-off of DigitReceiver: what voices and music dial, next to spandsp's receiver on the same sound.

import Foundation
import PartylineTestKit
import Testing

@testable import Signals

@Suite struct TalkOffSheetTests {
    @Test func `voices and music dial nothing`() throws {
        let hour = try Concert.hour()
        var sheet = DataSheet(
            "dtmf-talk-off", "DTMF receiver: talk-off",
            "False digits in half an hour of synthetic speech (espeak-ng, twelve voices) and half an hour of music by dice."
        )
        sheet.table(["", "goal", "ours", "spandsp"])
        for (name, samples, most) in [("speech", hour.speech, 0.0), ("music", hour.music, 1)] {
            let (a, b) = (DTMFBench.ours(samples).count, DTMFBench.spandsp(samples).count)
            sheet.row([name, Goal.atMost(most).words, "\(a)", "\(b)"])
            sheet.hold(name, Double(a), to: .atMost(most))
        }
        sheet.leave(
            "at most one false digit in 50 hours of speech, music and recordings, clipped ones as well",
            to: "dtmf-talk-off-long", by: "PARTYLINE_TALK_OFF_HOURS=50, PARTYLINE_RECORDINGS=FOLDER")
        try sheet.finish()
    }

    private static let hours = ProcessInfo.processInfo.environment["PARTYLINE_TALK_OFF_HOURS"].flatMap(Double.init)

    /// Too long for every run: PARTYLINE_TALK_OFF_HOURS=50.
    @Test(.enabled(if: hours != nil, "PARTYLINE_TALK_OFF_HOURS is not set"))
    func `many hours dial next to nothing`() throws {
        let hours = try #require(Self.hours)
        var sheet = DataSheet(
            "dtmf-talk-off-long", "DTMF receiver: talk-off, many hours",
            """
            False digits (which, and at what level of the voice) in speech of espeak-ng, 24 languages times six voices, numbers and \
            words by dice, -30 … -8 dBm0; in music by dice, a fifth of the time; and in recordings where there are some. In virtual time, \
            outside of `Scripts/test`. Recordings: WAV files of 8 kHz, here the prompts of five languages of Debian's \
            asterisk-core-sounds, as they are, 6 dB softer, and 12 dB louder and clipped.

                PARTYLINE_RENEW=1 PARTYLINE_TESTING=1 PARTYLINE_TALK_OFF_HOURS=50 PARTYLINE_RECORDINGS=FOLDER \\
                    swift test -c release --disable-xctest --filter TalkOffSheetTests
            """)
        var clips = TalkOffClips(seed: 99)
        sheet.table(["", "hours", "ours", "spandsp"])
        var all = (ours: 0, theirs: 0, hours: 0.0)
        for (name, part, next) in [
            ("speech", hours * 0.8, { try clips.speech() }), ("music", hours * 0.2, { clips.music() }),
        ] {
            let tally = try Tally(hours: part, next: next)
            sheet.row([name, String(format: "%.1f", tally.hours), tally.ours.words, tally.theirs.words])
            all = (all.ours + tally.ours.count, all.theirs + tally.theirs.count, all.hours + tally.hours)
        }
        let recordings = TalkOffClips.recordings()
        if !recordings.isEmpty {
            var waiting: [(Double, URL)] = [1.0, 0.5, 4].flatMap { (gain: Double) in recordings.map { (gain, $0) } }
            let tally = try Tally(hours: .infinity) {
                guard let (gain, url) = waiting.popLast(), let samples = TalkOffClips.samples(of: url) else {
                    return waiting.isEmpty ? nil : []
                }
                return samples.map { Int16(max(-32_768, min(32_767, Double($0) * gain))) }
            }
            sheet.row(["recordings", String(format: "%.1f", tally.hours), tally.ours.words, tally.theirs.words])
            all = (all.ours + tally.ours.count, all.theirs + tally.theirs.count, all.hours + tally.hours)
        }
        sheet.row(["all", String(format: "%.1f", all.hours), "\(all.ours)", "\(all.theirs)"])
        sheet.note("Goal: at most 1 in 50 hours, and not more than spandsp.")
        sheet.hold("false digits in \(Int(all.hours)) hours", Double(all.ours), to: .atMost(max(1, all.hours / 50)))
        sheet.hold("false digits above spandsp's", Double(all.ours - all.theirs), to: .atMost(0))
        try sheet.finish()
    }

    /// What both receivers heard in clip after clip.
    private struct Tally {
        struct Digits {
            var count = 0
            var list: [String] = []
            var words: String { count == 0 ? "0" : "\(count) (\(list.prefix(12).joined(separator: " ")))" }

            mutating func add(_ heard: [DTMFBench.Heard]) {
                count += heard.count
                list += heard.map { "0123456789*#ABCD".map(String.init)[Int($0.code)] }
            }
        }

        var ours = Digits()
        var theirs = Digits()
        var hours = 0.0

        init(hours wanted: Double, next: () throws -> [Int16]?) throws {
            while hours < wanted, let clip = try next() {
                hours += Double(clip.count) / 8000 / 3600
                ours.add(DTMFBench.ours(clip))
                theirs.add(DTMFBench.spandsp(clip))
            }
        }
    }
}
