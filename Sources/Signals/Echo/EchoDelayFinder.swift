// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Measures how long what is played takes to come back: sound cards and USB add tens of milliseconds before the line's own
/// echo begins. Whitened cross-correlation over a quarter of a second at 8 kHz; three of four that agree to 1 ms are believed.
///
/// Data sheet (EchoSheetTests): 0 … 250 ms, ±0.5 ms, echo return loss up to 30 dB, from speech or tones that change.
///
/// Used by one thread, not a real-time one (a second costs about 2 ms).
package final class EchoDelayFinder {
    /// Ms from playing to hearing; nil: not known.
    package private(set) var milliseconds: Double?

    private static let window = 2_000
    private static let longest = 2_000
    private var far = [Float](repeating: 0, count: window + longest)
    private var near = [Float](repeating: 0, count: window)
    private var filled = 0
    private var lastFar: Float = 0
    private var lastNear: Float = 0
    private var candidates: [Int] = []

    package init() {}

    /// The same moments of what was played and what was captured, 8 kHz.
    package func hear(near captured: UnsafePointer<Int16>, far played: UnsafePointer<Int16>, count: Int) {
        for index in 0..<count {
            let (n, f) = (Float(captured[index]), Float(played[index]))
            // A difference makes speech nearly white.
            near[filled] = n - 0.95 * lastNear
            far[Self.longest + filled] = f - 0.95 * lastFar
            (lastNear, lastFar) = (n, f)
            filled += 1
            if filled == Self.window {
                look()
                filled = 0
                far.withUnsafeMutableBufferPointer { buffer in
                    guard let base = buffer.baseAddress else { return }
                    base.update(from: base + Self.window, count: Self.longest)
                }
            }
        }
    }

    private func look() {
        let power = far.reduce(0) { $0 + $1 * $1 } / Float(far.count)
        guard power > 2_000 else { return }
        var best = 0
        var most: Float = 0
        var total: Float = 0
        far.withUnsafeBufferPointer { far in
            near.withUnsafeBufferPointer { near in
                for lag in 0..<Self.longest {
                    var sum: Float = 0
                    let start = Self.longest - lag
                    // Every second sample is enough to find the place.
                    var index = 0
                    while index < Self.window {
                        sum += near[index] * far[start + index]
                        index += 2
                    }
                    total += sum * sum
                    if abs(sum) > most {
                        most = abs(sum)
                        best = lag
                    }
                }
            }
        }
        // The peak must stand out from the rest.
        guard most * most > 25 * total / Float(Self.longest) else { return }
        candidates.append(best)
        if candidates.count > 4 { candidates.removeFirst() }
        let agreeing = candidates.filter { abs($0 - best) <= 8 }
        guard agreeing.count >= 3 else { return }
        milliseconds = Double(agreeing.reduce(0, +)) / Double(agreeing.count) / 8
    }
}
