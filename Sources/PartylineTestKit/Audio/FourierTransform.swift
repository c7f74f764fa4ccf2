// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A plain radix-2 fast Fourier transform: correlation over seconds of audio without waiting for it.
struct FourierTransform {
    let count: Int
    private let cosines: [Double]
    private let sines: [Double]

    /// - Parameter minimum: the transform has the next power of two of points.
    init(atLeast minimum: Int) {
        var size = 2
        while size < minimum { size <<= 1 }
        count = size
        cosines = (0..<(size / 2)).map { cos(2 * Double.pi * Double($0) / Double(size)) }
        sines = (0..<(size / 2)).map { sin(2 * Double.pi * Double($0) / Double(size)) }
    }

    /// In place; `inverse` without the division by `count`.
    func run(_ real: inout [Double], _ imaginary: inout [Double], inverse: Bool = false) {
        precondition(real.count == count && imaginary.count == count)
        let direction = inverse ? 1.0 : -1.0
        real.withUnsafeMutableBufferPointer { real in
            imaginary.withUnsafeMutableBufferPointer { imaginary in
                cosines.withUnsafeBufferPointer { cosines in
                    sines.withUnsafeBufferPointer { sines in
                        Self.reorder(real, imaginary)
                        var half = 1
                        while half < count {
                            Self.butterflies(
                                real, imaginary, half: half, stride: count / (half * 2), cosines, sines, direction)
                            half <<= 1
                        }
                    }
                }
            }
        }
    }

    private static func reorder(
        _ real: UnsafeMutableBufferPointer<Double>, _ imaginary: UnsafeMutableBufferPointer<Double>
    ) {
        var mirror = 0
        for index in 1..<real.count {
            var bit = real.count >> 1
            while mirror & bit != 0 {
                mirror ^= bit
                bit >>= 1
            }
            mirror |= bit
            if index < mirror {
                real.swapAt(index, mirror)
                imaginary.swapAt(index, mirror)
            }
        }
    }

    private static func butterflies(
        _ real: UnsafeMutableBufferPointer<Double>, _ imaginary: UnsafeMutableBufferPointer<Double>, half: Int,
        stride: Int, _ cosines: UnsafeBufferPointer<Double>, _ sines: UnsafeBufferPointer<Double>, _ direction: Double
    ) {
        var start = 0
        while start < real.count {
            for step in 0..<half {
                let turnReal = cosines[step * stride]
                let turnImaginary = direction * sines[step * stride]
                let low = start + step
                let high = low + half
                let productReal = real[high] * turnReal - imaginary[high] * turnImaginary
                let productImaginary = real[high] * turnImaginary + imaginary[high] * turnReal
                real[high] = real[low] - productReal
                imaginary[high] = imaginary[low] - productImaginary
                real[low] += productReal
                imaginary[low] += productImaginary
            }
            start += half * 2
        }
    }
}
