// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Music made by dice, the hard kind for tone detectors: held organ chords, repeated notes in strict time, electronic bleeps
/// with pauses, strings with vibrato, bells that fade; random tempo, key and level. 8 kHz.
package struct Music {
    private var generator: SplitMix

    package init(seed: UInt64) { generator = SplitMix(seed: seed) }

    private static let scale = [0, 2, 4, 5, 7, 9, 11, 12]

    private mutating func pitch(_ octaves: ClosedRange<Int>) -> Double {
        let note =
            Self.scale[Int.random(in: 0..<8, using: &generator)] + 12 * Int.random(in: octaves, using: &generator)
        return 220 * pow(2, Double(note) / 12)
    }

    /// About so many seconds.
    package mutating func play(seconds: Double) -> [Int16] {
        var samples: [Int16] = []
        while Double(samples.count) < seconds * 8000 { samples += piece() }
        return samples
    }

    /// A style for some seconds.
    private mutating func piece() -> [Int16] {
        let style = Int.random(in: 0..<6, using: &generator)
        let level = Double.random(in: 800...9_000, using: &generator)
        let beat = Double.random(in: 0.14...0.6, using: &generator)
        var out = [Double](repeating: 0, count: Int(Double.random(in: 6...14, using: &generator) * 8000))
        switch style {
        case 0:
            var time = 0.0
            while time < Double(out.count) / 8000 {
                let length = beat * Double(Int.random(in: 2...8, using: &generator))
                for _ in 0..<3 {
                    add(pitch(0...1), at: time, length: length, to: &out, harmonics: 3, decay: 0, vibrato: 0)
                }
                time += length
            }
        case 1:
            // The same note in strict time, as a learner of cadences fears it; small human timing.
            let note = pitch(0...2)
            var time = 0.0
            while time < Double(out.count) / 8000 {
                let human = Double.random(in: -0.012...0.012, using: &generator)
                add(note, at: max(0, time + human), length: beat * 0.55, to: &out, harmonics: 4, decay: 3, vibrato: 0)
                time += beat
            }
        case 2:
            var time = 0.0
            while time < Double(out.count) / 8000 {
                if Double.random(in: 0..<1, using: &generator) < 0.7 {
                    add(pitch(0...2), at: time, length: beat * 0.5, to: &out, harmonics: 1, decay: 0, vibrato: 0)
                }
                time += beat
            }
        case 3:
            var time = 0.0
            while time < Double(out.count) / 8000 {
                let length = beat * Double(Int.random(in: 1...6, using: &generator))
                add(pitch(0...2), at: time, length: length, to: &out, harmonics: 6, decay: 0, vibrato: 5.5)
                time += length
            }
        case 4:
            var time = 0.0
            while time < Double(out.count) / 8000 {
                add(pitch(1...3), at: time, length: 1.5, to: &out, harmonics: 2, decay: 4, vibrato: 0)
                time += beat * Double(Int.random(in: 1...3, using: &generator))
            }
        default:
            var time = 0.0
            while time < Double(out.count) / 8000 {
                add(pitch(-1...0), at: time, length: beat, to: &out, harmonics: 5, decay: 2, vibrato: 0)
                add(pitch(1...2), at: time, length: beat * 0.9, to: &out, harmonics: 3, decay: 1, vibrato: 0)
                time += beat
            }
        }
        let peak = max(1, out.map { abs($0) }.max() ?? 1)
        return out.map { Int16($0 / peak * level) }
    }

    private mutating func add(
        _ hertz: Double, at time: Double, length: Double, to out: inout [Double], harmonics: Int, decay: Double,
        vibrato: Double
    ) {
        let start = Int(time * 8000)
        let count = min(Int(length * 8000), out.count - start)
        guard count > 0 else { return }
        for harmonic in 1...harmonics where hertz * Double(harmonic) < 3_600 {
            let strength = 1 / Double(harmonic)
            var phase = Double.random(in: 0..<6.28, using: &generator)
            for index in 0..<count {
                let t = Double(index) / 8000
                let bend = vibrato > 0 ? 1 + 0.008 * sin(2 * .pi * vibrato * t) : 1
                phase += 2 * .pi * hertz * Double(harmonic) * bend / 8000
                let edge = min(1, Double(index) / 60, Double(count - index) / 60)
                out[start + index] += strength * edge * exp(-decay * t) * sin(phase)
            }
        }
    }
}
