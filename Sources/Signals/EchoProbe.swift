// SPDX-License-Identifier: Apache-2.0
// ITU-T G.122 annex B (echo return loss as a ratio of powers), G.168 3.2.1.

import Glibc

/// Measures a line by a burst of noise that is played into it: how much weaker what comes back is, and how much later.
///
/// Data sheet (EchoProbeTests): delays of 0 ... 250 ms to half a millisecond, echo return loss of 0 ... 30 dB to 1 dB when the noise of
/// the line is 10 dB below the echo; an echo that drowns in it is told as "better than".
///
/// `hear` allocates nothing; `measure` takes about 20 ms. Used by one thread, not a real-time one.
package final class EchoProbe {
    package struct Result: Sendable, Hashable {
        /// Ms from playing to hearing; nil: no echo was heard.
        package var delayMilliseconds: Double?
        /// By so many dB what comes back is weaker; at least so much where there is no delay.
        package var returnLossDB: Double
    }

    /// Of the burst.
    package static let milliseconds = 1_000
    package static let levelDBm0 = -16.0
    /// Of silence that is to be heard before the burst, for the noise of the line; and after its beginning.
    package static let quietMilliseconds = 200

    private static let longestLag = 2_000
    private static let most = 20_000
    private static let audible: Int16 = 40
    private var near = [Int16](repeating: 0, count: most)
    private var far = [Int16](repeating: 0, count: most)
    private var count = 0

    package init() {}

    /// The burst, at 8 kHz: white noise, the same each time.
    package static func burst() -> [Int16] {
        let amplitude = 32_768 * pow(10, (levelDBm0 - 3.14) / 20) * sqrt(1.5)
        var state: UInt32 = 0x2F6E_2B1
        return (0..<milliseconds * 8).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Int16(amplitude * (Double(state >> 8) / Double(1 << 23) - 1))
        }
    }

    /// The same moments of what was captured and what was played, 8 kHz. What does not fit any more is left out.
    package func hear(near captured: UnsafePointer<Int16>, far played: UnsafePointer<Int16>, count new: Int) {
        for index in 0..<min(new, Self.most - count) {
            near[count] = captured[index]
            far[count] = played[index]
            count += 1
        }
    }

    /// Nil: nothing was played, or too little of it was heard.
    package func measure() -> Result? {
        guard let start = far.prefix(count).firstIndex(where: { abs(Int32($0)) > Int32(Self.audible) }),
            let end = far.prefix(count).lastIndex(where: { abs(Int32($0)) > Int32(Self.audible) }), end - start > 3_000
        else { return nil }
        let quiet = max(0, start - Self.quietMilliseconds * 8)..<start
        let noise = Self.power(near[quiet])
        let sent = Self.power(far[start..<end])
        guard let lag = lag(start, end) else {
            return Result(delayMilliseconds: nil, returnLossDB: Self.decibels(sent, max(noise, 1)))
        }
        let from = min(start + lag, count)
        let heard = Self.power(near[from..<min(end + lag, count)])
        // Less than a tenth of the noise can not be told from it.
        let echo = max(heard - noise, noise / 10, 1)
        return Result(delayMilliseconds: Double(lag) / 8, returnLossDB: Self.decibels(sent, echo))
    }

    /// Where the correlation of both stands out, in samples.
    private func lag(_ start: Int, _ end: Int) -> Int? {
        var (best, most, total) = (0, Float(0), Float(0))
        near.withUnsafeBufferPointer { near in
            far.withUnsafeBufferPointer { far in
                for lag in 0..<Self.longestLag {
                    var sum: Float = 0
                    // Every second sample of white noise says as much.
                    var index = start
                    let last = min(end, count - lag)
                    while index < last {
                        sum += Float(far[index]) * Float(near[index + lag])
                        index += 2
                    }
                    total += sum * sum
                    if abs(sum) > most { (best, most) = (lag, abs(sum)) }
                }
            }
        }
        return most * most > 25 * total / Float(Self.longestLag) ? best : nil
    }

    private static func power(_ samples: ArraySlice<Int16>) -> Double {
        samples.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, samples.count))
    }

    private static func decibels(_ a: Double, _ b: Double) -> Double { 10 * log10(max(a, 1e-9) / max(b, 1e-9)) }
}
