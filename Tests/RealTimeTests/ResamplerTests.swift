// SPDX-License-Identifier: Apache-2.0
// The figures of the data sheets of RateConverter and DriftResampler.

import Foundation
import RealTime
import Testing

/// Best sine of that frequency in the samples: its level in dB re full scale, and how far below it the rest lies.
private func measure(_ samples: ArraySlice<Int16>, hertz: Double, rate: Double) -> (level: Double, below: Double) {
    var (ss, sc, cc, xs, xc, xx) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for (index, sample) in samples.enumerated() {
        let angle = 2 * .pi * hertz * Double(index) / rate
        let (s, c, x) = (sin(angle), cos(angle), Double(sample))
        ss += s * s
        sc += s * c
        cc += c * c
        xs += x * s
        xc += x * c
        xx += x * x
    }
    let determinant = ss * cc - sc * sc
    let a = (xs * cc - xc * sc) / determinant
    let b = (xc * ss - xs * sc) / determinant
    let fitted = a * xs + b * xc
    return (10 * log10((a * a + b * b) / (32_767.0 * 32_767.0)), 10 * log10(fitted / max(1e-9, xx - fitted)))
}

private func sine(_ hertz: Double, rate: Int, count: Int, peak: Double = 16_384) -> [Int16] {
    (0..<count).map { Int16((peak * sin(2 * .pi * hertz * Double($0) / Double(rate))).rounded()) }
}

@Suite struct RateConverterTests {
    private static let pairs = [
        (8000, 16_000), (8000, 48_000), (16_000, 48_000), (16_000, 8000), (48_000, 8000), (48_000, 16_000),
    ]

    private func convert(_ samples: [Int16], _ from: Int, _ to: Int, block: Int) throws -> [Int16] {
        let converter = try #require(RateConverter(from: from, to: to, longestBlock: 500))
        var result: [Int16] = []
        var output = [Int16](repeating: 0, count: block * 6 + 6)
        for start in stride(from: 0, to: samples.count - block, by: block) {
            let expected = converter.outputCount(forInput: block)
            let made = samples.withUnsafeBufferPointer { buffer -> Int in
                guard let base = buffer.baseAddress else { return 0 }
                return converter.convert(base + start, count: block, into: &output)
            }
            #expect(made == expected)
            result += output[0..<made]
        }
        return result
    }

    @Test(arguments: pairs) func `speech band passes flat, what lies beyond is gone`(from: Int, to: Int) throws {
        let lower = Double(min(from, to))
        for part in [0.05, 0.25, 0.5, 0.6, 0.7, 0.8] {
            let hertz = (part * lower / 2).rounded()
            let heard = try convert(sine(hertz, rate: from, count: from / 5), from, to, block: 160)
            let (level, below) = measure(heard[(to / 20)...], hertz: hertz, rate: Double(to))
            print("\(from) -> \(to): \(hertz) Hz level \(level + 6.02) dB, THD+N -\(below) dB")
            #expect(abs(level + 6.02) < 0.02)
            #expect(below > 64)
        }
        guard from > to else { return }
        for part in [1.2, 1.3, 1.7, 1.9] {
            let heard = try convert(sine(part * lower / 2, rate: from, count: from / 5), from, to, block: 160)
            let alias = heard[(to / 20)...].map { abs(Int($0)) }.max() ?? 0
            print("\(from) -> \(to): \(part * lower / 2) Hz leaves \(20 * log10(Double(alias) / 16_384)) dB")
            #expect(Double(alias) < 16_384 * 0.0005)
        }
    }

    @Test(arguments: pairs) func `delay is as told and blocks of any length give the same`(from: Int, to: Int) throws {
        var impulse = [Int16](repeating: 0, count: from / 10)
        impulse[from / 50] = 30_000
        let heard = try convert(impulse, from, to, block: 7)
        let peak = heard.indices.max { abs(Int(heard[$0])) < abs(Int(heard[$1])) } ?? 0
        let converter = try #require(RateConverter(from: from, to: to))
        let expected = (Double(from / 50) + converter.delay) * Double(to) / Double(from)
        let tolerance = max(1, Double(to) / Double(from))
        #expect(abs(Double(peak) - expected) <= tolerance)
        let whole = try convert(impulse, from, to, block: 60)
        #expect(Array(heard.prefix(whole.count)) == Array(whole.prefix(heard.count)))
    }

