// SPDX-License-Identifier: Apache-2.0
// ITU-T E.180 (tones of the networks), Q.35.

import Glibc

/// Cuts audio of 8 kHz into bursts of tone and what lies between them.
///
///     samples -> 32 ms spectrum every 10 ms -> tonal or not -> burst, its length -> its frequencies (up to 256 ms of it)
///
/// Data sheet (ProgressSheetTests): tones from -45 dBm0, one to three frequencies between 200 and 3700 Hz, 10 dB above white
/// noise; bursts and pauses from 60 ms; lengths to ±15 ms, frequencies to ±3 Hz, 50 Hz apart are told apart from 100 ms on.
/// Up to a second behind a steady tone whatever is 8 dB weaker belongs to the pause: its echo, or that of what we play.
///
/// Made on the control side, used by one thread; allocates nothing after `init`.
package final class BurstTracker {
    /// The burst that has just ended; valid until the next call of `process` when that said so.
    package private(set) var finished = ToneBurst()
    /// The burst that is being heard, its length so far; nil: none.
    package private(set) var current: ToneBurst?
    /// Time heard, in ms.
    package private(set) var now: Int64 = 0
    /// Silence since the last burst, in ms; 0 while one is heard.
    package var pause: Int64 { current == nil ? now - lastEnd : 0 }
    /// Level of the newest 32 ms, in dBm0.
    package private(set) var levelDBm0: Float = -99

    private static let hop = 80
    private static let window = 256
    private static let longest = 2048
    /// Bins of 31.25 Hz: 200 … 3800 Hz.
    private static let lowest = 6
    private static let highest = 121
    private static let floorDBm0: Float = -45
    private static let tonal: Float = 0.7
    private static let bridge = 5
    private static let shadowMilliseconds: Int64 = 1_000
    private static let shadowDB: Float = 8
    /// A tone that becomes so much louder for so many frames is another one (ours came back before the line's own).
    private static let stepDB: Float = 8
    private static let stepFrames = 4

    private let spectrum = Spectrum(length: 256)
    private let lines = ToneLines()
    private let samples: UnsafeMutablePointer<Float>
    private var fill = 0
    /// The burst's own samples, for its frequencies.
    private let kept: UnsafeMutablePointer<Float>
    private var keptCount = 0
    /// The frequencies of the burst's first 256 ms are known: from then on only how far it leaves them.
    private var isKnown = false
    /// Levels of the last frames, the newest last.
    private var recent = SIMD8<Float>(repeating: -99)
    private var frames = 0
    private var misses = 0
    private var louder = 0
    private var changes = 0
    private var peaks = SIMD2<Float>(repeating: 0)
    private var steady: Float = -99
    private var purities: Float = 0
    private var levels: Float = 0
    private var squares: Float = 0
    /// Levels times their number, for the trend.
    private var moments: Float = 0
    private var isRich = false
    /// Of the two newest frames.
    private var lastPurities = SIMD2<Float>(repeating: 0)
    private var measured = 0
    private var start: Int64 = 0
    private var end: Int64 = 0
    private var lastEnd: Int64 = -60_000
    /// Of the last burst when it was a steady tone.
    private var lastLevel: Float = -99
    private var pauseEnergy: Float = 0
    private var pauseFrames = 0

    package init() {
        samples = .allocate(capacity: Self.window)
        samples.initialize(repeating: 0, count: Self.window)
        kept = .allocate(capacity: Self.longest)
        kept.initialize(repeating: 0, count: Self.longest)
    }

    deinit {
        samples.deallocate()
        kept.deallocate()
    }

    /// Takes up to one hop (10 ms) of what is offered; the number taken. `didFinish`: a burst has ended with it.
    package func process(_ input: UnsafePointer<Int16>, count: Int, didFinish: inout Bool) -> Int {
        didFinish = false
        let step = min(count, Self.hop - fill)
        let base = samples + (Self.window - Self.hop + fill)
        for index in 0..<step { base[index] = Float(input[index]) / 32_768 }
        fill += step
        guard fill == Self.hop else { return step }
        fill = 0
        now += 10
        didFinish = frame()
        samples.update(from: samples + Self.hop, count: Self.window - Self.hop)
        return step
    }

    /// As if nothing had been heard yet; the time goes on.
    package func forget() {
        current = nil
        samples.update(repeating: 0, count: Self.window)
        fill = 0
        keptCount = 0
        recent = SIMD8(repeating: -99)
        lastEnd = now - 60_000
        lastLevel = -99
        pauseEnergy = 0
        pauseFrames = 0
    }

    // MARK: - One frame

    private struct Frame {
        var level: Float = -99
        var total: Float = 0
        var purity: Float = 0
        var peaks = SIMD2<Float>(repeating: 0)
    }

    private func look() -> Frame {
        spectrum.analyse(samples, count: Self.window)
        let power = spectrum.power
        var total: Float = 1e-12
        var first = Self.lowest
        for bin in Self.lowest...Self.highest {
            total += power[bin]
            if power[bin] > power[first] { first = bin }
        }
        var second = -1
        for bin in Self.lowest...Self.highest where abs(bin - first) > 2 {
            if second < 0 || power[bin] > power[second] { second = bin }
        }
        func blob(_ centre: Int) -> Float {
            var sum: Float = 0
            for bin in max(Self.lowest, centre - 2)...min(Self.highest, centre + 2) { sum += power[bin] }
            return sum
        }
        let one = blob(first)
        // A second frequency counts when it is not just the skirt or the noise.
        let two = second >= 0 && power[second] > power[first] * 0.06 ? blob(second) : 0
        var frame = Frame()
        frame.total = total
        frame.purity = min(1, (one + two) / total)
        // Hann spreads a sine over bins that add up to 1.5.
        frame.level = 10 * log10f(max(1e-10, (one + two) / 1.5)) + 3.14
        frame.peaks = SIMD2(Float(first), two > 0 ? Float(second) : 0)
        levelDBm0 = 10 * log10f(max(1e-10, total / 1.5)) + 3.14
        return frame
    }

    private func frame() -> Bool {
        let seen = look()
        for lane in 0..<7 { recent[lane] = recent[lane + 1] }
        recent[7] = seen.level
        let isTonal = seen.purity >= Self.tonal && seen.level > Self.floorDBm0
        guard current != nil else {
            if isTonal, !isShadow(seen) { begin(seen) } else { rest(seen) }
            return false
        }
        if isTonal, seen.level > steady - 6, isSame(seen.peaks) {
            if frames > 3, seen.level > steady + Self.stepDB {
                louder += 1
                guard louder == Self.stepFrames else { return false }
                let isOver = finish(seen, isTonal: false)
                begin(seen)
                return isOver
            }
            louder = 0
            misses = 0
            changes = 0
            end = now
            follow(seen)
            return false
        }
        // Modulated tones fade for up to 40 ms; another tone shows at once.
        misses += 1
        changes = isTonal && !isSame(seen.peaks) ? changes + 1 : 0
        guard misses >= Self.bridge || changes >= 2 else {
            if frames > 3 { keep(Self.hop) }
            return false
        }
        return finish(seen, isTonal: isTonal)
    }

    private func rest(_ seen: Frame) {
        pauseEnergy += seen.total
        pauseFrames += 1
    }

    private func isShadow(_ seen: Frame) -> Bool {
        now - lastEnd < Self.shadowMilliseconds && seen.level < lastLevel - Self.shadowDB
    }

    private func isSame(_ new: SIMD2<Float>) -> Bool {
        for lane in 0..<2 where new[lane] > 0 {
            if abs(new[lane] - peaks[0]) <= 1.5 || peaks[1] > 0 && abs(new[lane] - peaks[1]) <= 1.5 { return true }
        }
        return false
    }

    private func begin(_ seen: Frame) {
        var burst = ToneBurst()
        // The window is half full with the tone when its level is 6 dB down: put right in `follow`.
        start = now
        end = now
        burst.start = now
        current = burst
        steady = seen.level
        peaks = seen.peaks
        frames = 0
        misses = 0
        louder = 0
        changes = 0
        keptCount = 0
        isKnown = false
        purities = 0
        levels = 0
        squares = 0
        moments = 0
        isRich = false
        measured = 0
    }

    private func follow(_ seen: Frame) {
        frames += 1
        // While the window fills the level rises; then it is steady.
        if frames <= 3 {
            if seen.level > steady {
                steady = seen.level
                peaks = seen.peaks
            }
            if frames == 3 {
                // The first of the last frames that was within 6 dB.
                var first = 7
                while first > 0, recent[first - 1] > steady - 6 { first -= 1 }
                start = now - Int64(7 - first) * 10
                keep(Self.window - Self.hop)
            }
        } else {
            steady = max(steady * 0.9 + seen.level * 0.1, steady - 1)
            keep(Self.hop)
            // The last 20 ms hold the burst's end: what counts is what lies before them.
            if frames > 5 {
                let level = recent[5]
                purities += lastPurities[0]
                levels += level
                squares += level * level
                moments += level * Float(measured)
                measured += 1
                current?.purity = purities / Float(measured)
                current?.wander = wander
            }
            lastPurities = SIMD2(lastPurities[1], seen.purity)
        }
        current?.start = start
        current?.milliseconds = now - start
        current?.levelDBm0 = steady
    }

    /// Adds the newest samples to what the frequencies are read from.
    private func keep(_ count: Int) {
        let room = min(count, Self.longest - keptCount)
        guard room > 0 else { return }
        (kept + keptCount).update(from: samples + Self.window - count, count: room)
        keptCount += room
        guard keptCount == Self.longest else { return }
        lines.read(kept, count: keptCount)
        keptCount = 0
        guard isKnown, let known = current?.frequencies else {
            isKnown = true
            isRich = lines.isRich
            current?.isRich = isRich
            current?.frequencies = lines.frequencies
            return
        }
        current?.glide = max(current?.glide ?? 0, lines.distance(from: known))
    }

    /// Deviation of the levels so far, in dB.
    private var wander: Float {
        let mean = levels / Float(max(1, measured))
        return max(0, squares / Float(max(1, measured)) - mean * mean).squareRoot()
    }

    private func finish(_ seen: Frame, isTonal: Bool) -> Bool {
        guard var burst = current else { return false }
        current = nil
        burst.start = start
        burst.milliseconds = end + 10 - start
        let isLong = measured >= 1 && burst.milliseconds >= 50
        if isLong {
            // The last 20 ms, and what was bridged, may hold the tone's end.
            if !isKnown {
                lines.read(kept, count: min(keptCount, max(200, keptCount - 160 - (misses - 1) * Self.hop)))
                burst.frequencies = lines.frequencies
                isRich = lines.isRich
            }
            burst.purity = purities / Float(measured)
            let mean = levels / Float(measured)
            burst.levelDBm0 = mean
            burst.wander = wander
            // Slope of the line through n equidistant levels, times n.
            let n = Float(measured)
            burst.drift = n > 2 ? 12 * (moments - levels * (n - 1) / 2) / (n * n - 1) : 0
            burst.isRich = isRich
            burst.pauseMilliseconds = start - lastEnd
            let pauseLevel =
                pauseFrames > 0 ? 10 * log10f(max(1e-10, pauseEnergy / Float(pauseFrames) / 1.5)) + 3.14 : -99
            burst.pauseDepth = mean - pauseLevel
            lastEnd = end + 10
            // Neither a voice nor keys: words and digits come before a tone that may be weaker.
            let isSteady =
                burst.purity > 0.8 && !isRich && burst.wander < 4.5 && burst.milliseconds >= 80 && !burst.isKey
            lastLevel = isSteady && burst.count > 0 && burst.frequencies[0] > 290 ? mean : -99
            pauseEnergy = 0
            pauseFrames = 0
            finished = burst
        }
        if isTonal, !isSame(seen.peaks), !isShadow(seen) { begin(seen) }
        return isLong && burst.count > 0
    }
}
