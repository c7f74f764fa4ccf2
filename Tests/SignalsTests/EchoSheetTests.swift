// SPDX-License-Identifier: Apache-2.0
// The data sheet of EchoCanceller and EchoDelayFinder, on hybrids computed from national line impedances.

import Foundation
import Testing

@testable import Signals

/// What a two-wire line gives back: reflection at a termination of 600 ohm of a line of R1 + (R2 || C).
struct Hybrid {
    var name: String
    /// 8 kHz.
    var response: [Double]

    static let all: [Hybrid] = [
        Hybrid("220 + (820 || 115 nF)", 220, 820, 115e-9), Hybrid("270 + (750 || 150 nF)", 270, 750, 150e-9),
        Hybrid("320 + (1050 || 230 nF)", 320, 1050, 230e-9), Hybrid("370 + (620 || 310 nF)", 370, 620, 310e-9),
        Hybrid("200 + (680 || 100 nF)", 200, 680, 100e-9), Hybrid("900 || 2160 nF", 0, 900, 30e-9),
        Hybrid("open line", 0, 1_000_000, 20e-9), Hybrid("150 + (2000 || 60 nF)", 150, 2_000, 60e-9),
    ]

    init(_ name: String, _ r1: Double, _ r2: Double, _ c: Double) {
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

@Suite struct EchoSheetTests {
    private func power(_ values: ArraySlice<Double>) -> Double {
        values.reduce(0) { $0 + $1 * $1 } / Double(max(1, values.count))
    }

    /// Runs the canceller; what is left over.
    private func cancel(_ far: [Double], _ near: [Double], aLaw: Bool = false) throws -> [Double] {
        let canceller = try #require(EchoCanceller(sampleRate: 8000, tailMilliseconds: 32))
        var out: [Double] = []
        var (n, f) = ([Int16](repeating: 0, count: canceller.block), [Int16](repeating: 0, count: canceller.block))
        for start in stride(from: 0, to: near.count - canceller.block + 1, by: canceller.block) {
            for index in 0..<canceller.block {
                n[index] = Int16(max(-32_768, min(32_767, near[start + index].rounded())))
                f[index] = Int16(max(-32_768, min(32_767, far[start + index].rounded())))
                if aLaw { n[index] = G711.expand(G711.compress(Int(n[index]), .a), .a) }
            }
            n.withUnsafeMutableBufferPointer { near in
                f.withUnsafeBufferPointer { far in
                    if let a = near.baseAddress, let b = far.baseAddress { canceller.process(a, far: b) }
                }
            }
            out += n.map(Double.init)
        }
        return out
    }

    private func decibels(_ above: Double, _ below: Double) -> Double {
        10 * log10(max(above, 1e-9) / max(below, 1e-9))
    }

    @Test func `echoes go, voices stay`() throws {
        var sheet = DataSheet(
            "echo", "Line echo canceller",
            """
            `EchoCanceller` (speexdsp's filter, blocks of 2.5 ms, tail 32 ms) on echoes computed from line impedances against \
            600 ohm, noise -68 dBm0. Combined loss (return loss and canceller) in dB of synthetic speech at -16 dBm0; double talk: \
            how far the near voice (as loud) stands above what is different from the same voice when nothing is played. spandsp's canceller is not run: Debian's prints a \
            line of text for every sample. G.168's own echo paths (D.2 … D.9) were not at hand.
            """)
        let speech = try #require(
            Laboratory.speech(
                "Good morning, I would like to know whether the room is free on Thursday, and who has the key. Thank you.",
                voice: "en"), "no espeak-ng")
        let other = try #require(
            Laboratory.speech(
                "Well, that depends on many things, does it not? Let us see what we can do.", voice: "en+f4"),
            "no espeak-ng")
        let gain = Laboratory.peak(dBm0: -16) / 1.414 / Laboratory.rms(speech)
        var far: [Double] = []
        while far.count < 8000 * 16 { far += speech.map { Double($0) * gain } }
        let second = other.map { Double($0) * gain }
        sheet.table([
            "line", "return loss", "0.5 s", "1 s", "5 s", "5 s, A-law", "1 s after another line",
            "near voice in double talk",
            "2 s after double talk",
        ])
        var generator = SeededGenerator(state: 2)
        let count = 8000 * 14
        let noise = Laboratory.noise(count, rms: Laboratory.peak(dBm0: -68) / 1.414, generator: &generator)
        for (number, hybrid) in Hybrid.all.enumerated() {
            let echo = hybrid.echo(of: far, from: 0, count)
            let plain = zip(echo, noise).map { $0 + $1 }
            func loss(_ left: [Double], _ seconds: Double) -> Double {
                let range = Int((seconds - 0.2) * 8000)..<Int((seconds + 0.2) * 8000)
                return decibels(power(far[range]), power(left[range]))
            }
            let left = try cancel(far, plain)
            let coded = try cancel(far, plain, aLaw: true)
            // Another line from the sixth second on.
            let next = Hybrid.all[(number + 3) % Hybrid.all.count].echo(of: far, from: 0, count)
            let changed = try cancel(far, (0..<count).map { ($0 < 48_000 ? echo[$0] : next[$0]) + noise[$0] })
            // Somebody speaks at the near end from the sixth second on.
            let talk = (0..<count).map { index in
                index >= 48_000 && index - 48_000 < second.count ? second[index - 48_000] : 0
            }
            let double = try cancel(far, (0..<count).map { plain[$0] + talk[$0] })
            let range = 48_000..<(48_000 + min(second.count, 32_000))
            // The filter takes DC away, which turns phases: compared with the same voice when nothing is played.
            let alone = try cancel([Double](repeating: 0, count: count), (0..<count).map { noise[$0] + talk[$0] })
            let damage = range.map { double[$0] - alone[$0] }
            let voice = decibels(power(alone[range]), power(damage[...]))
            let after = Double(48_000 + second.count) / 8000 + 2
            let cells = [
                decibels(power(far[0..<count]), power(echo[0..<count])), loss(left, 0.5), loss(left, 1), loss(left, 5),
                loss(coded, 5), loss(changed, 7), voice, after < 13.5 ? loss(double, after) : .nan,
            ]
            sheet.row([hybrid.name] + cells.map { $0.isNaN ? "-" : String(format: "%.0f", $0) })
            #expect(cells[3] > 40)
            #expect(cells[4] > 30)
            #expect(voice > 10)
        }
        try sheet.finish()
    }

