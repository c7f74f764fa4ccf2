// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Signals

@Suite struct ConcealerTests {
    @Test(arguments: [8000, 16_000]) func `periodic sound goes on through a lost frame without a seam`(rate: Int) {
        let frame = rate / 50
        let whole = zip(
            Laboratory.sine(125, rate: rate, count: rate, dBm0: -12),
            Laboratory.sine(375, rate: rate, count: rate, dBm0: -16)
        ).map { $0 &+ $1 }
        let concealer = Concealer(sampleRate: rate)
        var lossy: [Int16] = []
        for start in stride(from: 0, to: rate, by: frame) {
            var part = Array(whole[start..<start + frame])
            if start / frame == 20 {
                concealer.conceal(frame, into: &part)
            } else {
                concealer.received(&part, count: frame)
            }
            lossy += part
        }
        let gap = 20 * frame..<21 * frame
        let error = zip(whole[gap], lossy[gap]).map { Int16(clamping: Int($0) - Int($1)) }
        let below = Laboratory.level(whole[gap]) - Laboratory.level(error)
        print("concealment of a periodic sound at \(rate) Hz: error \(below) dB below the sound")
        #expect(below > 13)
        // No jump is larger than the sound's own steepest slope by more than a little.
        let slope = zip(whole, whole.dropFirst()).map { abs(Int($1) - Int($0)) }.max() ?? 0
        let jump = zip(lossy, lossy.dropFirst()).map { abs(Int($1) - Int($0)) }.max() ?? 0
        #expect(jump < slope * 3 / 2)
    }

    @Test func `long gap fades to silence and the return is smooth`() {
        let concealer = Concealer(sampleRate: 8000)
        var tone = Laboratory.sine(425, rate: 8000, count: 800, dBm0: -10)
        concealer.received(&tone, count: 800)
        var gap = [Int16](repeating: 1, count: 960)
        concealer.conceal(960, into: &gap)
        #expect(abs(Laboratory.level(gap[0..<80]) + 10) < 1)
        #expect(gap[480...].allSatisfy { $0 == 0 })
        var again = Laboratory.sine(425, rate: 8000, count: 160, dBm0: -10, phase: 1.5)
        concealer.received(&again, count: 160)
        #expect(abs(Int(again[0])) < 400)
        #expect(abs(Laboratory.level(again[80...]) + 10) < 1)
    }

    @Test func `noise and silence neither trap nor grow`() {
        var generator = SeededGenerator(state: 3)
        let concealer = Concealer(sampleRate: 16_000)
        for _ in 0..<400 {
            let count = Int.random(in: 0...700, using: &generator)
            let loud = Int.random(in: 0...2, using: &generator) * 16_000
            var part = (0..<max(1, count)).map { _ in Int16(Int.random(in: -loud...loud, using: &generator)) }
            if Bool.random(using: &generator) {
                concealer.conceal(count, into: &part)
            } else {
                concealer.received(&part, count: count)
            }
        }
    }
}
