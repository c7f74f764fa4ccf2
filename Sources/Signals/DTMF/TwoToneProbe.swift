// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Looks at the newest 10 ms of 8 kHz audio, every 2.5 ms, and says how much of it is one row and one column frequency of
/// the keypad and nothing else. Far quicker than a detector that must be sure which digit it is.
///
/// Each hop is correlated with the eight nominal frequencies. Where two of them hold most of the energy their true
/// frequencies are read from the phase advance between the halves of the window, and two sinusoids of these frequencies are
/// fitted (least squares): what remains is what is not a digit.
struct TwoToneProbe: ~Copyable {
    static let hop = 20
    static let hops = 4
    static let window = 80

    /// The newest 80 samples, a ring of hops.
    private let samples: UnsafeMutablePointer<Float>
    /// Correlations of the last four hops, phase counted from each hop's start.
    private let real: UnsafeMutablePointer<SIMD8<Float>>
    private let imaginary: UnsafeMutablePointer<SIMD8<Float>>
    private var energies = SIMD4<Float>(repeating: 0)
    private let waves: KeypadWaves
    private var frequencies: SIMD8<Float> { waves.frequencies }

    init() {
        waves = .shared
        let zero = SIMD8<Float>(repeating: 0)
        samples = .allocate(capacity: Self.window)
        samples.initialize(repeating: 0, count: Self.window)
        real = .allocate(capacity: Self.hops)
        real.initialize(repeating: zero, count: Self.hops)
        imaginary = .allocate(capacity: Self.hops)
        imaginary.initialize(repeating: zero, count: Self.hops)
    }

    deinit {
        samples.deallocate()
        real.deallocate()
        imaginary.deallocate()
    }

    /// The memory that a hop goes through, to be fetched ahead.
    func forEachSpan(_ body: (UnsafeRawPointer, Int) -> Void) {
        body(samples, Self.window * MemoryLayout<Float>.stride)
        body(real, Self.hops * MemoryLayout<SIMD8<Float>>.stride)
        body(imaginary, Self.hops * MemoryLayout<SIMD8<Float>>.stride)
    }

    /// Takes the next 20 samples.
    mutating func advance(_ newest: UnsafePointer<Int16>) {
        samples.update(from: samples + Self.hop, count: Self.window - Self.hop)
        for hop in 0..<(Self.hops - 1) {
            real[hop] = real[hop + 1]
            imaginary[hop] = imaginary[hop + 1]
            energies[hop] = energies[hop + 1]
        }
        let target = samples + (Self.window - Self.hop)
        var realSum = SIMD8<Float>(repeating: 0)
        var imaginarySum = SIMD8<Float>(repeating: 0)
        var energy: Float = 0
        for index in 0..<Self.hop {
            let sample = Float(newest[index])
            target[index] = sample
            energy += sample * sample
            realSum += waves.cosines[index] * sample
            imaginarySum -= waves.sines[index] * sample
        }
        real[Self.hops - 1] = realSum
        imaginary[Self.hops - 1] = imaginarySum
        energies[Self.hops - 1] = energy
    }

    /// Mean square of the newest 10 ms.
    var meanSquare: Float { energies.sum() / Float(Self.window) }

    /// What the newest 10 ms are.
    struct Reading: BitwiseCopyable {
        /// Part of the energy that is one row and one column tone (0 … 1), 0 where they are too weak, out of tune (±2.8 %)
        /// or more than 12 dB apart.
        var likeness: Float = 0
        /// Place on the keypad, row by row.
        var key = 0
        /// How far both frequencies are off, relative.
        var rowError: Float = 0
        var columnError: Float = 0
        /// A third or more of the energy lies on one row and one column: a digit is not out of the question.
        var isSuspicious = false
    }

    /// Mean square of -45 dBm0: what is fainter no detector takes.
    private static let faintest: Float = 8250

