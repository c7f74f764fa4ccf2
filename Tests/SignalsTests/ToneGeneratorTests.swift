// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Signals

@Suite struct ToneGeneratorTests {
    private func samples(_ generator: ToneGenerator, _ count: Int, block: Int = 77) -> [Int16] {
        var result = [Int16](repeating: 0, count: count)
        result.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for start in stride(from: 0, to: count, by: block) {
                _ = generator.fill(base + start, count: min(block, count - start))
            }
        }
        return result
    }

    @Test(arguments: [8000, 16_000, 48_000]) func `level and frequency are right at every rate`(rate: Int) {
        let generator = ToneGenerator([Tone(425, levelDBm0: -10, milliseconds: 0)], repeats: false, sampleRate: rate)
        let heard = samples(generator, rate)
        let (level, below) = Laboratory.distortion(heard[(rate / 10)...], hertz: 425, rate: Double(rate))
        #expect(abs(level + 10) < 0.05)
        #expect(below > 75)
    }

    @Test func `cadence is exact to the sample and repeats`() {
        let generator = ToneGenerator(
            [Tone(425, levelDBm0: -10, milliseconds: 480), .silence(milliseconds: 480)], repeats: true, sampleRate: 8000
        )
        let heard = samples(generator, 8000 * 3)
        for (index, sample) in heard.enumerated() where index % 7680 >= 3840 { #expect(sample == 0) }
        #expect(Laboratory.level(heard[7680..<11_520]) > -10.3)
        #expect(generator.length == nil && !generator.isFinished)
    }

    @Test func `finite tones end with silence and say so`() {
        let generator = ToneGenerator([Tone(1000, levelDBm0: -6, milliseconds: 10)], repeats: false, sampleRate: 8000)
        var block = [Int16](repeating: 5, count: 200)
        #expect(generator.length == 80)
        #expect(generator.fill(&block, count: 200) == 80)
        #expect(generator.isFinished)
        #expect(block[80...].allSatisfy { $0 == 0 })
        #expect(generator.fill(&block, count: 200) == 0)
    }

    @Test func `edges do not click`() {
        let generator = ToneGenerator(
            [Tone(1633, levelDBm0: 0, milliseconds: 50), Tone(1633, levelDBm0: 0, milliseconds: 50)], repeats: false,
            sampleRate: 8000)
        let heard = samples(generator, 1000)
        #expect(heard[0] == 0)
        #expect(abs(Int(heard[1])) < 2500)
        #expect(abs(Int(heard[799])) < 2500)
        // Equal neighbours run through.
        #expect(Laboratory.level(heard[392..<408]) > -1)
    }

    @Test func `all sixteen digits are recognised`() throws {
        let tones = (UInt8(0)...15).flatMap { code in
            [Tone.digit(code), Tone.silence(milliseconds: 100)].compactMap(\.self)
        }
        let heard = samples(ToneGenerator(tones, repeats: false, sampleRate: 8000), 8000 * 4)
        let detector = try #require(DTMFDetector())
        var codes: [UInt8] = []
        for start in stride(from: 0, to: heard.count, by: 160) {
            let count = Array(heard[start..<start + 160]).withUnsafeBufferPointer { part in
                part.baseAddress.map { detector.process($0, count: 160) } ?? 0
            }
            for index in 0..<count where detector.event(index).hasBegun { codes.append(detector.event(index).code) }
        }
        #expect(codes == Array(0...15))
        #expect(Tone.digit(16) == nil)
    }

    @Test func `nonsense is silent`() {
        let tones = [
            Tone(.nan, .infinity, levelDBm0: .nan, milliseconds: 10), Tone(5000, -3, levelDBm0: 3, milliseconds: 10),
            Tone(100, levelDBm0: 400, milliseconds: -5),
        ]
        let heard = samples(ToneGenerator(tones, repeats: true, sampleRate: 8000), 800)
        #expect(heard.allSatisfy { $0 == 0 })
        let empty = ToneGenerator([], repeats: true, sampleRate: 8000)
        #expect(empty.isFinished)
    }
}
