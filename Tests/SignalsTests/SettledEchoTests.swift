// SPDX-License-Identifier: Apache-2.0
// What EchoCanceller keeps while somebody speaks at the near end (ITU-T G.168 test 3 in spirit).

import Foundation
import Testing

@testable import Signals

@Suite struct SettledEchoTests {
    /// Coloured noise in syllables, as quick to make as it is hard for a filter.
    private func babble(_ count: Int, rate: Int, seed: UInt64) -> [Double] {
        var generator = SeededGenerator(state: seed)
        var last = 0.0
        return (0..<count).map { (index: Int) -> Double in
            last = 0.8 * last + Double.random(in: -1...1, using: &generator)
            let phase: Double = 2 * .pi * 3.7 * Double(index) / Double(rate)
            let syllable: Double = 0.55 + 0.45 * sin(phase + Double(seed))
            return last * syllable * 2_500
        }
    }

    private func clipped(_ values: [Double]) -> [Int16] {
        values.map { Int16(max(-32_768, min(32_767, $0.rounded()))) }
    }

    private func cancelled(_ near: [Double], _ far: [Double], rate: Int) throws -> [Double] {
        let canceller = try #require(EchoCanceller(sampleRate: rate, tailMilliseconds: 32))
        var left = clipped(near)
        left.withUnsafeMutableBufferPointer { left in
            clipped(far).withUnsafeBufferPointer { far in
                guard let a = left.baseAddress, let b = far.baseAddress else { return }
                for start in stride(from: 0, through: left.count - canceller.block, by: canceller.block) {
                    canceller.process(a + start, far: b + start)
                }
            }
        }
        return left.map(Double.init)
    }

    /// An echo of two ways, half as loud.
    private func echo(_ far: [Double], rate: Int, sign: Double = 1) -> [Double] {
        far.indices.map { (index: Int) -> Double in
            let (one, other) = (index - rate / 400, index - rate / 100)
            let early: Double = one >= 0 ? far[one] * 0.45 : 0
            let late: Double = other >= 0 ? far[other] * 0.2 : 0
            return sign * (early - late)
        }
    }

    private func decibels(_ above: ArraySlice<Double>, _ below: ArraySlice<Double>) -> Double {
        EchoScene.decibels(EchoScene.power(above), EchoScene.power(below))
    }

    @Test(arguments: [8_000, 16_000]) func `a voice over an echo stays as it is`(rate: Int) throws {
        let (count, begin) = (rate * 8, rate * 4)
        let far = babble(count, rate: rate, seed: 1)
        let voice = babble(count, rate: rate, seed: 2).enumerated().map { $0.offset < begin ? 0 : $0.element }
        let both = try cancelled(zip(echo(far, rate: rate), voice).map { $0 + $1 }, far, rate: rate)
        let alone = try cancelled(voice, [Double](repeating: 0, count: count), rate: rate)
        let range = (begin + rate / 10)..<count
        let damage = range.map { both[$0] - alone[$0] }
        let clean = decibels(alone[range], damage[...])
        print("\(rate) Hz: the voice is \(Int(clean)) dB above what is different")
        // speexdsp alone: below 15.
        #expect(clean > 20)
    }

    @Test func `a line that changes under a voice is learned all the same`() throws {
        let rate = 8_000
        let (count, change, end) = (rate * 10, rate * 4, rate * 6)
        let far = babble(count, rate: rate, seed: 3)
        let (before, after) = (echo(far, rate: rate), echo(far, rate: rate, sign: -1))
        let voice = babble(count, rate: rate, seed: 4)
        let near = (0..<count).map { (index: Int) -> Double in
            let isSpoken = index >= change && index < end
            let heard: Double = index < change ? before[index] : after[index]
            return isSpoken ? heard + voice[index] : heard
        }
        let left = try cancelled(near, far, rate: rate)
        let (early, late) = ((change - rate)..<change, (end + rate)..<(end + rate * 2))
        print(
            "before the change \(Int(decibels(far[early], left[early]))) dB, after \(Int(decibels(far[late], left[late])))"
        )
        #expect(decibels(far[early], left[early]) > 35)
        #expect(decibels(far[late], left[late]) > 25)
    }
}
