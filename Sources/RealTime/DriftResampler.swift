// SPDX-License-Identifier: Apache-2.0

/// Follows a foreign clock: resamples a stream by a ratio near the nominal one that may change while it runs, and changes
/// between 8000, 16000 and 48000 Hz (or any other two rates) on the way.
///
/// Data sheet (measured in DriftResamplerTests, THD+N of a tone of -6 dBFS at 100 ppm): better than -80 dB up to 0.7 of the
/// lower Nyquist frequency (2.8 kHz at 8 kHz); at 0.85 of it -27 dB at 8 kHz, -65 at 16 kHz, -89 at 48 kHz. Delay 1.25 ms at 8 kHz, 1 ms at 16 kHz, 0.5 ms at
/// 48 kHz (of the lower rate). A change of the ratio bends the pitch and makes no click. After `init` it allocates nothing;
/// used by one thread at a time.
///
/// Two ways to use it: `push` what came in and `pull` as much as there is; ask `inputNeeded(for:)` to feed a fixed output.
package final class DriftResampler {
    package let inputRate: Int
    package let outputRate: Int
    /// Correction of the ratio: inputs used per output, relative to nominal. 1.0001 uses 100 ppm more input than nominal,
    /// which is right for a source whose clock runs 100 ppm fast. Kept within ±5 %.
    package var correction: Double = 1 {
        didSet {
            let bounded = correction.isFinite ? max(0.95, min(1.05, correction)) : 1
            if bounded != correction { correction = bounded }
            step = nominal * bounded
        }
    }
    /// Input samples that the output lags behind.
    package var delay: Double { Double(half) }

    private let nominal: Double
    private let half: Int
    private let taps: Int
    private let kernel: UnsafeMutablePointer<Float>
    private let window: UnsafeMutablePointer<Float>
    private let capacity: Int
    /// Samples in `window`.
    private var filled: Int
    /// Where the next output lies, in samples from the start of `window`: the kernel reaches half a length both ways.
    private var position: Double
    private var step: Double

    /// Rows of the kernel per input sample; between two of them the kernel is drawn as a straight line (error -100 dB).
    private static let phases = 256

    /// `longestBlock`: most input samples that may wait between `push` and `pull`.
    package init(from inputRate: Int, to outputRate: Int, longestBlock: Int = 2880) {
        precondition(inputRate > 0 && outputRate > 0 && longestBlock > 0)
        self.inputRate = inputRate
        self.outputRate = outputRate
        nominal = Double(inputRate) / Double(outputRate)
        step = nominal
        let lower = min(inputRate, outputRate)
        let base = lower <= 8000 ? 10 : lower <= 16_000 ? 16 : 24
        // When going down the kernel is stretched to the lower rate.
        let stretch = max(1, nominal)
        half = Int((Double(base) * stretch).rounded(.up))
        taps = 2 * half
        capacity = taps + longestBlock + 8
        kernel = .allocate(capacity: (Self.phases + 1) * taps)
        kernel.initialize(repeating: 0, count: (Self.phases + 1) * taps)
        window = .allocate(capacity: capacity)
        window.initialize(repeating: 0, count: capacity)
        filled = taps - 1
        position = Double(half - 1)
        design(cutoff: 1 / stretch)
    }

    deinit {
        kernel.deallocate()
        window.deallocate()
    }

    private func design(cutoff: Double) {
        for phase in 0...Self.phases {
            let row = kernel + phase * taps
            var sum = 0.0
            for pass in 0..<2 {
                for tap in 0..<taps {
                    let distance = Double(tap - (half - 1)) - Double(phase) / Double(Self.phases)
                    let value = WindowedSinc.value(
                        at: distance, cutoff: cutoff, half: Double(half), beta: WindowedSinc.beta80)
                    if pass == 0 { sum += value } else { row[tap] = Float(value / sum) }
                }
            }
        }
    }

    /// Forgets what it heard; the correction stays.
    @_noLocks
    package func reset() {
        window.update(repeating: 0, count: capacity)
        filled = taps - 1
        position = Double(half - 1)
    }

    /// Inputs that are still needed before `count` outputs can be pulled.
    @_noLocks
    package func inputNeeded(for count: Int) -> Int {
        guard count > 0 else { return 0 }
        let last = Int(position + Double(count - 1) * step) + half + 1
        return max(0, last - filled)
    }

    /// Outputs that can be pulled now.
    package var available: Int {
        let room = Double(filled - half) - position
        return room > 0 ? Int((room / step).rounded(.up)) : 0
    }

    /// Takes inputs; returns how many fitted.
    @_noLocks
    package func push(_ input: UnsafePointer<Int16>, count: Int) -> Int {
        let taken = max(0, min(count, capacity - filled))
        for index in 0..<taken { window[filled + index] = Float(input[index]) }
        filled += taken
        return taken
    }

    /// Makes up to `count` outputs; returns how many there were.
    package func pull(_ output: UnsafeMutablePointer<Int16>, count: Int) -> Int {
        var made = 0
        var place = position
        let limit = filled - half
        while made < count {
            let whole = Int(place)
            guard whole < limit else { break }
            let exact = (place - Double(whole)) * Double(Self.phases)
            let phase = Int(exact)
            let weight = Float(exact - Double(phase))
            let row = kernel + phase * taps
            let start = window + (whole - (half - 1))
            let a = RealTimeDot.product(row, start, count: taps)
            let b = RealTimeDot.product(row + taps, start, count: taps)
            let value = a + (b - a) * weight
            output[made] = Int16(truncatingIfNeeded: Int32(max(-32_768, min(32_767, value.rounded()))))
            made += 1
            place += step
        }
        position = place
        discard()
        return made
    }

    /// One block in, all that it gives out. `output` needs room for count * outputRate / inputRate * 1.05 + 2 samples.
    package func convert(
        _ input: UnsafePointer<Int16>, count: Int, into output: UnsafeMutablePointer<Int16>, capacity room: Int
    ) -> Int {
        var done = 0
        var made = 0
        while done < count {
            let taken = push(input + done, count: count - done)
            done += taken
            let pulled = pull(output + made, count: room - made)
            made += pulled
            if taken == 0, pulled == 0 { break }
        }
        return made
    }

    /// Drops inputs that no output will need any more.
    @_noLocks
    private func discard() {
        let first = min(Int(position) - (half - 1), filled)
        guard first > 0 else { return }
        let kept = filled - first
        for index in 0..<kept { window[index] = window[first + index] }
        filled = kept
        position -= Double(first)
    }
}
