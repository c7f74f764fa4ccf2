// SPDX-License-Identifier: Apache-2.0

import RealTime

/// Samples of one sound, mono, at 8000, 16000 or 48000 Hz. They are written once, by whoever made them, and then shared by all
/// who play the sound; the last one frees them, never the mix thread. Unchecked: nobody writes after it was handed on.
package final class SoundSamples: @unchecked Sendable {
    package let base: UnsafeMutablePointer<Int16>
    package let sampleRate: Int
    package private(set) var count = 0
    private let capacity: Int
    private let budget: SoundBudget

    /// Nil when the budget has no room for `capacity` samples.
    package init?(capacity: Int, sampleRate: Int, budget: SoundBudget) {
        guard capacity >= 0, capacity < Int.max / 4, budget.take(capacity * 2) else { return nil }
        self.capacity = capacity
        self.sampleRate = sampleRate
        self.budget = budget
        base = .allocate(capacity: max(1, capacity))
    }

    deinit {
        base.deallocate()
        budget.give(capacity * 2)
    }

    /// Of memory, all in all.
    package var bytes: Int { capacity * 2 }
    package var milliseconds: Int { count * 1000 / max(1, sampleRate) }

    /// While it is being made: puts samples behind what is there; what finds no room is left out.
    package func append(_ samples: UnsafePointer<Int16>, count wanted: Int) {
        let fitting = max(0, min(wanted, capacity - count))
        (base + count).initialize(from: samples, count: fitting)
        count += fitting
    }

    package func append(_ samples: ArraySlice<Int16>) {
        samples.withUnsafeBufferPointer { buffer in
            if let start = buffer.baseAddress { append(start, count: buffer.count) }
        }
    }
}

/// Writes a stream of samples at one rate into `SoundSamples` at another, piece by piece: nothing of the length of the sound is
/// there but its end product.
struct RateWriter: ~Copyable {
    private let target: SoundSamples
    private let resampler: DriftResampler?
    private var skip: Int
    private var output = [Int16](repeating: 0, count: Self.block)

    static let block = 4096

    init(from rate: Int, to target: SoundSamples) {
        self.target = target
        resampler =
            rate == target.sampleRate
            ? nil : DriftResampler(from: rate, to: target.sampleRate, longestBlock: Self.block)
        // The kernel looks ahead: its first outputs lie before the sound.
        skip = resampler.map { Int(($0.delay * Double(target.sampleRate) / Double(rate)).rounded()) } ?? 0
    }

    mutating func write(_ samples: UnsafePointer<Int16>, count: Int) {
        guard let resampler else { return target.append(samples, count: count) }
        var taken = 0
        while taken < count {
            taken += resampler.push(samples + taken, count: min(Self.block, count - taken))
            var made = resampler.pull(&output, count: Self.block)
            while made > 0 {
                let first = min(skip, made)
                skip -= first
                target.append(output[first..<made])
                made = resampler.pull(&output, count: Self.block)
            }
        }
    }

    /// What the kernel still holds.
    mutating func finish() {
        guard let resampler else { return }
        let zeros = [Int16](repeating: 0, count: Int(resampler.delay) * 2 + 8)
        write(zeros, count: zeros.count)
    }
}
