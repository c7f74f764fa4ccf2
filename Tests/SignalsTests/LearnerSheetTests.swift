// SPDX-License-Identifier: Apache-2.0
// The data sheet of CadenceLearner: tones that are in no plan, and an hour in which there are none.

import Foundation
import PartylineTestKit
import Testing

@testable import Signals

@Suite struct LearnerSheetTests {
    private static func tone(_ one: Double, _ two: Double = 0, times: [Int], modulation: Double = 0) -> [Tone] {
        times.enumerated().map { place, milliseconds in
            guard place % 2 == 0 else { return .silence(milliseconds: milliseconds) }
            var tone = Tone(one, two, levelDBm0: -20, milliseconds: milliseconds)
            tone.modulationHz = modulation
            return tone
        }
    }

    static let foreign: [[Tone]] = [
        tone(440, times: [300, 200]), tone(500, times: [650, 350]), tone(620, times: [120, 130]),
        tone(350, 620, times: [400, 400]),
        tone(900, times: [500, 500]), tone(425, times: [100, 100, 100, 400]),
        tone(480, times: [300, 80]) + tone(620, times: [300, 300]), tone(400, 450, times: [250, 250]),
        tone(450, times: [500, 400], modulation: 30), tone(1100, times: [1000, 500]), tone(380, times: [200, 600]),
        tone(425, times: [350, 150, 150, 350]),
    ]

    @Test func `twelve foreign tones are learned within three cycles`() throws {
        var sheet = DataSheet(
            "learner", "Learning a line's own tones",
            """
            `CadenceLearner` on tones that are in no plan, -20 dBm0 after a voice, white noise 15 dB below: what it says, and \
            when, in cycles from the begin of the first burst. Goal: right within 3 cycles. No library that we know of learns tones, so \
            there is nothing to compare with.
            """)
        sheet.table(["tone: Hz, ms on and off", "learned", "after cycles"])
        var generator = SeededGenerator(state: 8)
        let voice = try #require(Laboratory.speech("Well, then, good bye!", voice: "en+f3"), "no espeak-ng")
        for tones in Self.foreign {
            let period = tones.reduce(0) { $0 + $1.milliseconds }
            let clean = voice + PlannedTones.render(tones, cycles: 3)
            let rms = Laboratory.rms(PlannedTones.render(tones, cycles: 3)) * pow(10, -15 / 20)
            let run = ProgressRun(
                Laboratory.added(clean, Laboratory.noise(clean.count, rms: rms, generator: &generator)), [])
            let start = Int64((voice.count + 4_000) / 8)
            let first = try #require(run.lessons.first, "nothing learned of \(Self.words(tones))")
            let cycles = Double(first.at - start) / Double(period)
            sheet.row([Self.words(tones), Self.words(first.lesson.tones), String(format: "%.1f", cycles)])
            sheet.hold(Self.words(tones), cycles, to: .atMost(3))
            #expect(!first.lesson.isRinging)
            #expect(Self.isAlike(first.lesson.tones, tones), "\(Self.words(tones)): \(Self.words(first.lesson.tones))")
        }
        let hour = try Concert.hour()
        let (speech, music) = (ProgressRun(hour.speech, []).lessons, ProgressRun(hour.music, []).lessons)
        sheet.note("False lessons in half an hour of speech: \(speech.count), of music: \(music.count).")
        sheet.hold("lessons in speech", Double(speech.count), to: .atMost(0))
        sheet.hold("lessons in music", Double(music.count), to: .atMost(0))
        try sheet.finish()
    }

    @Test func `keys that are pressed in time are not taken for a release`() {
        let digit = [Tone.digit(1), Tone.silence(milliseconds: 100)].compactMap { $0 }
        #expect(ProgressRun(PlannedTones.render(digit, cycles: 12), []).lessons.isEmpty)
    }

    @Test func `ringing is not taken for a release`() {
        let run = ProgressRun(PlannedTones.render(Self.tone(425, times: [1000, 4000]), cycles: 5), [])
        #expect(run.lessons.first?.lesson.isRinging == true)
    }

    private static func words(_ tones: [Tone]) -> String {
        tones.map { tone in
            guard tone.frequency1Hz > 0 else { return "- \(tone.milliseconds)" }
            let second = tone.frequency2Hz > 0 ? "+\(Int(tone.frequency2Hz))" : ""
            let modulation = tone.modulationHz > 0 ? "*\(Int(tone.modulationHz))" : ""
            return "\(Int(tone.frequency1Hz))\(second)\(modulation) \(tone.milliseconds)"
        }.joined(separator: ", ")
    }

    /// Frequencies to 5 Hz, times to 30 ms (modulated ones to 60), from any burst of the pattern on.
    private static func isAlike(_ learned: [Tone], _ true: [Tone]) -> Bool {
        guard learned.count == `true`.count else { return false }
        return stride(from: 0, to: learned.count, by: 2).contains { shift in
            learned.indices.allSatisfy { index in
                let (one, other) = (learned[index], `true`[(index + shift) % `true`.count])
                let swing = other.modulationHz > 0 || `true`.contains { $0.modulationHz > 0 } ? 60 : 30
                return abs(one.frequency1Hz - other.frequency1Hz) <= 5
                    && abs(one.frequency2Hz - other.frequency2Hz) <= 5
                    && abs(one.modulationHz - other.modulationHz) <= 5
                    && abs(one.milliseconds - other.milliseconds) <= swing
            }
        }
    }
}
