// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Who is heard in a recording, how loud, and how late.
package enum AudioAnalysis {
    /// How much of a known signal a recording holds.
    package struct Presence: Sendable {
        /// 0 dB: as loud as it was spoken. A voice that is not there gives -65 dB or less after G.711, -80 without.
        package var levelDB: Double
        /// Where in the recording the signal starts, in samples, with a fraction.
        package var lag: Double
    }

    /// The level of `signal` in `recording`: the median over overlapping blocks of about a second, each correlated at its
    /// best lag. Who is heard is heard in every block; a single glitch of a busy machine, which smears all voices over all
    /// frequencies, spoils two blocks only. The taper keeps the edges of blocks from leaking.
    package static func presence(of signal: [Int16], in recording: [Int16], block: Int = 8192) -> Presence {
        let length = min(block, signal.count)
        guard length >= 64, recording.count >= length else { return Presence(levelDB: -120, lag: 0) }
        let transform = FourierTransform(atLeast: recording.count + length)
        let spectrum = Spectrum(recording, transform: transform)
        var gains = Percentiles()
        var strongest = (gain: 0.0, lag: 0.0)
        for start in stride(from: 0, through: signal.count - length, by: max(1, length / 2)) {
            let taken = Array(signal[start..<(start + length)])
            let found = spectrum.search(tapered(taken), transform: transform, within: recording.count)
            gains.add(found.gain)
            if found.gain > strongest.gain { strongest = (found.gain, found.lag - Double(start)) }
        }
        return Presence(levelDB: 20 * log10(max(gains.median ?? 0, 1e-6)), lag: strongest.lag)
    }

    /// Every `rate / 8000`th sample: enough for voices, which end at 3400 Hz.
    package static func atTelephoneRate(_ samples: [Int16], from rate: Int) -> [Int16] {
        rate <= 8000 ? samples : stride(from: 0, to: samples.count, by: rate / 8000).map { samples[$0] }
    }

    /// Where `piece` lies in `signal`, searched near `guess` samples, by normalised correlation.
    /// - Returns: nil where nothing alike is there (correlation below `threshold`), else position with a fraction.
    package static func locate(
        _ piece: ArraySlice<Int16>, in signal: [Int16], near guess: Int, within reach: Int, threshold: Double = 0.6
    ) -> Double? {
        let length = piece.count
        let first = max(0, guess - reach)
        let last = min(signal.count - length, guess + reach)
        guard length >= 16, last > first + 2 else { return nil }
        var scores = [Double](repeating: 0, count: last - first + 1)
        let ownEnergy = energy(piece)
        guard ownEnergy > Double(length) * 100 else { return nil }
        piece.withUnsafeBufferPointer { piece in
            signal.withUnsafeBufferPointer { signal in
                for index in 0..<scores.count {
                    var product = 0.0
                    var power = 1.0
                    for step in 0..<length {
                        let value = Double(signal[first + index + step])
                        product += value * Double(piece[step])
                        power += value * value
                    }
                    scores[index] = product / (power * ownEnergy).squareRoot()
                }
            }
        }
        guard let best = scores.indices.max(by: { scores[$0] < scores[$1] }), scores[best] >= threshold else {
            return nil
        }
        return Double(first + best) + peakOffset(scores, at: best)
    }

    /// The first sample whose magnitude reaches `threshold`, from `start` on.
    package static func clickPosition(in samples: [Int16], from start: Int = 0, threshold: Int = 7000) -> Int? {
        guard start >= 0, start < samples.count else { return nil }
        return samples[start...].firstIndex { abs(Int($0)) >= threshold }
    }

    /// Root mean square in dBm0 (0 dBm0 is 3.14 dB below a full-scale sine); -120 for silence.
    package static func levelDBm0(_ samples: ArraySlice<Int16>) -> Double {
        guard !samples.isEmpty else { return -120 }
        let mean = energy(samples) / Double(samples.count)
        return mean <= 0 ? -120 : 10 * log10(mean / (32768.0 * 32768.0 / 2)) + 3.14
    }

    static func energy(_ samples: ArraySlice<Int16>) -> Double {
        var sum = 0.0
        for sample in samples { sum += Double(sample) * Double(sample) }
        return sum
    }

    /// The place of the true maximum between samples, by a parabola through three points.
    static func peakOffset(_ scores: [Double], at best: Int) -> Double {
        guard best > 0, best + 1 < scores.count else { return 0 }
        let before = scores[best - 1]
        let after = scores[best + 1]
        let bend = before - 2 * scores[best] + after
        return bend == 0 ? 0 : max(-0.5, min(0.5, 0.5 * (before - after) / bend))
    }

    private static func tapered(_ samples: [Int16]) -> [Double] {
        let scale = 2 * Double.pi / Double(samples.count)
        return samples.enumerated().map { position, sample in
            Double(sample) * (0.5 - 0.5 * cos(scale * (Double(position) + 0.5)))
        }
    }
}

/// A recording in the frequency domain, ready to be searched for several signals.
private struct Spectrum {
    var real: [Double]
    var imaginary: [Double]

    init(_ samples: [Int16], transform: FourierTransform) {
        real = samples.map(Double.init) + [Double](repeating: 0, count: transform.count - samples.count)
        imaginary = [Double](repeating: 0, count: transform.count)
        transform.run(&real, &imaginary)
    }

    /// The lag at which the weighted signal fits best, and the gain with which it is there.
    func search(_ signal: [Double], transform: FourierTransform, within count: Int) -> (gain: Double, lag: Double) {
        var weightReal = signal + [Double](repeating: 0, count: transform.count - signal.count)
        var weightImaginary = [Double](repeating: 0, count: transform.count)
        transform.run(&weightReal, &weightImaginary)
        for index in 0..<transform.count {
            let a = weightReal[index]
            let b = weightImaginary[index]
            weightReal[index] = real[index] * a + imaginary[index] * b
            weightImaginary[index] = imaginary[index] * a - real[index] * b
        }
        transform.run(&weightReal, &weightImaginary, inverse: true)
        var scores = [Double](repeating: 0, count: max(1, count - signal.count + 1))
        for index in scores.indices { scores[index] = abs(weightReal[index]) / Double(transform.count) }
        guard let best = scores.indices.max(by: { scores[$0] < scores[$1] }) else { return (0, 0) }
        // The gain is relative to the signal as spoken: <w·s, r> / <w·s, s>, and the taper is in `signal` already;
        // <w·s, s> follows from <w·s, w·s> only for a flat signal, so the caller's reference is weighted by its own taper.
        var reference = 0.0
        let scale = 2 * Double.pi / Double(signal.count)
        for (position, value) in signal.enumerated() {
            let taper = 0.5 - 0.5 * cos(scale * (Double(position) + 0.5))
            if taper > 1e-9 { reference += value * value / taper }
        }
        return (scores[best] / max(reference, 1), Double(best) + AudioAnalysis.peakOffset(scores, at: best))
    }
}
