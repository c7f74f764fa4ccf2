// SPDX-License-Identifier: Apache-2.0
// The data sheet of ProgressDetector: every plan, and spandsp's supervisory tone detector in the same run.

import Foundation
import PartylineTestKit
import Synchronization
import Testing

@testable import Signals

@Suite struct ProgressSheetTests {
    private static let wanted: [ProgressTone] = [.dial, .ringback, .busy, .congestion]

    /// Whether the newest word on a recording of that tone is right. Plans that have one cadence for two tones can not tell
    /// them apart, and need not.
    private func isRight(_ kind: ProgressTone, _ samples: [Int16], _ plan: PlannedTones) -> Bool {
        let run = ProgressRun(samples, plan.patterns)
        guard let last = run.events.last else { return false }
        func pieces(_ kind: ProgressTone) -> [ProgressPattern.Piece] {
            plan.patterns.first { $0.kind == kind }?.pieces ?? []
        }
        return run.events.contains { $0.at == last.at && ($0.kind == kind || pieces($0.kind) == pieces(kind)) }
    }

    @Test func `every tone of every plan is right within two cycles`() throws {
        var sheet = DataSheet(
            "progress", "Call-progress tones",
            """
            `ProgressDetector` on the dial, ringing, busy and congestion tone of all 46 plans, each with its own plan set, two \
            cycles heard (4 s of a continuous tone), white noise of 0 … 4 kHz below the tone; spandsp's `super_tone_rx` in the \
            same run with the same plan (±10 % on every length, dial tone from 1.3 times the longest burst on).
            """)
        let plans = try PlannedTones.all()
        #expect(plans.count == 46)
        var generator = SeededGenerator(state: 21)
        sheet.table(["noise, dB below", "goal", "right, of 184", "spandsp, of 184"])
        for noise in [60.0, 20, 15, 10, 6] {
            var right = 0
            var theirs = 0
            var wrong: [String] = []
            for plan in plans {
                let reference = SpanDSPProgress(plan)
                for (kind, tones) in plan.tones where Self.wanted.contains(kind) {
                    let clean = PlannedTones.render(tones, cycles: 2)
                    let level = Laboratory.rms(clean) * pow(10, -noise / 20)
                    let heard = Laboratory.added(
                        clean, Laboratory.noise(clean.count, rms: level, generator: &generator))
                    if isRight(kind, heard, plan) { right += 1 } else { wrong.append("\(plan.country) \(kind)") }
                    if reference.isRight(kind, heard) { theirs += 1 }
                }
            }
            let goal: Goal? = noise >= 10 ? .atLeast(184) : nil
            sheet.row(["\(Int(noise))", goal == nil ? "-" : "184", "\(right)", "\(theirs)"])
            if !wrong.isEmpty { print("at \(noise) dB wrong: \(wrong)") }
            if let goal { sheet.hold("tones right at \(Int(noise)) dB", Double(right), to: goal) }
            sheet.hold("above spandsp's at \(Int(noise)) dB", Double(right - theirs), to: .atLeast(0))
        }
        try sheet.finish()
    }

    @Test func `special information is told from the others`() throws {
        for plan in try PlannedTones.all() {
            guard let tone = plan.tones.first(where: { $0.kind == .specialInformation })?.tones,
                tone.count >= 3, ["de", "us", "fr", "uk", "nl", "se", "es"].contains(plan.country)
            else { continue }
            let run = ProgressRun(
                PlannedTones.render(tone, cycles: 1) + [Int16](repeating: 0, count: 8_000), plan.patterns)
            #expect(Set(run.events.map(\.kind)) == [.specialInformation] || plan.country == "es", "\(plan.country)")
        }
    }

    private struct Count {
        var releases: Int
        var reports: Int
        var theirs: Int
    }

