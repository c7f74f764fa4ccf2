// SPDX-License-Identifier: Apache-2.0
import RealTime
import Testing

@Suite struct LimiterTests {
    @Test func `what fits passes bit for bit`() {
        var limiter = Limiter()
        let bus = (0..<160).map { Int32(($0 * 7919) % 65535 - 32767) }
        var samples = [Int16](repeating: 0, count: 160)
        limiter.limit(bus, to: &samples, count: 160, sampleRate: 8000)
        #expect(samples.map(Int32.init) == bus)
    }

    @Test func `what is too loud is turned down without clipping and comes back`() {
        var limiter = Limiter()
        var samples = [Int16](repeating: 0, count: 160)
        let loud = (0..<160).map { Int32($0 % 16 < 8 ? 120_000 : -120_000) }
        for _ in 0..<3 { limiter.limit(loud, to: &samples, count: 160, sampleRate: 8000) }
        // A wave of one level stays a wave of one level: turned down, not cut.
        #expect(samples.allSatisfy { abs(Int32($0)) >= 32_700 && abs(Int32($0)) <= 32_767 })
        #expect(limiter.gain < 0.28)
        let quiet = (0..<160).map { Int32($0 % 16 < 8 ? 1000 : -1000) }
        for _ in 0..<60 { limiter.limit(quiet, to: &samples, count: 160, sampleRate: 8000) }
        #expect(limiter.gain == 1)
        #expect(samples.allSatisfy { abs($0) == 1000 })
    }

    @Test func `the gain never jumps within a frame that has time to look ahead`() {
        var limiter = Limiter()
        var samples = [Int16](repeating: 0, count: 160)
        // Constant, then loud from the middle on: the constant part shows the gain.
        let bus = (0..<160).map { $0 < 120 ? Int32(10_000) : 60_000 }
        limiter.limit(bus, to: &samples, count: 160, sampleRate: 8000)
        for index in 1..<119 { #expect(abs(Int(samples[index]) - Int(samples[index - 1])) < 400) }
        #expect(samples.max() ?? 0 <= 32_767)
    }
}

@Suite struct MixKernelsTests {
    @Test func `gains are what decibels say`() {
        #expect(MixKernels.gain(decibels: 0) == 4096)
        #expect(abs(MixKernels.gain(decibels: 6.0206) - 8192) <= 2)
        #expect(abs(MixKernels.gain(decibels: -6.0206) - 2048) <= 1)
        #expect(abs(MixKernels.gain(decibels: 20) - 40_960) <= 8)
        #expect(MixKernels.gain(decibels: 1000) == MixKernels.gain(decibels: 20))
        #expect(MixKernels.gain(decibels: -.infinity) == 0)
        #expect(MixKernels.gain(decibels: .nan) == 4096)
    }

    @Test func `adding and taking out again leaves nothing`() {
        let voice = (0..<480).map { Int16(truncatingIfNeeded: $0 &* 12_345) }
        var bus = [Int32](repeating: 5, count: 480)
        for _ in 0..<1000 { MixKernels.add(voice, to: &bus, count: 480) }
        for _ in 0..<1000 { MixKernels.subtract(voice, from: &bus, count: 480) }
        #expect(bus.allSatisfy { $0 == 5 })
    }
}

@Suite struct DriftLoopTests {
    @Test func `a crystal of three hundred ppm is learnt within ten seconds and moves the fill by little`() {
        var loop = DriftLoop()
        var fill = 0.0
        var worst = 0.0
        var ratios: [Double] = []
        for tick in 0..<12_000 {
            // The card uses 300 ppm more than the mix clock makes; the loop has to make up for it.
            fill += (loop.ratio - 1.0003) * 0.005
            loop.update(error: 0 - fill, interval: 0.005)
            worst = max(worst, abs(fill))
            if tick > 4000 { ratios.append(loop.ratio) }
        }
        #expect(worst < 0.0006)
        #expect(abs(fill) < 0.00002)
        #expect(abs(loop.driftPPM - 300) < 5)
        #expect((ratios.max() ?? 1) - (ratios.min() ?? 0) < 20e-6)
    }
}
