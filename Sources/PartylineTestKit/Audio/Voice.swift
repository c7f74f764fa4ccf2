// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Sixteen distinct voices that can be told apart in a mix: each has five narrow bands of its own between 300 and
/// 3400 Hz, filled with lines of chance frequency and phase, under a syllable-like envelope.
///
///     voice 0  ▌    ▌    ▌    ▌    ▌
///     voice 1   ▌    ▌    ▌    ▌    ▌       300 Hz ........ 3400 Hz
///
/// No two voices share a frequency, so the correlation of one voice with another is zero but for what codecs add; 14 Hz
/// lie between neighbours, which the envelope (2 to 4 Hz) does not bridge. Pauses in the envelope keep a noise gate
/// from taking the voice for steady noise; five bands at equal level keep a DTMF detector from taking it for a digit.
package struct Voice: Sendable, Hashable {
    package static let count = 16
    /// 0 ..< 16.
    package let index: Int
    /// A different take of the same voice.
    package let seed: UInt64

    package init(_ index: Int, seed: UInt64 = 1) {
        self.index = ((index % Self.count) + Self.count) % Self.count
        self.seed = seed
    }

    /// The voice as 16-bit samples.
    /// - Parameters:
    ///   - seconds: how long.
    ///   - rate: samples a second (8000, 16000 or 48000); the spectrum is the same at each.
    ///   - level: root mean square in sample steps; 3000 is a healthy telephone voice, peaks reach about four times that.
    package func samples(seconds: Double, rate: Int = 8000, level: Double = 3000) -> [Int16] {
        let count = max(0, Int(seconds * Double(rate)))
        guard count > 0 else { return [] }
        var random = SplitMix(seed: seed &* 0x9E37_79B9 &+ UInt64(index) &* 7919 &+ 17)
        var wave = [Double](repeating: 0, count: count)
        let width = (3400.0 - 300.0) / Double(Self.bands * Self.count)
        wave.withUnsafeMutableBufferPointer { wave in
            for band in 0..<Self.bands {
                let low = 300 + width * Double(band * Self.count + index) + 7
                for _ in 0..<Self.lines {
                    let step = 2 * Double.pi * (low + random.unit() * (width - 14)) / Double(rate)
                    Self.addLine(to: wave, step: step, phase: 2 * Double.pi * random.unit())
                }
            }
            let syllable = 2 * Double.pi * (2 + 2 * random.unit()) / Double(rate)
            let phase = 2 * Double.pi * random.unit()
            for position in 0..<wave.count {
                let swing = 0.5 - 0.5 * cos(syllable * Double(position) + phase)
                wave[position] *= swing
            }
        }
        var power = 0.0
        for value in wave { power += value * value }
        let scale = level / ((power / Double(count)).squareRoot() + 1e-9)
        return wave.map { Int16(max(-32000, min(32000, ($0 * scale).rounded()))) }
    }

    private static let bands = 5
    private static let lines = 10

    /// Adds one sine by rotation: no sine function a sample, and exact enough for minutes.
    private static func addLine(to wave: UnsafeMutableBufferPointer<Double>, step: Double, phase: Double) {
        let turnReal = cos(step)
        let turnImaginary = sin(step)
        var real = cos(phase)
        var imaginary = sin(phase)
        for position in 0..<wave.count {
            wave[position] += imaginary
            let next = real * turnReal - imaginary * turnImaginary
            imaginary = real * turnImaginary + imaginary * turnReal
            real = next
        }
    }
}

/// A small reproducible generator (SplitMix64), so that a failing test can be run again with the same voices.
package struct SplitMix: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0 ..< 1.
    package mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }
}