    func read(floor: Float) -> Reading {
        var reading = Reading()
        guard meanSquare > Self.faintest else { return reading }
        let (first, second) = halves()
        let real = first.real + second.real
        let imaginary = first.imaginary + second.imaginary
        let power = real * real + imaginary * imaginary
        let row = strongest(power, from: 0)
        let column = strongest(power, from: 4)
        // A quick no: on their nominal frequencies the two must already explain most of it.
        let rough = (power[row] + power[column]) * 2 / Float(Self.window) / energies.sum()
        reading.isSuspicious = rough > 0.3
        guard meanSquare > floor, rough > 0.4 else { return reading }
        let tunedRow = tuned(row, first, second)
        let tunedColumn = tuned(column, first, second)
        // The stronger of the two may have turned the other's phase: that one is looked for from its nominal frequency on.
        guard tunedRow != nil || tunedColumn != nil else { return reading }
        reading.key = row * 4 + column - 4
        var hertz = SIMD2<Float>(tunedRow ?? frequencies[row], tunedColumn ?? frequencies[column])
        let isGuess = tunedRow == nil || tunedColumn == nil
        var taken = fit(hertz.x, hertz.y, from: 0, to: Self.window).taken
        // Each tone has disturbed the other's phase: now that both are known, read the advance again from fits of the halves.
        for _ in 0..<(isGuess ? 2 : 1) where taken > 0.6 {
            let next = hertz + refined(hertz)
            guard isInTune(next.x, row), isInTune(next.y, column) else { return reading }
            let again = fit(next.x, next.y, from: 0, to: Self.window).taken
            guard again > taken else { break }
            (taken, hertz) = (again, next)
        }
        reading.likeness = taken
        reading.rowError = hertz.x / frequencies[row] - 1
        reading.columnError = hertz.y / frequencies[column] - 1
        return reading
    }

    /// By how many Hz both are off what fits the halves of the window best.
    private func refined(_ hertz: SIMD2<Float>) -> SIMD2<Float> {
        let early = fit(hertz.x, hertz.y, from: 0, to: Self.window / 2).weights
        let late = fit(hertz.x, hertz.y, from: Self.window / 2, to: Self.window).weights
        return SIMD2(
            offset(SIMD2(early[0], -early[1]), SIMD2(late[0], -late[1])),
            offset(SIMD2(early[2], -early[3]), SIMD2(late[2], -late[3])))
    }

    /// Within what a digit may be off, and what 10 ms can tell.
    private func isInTune(_ hertz: Float, _ lane: Int) -> Bool {
        abs(hertz - frequencies[lane]) < frequencies[lane] * 0.028 + 6
    }

    private typealias Half = (real: SIMD8<Float>, imaginary: SIMD8<Float>)

    /// Correlation of each half of the window, phases counted from the window's start.
    private func halves() -> (Half, Half) {
        func turned(_ hop: Int) -> Half {
            // e^(-j w (start + n)) = e^(-j w start) * e^(-j w n)
            let c = waves.turnCosines[hop]
            let s = waves.turnSines[hop]
            return (real[hop] * c + imaginary[hop] * s, imaginary[hop] * c - real[hop] * s)
        }
        let (a, b, c, d) = (turned(0), turned(1), turned(2), turned(3))
        return ((a.real + b.real, a.imaginary + b.imaginary), (c.real + d.real, c.imaginary + d.imaginary))
    }

    private func strongest(_ power: SIMD8<Float>, from start: Int) -> Int {
        var best = start
        for lane in start..<(start + 4) where power[lane] > power[best] { best = lane }
        return best
    }

    /// The true frequency near a nominal one, by the phase advance over half a window (40 samples); nil when it is far off.
    private func tuned(_ lane: Int, _ first: Half, _ second: Half) -> Float? {
        let offset = offset(
            SIMD2(first.real[lane], first.imaginary[lane]), SIMD2(second.real[lane], second.imaginary[lane]))
        let hertz = frequencies[lane] + offset
        return isInTune(hertz, lane) ? hertz : nil
    }

