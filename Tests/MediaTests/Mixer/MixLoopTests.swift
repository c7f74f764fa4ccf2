// SPDX-License-Identifier: Apache-2.0
import Foundation
import Signals
import Testing

@testable import Media

func tone(_ hertz: Double, rate: Int, amplitude: Double = 8000) -> (Int64) -> Int16 {
    { Int16(amplitude * sin(2 * .pi * hertz * Double($0) / Double(rate))) }
}

/// Amplitude of a frequency in a signal.
func amplitude(_ samples: ArraySlice<Int16>, _ hertz: Double, rate: Int) -> Double {
    var re = 0.0
    var im = 0.0
    for (index, sample) in samples.enumerated() {
        let angle = 2 * .pi * hertz * Double(index) / Double(rate)
        re += Double(sample) * cos(angle)
        im += Double(sample) * sin(angle)
    }
    return 2 * (re * re + im * im).squareRoot() / Double(max(1, samples.count))
}

@Suite struct MixLoopTests {
    @Test func `three callers hear each other and not themselves`() {
        let rig = MixRig()
        let mix = rig.makeMix()
        let phones = [0, 7, 13].map { rig.makePhone(phase: $0 * 1_000_000) }
        rig.join(phones, mix)
        let hertz = [500.0, 700, 1100]
        for (phone, hz) in zip(phones, hertz) { phone.voice = tone(hz, rate: 8000) }
        rig.run(milliseconds: 2000)
        for (index, phone) in phones.enumerated() {
            #expect(phone.heard.count > 15_000)
            let tail = phone.heard.suffix(8000)
            for (other, hz) in hertz.enumerated() {
                let level = amplitude(tail, hz, rate: 8000)
                if other == index { #expect(level < 80) } else { #expect(level > 7800 && level < 8200) }
            }
        }
    }
}
