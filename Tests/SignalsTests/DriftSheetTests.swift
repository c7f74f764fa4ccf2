// SPDX-License-Identifier: Apache-2.0
// The data sheet of DriftLoop and DriftResampler: a card whose crystal is off, for a day, and what is left of a tone.

import CSpeexDSP
import Foundation
import RealTime
import Testing

@Suite struct DriftSheetTests {
    private struct Day {
        /// Seconds until the ratio is within 10 ppm of the truth for good.
        var settled = 0.0
        /// Milliseconds by which the fill was off at worst: in the first ten seconds, and later.
        var first = 0.0
        var later = 0.0
        /// Difference of the ratio from the truth after ten seconds, in ppm, at worst; and after a minute.
        var wander = 0.0
        var minute = 0.0
        var slips = 0
    }

    /// A card that is served every 5 ms, whose pointer is known to so many milliseconds, and whose crystal warms up and cools down
    /// by 2 ppm every hour. In steps: what is not known moves with the pointer, and is no chance.
    private func run(ppm: Double, pointer: Double, isStepped: Bool, hours: Double) -> Day {
        var loop = DriftLoop()
        var generator = SeededGenerator(state: 17)
        var (day, fill, step, position) = (Day(), 0.005, 0, 0.0)
        let (target, interval) = (0.005, 0.005)
        let steps = Int(hours * 3600 / interval)
        while step < steps {
            let time = Double(step) * interval
            let truth = 1 + (ppm + 2 * sin(time * 2 * .pi / 3600)) * 1e-6
            fill += interval * (loop.ratio - truth)
            if fill < 0 { day.slips += 1 }
            position += interval * truth
            // A pointer that moves in steps is behind by what the card has done since.
            let behind = position.truncatingRemainder(dividingBy: pointer * 2e-3) - pointer * 1e-3
            let read =
                fill + (isStepped ? behind : Double.random(in: -pointer...pointer, using: &generator) * 1e-3)
            loop.update(error: target - read, interval: interval)
            let off = abs(fill - target) * 1e3
            let error = abs(loop.ratio - truth) * 1e6
            if error > 10 { day.settled = time }
            if time < 10 {
                day.first = max(day.first, off)
            } else {
                day.later = max(day.later, off)
                day.wander = max(day.wander, error)
                if time >= 60 { day.minute = max(day.minute, error) }
            }
            step += 1
        }
        return day
    }

    /// Decibels by which a tone of -6 dBFS stands above all that was not there before.
    private func purity(_ output: [Int16], hertz: Double, rate: Double) -> Double {
        // The best sine of that frequency, by least squares, and what it does not explain.
        let samples = output.map(Double.init)
        var (cc, ss, cs, cy, sy) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for (index, value) in samples.enumerated() {
            let angle = 2 * Double.pi * hertz * Double(index) / rate
            let (c, s) = (cos(angle), sin(angle))
            cc += c * c
            ss += s * s
            cs += c * s
            cy += c * value
            sy += s * value
        }
        let determinant = cc * ss - cs * cs
        let (a, b) = ((cy * ss - sy * cs) / determinant, (sy * cc - cy * cs) / determinant)
        var (signal, noise) = (0.0, 0.0)
        for (index, value) in samples.enumerated() {
            let angle = 2 * Double.pi * hertz * Double(index) / rate
            let fit = a * cos(angle) + b * sin(angle)
            signal += fit * fit
            noise += (value - fit) * (value - fit)
        }
        return 10 * log10(signal / max(noise, 1e-9))
    }

    private func tone(_ hertz: Double, rate: Int) -> [Int16] {
        (0..<rate * 2).map { Int16((16_384 * sin(2 * .pi * hertz * Double($0) / Double(rate))).rounded()) }
    }

    private func ours(_ input: [Int16], rate: Int, ppm: Double) -> [Int16] {
        let resampler = DriftResampler(from: rate, to: rate)
        resampler.correction = 1 + ppm * 1e-6
        let block = rate / 200
        var output: [Int16] = []
        var made = [Int16](repeating: 0, count: block * 2)
        input.withUnsafeBufferPointer { input in
            guard let base = input.baseAddress else { return }
            for start in stride(from: 0, through: input.count - block, by: block) {
                let count = resampler.convert(base + start, count: block, into: &made, capacity: made.count)
                output += made.prefix(count)
            }
        }
        return output
    }

    private func speex(_ input: [Int16], rate: Int, ppm: Double, quality: Int32) -> [Int16] {
        var code: Int32 = 0
        let (numerator, denominator) = (UInt32(1_000_000 + ppm), UInt32(1_000_000))
        guard
            let state = speex_resampler_init_frac(
                1, numerator, denominator, UInt32(rate), UInt32(rate), quality, &code)
        else { return [] }
        defer { speex_resampler_destroy(state) }
        var output = [Int16](repeating: 0, count: input.count + 64)
        var (taken, made) = (UInt32(input.count), UInt32(output.count))
        speex_resampler_process_int(state, 0, input, &taken, &output, &made)
        return Array(output.prefix(Int(made)))
    }

