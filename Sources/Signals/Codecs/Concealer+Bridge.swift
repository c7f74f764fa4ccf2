// SPDX-License-Identifier: Apache-2.0
// Waveform interpolation between the two sides of a gap. Own arithmetic; figures by Scripts/quality (PESQ, ITU-T P.862).

extension Concealer {
    /// Fills a gap of `count` samples when the audio behind it, `next`, is known already.
    ///
    ///     heard ~~~~~~~\                    what was before goes on, and fades out
    ///                    x                  over the whole gap
    ///             ______/ ~~~~~~~ next      the first period of what comes, said backwards in time, fades in
    ///
    /// A voice behind the gap is continued to the left by its period; what has none is mirrored. `next` itself is not
    /// touched, and is to be given to `received` afterwards. Random loss of 5 % (20 ms): PESQ 3.5, against 3.1 from one
    /// side. At most 1024 samples of `next` are looked at.
    func bridge(
        _ count: Int, to next: UnsafePointer<Int16>, nextCount: Int, into samples: UnsafeMutablePointer<Int16>
    ) {
        guard count > 0, nextCount > 0 else { return }
        let known = min(nextCount, 1024)
        let period = period(of: next, count: known)
        for index in 0..<count {
            let fade = (Float(index) + 0.5) / Float(count)
            let back = count - 1 - index
            var later: Float = 0
            if period > 0 {
                later = Float(next[period - 1 - back % period])
            } else if back < known {
                later = Float(next[back])
            }
            let mixed = continuation() * (1 - fade) + later * fade
            samples[index] = Int16(max(-32_768, min(32_767, mixed.rounded())))
        }
        bridged(samples, count: count)
    }

    /// The lag at which the beginning of `next` repeats itself within what is known of it; 0: nowhere.
    private func period(of next: UnsafePointer<Int16>, count: Int) -> Int {
        let window = count * 3 / 8
        let longest = min(count - window, sampleRate / 66)
        guard longest > shortestLag else { return 0 }
        let stride = max(1, sampleRate / 8000)
        var best = 0
        var highest: Float = Self.leastLikeness
        var lag = shortestLag
        while lag <= longest {
            let likeness = likeness(next, later: lag, window: window, stride: stride)
            // A multiple of the pitch looks as good: the shorter lag wins unless the longer is clearly better.
            if likeness > highest + (best > 0 && lag > best * 3 / 2 ? 0.03 : 0) {
                highest = likeness
                best = lag
            }
            lag += stride
        }
        guard stride > 1, best > 0 else { return best }
        for near in max(shortestLag, best - stride + 1)...min(longest, best + stride - 1) {
            let likeness = likeness(next, later: near, window: window, stride: 1)
            if likeness > highest {
                highest = likeness
                best = near
            }
        }
        return best
    }

    private static let leastLikeness: Float = 0.4

    private func likeness(_ first: UnsafePointer<Int16>, later lag: Int, window: Int, stride: Int) -> Float {
        var product: Float = 0
        var energy: Float = 1
        var own: Float = 1
        var index = 0
        while index < window {
            let here = Float(first[index])
            let there = Float(first[index + lag])
            product += here * there
            energy += there * there
            own += here * here
            index += stride
        }
        return product / (energy * own).squareRoot()
    }
}
