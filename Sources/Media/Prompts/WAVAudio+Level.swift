// SPDX-License-Identifier: Apache-2.0
// RFC 7874 section 4: speech at -19 dBm0 while somebody speaks. Full-scale sine: +3.14 dBm0.

import Glibc
import RealTime

extension WAVAudio {
    /// Active level in dBm0: the mean power of those blocks of 20 ms that are less than 16 dB below the mean of all that is
    /// heard (in the spirit of ITU-T P.56, without its filters). Nil for silence.
    package var activeLevelDBm0: Double? {
        let block = max(1, sampleRate / 50)
        let powers = stride(from: 0, to: samples.count, by: block).map { start -> Double in
            let part = samples[start..<min(start + block, samples.count)]
            return part.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(part.count)
        }
        var threshold = 20.0
        var mean = 0.0
        // Pauses pull the mean down, so: again with what the mean before left.
        for _ in 0..<8 {
            let active = powers.filter { $0 > threshold }
            guard !active.isEmpty else { return nil }
            mean = active.reduce(0, +) / Double(active.count)
            threshold = mean / 40
        }
        return 10 * log10(mean / (32_767.0 * 32_767.0 / 2)) + 3.14
    }

    /// The same at an active level of `target` dBm0; peaks stay within full scale (then it is a little lower), and what is
    /// faint is raised by 30 dB at most.
    package func levelled(to target: Double) -> WAVAudio {
        guard let level = activeLevelDBm0 else { return self }
        let peak = samples.reduce(1) { max($0, abs(Int($1))) }
        let gain = min(pow(10, min(target - level, 30) / 20), 32_000 / Double(peak))
        return WAVAudio(
            sampleRate: sampleRate,
            samples: samples.map { Int16(max(-32_768, min(32_767, (Double($0) * gain).rounded()))) })
    }

    /// The same at another rate.
    package func resampled(to rate: Int) -> WAVAudio {
        guard rate != sampleRate, rate > 0, sampleRate > 0, !samples.isEmpty else { return self }
        let resampler = DriftResampler(from: sampleRate, to: rate, longestBlock: 4096)
        let wanted = max(1, samples.count * rate / sampleRate)
        // The kernel looks ahead: as many zeros behind as it is late.
        let padded = samples + [Int16](repeating: 0, count: Int(resampler.delay) * 2 + 8)
        var output = [Int16](repeating: 0, count: padded.count * rate / sampleRate + 64)
        let skip = Int((resampler.delay * Double(rate) / Double(sampleRate)).rounded())
        let made = resampler.convert(padded, count: padded.count, into: &output, capacity: output.count)
        let first = min(skip, made)
        return WAVAudio(sampleRate: rate, samples: Array(output[first..<min(made, first + wanted)]))
    }
}