    /// How far off a frequency is, by what its phase advances too much from one half of the window (40 samples) to the other.
    private func offset(_ first: SIMD2<Float>, _ second: SIMD2<Float>) -> Float {
        let real = second.x * first.x + second.y * first.y
        let imaginary = second.y * first.x - second.x * first.y
        return atan2f(imaginary, real) * 8000 / (2 * .pi * Float(Self.window / 2))
    }

    /// Fits both sinusoids to a part of the window; what they take of the energy (of the whole window), 0 when one is more
    /// than 12 dB below the other, and cosine and sine weight of each.
    private func fit(
        _ rowHertz: Float, _ columnHertz: Float, from first: Int, to last: Int
    ) -> (taken: Float, weights: SIMD4<Float>) {
        var gram = FourByFour()
        let (rowAngle, columnAngle) = (2 * .pi * rowHertz / 8000, 2 * .pi * columnHertz / 8000)
        let rowStep = (cosf(rowAngle), sinf(rowAngle))
        let columnStep = (cosf(columnAngle), sinf(columnAngle))
        let start = Float(first)
        var base = SIMD4<Float>(
            cosf(rowAngle * start), sinf(rowAngle * start), cosf(columnAngle * start), sinf(columnAngle * start))
        for index in first..<last {
            gram.add(base, samples[index])
            base = SIMD4(
                base[0] * rowStep.0 - base[1] * rowStep.1, base[0] * rowStep.1 + base[1] * rowStep.0,
                base[2] * columnStep.0 - base[3] * columnStep.1, base[2] * columnStep.1 + base[3] * columnStep.0)
        }
        let right = gram.right
        let weights = gram.solved()
        let row = weights[0] * weights[0] + weights[1] * weights[1]
        let column = weights[2] * weights[2] + weights[3] * weights[3]
        guard row < 16 * column, column < 16 * row else { return (0, weights) }
        return (min(1, (weights * right).sum() / energies.sum()), weights)
    }
}

/// Normal equations of four unknowns.
private struct FourByFour {
    private var a = SIMD4<Float>(repeating: 0)
    private var b = SIMD4<Float>(repeating: 0)
    private var c = SIMD4<Float>(repeating: 0)
    private var d = SIMD4<Float>(repeating: 0)
    private(set) var right = SIMD4<Float>(repeating: 0)

    @inline(__always)
    mutating func add(_ base: SIMD4<Float>, _ sample: Float) {
        a += base * base[0]
        b += base * base[1]
        c += base * base[2]
        d += base * base[3]
        right += base * sample
    }

    /// Gauss elimination without pivoting: the matrix is positive and nearly diagonal.
    mutating func solved() -> SIMD4<Float> {
        var r = right
        func eliminate(_ row: inout SIMD4<Float>, _ value: inout Float, _ by: SIMD4<Float>, _ byValue: Float, _ at: Int)
        {
            guard by[at] > 1e-6 else { return }
            let factor = row[at] / by[at]
            row -= by * factor
            value -= byValue * factor
        }
        eliminate(&b, &r[1], a, r[0], 0)
        eliminate(&c, &r[2], a, r[0], 0)
        eliminate(&d, &r[3], a, r[0], 0)
        eliminate(&c, &r[2], b, r[1], 1)
        eliminate(&d, &r[3], b, r[1], 1)
        eliminate(&d, &r[3], c, r[2], 2)
        var x = SIMD4<Float>(repeating: 0)
        x[3] = d[3] > 1e-6 ? r[3] / d[3] : 0
        x[2] = c[2] > 1e-6 ? (r[2] - c[3] * x[3]) / c[2] : 0
        x[1] = b[1] > 1e-6 ? (r[1] - b[2] * x[2] - b[3] * x[3]) / b[1] : 0
        x[0] = a[0] > 1e-6 ? (r[0] - a[1] * x[1] - a[2] * x[2] - a[3] * x[3]) / a[0] : 0
        return x
    }
}
