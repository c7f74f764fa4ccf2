// SPDX-License-Identifier: Apache-2.0
// The data sheet of ProgressDetector: every plan, and spandsp's supervisory tone detector in the same run.

import CSpanDSP
import Foundation
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
        sheet.table(["noise, dB below", "right, of 184", "spandsp, of 184"])
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
            sheet.row(["\(Int(noise))", "\(right)", "\(theirs)"])
            if !wrong.isEmpty { print("at \(noise) dB wrong: \(wrong)") }
            if noise >= 10 { #expect(right == 184, "\(wrong)") }
            #expect(right >= theirs)
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

    @Test func `voices and music are no tones of the network`() throws {
        let plans = try PlannedTones.all().filter { ["de", "us", "uk", "fr", "jp", "in"].contains($0.country) }
        let recordings = try Concert.hour()
        var sheet = DataSheet(
            "progress-false-alarms", "Call-progress tones: false alarms",
            """
            Half an hour of synthetic speech (espeak-ng, twelve voices) and half an hour of music made by dice (organ chords, \
            strings, bells, repeated notes in time, electronic bleeps), in virtual time. A release needs three bursts of busy or \
            congestion in a row, or a continuous dial tone.
            """)
        sheet.table(["plan", "speech: releases", "music: releases", "music: dial tone"])
        for plan in plans {
            func releases(_ samples: [Int16], _ kinds: Set<ProgressTone>) -> Int {
                ProgressRun(samples, plan.patterns).events.filter {
                    kinds.contains($0.kind) && ($0.kind == .dial || $0.bursts >= 3)
                }.count
            }
            let speech = releases(recordings.speech, [.busy, .congestion, .dial])
            let music = releases(recordings.music, [.busy, .congestion])
            sheet.row([plan.country, "\(speech)", "\(music)", "\(releases(recordings.music, [.dial]))"])
            #expect(speech == 0)
            #expect(music == 0)
        }
        try sheet.finish()
    }
}

/// spandsp's detector set to a plan.
private final class SpanDSPProgress {
    private let descriptor: OpaquePointer?
    private let kinds: [ProgressTone]
    private let plan: PlannedTones

    init(_ plan: PlannedTones) {
        self.plan = plan
        descriptor = super_tone_rx_make_descriptor(nil)
        var kinds: [ProgressTone] = []
        let longest = plan.patterns.flatMap(\.pieces).map(\.on).max() ?? 0
        for pattern in plan.patterns where pattern.kind != .specialInformation {
            let tone = super_tone_rx_add_tone(descriptor)
            kinds.append(pattern.kind)
            for piece in pattern.pieces {
                let (one, two) = (Int32(piece.required[0]), piece.required[1] > 0 ? Int32(piece.required[1]) : 0)
                if piece.on == 0 {
                    super_tone_rx_add_element(descriptor, tone, one, two, Int32(max(1000, longest * 13 / 10)), 0)
                } else {
                    super_tone_rx_add_element(
                        descriptor, tone, one, two, Int32(piece.on * 9 / 10), Int32(piece.on * 11 / 10))
                    super_tone_rx_add_element(
                        descriptor, tone, 0, 0, Int32(piece.off * 9 / 10), Int32(piece.off * 11 / 10))
                }
            }
        }
        self.kinds = kinds
    }

    deinit { super_tone_rx_free_descriptor(descriptor) }

    private final class Box { var codes: [Int32] = [] }

    private static let report: @convention(c) (UnsafeMutableRawPointer?, Int32, Int32, Int32) -> Void = {
        box, code, _, _ in
        guard let box, code >= 0 else { return }
        Unmanaged<Box>.fromOpaque(box).takeUnretainedValue().codes.append(code)
    }

    func isRight(_ kind: ProgressTone, _ samples: [Int16]) -> Bool {
        let box = Box()
        guard let state = super_tone_rx_init(nil, descriptor, Self.report, Unmanaged.passUnretained(box).toOpaque())
        else { return false }
        defer { super_tone_rx_free(state) }
        samples.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for start in stride(from: 0, to: buffer.count, by: 160) {
                _ = super_tone_rx(state, base + start, Int32(min(160, buffer.count - start)))
            }
        }
        guard let last = box.codes.last, kinds.indices.contains(Int(last)) else { return false }
        func pieces(_ kind: ProgressTone) -> [ProgressPattern.Piece] {
            plan.patterns.first { $0.kind == kind }?.pieces ?? []
        }
        return kinds[Int(last)] == kind || pieces(kinds[Int(last)]) == pieces(kind)
    }
}
