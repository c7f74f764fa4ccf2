// SPDX-License-Identifier: Apache-2.0
// The data sheet of DigitReceiver: ITU-T Q.24 in full, next to spandsp's own receiver on the same signals.

import CSpanDSP
import Foundation
import Testing

@testable import Signals

@Suite struct DTMFSheetTests {
    /// One press and what is wrong with it.
    struct Press {
        var milliseconds = 50.0
        var level = -10.0
        var low = 0.0
        var high = 0.0
        /// High over low, dB.
        var twist = 0.0
        var noise: Double?
        var dial: (Double, Double, Double)?

        func samples(_ code: UInt8, _ generator: inout SeededGenerator) -> [Int16] {
            guard let (row, column) = DTMFSignal.frequencies(ofCode: code) else { return [] }
            let lead = (dial == nil ? 1_600 : 6_400) + Int.random(in: 0..<160, using: &generator)
            let count = Int(milliseconds * 8)
            let (one, other) = (
                Laboratory.peak(dBm0: level - twist / 2), Laboratory.peak(dBm0: level + twist / 2)
            )
            let phases = (0..<2).map { _ in Double.random(in: 0..<6.28, using: &generator) }
            var values = [Double](repeating: 0, count: lead + count + 1_200)
            for index in 0..<count {
                let time = 2 * Double.pi * Double(index) / 8000
                values[lead + index] =
                    one * sin(time * row * (1 + low / 100) + phases[0])
                    + other * sin(time * column * (1 + high / 100) + phases[1])
            }
            if let noise {
                let rms = Laboratory.peak(dBm0: level) * pow(10, -noise / 20)
                for (index, value) in Laboratory.noise(values.count, rms: rms, generator: &generator).enumerated() {
                    values[index] += value
                }
            }
            if let dial {
                let peak = Laboratory.peak(dBm0: level + dial.2)
                for index in 0..<(lead + count) {
                    let time = 2 * Double.pi * Double(index) / 8000
                    values[index] += peak * sin(time * dial.0) + (dial.1 > 0 ? peak * sin(time * dial.1 + 1) : 0)
                }
            }
            return values.map { Int16(max(-32_768, min(32_767, $0.rounded()))) }
        }
    }

