// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Telephony

@testable import Signals

/// The shipped tone plans as the detectors take them.
struct PlannedTones {
    var country: String
    var tones: [(kind: ProgressTone, tones: [Tone])]

    var patterns: [ProgressPattern] { tones.compactMap { ProgressPattern($0.kind, $0.tones) } }

    static func all() throws -> [PlannedTones] {
        let settings = try Settings.load(DataSheet.repository.appendingPathComponent("etc/partyline").path).get()
        return settings.tonePlans.map { plan in
            PlannedTones(
                country: plan.country,
                tones: [
                    (.dial, Self.converted(plan.dial)), (.busy, Self.converted(plan.busy)),
                    (.ringback, Self.converted(plan.ringback)),
                    (.congestion, Self.converted(plan.reorder)),
                    (.specialInformation, Self.converted(plan.specialInformation)),
                ])
        }
    }

    static func converted(_ segments: [ToneSegment]) -> [Tone] {
        segments.map { segment in
            var tone = Tone(
                segment.frequency1Hz, segment.frequency2Hz, levelDBm0: segment.levelDBm0,
                milliseconds: segment.milliseconds)
            tone.modulationHz = segment.modulationHz
            tone.isOnce = segment.isOnce
            return tone
        }
    }

    /// So many repetitions of a tone at 8 kHz (4 s of a continuous one), after half a second of nothing.
    static func render(_ tones: [Tone], cycles: Int) -> [Int16] {
        let once = tones.prefix(while: \.isOnce).reduce(0) { $0 + $1.milliseconds }
        let period = tones.dropFirst(tones.prefix(while: \.isOnce).count).reduce(0) { $0 + $1.milliseconds }
        let isEndless = tones.contains { $0.milliseconds == 0 && $0.frequency1Hz > 0 }
        let count = isEndless ? 32_000 : (once + period * cycles + 40) * 8
        var samples = [Int16](repeating: 0, count: 4_000 + count)
        let generator = ToneGenerator(tones, repeats: true, sampleRate: 8000)
        samples.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { _ = generator.fill(base + 4_000, count: count) }
        }
        return samples
    }
}

/// Events and lessons of a whole recording.
struct ProgressRun {
    var events: [ProgressDetector.Event] = []
    var lessons: [(at: Int64, lesson: CadenceLearner.Lesson)] = []

    init(_ samples: [Int16], _ patterns: [ProgressPattern]) {
        let detector = ProgressDetector(patterns)
        let learner = CadenceLearner()
        var last: Int64 = -1
        samples.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for start in stride(from: 0, to: buffer.count, by: 80) {
                let count = detector.process(base + start, count: min(80, buffer.count - start))
                for index in 0..<count { events.append(detector.event(index)) }
                guard let burst = detector.burst(0), burst.start != last else { continue }
                last = burst.start
                if let lesson = learner.lesson(detector) { lessons.append((detector.tracker.now, lesson)) }
            }
        }
    }
}
