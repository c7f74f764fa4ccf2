// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Cosine and sine of the eight frequencies of the keypad, one table for all probes: it stays in the nearest cache.
struct KeypadWaves: @unchecked Sendable {
    static let shared = KeypadWaves()

    /// Rows, then columns, in Hz.
    let frequencies: SIMD8<Float>
    /// For each sample of a hop.
    let cosines: UnsafePointer<SIMD8<Float>>
    let sines: UnsafePointer<SIMD8<Float>>
    /// How far each frequency turns within 0 … 3 hops.
    let turnCosines: UnsafePointer<SIMD8<Float>>
    let turnSines: UnsafePointer<SIMD8<Float>>

    private init() {
        var frequencies = SIMD8<Float>(repeating: 0)
        for index in 0..<4 {
            frequencies[index] = Float(DTMFSignal.rows[index])
            frequencies[index + 4] = Float(DTMFSignal.columns[index])
        }
        self.frequencies = frequencies
        func table(_ count: Int, step: Int, _ wave: (Double) -> Double) -> UnsafePointer<SIMD8<Float>> {
            let table = UnsafeMutablePointer<SIMD8<Float>>.allocate(capacity: count)
            table.initialize(repeating: SIMD8(repeating: 0), count: count)
            for index in 0..<count {
                for lane in 0..<8 {
                    let angle = 2 * Double.pi * Double(frequencies[lane]) / 8000
                    table[index][lane] = Float(wave(angle * Double(index * step)))
                }
            }
            return UnsafePointer(table)
        }
        cosines = table(TwoToneProbe.hop, step: 1) { cos($0) }
        sines = table(TwoToneProbe.hop, step: 1) { sin($0) }
        turnCosines = table(TwoToneProbe.hops, step: TwoToneProbe.hop) { cos($0) }
        turnSines = table(TwoToneProbe.hops, step: TwoToneProbe.hop) { sin($0) }
    }
}