    @Test func `a crystal that is off by 300 ppm makes nothing slip in a day`() throws {
        var sheet = DataSheet(
            "drift", "Clock drift",
            """
            `DriftLoop` on a card that is served every 5 ms with 5 ms queued, its crystal wandering by ±2 ppm every hour; 24 \
            hours a row, in virtual time. Each look at its pointer is off by chance, at most by what is said (kernels with time \
            stamps: some hundredths of a millisecond); "in steps": the pointer itself moves in steps of twice that, slowly passed by \
            ours.
            """)
        sheet.table([
            "crystal, ppm", "pointer known to, ms", "ratio within 10 ppm after, s", "fill off at worst, first 10 s, ms",
            "later, ms",
            "ratio off at worst after 10 s, ppm", "after a minute, ppm", "slips",
        ])
        let kinds: [(Double, Double, Bool)] = [
            (0, 0.03, false), (50, 0.03, false), (100, 0.03, false), (300, 0.03, false), (-300, 0.03, false),
            (300, 0.25, false), (-300, 0.25, false), (300, 0.25, true), (-50, 0.25, true), (0, 0.25, true),
        ]
        for (ppm, pointer, isStepped) in kinds {
            let day = run(ppm: ppm, pointer: pointer, isStepped: isStepped, hours: 24)
            sheet.row([
                String(format: "%+.0f", ppm), "±\(pointer)\(isStepped ? ", in steps" : "")",
                day.settled < 3600 ? String(format: "%.1f", day.settled) : "-", String(format: "%.2f", day.first),
                String(format: "%.2f", day.later), String(format: "%.1f", day.wander),
                String(format: "%.1f", day.minute), "\(day.slips)",
            ])
            let name = "\(Int(ppm)) ppm, pointer ±\(pointer) ms\(isStepped ? " in steps" : "")"
            sheet.hold("\(name): slips", Double(day.slips), to: .atMost(0))
            sheet.hold("\(name): fill off, ms", day.later, to: .atMost(1))
            var (settled, wander) = (Goal.atMost(10), Goal.atMost(10))
            if pointer > 0.1 {
                let reason =
                    isStepped
                    ? "A pointer that is off by \(Int(abs(ppm))) ppm and moves in steps of \(pointer * 2) ms says nothing between two steps"
                        + (ppm == 0 ? "." : ", which are \(Int((pointer * 2_000 / abs(ppm)).rounded(.up))) s apart.")
                        + " 300 ppm are half a cent of pitch."
                    : "Chance of a quarter of a millisecond takes longer to average."
                settled = settled.butReached(10...86_400, reason)
                wander = wander.butReached(10...(isStepped ? 300 : 40), reason)
            }
            sheet.hold("\(name): settled after, s", day.settled, to: settled)
            sheet.hold("\(name): ratio off after 10 s, ppm", day.wander, to: wander)
            sheet.hold("\(name): ratio off after a minute, ppm", day.minute, to: .atMost(20))
        }
        sheet.note(
            "`DriftResampler` next to speexdsp's resampler at a ratio that is off by 300 ppm: by how many dB a tone of -6 dBFS stands above everything that was not there before, both ways."
        )
        sheet.table([
            "rate, Hz", "tone, Hz", "DriftResampler", "speexdsp quality 3", "speexdsp quality 0",
        ])
        for (rate, hertz) in [(8_000, 440.0), (8_000, 1_004), (8_000, 2_400), (16_000, 1_004), (48_000, 1_004)] {
            var cells: [[Double]] = [[], [], []]
            for ppm in [300.0, -300] {
                let input = tone(hertz, rate: rate)
                let heard = hertz * (1 + ppm * 1e-6)
                for (column, output) in [
                    ours(input, rate: rate, ppm: ppm), speex(input, rate: rate, ppm: ppm, quality: 3),
                    speex(input, rate: rate, ppm: ppm, quality: 0),
                ].enumerated() {
                    let part = Array(output.dropFirst(rate / 4).prefix(rate))
                    cells[column].append(purity(part, hertz: heard, rate: Double(rate)))
                }
            }
            let worst = cells.map { $0.min() ?? 0 }
            sheet.row(["\(rate)", "\(Int(hertz))"] + worst.map { String(format: "%.0f", $0) })
            #expect(worst[0] > 70, "\(rate) Hz, \(hertz) Hz: \(worst[0]) dB")
        }
        try sheet.finish()
    }
}
