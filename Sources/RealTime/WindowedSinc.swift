// SPDX-License-Identifier: Apache-2.0

/// Design of low-pass filters: a sinc under a Kaiser window. Control side only (it takes its time, and it allocates nothing
/// itself); own sine and Bessel function, because this target knows no C library.
enum WindowedSinc {
    /// Kaiser window parameter for about 80 dB of stop band.
    static let beta80 = 7.9
    /// … and for about 66 dB.
    static let beta66 = 6.2

    /// The kernel's value `distance` samples from its centre. `cutoff` as a part of the Nyquist frequency (1: all of it),
    /// `half`: half its length in samples.
    static func value(at distance: Double, cutoff: Double, half: Double, beta: Double) -> Double {
        let place = distance / half
        guard place > -1, place < 1 else { return 0 }
        let window = besselI0(beta * (1 - place * place).squareRoot()) / besselI0(beta)
        let angle = cutoff * distance
        let sinc = -1e-9 < angle && angle < 1e-9 ? 1 : sinPi(angle) / (.pi * angle)
        return cutoff * sinc * window
    }

    /// sin(pi * x), to about 1e-15.
    static func sinPi(_ x: Double) -> Double {
        let turns = (x / 2).rounded()
        var reduced = x - turns * 2
        if reduced > 0.5 { reduced = 1 - reduced }
        if reduced < -0.5 { reduced = -1 - reduced }
        let angle = reduced * .pi
        var term = angle
        var sum = angle
        var order = 1.0
        while order < 25 {
            term *= -angle * angle / ((order + 1) * (order + 2))
            sum += term
            order += 2
        }
        return sum
    }

    private static func besselI0(_ x: Double) -> Double {
        var term = 1.0
        var sum = 1.0
        var order = 1.0
        while order < 60 {
            term *= (x / (2 * order)) * (x / (2 * order))
            sum += term
            order += 1
        }
        return sum
    }
}
