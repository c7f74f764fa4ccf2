// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Speech-like noise: formants that wander, syllables of about a quarter second, no repetition. Its correlation has one
/// sharp peak, so that a delay can be read from any 20 ms of it. (A `Voice` tells who is heard; this tells when.)
package enum PseudoSpeech {
    /// - Parameter level: root mean square in sample steps.
    package static func samples(seconds: Double, rate: Int = 8000, level: Double = 3000, seed: UInt64 = 1) -> [Int16] {
        let count = max(0, Int(seconds * Double(rate)))
        var random = SplitMix(seed: seed)
        var resonators = [Resonator](repeating: Resonator(), count: 3)
        var wave = [Double](repeating: 0, count: count)
        var envelope = 0.0
        var target = 0.0
        var left = 0
        var power = 0.0
        for position in 0..<count {
            if left <= 0 {
                left = Int(Double(rate) * (0.06 + 0.14 * random.unit()))
                target = 0.3 + 0.7 * random.unit()
                resonators[0].tune(to: 350 + 500 * random.unit(), width: 200, rate: rate)
                resonators[1].tune(to: 1000 + 900 * random.unit(), width: 400, rate: rate)
                resonators[2].tune(to: 2200 + 900 * random.unit(), width: 600, rate: rate)
            }
            left -= 1
            envelope += (target - envelope) * 60 / Double(rate)
            let breath = random.unit() - 0.5
            var value = 0.0
            for index in 0..<3 { value += resonators[index].step(breath) }
            wave[position] = value * envelope
            power += wave[position] * wave[position]
        }
        let scale = level / ((power / Double(max(1, count))).squareRoot() + 1e-9)
        return wave.map { Int16(max(-30000, min(30000, ($0 * scale).rounded()))) }
    }

    private struct Resonator {
        private var radius = 0.0
        private var turn = 0.0
        private var gain = 0.0
        private var last = 0.0
        private var beforeLast = 0.0

        mutating func tune(to hertz: Double, width: Double, rate: Int) {
            radius = exp(-Double.pi * width / Double(rate))
            turn = 2 * radius * cos(2 * Double.pi * hertz / Double(rate))
            gain = 1 - radius
        }

        mutating func step(_ input: Double) -> Double {
            let value = gain * input + turn * last - radius * radius * beforeLast
            beforeLast = last
            last = value
            return value
        }
    }
}
