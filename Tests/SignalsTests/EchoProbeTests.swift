// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Signals

@Suite struct EchoProbeTests {
    /// What a line with this echo makes of the burst: so much weaker, later, over a tail of three taps, with noise of its own.
    private func measure(lossDB: Double, delay: Int, noiseDB: Double = -120) -> EchoProbe.Result? {
        let quiet = [Int16](repeating: 0, count: EchoProbe.quietMilliseconds * 8)
        let far = quiet + EchoProbe.burst() + [Int16](repeating: 0, count: 4_000)
        var state: UInt64 = 9
        func noise() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (Double(state >> 33) / Double(1 << 30) - 1) * sqrt(1.5)
        }
        // Of a sine of 0 dBm0 the root mean square is 16,148.
        let (gain, hiss) = (pow(10, -lossDB / 20), 16_148 * sqrt(2.0) * pow(10, noiseDB / 20))
        let taps: [(Int, Double)] = [(0, 0.8), (3, -0.5), (9, 0.33166)]
        let near = far.indices.map { index in
            let echo = taps.reduce(0.0) { sum, tap in
                let place = index - delay - tap.0
                return sum + (place >= 0 ? Double(far[place]) * tap.1 : 0)
            }
            return Int16(max(-32_768, min(32_767, (echo * gain + noise() * hiss).rounded())))
        }
        let probe = EchoProbe()
        near.withUnsafeBufferPointer { near in
            far.withUnsafeBufferPointer { far in
                guard let near = near.baseAddress, let played = far.baseAddress else { return }
                for start in stride(from: 0, to: far.count - 80, by: 80) {
                    probe.hear(near: near + start, far: played + start, count: 80)
                }
            }
        }
        return probe.measure()
    }

    @Test(arguments: [0.0, 6, 12, 20, 30], [0, 40, 333, 1_990])
    func `delay and return loss of an echo are found`(lossDB: Double, delay: Int) throws {
        let result = try #require(measure(lossDB: lossDB, delay: delay))
        let milliseconds = try #require(result.delayMilliseconds)
        #expect(abs(milliseconds - Double(delay) / 8) <= 0.5)
        #expect(abs(result.returnLossDB - lossDB) < 1, "\(result.returnLossDB)")
    }

    @Test func `noise of the line, 10 dB below the echo, takes nothing away from that`() throws {
        let result = try #require(measure(lossDB: 20, delay: 300, noiseDB: -16 - 20 - 10))
        #expect(abs((result.delayMilliseconds ?? -1) - 37.5) <= 0.5)
        #expect(abs(result.returnLossDB - 20) < 1, "\(result.returnLossDB)")
    }

    @Test func `an echo that drowns is told as better than the noise`() throws {
        let result = try #require(measure(lossDB: 80, delay: 300, noiseDB: -40))
        #expect(result.delayMilliseconds == nil)
        #expect((20...30).contains(result.returnLossDB), "\(result.returnLossDB)")
    }

    @Test func `nothing that was played gives no figures`() {
        let probe = EchoProbe()
        #expect(probe.measure() == nil)
        let silence = [Int16](repeating: 0, count: 30_000)
        silence.withUnsafeBufferPointer { buffer in
            if let base = buffer.baseAddress { probe.hear(near: base, far: base, count: buffer.count) }
        }
        #expect(probe.measure() == nil)
    }
}
