// SPDX-License-Identifier: Apache-2.0

/// Finds out by itself that a line repeats a tone of unknown frequencies and cadence, as exchanges do when the far end has
/// gone, and what that tone is.
///
/// A pattern is believed when three repetitions in a row are alike: frequencies to ±8 Hz, lengths to 10 ms, levels to 2.5 dB,
/// each burst pure and steady and without overtones, the pauses quiet. Speech and music do not do that, but for
/// electronic ones that stay on a note: after another note the pattern does not count (figures: docs/datasheets/learner.md).
///
/// Used by one thread; allocates nothing but in `learned`.
package struct CadenceLearner: Sendable {
    /// What was learned.
    package struct Lesson: Sendable, Hashable {
        /// Bursts and pauses as they would be played.
        package var tones: [Tone]
        /// One burst with a pause of more than 1.6 s, or a long period: ringing rather than busy.
        package var isRinging: Bool
        package var cycles: Int
    }

    private static let longestPattern = 3
    private static let cyclesNeeded = 3

    package init() {}

    /// To be asked after each burst. Nil: nothing that repeats.
    package func lesson(_ detector: ProgressDetector) -> Lesson? {
        for length in 1...Self.longestPattern where isRepeated(length, detector) {
            return isAmongOthers(length, detector) ? nil : learned(length, detector)
        }
        return nil
    }

    /// Whether other pure tones stood right before the pattern: then it is a melody that stays on a note.
    private func isAmongOthers(_ length: Int, _ detector: ProgressDetector) -> Bool {
        let oldest = length * Self.cyclesNeeded - 1
        guard let first = detector.burst(oldest), let before = detector.burst(oldest + 1),
            first.pauseMilliseconds < 1_200
        else { return false }
        for back in 0..<length {
            if let known = detector.burst(back), before.sounds(like: known, within: 8) { return false }
        }
        guard Self.isTone(before), before.pauseMilliseconds < 1_200, let earlier = detector.burst(oldest + 2) else {
            return false
        }
        // Two notes: a single vowel may be as pure.
        return Self.isTone(earlier)
    }

    private func isRepeated(_ length: Int, _ detector: ProgressDetector) -> Bool {
        for back in 0..<(length * Self.cyclesNeeded) {
            guard let burst = detector.burst(back), Self.isTone(burst) else { return false }
            guard back >= length, let later = detector.burst(back - length) else { continue }
            let isLast = back == length * Self.cyclesNeeded - 1
            guard later.sounds(like: burst, within: 8), Self.isNear(later.milliseconds, burst.milliseconds, burst),
                abs(later.levelDBm0 - burst.levelDBm0) < 2.5,
                // What was before the first of all does not count.
                isLast || Self.isNear(later.pauseMilliseconds, burst.pauseMilliseconds, burst),
                (60...6_000).contains(later.pauseMilliseconds), later.pauseDepth > 6
            else { return false }
        }
        return true
    }

    /// What networks send, and instruments do not: one frequency, two that are no multiples, or a modulated one; no overtones,
    /// no fading.
    private static func isTone(_ burst: ToneBurst) -> Bool {
        guard burst.purity > 0.8, !burst.isRich, (80...2_500).contains(burst.milliseconds) else { return false }
        let lines = burst.frequencies
        guard lines[0] > 290, lines[0] < 2_000 else { return false }
        switch burst.count {
        case 1: return burst.wander < 1.5 && abs(burst.drift) < 1.5
        case 2:
            // Somebody who presses a key several times is no exchange.
            guard !burst.isKey else { return false }
            let ratio = lines[1] / lines[0]
            return abs(ratio - ratio.rounded()) > 0.03 && burst.wander < 2.5 && abs(burst.drift) < 1.5
        case 3:
            // Equal distances of 12 to 60 Hz; its level swings.
            let (one, other) = (lines[1] - lines[0], lines[2] - lines[1])
            return abs(one - other) < 5 && (12...60).contains(one) && burst.wander < 4.5 && abs(burst.drift) < 3
        default: return false
        }
    }

    /// Exchanges keep time to the millisecond, which is heard in steps of 10 ms; people do not.
    private static func isNear(_ one: Int64, _ other: Int64, _ burst: ToneBurst) -> Bool {
        let swing: Int64 = burst.count == 3 ? 20 : 0
        return abs(one - other) <= 12 + swing
    }

    private func learned(_ length: Int, _ detector: ProgressDetector) -> Lesson? {
        var tones: [Tone] = []
        var period: Int64 = 0
        var longestPause: Int64 = 0
        for piece in (0..<length).reversed() {
            var on: Int64 = 0
            var off: Int64 = 0
            var level: Float = 0
            var frequencies = SIMD4<Float>(repeating: 0)
            for cycle in 0..<Self.cyclesNeeded {
                guard let burst = detector.burst(piece + cycle * length) else { return nil }
                on += burst.milliseconds
                level += burst.levelDBm0
                frequencies += burst.frequencies
                // The pause after a burst is known to the next one; the newest has none yet.
                off += detector.burst(piece + cycle * length - 1)?.pauseMilliseconds ?? 0
            }
            let cycles = Int64(Self.cyclesNeeded)
            on /= cycles
            off /= piece == 0 ? cycles - 1 : cycles
            frequencies /= Float(cycles)
            period += on + off
            longestPause = max(longestPause, off)
            tones += Self.tones(frequencies, level / Float(cycles), on, off)
        }
        return Lesson(
            tones: tones, isRinging: longestPause > 1_600 || period > 3_500, cycles: Self.cyclesNeeded)
    }

    /// Three lines at equal distances are a modulated tone.
    private static func tones(_ lines: SIMD4<Float>, _ level: Float, _ on: Int64, _ off: Int64) -> [Tone] {
        func rounded(_ hertz: Float) -> Double { Double(hertz).rounded() }
        var tone = Tone(rounded(lines[0]), rounded(lines[1]), levelDBm0: Double(level), milliseconds: Int(on))
        if lines[2] > 0 {
            tone = Tone(rounded(lines[1]), levelDBm0: Double(level), milliseconds: Int(on))
            tone.modulationHz = rounded((lines[2] - lines[0]) / 2)
        } else if lines[1] > 0 {
            tone.levelDBm0 -= 3
        }
        return [tone, Tone.silence(milliseconds: Int(off))]
    }
}
