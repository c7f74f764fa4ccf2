// SPDX-License-Identifier: Apache-2.0
// ITU-T Q.23 (frequencies of DTMF), Q.24 (at least 40 ms each; 70 to 100 ms are usual).

import Foundation
package import Telephony

/// What a telephone sends by itself, and what its user makes of what he hears.
package enum HandsetSignals {
    private static let low: [Double] = [697, 770, 852, 941]
    private static let high: [Double] = [1209, 1336, 1477, 1633]
    private static let keypad = "123A456B789C*0#D"

    /// One key pressed: both tones at -7 dBm0 each, then silence.
    package static func dtmf(_ digit: DTMFDigit, milliseconds: Int, pauseMilliseconds: Int, sampleRate: Int) -> [Int16]
    {
        let key = keypad.firstIndex(of: digit.character).map { keypad.distance(from: keypad.startIndex, to: $0) } ?? 0
        let tone = tones(
            [low[key / 4], high[key % 4]], levelDBm0: -7, milliseconds: milliseconds, sampleRate: sampleRate)
        return tone + [Int16](repeating: 0, count: sampleRate * pauseMilliseconds / 1000)
    }

    /// Sines of the same level (full-scale sine = +3.14 dBm0), with a soft beginning and end of 2 ms.
    package static func tones(_ hertz: [Double], levelDBm0: Double, milliseconds: Int, sampleRate: Int) -> [Int16] {
        let amplitude = 32_767 * pow(10, (levelDBm0 - 3.14) / 20)
        let count = sampleRate * milliseconds / 1000
        let edge = max(1, sampleRate / 500)
        return (0..<count).map { index in
            let time = Double(index) / Double(sampleRate)
            let sum = hertz.reduce(0) { $0 + sin(2 * .pi * $1 * time) }
            let gain = min(1, Double(min(index, count - 1 - index)) / Double(edge))
            return Int16(max(-32_768, min(32_767, (sum * amplitude * gain).rounded())))
        }
    }

    /// Root of the mean square in dBm0; -99 for silence.
    package static func levelDBm0(_ samples: some Collection<Int16>) -> Double {
        guard !samples.isEmpty else { return -99 }
        let energy = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(samples.count)
        // A full-scale sine has an RMS of 32767 / sqrt(2).
        return energy < 0.01 ? -99 : 10 * log10(energy / (32_767 * 32_767 / 2)) + 3.14
    }

    /// Level of one frequency (Goertzel), in dBm0.
    package static func levelDBm0(of hertz: Double, in samples: some Collection<Int16>, sampleRate: Int) -> Double {
        let count = Double(samples.count)
        guard count > 0 else { return -99 }
        let turn = 2 * cos(2 * .pi * hertz / Double(sampleRate))
        var (first, second) = (0.0, 0.0)
        for sample in samples { (first, second) = (Double(sample) + turn * first - second, first) }
        let power = max(0, first * first + second * second - turn * first * second) * 4 / (count * count)
        return power < 0.01 ? -99 : 10 * log10(power / (32_767 * 32_767)) + 3.14
    }

    /// A steady tone, as dial tone is: loud enough and no louder or softer from one 50 ms to the next.
    package static func isSteadyTone(_ samples: [Int16], sampleRate: Int) -> Bool {
        let block = sampleRate / 20
        guard samples.count >= block * 4 else { return false }
        let levels = stride(from: 0, through: samples.count - block, by: block).map {
            levelDBm0(samples[$0..<($0 + block)])
        }
        guard let softest = levels.min(), let loudest = levels.max() else { return false }
        return softest > -40 && loudest - softest < 3
    }
}