    @Test(arguments: [0.0, 12.5, 40, 120, 240]) func `the delay of a device is measured`(milliseconds: Double) throws {
        let finder = EchoDelayFinder()
        let speech = try #require(
            Laboratory.speech("One two three four, five six seven eight, nine ten eleven.", voice: "en+f3"))
        var far: [Int16] = []
        while far.count < 8000 * 8 { far += speech }
        let delay = Int(milliseconds * 8)
        let hybrid = Hybrid.all[0]
        let echo = hybrid.echo(of: far.map(Double.init), from: 0, 8000 * 7)
        var generator = SeededGenerator(state: 9)
        let noise = Laboratory.noise(echo.count, rms: 30, generator: &generator)
        let near = (0..<echo.count).map { index in
            Int16(max(-32_768, min(32_767, (index >= delay ? echo[index - delay] : 0) + noise[index])))
        }
        near.withUnsafeBufferPointer { n in
            far.withUnsafeBufferPointer { f in
                if let a = n.baseAddress, let b = f.baseAddress { finder.hear(near: a, far: b, count: near.count) }
            }
        }
        // The hybrid itself has its peak after one millisecond.
        let found = try #require(finder.milliseconds)
        #expect(abs(found - milliseconds - 1) < 1.5, "\(found)")
    }
}
