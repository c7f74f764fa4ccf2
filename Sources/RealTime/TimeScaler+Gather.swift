// SPDX-License-Identifier: Apache-2.0

/// For a reader that must fall back because what it needs is not there yet: says a piece again that fits on, so that the rest
/// can gather.
///
///     source   ...~~~~~~~~~~~~[~~ seen ~~]|--- there ---|   (nothing yet)
///                  ^ L earlier            ^ read position
///     output                              |--- there ---|joint|--- from L earlier on ---|
///
/// L is at least what is missing, and where the signal resembles itself most within one longest lag beyond it.
extension TimeScaler {
    /// Samples before the read position that `gather` looks at, for so much that is missing.
    @inline(__always)
    package func lookBehind(missing: Int) -> Int { missing &+ longestLag &+ sampleRate / 100 }

    /// Makes a frame of `count` samples of which the last `missing` do not exist yet (more than `count`: the reader is even
    /// further ahead). `lookBehind(missing:)` samples in front of `source` may be read. Returns how much the reader falls
    /// back, at least `missing`.
    package func gather(
        _ source: UnsafePointer<Int16>, missing: Int, into target: UnsafeMutablePointer<Int16>, count: Int
    ) -> Int {
        let there = max(0, count &- missing)
        let lag = echo(source + there, least: missing)
        let joint = min(there, sampleRate / 200)
        let place = there &- joint
        target.update(from: source, count: place)
        let again = source - lag
        if joint >= sampleRate / 1000 {
            for index in place..<there {
                let share = Int32(((index &- place) &* 2 &+ 1) &* 16_384 / joint)
                let mixed = Int32(source[index]) &* (32_768 &- share) &+ Int32(again[index]) &* share
                target[index] = Int16(truncatingIfNeeded: mixed >> 15)
            }
            (target + there).update(from: again + there, count: count &- there)
            return lag
        }
        // Nothing to blend with: the step at the joint is taken out, and comes back within some milliseconds.
        target.update(from: source, count: there)
        var step = Float(source[there &- 1]) - Float(again[there &- 1])
        let decay = 1 - 1 / (Float(sampleRate) * 0.001)
        for index in there..<count {
            target[index] = Int16(max(-32_768, min(32_767, Float(again[index]) + step)))
            step *= decay
        }
        return lag
    }

    /// Where what comes before `end` was like what comes before it now, at least `least` earlier.
    private func echo(_ end: UnsafePointer<Int16>, least: Int) -> Int {
        let window = sampleRate / 100
        let step = max(1, sampleRate / 8000)
        let newest = end - window
        var best = least
        var highest: Float = -1
        var lag = least
        while lag <= least &+ longestLag {
            let likeness = likeness(newest, newest - lag, window, step)
            if likeness > highest + 0.02 {
                highest = likeness
                best = lag
            }
            lag &+= step
        }
        guard step > 1, highest > 0 else { return best }
        for near in max(least, best &- step &+ 1)...(best &+ step &- 1) {
            let likeness = likeness(newest, newest - near, window, 1)
            if likeness > highest {
                highest = likeness
                best = near
            }
        }
        return best
    }

    private func likeness(_ a: UnsafePointer<Int16>, _ b: UnsafePointer<Int16>, _ count: Int, _ step: Int) -> Float {
        var product: Float = 0
        var first: Float = 1
        var second: Float = 1
        var index = 0
        while index < count {
            let x = Float(a[index])
            let y = Float(b[index])
            product += x * y
            first += x * x
            second += y * y
            index &+= step
        }
        return product / (first * second).squareRoot()
    }
}
