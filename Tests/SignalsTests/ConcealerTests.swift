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

    /// Power of the sound over that of the error in the lost frames, dB.
    private func errorBelow(_ whole: [Int16], rate: Int, bridges: Bool) -> Double {
        let frame = rate / 50
        let concealer = Concealer(sampleRate: rate)
        var lossy: [Int16] = []
        var gaps: [Int] = []
        var start = 0
        while start + 2 * frame <= whole.count {
            var part = Array(whole[start..<start + frame])
            let number = start / frame
            if number > 5, number % 5 == 2 {
                gaps.append(start)
                let next = Array(whole[start + frame..<start + 2 * frame])
                if bridges {
                    concealer.bridge(frame, to: next, nextCount: frame, into: &part)
                } else {
                    concealer.conceal(frame, into: &part)
                }
            } else {
                concealer.received(&part, count: frame)
            }
            lossy += part
            start += frame
        }
        var power = 1.0
        var error = 1.0
        for gap in gaps {
            for index in gap..<gap + frame {
                power += Double(whole[index]) * Double(whole[index])
                error += pow(Double(whole[index]) - Double(lossy[index]), 2)
            }
        }
        return 10 * log10(power / error)
    }

    @Test(arguments: [8000, 16_000])
    func `a gap between two known sides is filled better than one whose end is open`(rate: Int) {
        // A voice that glides from 100 to 220 Hz: what was before does not say what comes.
        var phase = 0.0
        let glide = (0..<rate * 2).map { index -> Int16 in
            phase += 2 * .pi * (100 + 60 * Double(index) / Double(rate)) / Double(rate)
            return Int16(6000 * (sin(phase) + 0.5 * sin(2 * phase + 1) + 0.3 * sin(3 * phase)))
        }
        let open = errorBelow(glide, rate: rate, bridges: false)
        let bridged = errorBelow(glide, rate: rate, bridges: true)
        print("a gliding voice at \(rate) Hz: error \(open) dB below it from one side, \(bridged) from both")
        #expect(bridged > open + 2)
    }

    @Test(arguments: [1, 10, 160, 480, 960]) func `bridges of any length and sound stay within what they join`(gap: Int)
    {
        var generator = SeededGenerator(state: UInt64(gap))
        let concealer = Concealer(sampleRate: 8000)
        for round in 0..<200 {
            let loud = [0, 300, 32_767][round % 3]
            var known = (0..<160).map { _ in Int16(Int.random(in: -loud...loud, using: &generator)) }
            concealer.received(&known, count: 160)
            let count = Int.random(in: 1...200, using: &generator)
            let next = (0..<count).map { _ in Int16(Int.random(in: -loud...loud, using: &generator)) }
            var filled = [Int16](repeating: 1, count: gap)
            concealer.bridge(gap, to: next, nextCount: count, into: &filled)
            if loud == 0, round > 10 { #expect(filled.allSatisfy { abs(Int($0)) <= 32_767 }) }
        }
        // Silence on both sides stays silence.
        for _ in 0..<5 {
            var silence = [Int16](repeating: 0, count: 160)
            concealer.received(&silence, count: 160)
        }
        var filled = [Int16](repeating: 1, count: gap)
        concealer.bridge(gap, to: [Int16](repeating: 0, count: 160), nextCount: 160, into: &filled)
        #expect(filled.allSatisfy { $0 == 0 })
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
