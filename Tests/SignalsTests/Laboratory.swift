// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import Signals

/// Signals made and measured, for the tests of this folder.
enum Laboratory {
    /// Peak of a sine of that level (full scale: +3.14 dBm0).
    static func peak(dBm0: Double) -> Double { 32_767 * pow(10, (dBm0 - 3.14) / 20) }

    static func level(_ samples: some Collection<Int16>) -> Double {
        guard !samples.isEmpty else { return -99 }
        let square = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(samples.count)
        return 10 * log10(max(square, 1e-9) / (32_767.0 * 32_767.0 / 2)) + 3.14
    }

    static func sine(_ hertz: Double, rate: Int, count: Int, dBm0: Double, phase: Double = 0) -> [Int16] {
        let peak = peak(dBm0: dBm0)
        return (0..<count).map {
            Int16((peak * sin(2 * .pi * hertz * Double($0) / Double(rate) + phase)).rounded())
        }
    }

    /// A digit with errors: both frequencies scaled, twist (high over low, dB), random phases, noise.
    static func digit(
        _ code: UInt8, rate: Int, count: Int, dBm0: Double = -10, detune: Double = 1, twist: Double = 0,
        noisedB: Double? = nil, generator: inout some RandomNumberGenerator
    ) -> [Int16] {
        guard let (row, column) = DTMFSignal.frequencies(ofCode: code) else { return [] }
        let phases = (Double.random(in: 0..<6.28, using: &generator), Double.random(in: 0..<6.28, using: &generator))
        let (low, high) = (peak(dBm0: dBm0 - twist / 2), peak(dBm0: dBm0 + twist / 2))
        let noise = noisedB.map { peak(dBm0: dBm0 - $0) } ?? 0
        return (0..<count).map { index in
            let time = 2 * Double.pi * Double(index) / Double(rate)
            var value = low * sin(time * row * detune + phases.0) + high * sin(time * column * detune + phases.1)
            if noise > 0 {
                // Twelve uniform numbers are a good normal one; rms of a sine's is peak / sqrt 2.
                let normal = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
                value += normal * noise / 2.0.squareRoot()
            }
            return Int16(max(-32_768, min(32_767, value.rounded())))
        }
    }

    /// Level of what is left of a signal when its best sine of `hertz` is taken away, in dB below that sine (THD+N).
    static func distortion(_ samples: ArraySlice<Int16>, hertz: Double, rate: Double) -> (level: Double, below: Double)
    {
        var (ss, sc, cc, xs, xc, xx) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for (index, sample) in samples.enumerated() {
            let angle = 2 * .pi * hertz * Double(index) / rate
            let (s, c, x) = (sin(angle), cos(angle), Double(sample))
            ss += s * s
            sc += s * c
            cc += c * c
            xs += x * s
            xc += x * c
            xx += x * x
        }
        let determinant = ss * cc - sc * sc
        let a = (xs * cc - xc * sc) / determinant
        let b = (xc * ss - xs * sc) / determinant
        let fitted = a * xs + b * xc
        let level = 20 * log10(max(1e-9, (a * a + b * b).squareRoot() / 32_767)) + 3.14
        return (level, 10 * log10(fitted / max(1e-9, xx - fitted)))
    }

    /// Speech of espeak-ng at 8 kHz, nil where it is not installed.
    static func speech(_ text: String, voice: String) -> [Int16]? { SpokenText.samples(text, voice: voice) }
}

/// A generator with a seed, so that tests repeat (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
