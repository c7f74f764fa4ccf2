// SPDX-License-Identifier: Apache-2.0
// What DTMFSheetTests and TalkOffSheetTests press and listen with.

import CSpanDSP
import Foundation

@testable import Signals

/// One press and what is wrong with it.
struct DTMFPress {
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

/// Receivers of digits side by side.
enum DTMFBench {
    struct Heard {
        var code: UInt8
        /// Samples (8 kHz) fed when it was said.
        var at: Int
    }

    static func ours(_ samples: [Int16], frame: Int = 160) -> [Heard] {
        guard let receiver = DigitReceiver(sampleRate: 8000) else { return [] }
        var heard: [Heard] = []
        var copy = samples
        copy.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for start in stride(from: 0, to: buffer.count, by: frame) {
                let length = min(frame, buffer.count - start)
                let count = receiver.process(base + start, count: length, removes: true)
                for index in 0..<count where receiver.event(index).hasBegun {
                    heard.append(Heard(code: receiver.event(index).code, at: start + length))
                }
            }
        }
        return heard
    }

    /// What goes on to the room.
    static func room(_ samples: [Int16], frame: Int) -> [Int16] {
        guard let receiver = DigitReceiver(sampleRate: 8000) else { return [] }
        var copy = samples
        copy.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for start in stride(from: 0, to: buffer.count, by: frame) {
                _ = receiver.process(base + start, count: min(frame, buffer.count - start), removes: true)
            }
        }
        return copy
    }

    /// With its default settings.
    static func spandsp(_ samples: [Int16], frame: Int = 160) -> [Heard] {
        guard let state = dtmf_rx_init(nil, nil, nil) else { return [] }
        defer { dtmf_rx_free(state) }
        var heard: [Heard] = []
        var buffer = [CChar](repeating: 0, count: 129)
        samples.withUnsafeBufferPointer { samples in
            guard let base = samples.baseAddress else { return }
            for start in stride(from: 0, to: samples.count, by: frame) {
                let length = min(frame, samples.count - start)
                _ = dtmf_rx(state, base + start, Int32(length))
                let count = dtmf_rx_get(state, &buffer, 128)
                for character in buffer.prefix(Int(count)) {
                    guard let code = DTMFSignal.code(ofCharacter: Int32(character)) else { continue }
                    heard.append(Heard(code: code, at: start + length))
                }
            }
        }
        return heard
    }

    /// Part of presses heard once and right, in per cent.
    static func share(_ press: DTMFPress, tries: Int = 192, by hear: ([Int16]) -> [Heard]) -> Double {
        var generator = SeededGenerator(state: 3)
        let right = (0..<tries).filter { number in
            let code = UInt8(number % 16)
            return hear(press.samples(code, &generator)).map(\.code) == [code]
        }.count
        return Double(right) * 100 / Double(tries)
    }
}
