// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Something that codecs take for speech: a glottal pulse train with a wandering pitch through three formants, in syllables
/// with hisses between them. The same samples every time.
func syntheticSpeech(rate: Int, seconds: Double) -> [Int16] {
    let count = Int(Double(rate) * seconds)
    var samples: [Int16] = []
    samples.reserveCapacity(count)
    var phase = 0.0
    var noise: UInt32 = 1
    var states = [(0.0, 0.0), (0.0, 0.0), (0.0, 0.0)]
    let vowels: [[Double]] = [[700, 1220, 2600], [300, 2300, 3000], [450, 800, 2830], [530, 1850, 2500]]
    for index in 0..<count {
        let time = Double(index) / Double(rate)
        let syllable = Int(time * 4)
        let within = time * 4 - Double(syllable)
        phase += (110 + 25 * sin(time * 2.1)) / Double(rate)
        var pulse = 0.0
        if phase >= 1 {
            phase -= 1
            pulse = 1
        }
        noise = noise &* 1_664_525 &+ 1_013_904_223
        let hiss = (Double(noise >> 8) / 8_388_608 - 1) * 0.02
        let envelope = within < 0.75 ? sin(.pi * within / 0.75) : 0
        var value = pulse * envelope + hiss * (within < 0.75 ? 0.3 : 2)
        for (place, hertz) in vowels[syllable % 4].enumerated() where hertz < Double(rate) / 2 {
            // A resonator of about 100 Hz band width.
            let radius = exp(-.pi * 100 / Double(rate))
            let next =
                value + 2 * radius * cos(2 * .pi * hertz / Double(rate)) * states[place].0
                - radius * radius * states[place].1
            states[place] = (next, states[place].0)
            value = next * (1 - radius) * 1.6
        }
        samples.append(Int16(max(-32_768, min(32_767, value * 60_000))))
    }
    return samples
}
