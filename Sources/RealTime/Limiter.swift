// SPDX-License-Identifier: Apache-2.0

/// Brings a 32-bit sum into 16 bits without ever clipping.
///
/// Data sheet: bit-exact while nothing exceeds full scale and the gain is back at one; otherwise a gain that moves linearly
/// within steps of 1 ms (looking ahead to the end of the frame), falls as fast as needed and recovers by 26 dB a second.
/// No delay. One state per listener, or one for all who hear the same.
package struct Limiter: BitwiseCopyable {
    /// Gain at the end of the last frame.
    package private(set) var gain: Float = 1

    private static let recovery: Float = 1.003
    /// 2 dB a millisecond: how fast the gain falls where the frame leaves room to look ahead.
    private static let attack: Float = 0.794
    private static let fullScale: Float = 32767
    private static let mostSteps = 96

    package init() {}

    /// Writes `count` samples of `bus` at `sampleRate` to `samples`.
    package mutating func limit(
        _ bus: UnsafePointer<Int32>, to samples: UnsafeMutablePointer<Int16>, count: Int, sampleRate: Int
    ) {
        let peak = MixKernels.peak(bus, count: count)
        if peak <= 32767 && gain >= 1 {
            MixKernels.narrow(bus, to: samples, count: count)
            return
        }
        let length = max(sampleRate / 1000, (count &+ Self.mostSteps &- 1) / Self.mostSteps)
        let steps = (count &+ length &- 1) / length
        guard steps > 0 else { return }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.mostSteps + 1) { gains in
            guard let edge = gains.baseAddress else { return }
            plan(bus, count: count, length: length, steps: steps, edge: edge)
            for step in 0..<steps {
                let first = step &* length
                let size = min(length, count &- first)
                let slope = (edge[step + 1] - edge[step]) / Float(size)
                for index in 0..<size {
                    let value = Float(bus[first &+ index]) * (edge[step] + slope * Float(index))
                    samples[first &+ index] = Int16(max(-32768, min(32767, value.rounded())))
                }
            }
            gain = edge[steps]
        }
    }

    /// The gain at each edge between steps: never above what either neighbour needs.
    @_noLocks
    private func plan(
        _ bus: UnsafePointer<Int32>, count: Int, length: Int, steps: Int, edge: UnsafeMutablePointer<Float>
    ) {
        var before: Float = 1
        for step in 0..<steps {
            let first = step &* length
            let peak = MixKernels.peak(bus + first, count: min(length, count &- first))
            let needed = peak > 32767 ? Self.fullScale / Float(peak) : 1
            edge[step] = min(before, needed)
            before = needed
        }
        edge[steps] = before
        edge[0] = min(edge[0], gain)
        for step in stride(from: steps &- 1, through: 0, by: -1) {
            edge[step] = min(edge[step], edge[step &+ 1] / Self.attack)
        }
        for step in 1...steps {
            edge[step] = min(edge[step], min(1, edge[step &- 1] * Self.recovery))
        }
    }
}
