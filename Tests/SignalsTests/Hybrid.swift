// SPDX-License-Identifier: Apache-2.0
// Echo paths of two-wire lines: reflections computed from impedances, and those of ITU-T G.168.

import Foundation

/// What a two-wire line gives back: reflection at a termination of 600 ohm of a line of R1 + (R2 || C).
struct Hybrid {
    var name: String
    /// 8 kHz.
    var response: [Double]

    /// Eight national line impedances.
    static let national: [Hybrid] = [
        Hybrid("220 + (820 || 115 nF)", 220, 820, 115e-9), Hybrid("270 + (750 || 150 nF)", 270, 750, 150e-9),
        Hybrid("320 + (1050 || 230 nF)", 320, 1050, 230e-9), Hybrid("370 + (620 || 310 nF)", 370, 620, 310e-9),
        Hybrid("200 + (680 || 100 nF)", 200, 680, 100e-9), Hybrid("900 || 2160 nF", 0, 900, 30e-9),
        Hybrid("open line", 0, 1_000_000, 20e-9), Hybrid("150 + (2000 || 60 nF)", 150, 2_000, 60e-9),
    ]

    /// The echo paths of ITU-T G.168, annex D, models D.2 to D.9, at a return loss of 6 dB (by energy). The standard's tables are not
    /// repeated here: they are read from the header that Debian's libspandsp-dev has of them; without it there are none.
    static let standard: [Hybrid] = {
        guard let text = try? String(contentsOfFile: "/usr/include/spandsp/g168models.h", encoding: .utf8) else {
            return []
        }
        return (2...9).compactMap { number in
            guard let name = text.range(of: "line_model_d\(number)_coeffs[]"),
                let open = text.range(of: "{", range: name.upperBound..<text.endIndex),
                let close = text.range(of: "}", range: open.upperBound..<text.endIndex)
            else { return nil }
            let values = text[open.upperBound..<close.lowerBound].split { !$0.isNumber && $0 != "-" }.compactMap {
                Double($0)
            }
            return Hybrid("G.168 D.\(number)", values)
        }
    }()

    static let all = national + standard

    /// A response of some length, brought to a return loss of 6 dB.
    private init(_ name: String, _ values: [Double]) {
        self.name = name
        let energy = values.reduce(0) { $0 + $1 * $1 }
        let gain = 0.5 / max(energy, 1e-9).squareRoot()
        response = values.map { $0 * gain }
    }

    private init(_ name: String, _ r1: Double, _ r2: Double, _ c: Double) {
        self.name = name
        let length = 256
        var response = [Double](repeating: 0, count: length)
        // Inverse transform of the reflection; band-limited softly at 3.6 kHz.
        for bin in 0...length / 2 {
            let frequency = Double(bin) * 8000 / Double(length)
            let omega = 2 * Double.pi * frequency
            let (re, im) = (1.0, omega * r2 * c)
            let square = re * re + im * im
            let (zr, zi) = (r1 + r2 * re / square, -r2 * im / square)
            let (nr, ni, dr, di) = (zr - 600, zi, zr + 600, zi)
            let norm = dr * dr + di * di
            let edge = frequency < 3_400 ? 1 : max(0, 1 - (frequency - 3_400) / 500)
            let (hr, hi) = ((nr * dr + ni * di) / norm * edge, (ni * dr - nr * di) / norm * edge)
            let weight = (bin == 0 || bin == length / 2 ? 1.0 : 2) / Double(length)
            for index in 0..<length {
                // Eight samples late, so that it is causal.
                let angle = omega * Double(index - 8) / 8000
                response[index] += weight * (hr * cos(angle) - hi * sin(angle))
            }
        }
        self.response = Array(response.prefix(160))
    }

    func echo(of far: [Double], from start: Int, _ count: Int) -> [Double] {
        (start..<(start + count)).map { index in
            var sum = 0.0
            for tap in 0..<min(response.count, index + 1) { sum += response[tap] * far[index - tap] }
            return sum
        }
    }
}
