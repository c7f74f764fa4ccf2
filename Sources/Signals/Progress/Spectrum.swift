// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Power spectrum of a windowed piece of audio: radix-2, real input, a power of two long. Allocates in `init` only; used by
/// one thread.
final class Spectrum {
    let length: Int
    /// Power of the bins 0 … length / 2 after `analyse`; a full-scale sine in the middle of a bin is near 1.
    let power: UnsafeMutablePointer<Float>
    private let real: UnsafeMutablePointer<Float>
    private let imaginary: UnsafeMutablePointer<Float>
    private let cosines: UnsafeMutablePointer<Float>
    private let sines: UnsafeMutablePointer<Float>

    /// `length` is rounded up to a power of two of at least 16.
    init(length wanted: Int) {
        var length = 16
        while length < wanted, length < 1 << 16 { length *= 2 }
        self.length = length
        func table(_ count: Int) -> UnsafeMutablePointer<Float> {
            let pointer = UnsafeMutablePointer<Float>.allocate(capacity: count)
            pointer.initialize(repeating: 0, count: count)
            return pointer
        }
        power = table(length / 2 + 1)
        real = table(length)
        imaginary = table(length)
        cosines = table(length)
        sines = table(length)
        for index in 0..<length {
            cosines[index] = cosf(2 * .pi * Float(index) / Float(length))
            sines[index] = -sinf(2 * .pi * Float(index) / Float(length))
        }
    }

    deinit {
        power.deallocate()
        real.deallocate()
        imaginary.deallocate()
        cosines.deallocate()
        sines.deallocate()
    }

    /// Hann-windows `count` samples (at most `length`), fills up with zeros and fills in `power`.
    func analyse(_ samples: UnsafePointer<Float>, count wanted: Int) {
        let count = min(wanted, length)
        guard count > 1 else { return power.update(repeating: 0, count: length / 2 + 1) }
        let bits = length.trailingZeroBitCount
        let step = 2 * Float.pi / Float(count)
        for index in 0..<length {
            // Bit-reversed order, so that the butterflies work in place.
            let place = Int(Self.reversed(UInt32(truncatingIfNeeded: index)) >> UInt32(32 - bits))
            real[place] = index < count ? samples[index] * (0.5 - 0.5 * cosf(step * (Float(index) + 0.5))) : 0
        }
        imaginary.update(repeating: 0, count: length)
        transform()
        // A sine of amplitude 1 has count / 4 in its bin (half of it, Hann halves it again).
        let scale = 16 / (Float(count) * Float(count))
        for bin in 0...length / 2 {
            power[bin] = (real[bin] * real[bin] + imaginary[bin] * imaginary[bin]) * scale
        }
    }

    private func transform() {
        var half = 1
        while half < length {
            let stride = length / (2 * half)
            var start = 0
            while start < length {
                for offset in 0..<half {
                    let (c, s) = (cosines[offset * stride], sines[offset * stride])
                    let (a, b) = (start + offset, start + offset + half)
                    let turnedReal = real[b] * c - imaginary[b] * s
                    let turnedImaginary = real[b] * s + imaginary[b] * c
                    real[b] = real[a] - turnedReal
                    imaginary[b] = imaginary[a] - turnedImaginary
                    real[a] += turnedReal
                    imaginary[a] += turnedImaginary
                }
                start += 2 * half
            }
            half *= 2
        }
    }

    @inline(__always)
    private static func reversed(_ value: UInt32) -> UInt32 {
        var v = value
        v = (v >> 1) & 0x5555_5555 | (v & 0x5555_5555) << 1
        v = (v >> 2) & 0x3333_3333 | (v & 0x3333_3333) << 2
        v = (v >> 4) & 0x0F0F_0F0F | (v & 0x0F0F_0F0F) << 4
        return v.byteSwapped
    }
}
