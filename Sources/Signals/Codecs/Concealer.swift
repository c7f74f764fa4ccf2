// SPDX-License-Identifier: Apache-2.0
// In the spirit of ITU-T G.711 Appendix I, without its 3.75 ms of delay; `bridge` goes beyond it. Own arithmetic.

/// Fills in lost frames of codecs that cannot do it themselves (G.711, G.722).
///
/// Data sheet: keeps 50 ms; finds the pitch (66 … 400 Hz) once when a loss begins; repeats the last period, after 10 ms the
/// last two, after 20 ms the last three (one alone buzzes); what has no pitch is continued by the last 20 ms; constant for
/// 10 ms, then fades by a fifth each 10 ms, silent after 60 ms. When audio returns it is blended in over 4 … 10 ms. Adds no
/// delay. Steady noise and tones stay what they were. Known weakness: a loss within an onset repeats the onset.
/// Where the audio behind the gap is there already it is bridged from both sides (`Concealer+Bridge.swift`).
package final class Concealer {
    let sampleRate: Int
    private let historyLength: Int
    let shortestLag: Int
    private let longestLag: Int
    /// A ring of the newest samples that were heard; the oldest one is at `oldest`.
    private let recent: UnsafeMutablePointer<Int16>
    private var oldest = 0
    /// The same in order and ready to be calculated with, made when a loss begins.
    private let history: UnsafeMutablePointer<Float>
    /// What is repeated, and a scratch for the blend.
    private let loop: UnsafeMutablePointer<Float>
    private var loopLength = 0
    private var loopIndex = 0
    private var period = 0
    private var isVoiced = false
    private var periods = 0
    private var concealed = 0
    private var step: Float = 0
    private var stepDecay: Float = 0

    package init(sampleRate: Int) {
        self.sampleRate = sampleRate
        historyLength = sampleRate / 20
        shortestLag = sampleRate / 400
        longestLag = sampleRate * 3 / 200
        recent = .allocate(capacity: historyLength)
        recent.initialize(repeating: 0, count: historyLength)
        history = .allocate(capacity: historyLength)
        history.initialize(repeating: 0, count: historyLength)
        loop = .allocate(capacity: historyLength)
        loop.initialize(repeating: 0, count: historyLength)
    }

    deinit {
        recent.deallocate()
        history.deallocate()
        loop.deallocate()
    }

    package func reset() {
        recent.update(repeating: 0, count: historyLength)
        concealed = 0
    }

    /// Audio that came in; it is blended with the concealment if there was one just before.
    package func received(_ samples: UnsafeMutablePointer<Int16>, count: Int) {
        guard count > 0 else { return }
        if concealed > 0 {
            let perMillisecond = sampleRate / 1000
            let blend = min(count, (4 + min(6, concealed / (10 * perMillisecond))) * perMillisecond)
            for index in 0..<blend {
                let weight = (Float(index) + 0.5) / Float(blend)
                let mixed = Float(samples[index]) * weight + next() * (1 - weight)
                samples[index] = Int16(max(-32_768, min(32_767, mixed.rounded())))
            }
            concealed = 0
        }
        remember(samples, count: count)
    }

    /// The next `count` samples of a gap.
    package func conceal(_ count: Int, into samples: UnsafeMutablePointer<Int16>) {
        guard count > 0 else { return }
        if concealed == 0 { begin() }
        for index in 0..<count { samples[index] = Int16(max(-32_768, min(32_767, next().rounded()))) }
        remember(samples, count: count)
    }

    /// The gap was filled from both sides: what comes next follows on without a blend.
    func bridged(_ samples: UnsafePointer<Int16>, count: Int) {
        concealed = 0
        remember(samples, count: count)
    }

    /// What `conceal` would say, without having said it.
    func foresee(_ count: Int, into samples: UnsafeMutablePointer<Int16>) {
        if concealed == 0 { begin() }
        let kept = (loopIndex, periods, loopLength, step, concealed)
        for index in 0..<count { samples[index] = Int16(max(-32_768, min(32_767, next().rounded()))) }
        (loopIndex, periods, loopLength, step, concealed) = kept
    }

    /// The newest `count` samples (at most 50 ms), the oldest first.
    func newest(_ count: Int, into samples: UnsafeMutablePointer<Int16>) {
        var place = oldest - min(count, historyLength)
        if place < 0 { place += historyLength }
        for index in 0..<min(count, historyLength) {
            samples[index] = recent[place]
            place += 1
            if place == historyLength { place = 0 }
        }
    }

    /// One more sample of the gap as only what was before it says.
    func continuation() -> Float {
        if concealed == 0 { begin() }
        return next()
    }

    private func remember(_ samples: UnsafePointer<Int16>, count: Int) {
        // While a loss lasts, what is repeated stays in `loop`, so the ring may take the concealed samples.
        let fresh = min(count, historyLength)
        let source = samples + (count - fresh)
        let first = min(fresh, historyLength - oldest)
        (recent + oldest).update(from: source, count: first)
        recent.update(from: source + first, count: fresh - first)
        oldest += fresh
        if oldest >= historyLength { oldest -= historyLength }
    }

    private func begin() {
        let tail = historyLength - oldest
        for index in 0..<tail { history[index] = Float(recent[oldest + index]) }
        for index in 0..<oldest { history[tail + index] = Float(recent[index]) }
        let (lag, likeness) = pitch()
        isVoiced = likeness > 0.5
        period = isVoiced ? lag : sampleRate / 50
        periods = 0
        lengthen(to: 1)
        let end = historyLength
        step = history[end - 1] - history[end - 1 - period]
        stepDecay = 1 - 8 / Float(max(16, period))
        loopIndex = 0
    }

    /// Takes the last `count` periods into the loop; its end is blended into what precedes its start, so that it closes.
    private func lengthen(to count: Int) {
        // The first time the newest audio is the end of the history; later it has moved on, and the loop's own tail stays.
        if periods == 0 {
            loop.update(from: history, count: historyLength)
        }
        periods = min(count, (historyLength - period / 4) / period)
        loopLength = periods * period
    }

    /// One sample of the repetition, with its fade.
    private func next() -> Float {
        let tenMilliseconds = sampleRate / 100
        if isVoiced, loopIndex == 0, concealed > 0 {
            if concealed >= 2 * tenMilliseconds, periods < 3 {
                lengthen(to: 3)
            } else if concealed >= tenMilliseconds, periods < 2 {
                lengthen(to: 2)
            }
        }
        let start = historyLength - loopLength
        var sample = loop[start + loopIndex]
        let quarter = period / 4
        let left = loopLength - loopIndex
        if left <= quarter {
            let weight = (Float(left) - 0.5) / Float(quarter)
            sample = sample * weight + loop[start - left] * (1 - weight)
        }
        sample += step
        step *= stepDecay
        loopIndex += 1
        if loopIndex >= loopLength { loopIndex = 0 }
        let fading = Float(concealed - tenMilliseconds) / Float(5 * tenMilliseconds)
        concealed += 1
        return sample * max(0, min(1, 1 - fading))
    }

    /// The lag at which the newest 20 ms look most like what was before, and how much (-1 … 1).
    private func pitch() -> (lag: Int, likeness: Float) {
        let stride = max(1, sampleRate / 8000)
        let window = sampleRate / 50
        let newest = history + (historyLength - window)
        var best = longestLag
        var bestLikeness: Float = -1
        var lag = shortestLag
        while lag <= longestLag {
            let likeness = self.likeness(newest, lag: lag, window: window, stride: stride)
            // A multiple of the pitch looks as good: the shorter lag wins unless the longer is clearly better.
            if likeness > bestLikeness + (lag > best * 3 / 2 ? 0.03 : 0) {
                bestLikeness = likeness
                best = lag
            }
            lag += stride
        }
        guard stride > 1 else { return (best, bestLikeness) }
        let centre = best
        for lag in max(shortestLag, centre - stride + 1)...min(longestLag, centre + stride - 1) {
            let likeness = self.likeness(newest, lag: lag, window: window, stride: 1)
            if likeness > bestLikeness {
                bestLikeness = likeness
                best = lag
            }
        }
        return (best, bestLikeness)
    }

    private func likeness(_ newest: UnsafePointer<Float>, lag: Int, window: Int, stride: Int) -> Float {
        let older = newest - lag
        var product: Float = 0
        var energy: Float = 1
        var own: Float = 1
        var index = 0
        while index < window {
            product += newest[index] * older[index]
            energy += older[index] * older[index]
            own += newest[index] * newest[index]
            index += stride
        }
        return product / (energy * own).squareRoot()
    }
}
