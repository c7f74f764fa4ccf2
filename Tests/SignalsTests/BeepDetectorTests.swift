// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Signals

@Suite struct BeepDetectorTests {
    private func tone(_ hertz: [Double], seconds: Double, rate: Int = 8000, amplitude: Double = 6000) -> [Int16] {
        (0..<Int(seconds * Double(rate))).map { index in
            let sum = hertz.reduce(0) { $0 + sin(Double(index) * $1 * 2 * .pi / Double(rate)) }
            return Int16(sum / Double(max(1, hertz.count)) * amplitude)
        }
    }

    private func noise(_ seconds: Double, amplitude: Double, rate: Int = 8000) -> [Int16] {
        var state: UInt64 = 7
        return (0..<Int(seconds * Double(rate))).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int16((Double(state >> 40) / Double(1 << 24) - 0.5) * 2 * amplitude)
        }
    }

    /// Lengths of the beeps that were found.
    private func beeps(_ samples: [Int16], rate: Int = 8000) -> [Int] {
        let detector = BeepDetector(sampleRate: rate)
        var found: [Int] = []
        for start in stride(from: 0, to: samples.count - 79, by: 80) {
            let length = samples[start..<start + 80].withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { detector.hear($0, count: 80) } ?? 0
            }
            if length > 0 { found.append(length) }
        }
        return found
    }

    @Test(arguments: [350.0, 440, 800, 1000, 1400, 2000, 2400], [8000, 16_000, 48_000])
    func `a beep in silence is one beep of its length`(hertz: Double, rate: Int) {
        let pause = [Int16](repeating: 0, count: rate)
        let found = beeps(pause + tone([hertz], seconds: 0.4, rate: rate) + pause, rate: rate)
        #expect(found.count == 1)
        #expect(abs((found.first ?? 0) - 400) <= 40)
    }

    @Test func `a beep over some noise of the line is found`() {
        let pause = noise(0.5, amplitude: 200)
        let beep = zip(tone([1000], seconds: 0.5), noise(0.5, amplitude: 200)).map { $0 &+ $1 }
        #expect(beeps(pause + beep + pause).count == 1)
    }

    @Test func `what is no beep is none`() {
        let pause = [Int16](repeating: 0, count: 4000)
        #expect(beeps(pause + tone([440, 480], seconds: 1) + pause).isEmpty)
        #expect(beeps(pause + tone([697, 1209], seconds: 0.4) + pause).isEmpty)
        #expect(beeps(pause + tone([1000], seconds: 0.06) + pause).isEmpty)
        #expect(beeps(pause + tone([1000], seconds: 4) + pause).isEmpty)
        #expect(beeps(pause + tone([200], seconds: 0.4) + pause).isEmpty)
        #expect(beeps(pause + tone([1000], seconds: 0.4, amplitude: 100) + pause).isEmpty)
        #expect(beeps(noise(5, amplitude: 8000)).isEmpty)
        // A voice: many harmonics that wander.
        let voice = (0..<40_000).map { index -> Int16 in
            let time = Double(index) / 8000
            let pitch = 120 + 30 * sin(time * 5)
            return Int16((1...12).reduce(0.0) { $0 + sin(2 * .pi * pitch * Double($1) * time) / Double($1) } * 3000)
        }
        #expect(beeps(voice).isEmpty)
    }
}
