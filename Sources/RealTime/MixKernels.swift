// SPDX-License-Identifier: Apache-2.0

/// The arithmetic of the mix: plain loops over pointers that the compiler turns into vector code.
/// Sums are 32 bits wide: 65,535 full-scale talkers fit before anything could wrap.
package enum MixKernels {
    /// `bus += samples`
    @inline(__always)
    @_noLocks
    package static func add(_ samples: UnsafePointer<Int16>, to bus: UnsafeMutablePointer<Int32>, count: Int) {
        for index in 0..<count { bus[index] = bus[index] &+ Int32(samples[index]) }
    }

    /// `bus += samples * gain`, gain in 1/4096 (so +20 dB still fits a 32-bit product).
    @inline(__always)
    @_noLocks
    package static func add(
        _ samples: UnsafePointer<Int16>, to bus: UnsafeMutablePointer<Int32>, count: Int, gain: Int32
    ) {
        for index in 0..<count { bus[index] = bus[index] &+ ((Int32(samples[index]) &* gain) >> 12) }
    }

    /// `bus -= samples`
    @inline(__always)
    @_noLocks
    package static func subtract(
        _ samples: UnsafePointer<Int16>, from bus: UnsafeMutablePointer<Int32>, count: Int
    ) {
        for index in 0..<count { bus[index] = bus[index] &- Int32(samples[index]) }
    }

    /// `bus += other`
    @inline(__always)
    @_noLocks
    package static func add(_ other: UnsafePointer<Int32>, to bus: UnsafeMutablePointer<Int32>, count: Int) {
        for index in 0..<count { bus[index] = bus[index] &+ other[index] }
    }

    /// `bus -= other`
    @inline(__always)
    @_noLocks
    package static func subtract(_ other: UnsafePointer<Int32>, from bus: UnsafeMutablePointer<Int32>, count: Int) {
        for index in 0..<count { bus[index] = bus[index] &- other[index] }
    }

    /// `samples *= gain`, gain in 1/4096, saturating.
    @inline(__always)
    @_noLocks
    package static func scale(_ samples: UnsafeMutablePointer<Int16>, count: Int, gain: Int32) {
        for index in 0..<count {
            samples[index] = Int16(truncatingIfNeeded: max(-32768, min(32767, (Int32(samples[index]) &* gain) >> 12)))
        }
    }

    /// The largest magnitude in the bus.
    @inline(__always)
    @_noLocks
    package static func peak(_ bus: UnsafePointer<Int32>, count: Int) -> Int32 {
        var highest: Int32 = 0
        var lowest: Int32 = 0
        for index in 0..<count {
            highest = max(highest, bus[index])
            lowest = min(lowest, bus[index])
        }
        return max(highest, 0 &- max(lowest, -Int32.max))
    }

    /// The largest magnitude of the samples.
    @inline(__always)
    @_noLocks
    package static func peak(_ samples: UnsafePointer<Int16>, count: Int) -> Int32 {
        var highest: Int16 = 0
        var lowest: Int16 = 0
        for index in 0..<count {
            highest = max(highest, samples[index])
            lowest = min(lowest, samples[index])
        }
        return max(Int32(highest), 0 &- Int32(lowest))
    }

    /// The sum of squares of at most 65,536 samples.
    @inline(__always)
    @_noLocks
    package static func energy(_ samples: UnsafePointer<Int16>, count: Int) -> Int64 {
        var sum: Int64 = 0
        for index in 0..<count {
            let sample = Int32(samples[index])
            sum = sum &+ Int64(sample &* sample)
        }
        return sum
    }

    /// Sum of squares and largest magnitude in one pass.
    @inline(__always)
    @_noLocks
    package static func loudness(_ samples: UnsafePointer<Int16>, count: Int) -> (energy: Float, peak: Int32) {
        var squares = SIMD4<Float>(repeating: 0)
        var highest = SIMD8<Int16>(repeating: 0)
        var lowest = SIMD8<Int16>(repeating: 0)
        var index = 0
        while index &+ 8 <= count {
            let eight = UnsafeRawPointer(samples + index).loadUnaligned(as: SIMD8<Int16>.self)
            highest = pointwiseMax(highest, eight)
            lowest = pointwiseMin(lowest, eight)
            let low = SIMD4<Float>(SIMD4<Int32>(truncatingIfNeeded: eight.lowHalf))
            let high = SIMD4<Float>(SIMD4<Int32>(truncatingIfNeeded: eight.highHalf))
            squares += low * low
            squares += high * high
            index &+= 8
        }
        var energy = squares.sum()
        var peak = max(Int32(highest.max()), 0 &- Int32(lowest.min()))
        while index < count {
            let sample = Int32(samples[index])
            energy += Float(sample) * Float(sample)
            peak = max(peak, abs(sample))
            index &+= 1
        }
        return (energy, peak)
    }

    /// The bus as 16-bit samples, as it is; only for a bus that fits (`peak` at most 32767).
    @inline(__always)
    @_noLocks
    package static func narrow(_ bus: UnsafePointer<Int32>, to samples: UnsafeMutablePointer<Int16>, count: Int) {
        for index in 0..<count { samples[index] = Int16(truncatingIfNeeded: bus[index]) }
    }

    /// A gain in decibels as 1/4096, limited to -40 … +20 dB; below that is silence.
    package static func gain(decibels: Double) -> Int32 {
        guard decibels.isFinite else { return decibels == -Double.infinity ? 0 : unity }
        if decibels < -60 { return 0 }
        var gain = 4096.0
        // 10^(dB/20) without a mathematical library: whole decibels, then the rest.
        let limited = max(-40.0, min(20.0, decibels))
        let step = 1.1220184543019633
        var rest = limited
        while rest >= 1 {
            gain *= step
            rest -= 1
        }
        while rest < 0 {
            gain /= step
            rest += 1
        }
        let x = rest * 0.11512925464970229
        gain *= 1 + x * (1 + x / 2 * (1 + x / 3))
        return Int32(gain.rounded())
    }

    package static let unity: Int32 = 4096
}
