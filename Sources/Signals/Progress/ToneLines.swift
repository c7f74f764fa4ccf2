// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Reads the frequencies of a piece of tone, 25 … 256 ms at 8 kHz, to ±3 Hz; 50 Hz apart are told apart from 100 ms on.
///
/// Used by one thread; allocates nothing after `init`.
final class ToneLines {
    /// The strongest frequencies of the piece that was read last, in Hz, rising; 0: none.
    private(set) var frequencies = SIMD4<Float>(repeating: 0)
    /// The strongest one has overtones.
    private(set) var isRich = false

    private let fine: Spectrum
    /// Hz a bin.
    private static let bin: Float = 8000 / 4096
    /// 195 … 3800 Hz.
    private static let low = 100
    private static let high = 1945

    init() { fine = Spectrum(length: 4096) }

    /// Local maxima within 12 dB of the highest.
    func read(_ samples: UnsafePointer<Float>, count: Int) {
        frequencies = SIMD4(repeating: 0)
        isRich = false
        guard count >= 160 else { return }
        fine.analyse(samples, count: count)
        let power = fine.power
        var strongest: Float = 1e-9
        for bin in Self.low...Self.high { strongest = max(strongest, power[bin]) }
        var found = SIMD4<Float>(repeating: 0)
        var strengths = SIMD4<Float>(repeating: 0)
        // Side lobes of a Hann window are 31 dB down, but a short one has a wide main lobe.
        let reach = max(2, 4096 / count)
        for bin in Self.low...Self.high where power[bin] > strongest * 0.063 {
            var isPeak = true
            for other in (bin - reach)...(bin + reach) where power[other] > power[bin] { isPeak = false }
            guard isPeak else { continue }
            var weakest = 0
            for lane in 1..<3 where strengths[lane] < strengths[weakest] { weakest = lane }
            guard power[bin] > strengths[weakest] else { continue }
            strengths[weakest] = power[bin]
            found[weakest] = exact(bin)
        }
        isRich = hasOvertones(found, strengths, count)
        frequencies = Self.sorted(found)
    }

    /// How far, in Hz, the farthest of these lines is from what was read nearest to it.
    func distance(from known: SIMD4<Float>) -> Float {
        var farthest: Float = 0
        for lane in 0..<4 where known[lane] > 0 {
            var nearest = Float.greatestFiniteMagnitude
            for other in 0..<4 where frequencies[other] > 0 {
                nearest = min(nearest, abs(frequencies[other] - known[lane]))
            }
            farthest = max(farthest, nearest)
        }
        return farthest
    }

    /// Whether the strongest line has its double or triple within 25 dB (21 in short bursts, where noise stands out more).
    private func hasOvertones(_ lines: SIMD4<Float>, _ strengths: SIMD4<Float>, _ count: Int) -> Bool {
        let limit = 0.002 + 3 / Float(count)
        var first = 0
        for lane in 1..<4 where strengths[lane] > strengths[first] { first = lane }
        for multiple in 2...3 {
            let centre = Int(lines[first] * Float(multiple) / Self.bin)
            guard centre + 4 <= Self.high else { break }
            for bin in (centre - 3)...(centre + 4) where fine.power[bin] > strengths[first] * limit { return true }
        }
        return false
    }

    /// A parabola through the logarithms of three bins.
    private func exact(_ bin: Int) -> Float {
        let (a, b, c) = (
            logf(max(1e-20, fine.power[bin - 1])), logf(max(1e-20, fine.power[bin])),
            logf(max(1e-20, fine.power[bin + 1]))
        )
        let bend = a - 2 * b + c
        let offset = abs(bend) > 1e-9 ? max(-0.5, min(0.5, 0.5 * (a - c) / bend)) : 0
        return (Float(bin) + offset) * Self.bin
    }

    private static func sorted(_ values: SIMD4<Float>) -> SIMD4<Float> {
        var result = SIMD4<Float>(repeating: 0)
        var count = 0
        for lane in 0..<4 where values[lane] > 0 {
            var place = count
            while place > 0, result[place - 1] > values[lane] {
                result[place] = result[place - 1]
                place -= 1
            }
            result[place] = values[lane]
            count += 1
        }
        return result
    }
}
