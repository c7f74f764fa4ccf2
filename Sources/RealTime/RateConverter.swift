// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Converts a stream between two of the rates of the house, one a whole multiple of the other (8000, 16000, 48000 Hz).
///
/// Data sheet (measured in RateConverterTests): linear phase; delay 1.5 ms between 8 kHz and the others, 0.75 ms between
/// 16 and 48 kHz; flat within 0.01 dB to 0.8 of the lower rate's Nyquist frequency (3.2 kHz of 4), -6 dB at it, at least
/// 68 dB down from 1.2 of it on (4.8 kHz); images on the way up 66 dB down. Streaming: blocks of any length, the state is
/// kept between them. After `init` it allocates nothing; used by one thread at a time.
package final class RateConverter {
    package let inputRate: Int
    package let outputRate: Int
    /// Input samples that the output lags behind.
    package let delay: Double
    /// Most input samples of one call.
    package let longestBlock: Int

    /// > 1 upwards, 1 none; output samples per input sample.
    private let up: Int
    /// > 1 downwards; input samples per output sample.
    private let down: Int
    private let taps: Int
    /// One row of `taps` coefficients for each output phase, oldest sample first.
    private let kernel: UnsafeMutablePointer<Float>
    /// The last `taps - 1` inputs, then the block.
    private let window: UnsafeMutablePointer<Float>
    /// Inputs (of the next block) to skip before the next output, when going down.
    private var skip = 0

    /// Lower samples on each side of the kernel's centre.
    private static let half = 12

    #if !hasFeature(Embedded)
        private struct Shape: Hashable {
            var up: Int
            var down: Int
        }

        /// Coefficients that were reckoned once; each call has some converters, and none of its own kind. Asked when a converter is made,
        /// which never happens on the mix thread.
        private static let designs = Mutex<[Shape: [Float]]>([:])
        private static let mostDesigns = 32
    #endif

    /// Nil when neither rate is a whole multiple of the other.
    package init?(from inputRate: Int, to outputRate: Int, longestBlock: Int = 2880) {
        guard inputRate > 0, outputRate > 0, longestBlock > 0,
            inputRate % outputRate == 0 || outputRate % inputRate == 0
        else { return nil }
        self.inputRate = inputRate
        self.outputRate = outputRate
        self.longestBlock = longestBlock
        up = max(1, outputRate / inputRate)
        down = max(1, inputRate / outputRate)
        let ratio = max(up, down)
        let reach = Self.half * ratio
        if ratio == 1 {
            taps = 1
            delay = 0
        } else if up > 1 {
            taps = 2 * Self.half
            delay = Double(Self.half)
        } else {
            taps = 2 * reach
            delay = Double(reach)
        }
        kernel = .allocate(capacity: taps * up)
        kernel.initialize(repeating: 1, count: taps * up)
        window = .allocate(capacity: taps + longestBlock)
        window.initialize(repeating: 0, count: taps + longestBlock)
        guard ratio > 1 else { return }
        #if hasFeature(Embedded)
            design(ratio: ratio, reach: reach)
        #else
            let shape = Shape(up: up, down: down)
            if let known = Self.designs.withLock({ $0[shape] }) {
                for (index, value) in known.enumerated() { kernel[index] = value }
                return
            }
            design(ratio: ratio, reach: reach)
            let made = Array(UnsafeBufferPointer(start: kernel, count: taps * up))
            Self.designs.withLock { designs in
                if designs.count < Self.mostDesigns { designs[shape] = made }
            }
        #endif
    }

    deinit {
        kernel.deallocate()
        window.deallocate()
    }

    private func design(ratio: Int, reach: Int) {
        for phase in 0..<up {
            var sum = 0.0
            for pass in 0..<2 {
                for tap in 0..<taps {
                    // Distance of input `tap` from the output, in samples of the higher rate.
                    let distance =
                        up > 1 ? Double((tap - (Self.half - 1)) * up - phase) : Double(tap - (reach - 1))
                    let value = WindowedSinc.value(
                        at: distance, cutoff: 1 / Double(ratio), half: Double(reach), beta: WindowedSinc.beta66)
                    // Each phase passes a constant unchanged.
                    if pass == 0 { sum += value } else { kernel[phase * taps + tap] = Float(value / sum) }
                }
            }
        }
    }

    /// Output samples that the next `count` inputs will make.
    @_noLocks
    package func outputCount(forInput count: Int) -> Int {
        guard down > 1 else { return count * up }
        return count > skip ? (count - skip - 1) / down + 1 : 0
    }

    /// Goes on from where another converter of the same kind and block length is.
    package func copyState(from other: RateConverter) {
        guard taps == other.taps, longestBlock == other.longestBlock else { return }
        window.update(from: other.window, count: taps + longestBlock)
        skip = other.skip
    }

    /// Forgets what it heard.
    @_noLocks
    package func reset() {
        window.update(repeating: 0, count: taps + longestBlock)
        skip = 0
    }

    /// Converts 16-bit samples. `output` has room for `outputCount(forInput:)`. Returns the samples written.
    package func convert(
        _ input: UnsafePointer<Int16>, count: Int, into output: UnsafeMutablePointer<Int16>
    ) -> Int {
        var done = 0
        var made = 0
        while done < count {
            let block = min(longestBlock, count - done)
            let fresh = window + (taps - 1)
            for index in 0..<block { fresh[index] = Float(input[done + index]) }
            run(block) { place, value in
                output[made + place] = Int16(truncatingIfNeeded: Int32(max(-32_768, min(32_767, value.rounded()))))
            } finish: {
                made += $0
            }
            done += block
        }
        return made
    }

    /// Converts the 32-bit sums of a mix, which may go beyond 16 bits.
    package func convert(
        _ input: UnsafePointer<Int32>, count: Int, into output: UnsafeMutablePointer<Int32>
    ) -> Int {
        var done = 0
        var made = 0
        while done < count {
            let block = min(longestBlock, count - done)
            let fresh = window + (taps - 1)
            for index in 0..<block { fresh[index] = Float(input[done + index]) }
            run(block) { place, value in
                output[made + place] = Int32(max(-2e9, min(2e9, value.rounded())))
            } finish: {
                made += $0
            }
            done += block
        }
        return made
    }

    /// Filters the block behind the history and moves the history on.
    @inline(__always)
    private func run(_ block: Int, _ store: (Int, Float) -> Void, finish: (Int) -> Void) {
        var place = 0
        if down > 1 {
            var index = skip
            while index < block {
                store(place, dot(kernel, window + index))
                place += 1
                index += down
            }
            skip = index - block
        } else {
            for index in 0..<block {
                for phase in 0..<up {
                    store(place, dot(kernel + phase * taps, window + index))
                    place += 1
                }
            }
        }
        // Overlapping, downwards: the first of the two always lies behind.
        for index in 0..<(taps - 1) { window[index] = window[block + index] }
        finish(place)
    }

    @inline(__always)
    @_noLocks
    private func dot(_ row: UnsafePointer<Float>, _ samples: UnsafePointer<Float>) -> Float {
        RealTimeDot.product(row, samples, count: taps)
    }
}

/// The scalar product that both resamplers live on, in four independent lanes so that it becomes vector code.
enum RealTimeDot {
    @inline(__always)
    @_noLocks
    static func product(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
        var sum = SIMD8<Float>(repeating: 0)
        let rawA = UnsafeRawPointer(a)
        let rawB = UnsafeRawPointer(b)
        var index = 0
        while index &+ 8 <= count {
            sum +=
                rawA.loadUnaligned(fromByteOffset: index &* 4, as: SIMD8<Float>.self)
                * rawB.loadUnaligned(fromByteOffset: index &* 4, as: SIMD8<Float>.self)
            index &+= 8
        }
        var total = sum.sum()
        while index < count {
            total += a[index] * b[index]
            index &+= 1
        }
        return total
    }
}