    private func ours(_ samples: [Int16], frame: Int = 160) -> [UInt8] {
        guard let receiver = DigitReceiver(sampleRate: 8000) else { return [] }
        var codes: [UInt8] = []
        var copy = samples
        copy.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for start in stride(from: 0, to: buffer.count, by: frame) {
                let count = receiver.process(base + start, count: min(frame, buffer.count - start), removes: true)
                for index in 0..<count where receiver.event(index).hasBegun { codes.append(receiver.event(index).code) }
            }
        }
        return codes
    }

    private func theirs(_ samples: [Int16]) -> [UInt8] {
        guard let state = dtmf_rx_init(nil, nil, nil) else { return [] }
        defer { dtmf_rx_free(state) }
        var codes: [UInt8] = []
        var buffer = [CChar](repeating: 0, count: 129)
        for start in stride(from: 0, to: samples.count, by: 160) {
            _ = samples[start..<min(start + 160, samples.count)].withUnsafeBufferPointer {
                dtmf_rx(state, $0.baseAddress, Int32($0.count))
            }
            let count = dtmf_rx_get(state, &buffer, 128)
            codes += buffer.prefix(Int(count)).compactMap { DTMFSignal.code(ofCharacter: Int32($0)) }
        }
        return codes
    }

    /// Part of presses heard once and right, in per cent.
    private func share(_ press: Press, _ seed: UInt64 = 3, by hear: ([Int16]) -> [UInt8], tries: Int = 96) -> Double {
        var generator = SeededGenerator(state: seed)
        let right = (0..<tries).filter { number in
            let code = UInt8(number % 16)
            return hear(press.samples(code, &generator)) == [code]
        }.count
        return Double(right) * 100 / Double(tries)
    }

    @Test func `a receiver as Q 24 wants it`() throws {
        var sheet = DataSheet(
            "dtmf", "DTMF receiver",
            """
            `DigitReceiver`: per cent of presses that are heard once and right, 96 presses a point, all 16 keys, random phases, \
            50 ms at -10 dBm0 a tone unless something else is said; next to it spandsp 0.0.6 with its default settings. Wanted: \
            the strictest of ITU-T Q.24's national columns (NTT, AT&T); "accept" is to be 100, "reject" 0.
            """)
        sheet.table(["what", "Q.24", "wanted", "ours", "spandsp"])
        func row(_ what: String, _ rule: String, _ wanted: String, _ press: Press, _ limit: ClosedRange<Double>?) {
            let (a, b) = (share(press, by: { ours($0) }), share(press, by: theirs))
            sheet.row([what, rule, wanted, String(format: "%.0f", a), String(format: "%.0f", b)])
            if let limit { #expect(limit.contains(a), "\(what): \(a)") }
        }
        let accept = 99.0...100
        let reject = 0.0...1
        row("40 ms", "40 ms", "accept", Press(milliseconds: 40), accept)
        row("30 ms", "-", "accept", Press(milliseconds: 30), accept)
        row("23 ms", "23 ms", "reject", Press(milliseconds: 23), reject)
        row("20 ms", "-", "reject", Press(milliseconds: 20), reject)
        row("23 ms, noise 20 dB below", "-", "reject", Press(milliseconds: 23, noise: 20), reject)
        for (percent, wanted, limit) in [(1.8, "accept", accept), (2.0, "accept", accept), (3.0, "reject", reject)] {
            row("both tones +\(percent) %", "1.8 / 3.0 %", wanted, Press(low: percent, high: percent), limit)
            row("both tones -\(percent) %", "1.8 / 3.0 %", wanted, Press(low: -percent, high: -percent), limit)
        }
        row("low tone +3.5 %", "3.5 %", "reject", Press(low: 3.5), reject)
        row("high tone -3.5 %", "3.5 %", "reject", Press(high: -3.5), reject)
        row("40 ms, both +2.0 %", "-", "accept", Press(milliseconds: 40, low: 2, high: 2), accept)
        row("high tone 4 dB stronger", "4 dB", "accept", Press(twist: 4), accept)
        row("high tone 8 dB stronger", "-", "accept", Press(twist: 8), 95...100)
        row("high tone 10 dB stronger", "-", "accept", Press(twist: 10), 90...100)
        row("low tone 8 dB stronger", "8 dB", "accept", Press(twist: -8), accept)
        row("low tone 10 dB stronger", "-", "accept", Press(twist: -10), 92...100)
        row("0 dBm0", "0 dBm0", "accept", Press(level: 0), accept)
        row("-25 dBm0", "-25 dBm0", "accept", Press(level: -25), accept)
        row("-38 dBm0", "-", "accept", Press(level: -38), accept)
        row("-55 dBm0", "-55 dBm0", "reject", Press(level: -55), reject)
        row("noise 15 dB below", "-", "accept", Press(noise: 15), accept)
        row("40 ms, noise 15 dB below", "-", "accept", Press(milliseconds: 40, noise: 15), 97...100)
        row("noise 10 dB below", "-", "accept", Press(noise: 10), 96...100)
        row("noise 8 dB below", "-", "accept", Press(noise: 8), nil)
        for (name, dial) in [
            ("425 Hz", (425.0, 0.0)), ("350 + 440 Hz", (350.0, 440.0)), ("400 + 450 Hz", (400.0, 450.0)),
        ] {
            for decibels in [0.0, 6] {
                row(
                    "dial tone \(name), \(Int(decibels)) dB above each tone", "-", "accept",
                    Press(dial: (dial.0, dial.1, decibels)), 97...100)
            }
        }
        sheet.note(
            "Presses of one key, counted as two (per cent of 96), by the pause between them; Q.24: 30 ms are a pause, "
                + "interruptions of 10 ms are none.")
        sheet.table(["pause", "ours", "spandsp"])
        for pause in [8.0, 10, 12, 15, 20, 30, 40] {
            let (a, b) = (twice(pause) { ours($0) }, twice(pause, by: theirs))
            sheet.row(["\(Int(pause)) ms", String(format: "%.0f", a), String(format: "%.0f", b)])
            if pause <= 10 { #expect(a == 0) }
            if pause == 12 { #expect(a <= 2) }
            if pause >= 20 { #expect(a >= 99) }
        }
        try sheet.finish()
    }

    private func twice(_ pause: Double, by hear: ([Int16]) -> [UInt8]) -> Double {
        var generator = SeededGenerator(state: 12)
        let two = (0..<96).filter { number in
            let code = UInt8(number % 16)
            let press = Laboratory.digit(code, rate: 8000, count: 400, generator: &generator)
            let lead = [Int16](repeating: 0, count: 800 + Int.random(in: 0..<102, using: &generator))
            let gap = [Int16](repeating: 0, count: Int(pause * 8))
            return hear(lead + press + gap + press + [Int16](repeating: 0, count: 1_000)) == [code, code]
        }.count
        return Double(two) * 100 / 96
    }

    @Test func `voices and music dial nothing`() throws {
        let hour = try Concert.hour()
        var sheet = DataSheet(
            "dtmf-talk-off", "DTMF receiver: talk-off",
            "False digits in half an hour of synthetic speech (espeak-ng, twelve voices) and half an hour of music by dice."
        )
        sheet.table(["", "ours", "spandsp"])
        let speech = ours(hour.speech)
        let music = ours(hour.music)
        sheet.row(["speech", "\(speech.count)", "\(theirs(hour.speech).count)"])
        sheet.row(["music", "\(music.count)", "\(theirs(hour.music).count)"])
        #expect(speech.isEmpty)
        #expect(music.count <= 1)
        try sheet.finish()
    }
}
