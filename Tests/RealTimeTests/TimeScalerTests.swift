// SPDX-License-Identifier: Apache-2.0

import RealTime
import Testing

/// The figures of the scaler's data sheet.
struct TimeScalerTests {
    /// A voice-like tone: a fundamental with falling harmonics.
    private func voice(_ hertz: Double, rate: Int, seconds: Double) -> [Int16] {
        (0..<Int(seconds * Double(rate))).map { index in
            var value = 0.0
            for harmonic in 1...6 where hertz * Double(harmonic) < 3400 {
                let turns = hertz * Double(harmonic) * Double(index) / Double(rate)
                value += sine((turns - turns.rounded(.down)) * 2 * .pi) / Double(harmonic)
            }
            return Int16(5000 * value)
        }
    }

    private func sine(_ angle: Double) -> Double {
        let x = angle > .pi ? angle - 2 * .pi : angle
        let q = x * x
        return x * (1 - q / 6 * (1 - q / 20 * (1 - q / 42 * (1 - q / 72 * (1 - q / 110 * (1 - q / 156))))))
    }

    /// Plays frames of 20 ms from the middle on, always wanting as much as allowed; output, and samples consumed.
    private func play(
        _ source: [Int16], rate: Int, wanted: Int, frames: Int, frame: Int
    ) -> (output: [Int16], consumed: Int, joints: Int) {
        let scaler = TimeScaler(sampleRate: rate)
        var output: [Int16] = []
        let first = rate / 10
        var cursor = first
        var joints = 0
        for _ in 0..<frames {
            var target = [Int16](repeating: 0, count: frame)
            let moved = source.withUnsafeBufferPointer { from in
                target.withUnsafeMutableBufferPointer { to -> Int in
                    guard let source = from.baseAddress, let target = to.baseAddress else { return 0 }
                    return scaler.render(
                        source + cursor, before: cursor, available: from.count - cursor, wanted: wanted,
                        into: target, count: frame)
                }
            }
            #expect(abs(moved) <= abs(wanted))
            if moved != 0 { joints += 1 }
            cursor += frame + moved
            output += target
        }
        return (output, cursor - first, joints)
    }

    @Test(arguments: [(8000, 100.0), (8000, 230), (16_000, 140), (48_000, 180)])
    func `what gathers in the middle of a voice is not heard`(rate: Int, hertz: Double) {
        let scaler = TimeScaler(sampleRate: rate)
        let whole = voice(hertz, rate: rate, seconds: 1)
        let frame = rate / 50
        // All of the frame is missing, or some of it, or it and more.
        for missing in [frame, frame / 3, frame * 5 / 4] {
            let there = max(0, frame - missing)
            let cursor = rate / 2
            var output = Array(whole[cursor - rate / 10..<cursor])
            var target = [Int16](repeating: 0, count: frame)
            // Beyond what is there, rubbish: it must not be looked at.
            var source = whole
            for index in (cursor + there)..<source.count { source[index] = 30_000 }
            let lag = source.withUnsafeBufferPointer { from in
                from.baseAddress.map {
                    scaler.gather($0 + cursor, missing: missing, into: &target, count: frame)
                } ?? 0
            }
            #expect(lag >= missing && lag <= missing + scaler.longestLag)
            output += target
            let next = cursor + frame - lag
            output += whole[next..<next + rate / 10]
            let error = errorDB(output, hertz: hertz, rate: rate)
            #expect(error < -18, "\(missing) of \(frame) missing: \(error) dB")
        }
    }

    /// Error of the output against the same voice at the best phase of each 10 ms, in dB.
    private func errorDB(_ output: [Int16], hertz: Double, rate: Int) -> Double {
        let period = Int((Double(rate) / hertz).rounded())
        let reference = voice(hertz, rate: rate, seconds: 0.5)
        let window = rate / 100
        var error = 0.0
        var power = 0.0
        var place = 0
        while place + window <= min(output.count, rate / 4) {
            var best = Double.infinity
            for phase in 0..<period {
                var sum = 0.0
                for index in 0..<window {
                    let difference = Double(output[place + index]) - Double(reference[phase + index])
                    sum += difference * difference
                }
                best = min(best, sum)
            }
            error += best
            for index in 0..<window { power += Double(output[place + index]) * Double(output[place + index]) }
            place += window
        }
        return 4.342_944_8 * log(error / power)
    }

    private func log(_ x: Double) -> Double {
        // ln by halving: x = m · 2^e.
        let e = Double(x.exponent)
        let m = x.significand
        let y = (m - 1) / (m + 1)
        let q = y * y
        return 0.693_147_180_56 * e + 2 * y * (1 + q * (1 / 3.0 + q * (1 / 5.0 + q * (1 / 7.0 + q / 9.0))))
    }

    @Test(arguments: [(8000, 80.0), (8000, 100), (8000, 200), (8000, 400), (16_000, 100), (48_000, 100), (48_000, 250)])
    func `a steady voice gets faster and slower by a quarter and stays itself`(rate: Int, hertz: Double) {
        let source = voice(hertz, rate: rate, seconds: 2)
        let frame = rate / 50
        for sign in [1, -1] {
            let played = play(source, rate: rate, wanted: sign * frame, frames: 50, frame: frame)
            let moved = Double(played.consumed - 50 * frame) / Double(50 * frame)
            #expect((0.2...0.27).contains(Double(sign) * moved), "moved by \(moved)")
            let error = errorDB(played.output, hertz: hertz, rate: rate)
            #expect(error < -25, "\(error) dB")
        }
    }

    @Test func `a pause is shortened by exactly what is wanted`() {
        let silence = [Int16](repeating: 3, count: 8000)
        let played = play(silence, rate: 8000, wanted: 30, frames: 1, frame: 160)
        #expect(played.consumed == 190)
    }

    @Test func `nothing wanted, or too little of it, changes no sample`() {
        let source = voice(150, rate: 8000, seconds: 1)
        for wanted in [0, 5, -5] {
            let played = play(source, rate: 8000, wanted: wanted, frames: 20, frame: 160)
            #expect(played.output == Array(source[800..<800 + 3200]))
        }
    }

    @Test func `noise is shortened too`() {
        var state: UInt32 = 1
        let noise = (0..<16_000).map { _ -> Int16 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Int16(truncatingIfNeeded: Int32(bitPattern: state) >> 18)
        }
        let played = play(noise, rate: 8000, wanted: 160, frames: 50, frame: 160)
        #expect(played.consumed > 50 * 160 * 115 / 100)
    }

    @Test func `frames of 5 ms and edges of what is there are respected`() {
        let source = voice(200, rate: 8000, seconds: 1)
        let played = play(source, rate: 8000, wanted: 100, frames: 100, frame: 40)
        #expect(played.joints > 5)
        let scaler = TimeScaler(sampleRate: 8000)
        var target = [Int16](repeating: 7, count: 160)
        source.withUnsafeBufferPointer { from in
            target.withUnsafeMutableBufferPointer { to in
                guard let source = from.baseAddress, let target = to.baseAddress else { return }
                // Only the frame itself is there: no joint is possible.
                #expect(
                    scaler.render(source, before: 0, available: 160, wanted: 100, into: target, count: 160) == 0)
                #expect(
                    scaler.render(source, before: 0, available: 160, wanted: -100, into: target, count: 160) == 0)
                // Less than a frame: the rest is silence.
                #expect(scaler.render(source, before: 0, available: 10, wanted: 0, into: target, count: 160) == 0)
            }
        }
        #expect(target[159] == 0)
        #expect(Array(target[0..<10]) == Array(source[0..<10]))
    }
}