    @Test func `voices and music are no tones of the network`() throws {
        let recordings = try Concert.hour()
        var sheet = DataSheet(
            "progress-false-alarms", "Call-progress tones: false alarms",
            """
            Half an hour of synthetic speech (espeak-ng, twelve voices) and half an hour of music made by dice (organ chords, \
            strings, bells, repeated notes in time, electronic bleeps), in virtual time, by all plans. Releases: three bursts of busy or \
            congestion in a row, or a continuous dial tone. Reports: any word of a busy, congestion or dial tone, `ProgressDetector`'s \
            (from the second burst on) and spandsp's `super_tone_rx` (from the first cycle on, ±10 % on every length). Plans with the \
            same tones share a row.
            """)
        sheet.table([
            "plans", "speech: releases", "speech: reports (spandsp)", "music: releases", "music: reports (spandsp)",
        ])
        let kinds = try Self.kinds()
        #expect(kinds.reduce(0) { $0 + $1.countries.count } == 46)
        let wanted: Set<ProgressTone> = [.busy, .congestion, .dial]
        var sums = [0, 0, 0, 0]
        // Each plan by itself, on all processors.
        let counts = Mutex([[Count]](repeating: [], count: kinds.count))
        DispatchQueue.concurrentPerform(iterations: kinds.count) { place in
            let (kind, reference) = (kinds[place], SpanDSPProgress(kinds[place].plan))
            let found = [recordings.speech, recordings.music].map { samples in
                let heard = ProgressRun(samples, kind.patterns).events.filter { wanted.contains($0.kind) }
                return Count(
                    releases: heard.count { $0.kind == .dial || $0.bursts >= 3 }, reports: heard.count,
                    theirs: reference.reports(samples).count { wanted.contains($0) })
            }
            counts.withLock { $0[place] = found }
        }
        for (kind, found) in zip(kinds, counts.withLock { $0 }) {
            var cells: [String] = []
            for (place, count) in found.enumerated() {
                cells += ["\(count.releases)", "\(count.reports) (\(count.theirs))"]
                sums[place * 2] += count.reports
                sums[place * 2 + 1] += count.theirs
                sheet.hold(
                    "\(place == 0 ? "speech" : "music"), \(kind.countries[0])", Double(count.releases), to: .atMost(0))
            }
            sheet.row([kind.countries.joined(separator: " ")] + cells)
        }
        sheet.row(["all", "", "\(sums[0]) (\(sums[1]))", "", "\(sums[2]) (\(sums[3]))"])
        sheet.leave(
            "no release in 20 hours of speech", to: "progress-false-alarms-long", by: "PARTYLINE_PROGRESS_HOURS=20")
        try sheet.finish()
    }

    private static let hours = ProcessInfo.processInfo.environment["PARTYLINE_PROGRESS_HOURS"].flatMap(Double.init)

    /// Too long for every run: PARTYLINE_PROGRESS_HOURS=20.
    @Test(.enabled(if: hours != nil, "PARTYLINE_PROGRESS_HOURS is not set"))
    func `many hours of speech release nothing`() throws {
        let hours = try #require(Self.hours)
        let kinds = try Self.kinds()
        let references = kinds.map { SpanDSPProgress($0.plan) }
        var clips = TalkOffClips(seed: 20)
        var (heard, releases, theirs) = (0.0, 0, 0)
        let wanted: Set<ProgressTone> = [.busy, .congestion, .dial]
        while heard < hours {
            let clip = try clips.speech()
            heard += Double(clip.count) / 8000 / 3600
            for (kind, reference) in zip(kinds, references) {
                releases += ProgressRun(clip, kind.patterns).events.count {
                    $0.kind == .dial || wanted.contains($0.kind) && $0.bursts >= 3
                }
                theirs += reference.reports(clip).filter { wanted.contains($0) }.count
            }
        }
        var sheet = DataSheet(
            "progress-false-alarms-long", "Call-progress tones: false alarms in many hours",
            """
            Synthetic speech (espeak-ng, 24 languages times six voices, -30 … -8 dBm0) by all \(kinds.count) different plans each, \
            outside of `Scripts/test`.

                PARTYLINE_RENEW=1 PARTYLINE_TESTING=1 PARTYLINE_PROGRESS_HOURS=20 \\
                    swift test -c release --disable-xctest --filter ProgressSheetTests
            """)
        sheet.table(["hours", "releases of all plans", "spandsp: busy, congestion or dial tone reported"])
        sheet.row([String(format: "%.1f", heard), "\(releases)", "\(theirs)"])
        sheet.hold("hours", heard, to: .atLeast(20).butReached(0...20, "Not heard for longer."))
        sheet.hold("releases", Double(releases), to: .atMost(0))
        try sheet.finish()
    }

    private typealias Kind = (patterns: [ProgressPattern], plan: PlannedTones, countries: [String])

    /// The plans that differ.
    private static func kinds() throws -> [Kind] {
        var kinds: [Kind] = []
        for plan in try PlannedTones.all() {
            if let place = kinds.firstIndex(where: { isSame($0.patterns, plan.patterns) }) {
                kinds[place].countries.append(plan.country)
            } else {
                kinds.append((plan.patterns, plan, [plan.country]))
            }
        }
        return kinds
    }

    private static func isSame(_ one: [ProgressPattern], _ other: [ProgressPattern]) -> Bool {
        one.count == other.count
            && zip(one, other).allSatisfy { $0.kind == $1.kind && $0.pieces == $1.pieces }
    }
}
