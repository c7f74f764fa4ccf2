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
/// of a voice. Over time at most a quarter of what is played is left out or said twice. Where nothing resembles itself
/// nothing is done, unless it is quiet enough not to matter.
/// Data sheet: lags 1.25 … 12.5 ms; joint of at most 5 ms; similarity at least 0.7; cost at 8 kHz about 10 µs a joint.
package final class TimeScaler {
    /// Longest step of one frame, ms · 4.
    private static let longestLagQuarters = 50
    private static let shortestLagQuarters = 5
    private static let similarity: Float = 0.7
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
    /// What may be left out by now; grows by a quarter of what is played.
    private var credit: Int

    package init(sampleRate: Int) {
        self.sampleRate = sampleRate
        longestLag = sampleRate * Self.longestLagQuarters / 4000
        shortestLag = sampleRate * Self.shortestLagQuarters / 4000
        longestJoint = sampleRate / 200
        stride = max(1, sampleRate / 8000)
        credit = longestLag
    }

    /// Makes a frame of `count` samples. `source` points at the read position; `before` samples may be read in front of
    /// it and `available` from it on. `wanted` > 0: leave out up to so many samples; < 0: say up to so many twice.
    /// Returns by how many the reader moved more (> 0) or less (< 0) than `count`; 0 when nothing suited.
    package func render(
        _ source: UnsafePointer<Int16>, before: Int, available: Int, wanted: Int,
        into target: UnsafeMutablePointer<Int16>, count: Int
    ) -> Int {
        guard count > 0, available >= count else {
            target.update(from: source, count: max(0, min(count, available)))
            if available < count { (target + max(0, available)).update(repeating: 0, count: count &- max(0, available)) }
            return 0
        }
        credit = min(longestLag, credit &+ count / 4)
        let joint = min(longestJoint, count)
        var limit = min(abs(wanted), credit, longestLag)
        limit = wanted > 0 ? min(limit, available &- count) : min(limit, before)
        guard joint >= stride &* 4, limit >= shortestLag else {
            target.update(from: source, count: count)
            return 0
        }
        let place = quietest(source, count: count &- joint, joint: joint)
        let lag = bestLag(source + place, joint: joint, limit: limit, sign: wanted > 0 ? 1 : -1)
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

    private func bestLag(_ source: UnsafePointer<Int16>, joint: Int, limit: Int, sign: Int) -> Int {
        let energy = product(source, source, joint)
        // In a pause any place is as good as another: as far as is wanted.
        if energy < Self.quiet * Float(joint / stride) { return sign &* limit }
        var best = 0
        var highest: Float = 0
        var lag = shortestLag
        while lag <= limit {
            let score = score(source, sign &* lag, joint, energy)
            if score > highest {
                highest = score
                best = lag
            }
            lag &+= stride
        }
        guard best > 0, highest >= Self.similarity else { return 0 }
        if stride > 1 {
            let first = max(shortestLag, best &- stride &+ 1)
            let last = min(limit, best &+ stride &- 1)
            lag = first
            while lag <= last {
                let score = score(source, sign &* lag, joint, energy)
                if score > highest {
                    highest = score
                    best = lag
                }
                lag &+= 1
            }
        }
        return sign &* best
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