    @Test func `sums beyond 16 bits pass`() throws {
        let converter = try #require(RateConverter(from: 8000, to: 16_000))
        let sums = [Int32](repeating: 1_000_000, count: 160)
        var output = [Int32](repeating: 0, count: 320)
        #expect(converter.convert(sums, count: 160, into: &output) == 320)
        #expect(abs(output[300] - 1_000_000) < 4)
        #expect(RateConverter(from: 8000, to: 11_025) == nil)
    }
}

@Suite struct DriftResamplerTests {
    @Test(arguments: [8000, 16_000, 48_000]) func `tone keeps its purity while the clock drifts`(rate: Int) {
        for (part, least) in [(0.05, 80.0), (0.25, 80), (0.4, 80), (0.6, 78), (0.7, 78), (0.85, 25)] {
            let resampler = DriftResampler(from: rate, to: rate)
            resampler.correction = 1.0001
            let hertz = (part * Double(rate) / 2).rounded()
            let input = sine(hertz, rate: rate, count: rate * 2 / 3)
            var output = [Int16](repeating: 0, count: rate * 3)
            let made = resampler.convert(input, count: input.count, into: &output, capacity: output.count)
            let expected = Double(input.count) / 1.0001
            #expect(abs(Double(made) - expected) < 40)
            let (level, below) = measure(
                output[(rate / 10)..<(rate * 3 / 5)], hertz: hertz * 1.0001, rate: Double(rate))
            print("drift at \(rate): \(hertz) Hz level \(level + 6.02) dB, THD+N -\(below) dB")
            #expect(below > least)
            #expect(abs(level + 6.02) < (part > 0.6 ? 3 : 0.3))
        }
    }

    @Test(arguments: [(8000, 48_000), (48_000, 8000), (16_000, 8000), (44_100, 16_000)])
    func `rate changes on the way`(from: Int, to: Int) {
        let resampler = DriftResampler(from: from, to: to)
        resampler.correction = 0.9997
        let input = sine(1000, rate: from, count: from)
        var output = [Int16](repeating: 0, count: to * 2)
        let made = resampler.convert(input, count: input.count, into: &output, capacity: output.count)
        let (level, below) = measure(output[(to / 4)..<(made - 10)], hertz: 1000 * 0.9997, rate: Double(to))
        print("drift \(from) -> \(to): level \(level + 6.02) dB, THD+N -\(below) dB")
        #expect(below > 75)
        #expect(abs(level + 6.02) < 0.3)
    }

    @Test func `pulling a fixed block asks for exactly the input that it takes`() {
        let resampler = DriftResampler(from: 48_000, to: 8000)
        resampler.correction = 1.0003
        let input = [Int16](repeating: 1000, count: 4000)
        var output = [Int16](repeating: 0, count: 40)
        for _ in 0..<1000 {
            let needed = resampler.inputNeeded(for: 40)
            #expect(needed > 200 && needed < 320)
            #expect(resampler.push(input, count: needed) == needed)
            #expect(resampler.available >= 40)
            #expect(resampler.pull(&output, count: 40) == 40)
        }
        #expect(output.allSatisfy { abs(Int($0) - 1000) <= 1 })
    }

    @Test func `changing the ratio makes no click`() {
        let resampler = DriftResampler(from: 8000, to: 8000)
        let input = sine(440, rate: 8000, count: 16_000)
        var heard: [Int16] = []
        var output = [Int16](repeating: 0, count: 400)
        for start in stride(from: 0, to: input.count, by: 160) {
            resampler.correction = 1 + (start / 160 % 2 == 0 ? 0.001 : -0.001)
            let made = input.withUnsafeBufferPointer { buffer -> Int in
                guard let base = buffer.baseAddress else { return 0 }
                return resampler.convert(base + start, count: 160, into: &output, capacity: 400)
            }
            heard += output[0..<made]
        }
        let steepest = zip(heard[400...], heard[401...]).map { abs(Int($1) - Int($0)) }.max() ?? 0
        let slope: Double = 16_384 * 2 * Double.pi * 440 / 8000
        #expect(Double(steepest) < slope * 1.02)
        resampler.correction = .nan
        #expect(resampler.correction == 1)
        resampler.correction = 7
        #expect(resampler.correction == 1.05)
    }
}
