// SPDX-License-Identifier: Apache-2.0
// Waveform similarity overlap-add (Verhelst and Roelands, 1993), one joint a frame.

/// Plays speech a little faster or slower without changing its pitch, so that a reader can come nearer to the newest
/// audio, or let more of it gather, while somebody is talking.
///
///     source   ...|-------- keep --------|~~~ fade out ~~~|
///                                 L later |~~~ fade in  ~~~|------ go on ------|
///     output      |-------- keep --------|~~~~ joint ~~~~~|------ go on ------|
///
/// A joint leaves out (or says twice) L samples. L is where the signal resembles itself most: one or more pitch periods
/// of a voice. Over time at most a quarter of what is played is left out or said twice. In pauses and noise any L will do;
/// where a voice does not resemble itself (an onset) the joint waits, and becomes less choosy with every frame.
/// Data sheet (measured in TimeScalerTests): lags 1.25 … 12.5 ms; joint of at most 5 ms; a steady voice of 80 … 400 Hz is
/// joined with an error below -25 dB; 20 … 25 % faster or slower over a second of it.
package final class TimeScaler {
    /// Longest step of one frame, ms · 4.
    private static let longestLagQuarters = 50
    private static let shortestLagQuarters = 5
    /// A joint is good from here on; with every frame that had none a little less will do.
    private static let similarity: Float = 0.9
    private static let leastSimilarity: Float = 0.45
    private static let patience: Float = 0.08
    /// Noise: resembles itself nowhere, and nobody hears a joint in it.
    private static let noise: Float = 0.45
    private static let indifference: Float = 0.03
    /// Mean square below which a joint is not heard: about -55 dBm0.
    private static let quiet: Float = 1600

    package let sampleRate: Int
    /// Longest L in samples.
    package let longestLag: Int
    /// Samples before and after the frame that `render` looks at, so that a caller knows how much to copy.
    package var lookAround: Int { longestLag }

    private let shortestLag: Int
    private let longestJoint: Int
    private let stride: Int
    private let scores: UnsafeMutablePointer<Float>
    /// What may be left out by now; grows by a quarter of what is played.
    private var credit: Int
    private var refusals: Float = 0

    package init(sampleRate: Int) {
        self.sampleRate = sampleRate
        longestLag = sampleRate * Self.longestLagQuarters / 4000
        shortestLag = sampleRate * Self.shortestLagQuarters / 4000
        longestJoint = sampleRate / 200
        stride = max(1, sampleRate / 8000)
        credit = longestLag
        scores = .allocate(capacity: longestLag / stride + 2)
        scores.initialize(repeating: 0, count: longestLag / stride + 2)
    }

    deinit { scores.deallocate() }

    /// Makes a frame of `count` samples. `source` points at the read position; `before` samples may be read in front of
    /// it and `available` from it on. `wanted` > 0: leave out up to so many samples; < 0: say up to so many twice.
    /// Returns by how many the reader moved more (> 0) or less (< 0) than `count`; 0 when nothing suited.
    package func render(
        _ source: UnsafePointer<Int16>, before: Int, available: Int, wanted: Int,
        into target: UnsafeMutablePointer<Int16>, count: Int
    ) -> Int {
        guard count > 0, available >= count else {
            target.update(from: source, count: max(0, min(count, available)))
            if available < count {
                (target + max(0, available)).update(repeating: 0, count: count &- max(0, available))
            }
            return 0
        }
        credit = min(longestLag, credit &+ count / 4)
        let joint = min(longestJoint, count)
        var limit = min(abs(wanted), credit, longestLag)
        let isWholeStep = credit >= min(abs(wanted), longestLag)
        limit = wanted > 0 ? min(limit, available &- count) : min(limit, before)
        guard joint >= stride &* 4, limit >= shortestLag else {
            target.update(from: source, count: count)
            return 0
        }
        let place = quietest(source, count: count &- joint, joint: joint)
        let lag = bestLag(
            source + place, joint: joint, limit: limit, sign: wanted > 0 ? 1 : -1, isWholeStep: isWholeStep)
        guard lag != 0 else {
            target.update(from: source, count: count)
            return 0
        }
        target.update(from: source, count: place)
        let outgoing = source + place
        let incoming = source + place + lag
        for index in 0..<joint {
            let share = Int32((index &* 2 &+ 1) &* 16_384 / joint)
            let mixed = Int32(outgoing[index]) &* (32_768 &- share) &+ Int32(incoming[index]) &* share
            target[place &+ index] = Int16(truncatingIfNeeded: mixed >> 15)
        }
        (target + place + joint).update(from: incoming + joint, count: count &- place &- joint)
        credit &-= abs(lag)
        return lag
    }

    /// The place for the joint: of three in the frame, the one with the least energy.
    private func quietest(_ source: UnsafePointer<Int16>, count: Int, joint: Int) -> Int {
        guard count > 0 else { return 0 }
        var best = 0
        var least = Float.infinity
        for part in 0...2 {
            let place = count &* part / 2
            let energy = product(source + place, source + place, joint)
            if energy < least {
                least = energy
                best = place
            }
        }
        return best
    }

    private func bestLag(_ source: UnsafePointer<Int16>, joint: Int, limit: Int, sign: Int, isWholeStep: Bool) -> Int {
        let energy = product(source, source, joint)
        // In a pause any place is as good as another: as far as is wanted.
        if energy < Self.quiet * Float(joint / stride) { return sign &* limit }
        let count = (limit &- shortestLag) / stride &+ 1
        var highest: Float = 0
        for step in 0..<count {
            scores[step] = score(source, sign &* (shortestLag &+ step &* stride), joint, energy)
            highest = max(highest, scores[step])
        }
        // A voice looks like noise where its period is longer than what may be left out yet.
        let isNoise = highest < Self.noise && limit &* 5 >= longestLag &* 4
        let least =
            isWholeStep ? max(Self.leastSimilarity, Self.similarity - Self.patience * refusals) : Self.similarity
        guard highest > 0, highest >= least || isNoise else {
            if isWholeStep { refusals = min(refusals + 1, 100) }
            return 0
        }
        refusals = 0
        // Of several periods of a voice as many as fit: fewer joints for the same way.
        var step = count &- 1
        while step > 0 {
            let isPeak = scores[step] >= scores[step &- 1] && (step == count &- 1 || scores[step] >= scores[step &+ 1])
            if isPeak, scores[step] >= highest - Self.indifference { break }
            step &-= 1
        }
        if scores[step] < highest - Self.indifference { step = place(of: highest, count) }
        return sign &* refined(source, shortestLag &+ step &* stride, limit, sign, joint, energy)
    }

    private func place(of highest: Float, _ count: Int) -> Int {
        for step in 0..<count where scores[step] >= highest { return step }
        return 0
    }

    /// The best lag between the coarse steps.
    private func refined(
        _ source: UnsafePointer<Int16>, _ lag: Int, _ limit: Int, _ sign: Int, _ joint: Int, _ energy: Float
    ) -> Int {
        guard stride > 1 else { return lag }
        var best = lag
        var highest: Float = -1
        for candidate in max(shortestLag, lag &- stride &+ 1)...max(shortestLag, min(limit, lag &+ stride &- 1)) {
            let score = score(source, sign &* candidate, joint, energy)
            if score > highest {
                highest = score
                best = candidate
            }
        }
        return best
    }

    private func score(_ source: UnsafePointer<Int16>, _ lag: Int, _ joint: Int, _ energy: Float) -> Float {
        let other = product(source + lag, source + lag, joint)
        guard other > 0 else { return 0 }
        return product(source, source + lag, joint) / (energy * other).squareRoot()
    }

    /// Sum of products of every `stride`-th sample: at 48 kHz the voice below 4 kHz decides.
    private func product(_ a: UnsafePointer<Int16>, _ b: UnsafePointer<Int16>, _ count: Int) -> Float {
        var sum: Float = 0
        var index = 0
        while index < count {
            sum += Float(Int32(a[index]) &* Int32(b[index]))
            index &+= stride
        }
        return sum
    }
}
