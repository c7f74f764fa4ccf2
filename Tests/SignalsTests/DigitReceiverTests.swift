// SPDX-License-Identifier: Apache-2.0
// Detector and probe together, as a port uses them.

import Foundation
import Testing

@testable import Signals

@Suite struct DigitReceiverTests {
    private func codes(_ samples: [Int16], rate: Int = 8000, frame: Int = 160) throws -> [DTMFDetector.Event] {
        let receiver = try #require(DigitReceiver(sampleRate: rate))
        var events: [DTMFDetector.Event] = []
        var copy = samples
        copy.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for start in stride(from: 0, to: buffer.count, by: frame) {
                let count = receiver.process(base + start, count: min(frame, buffer.count - start), removes: true)
                for index in 0..<count { events.append(receiver.event(index)) }
            }
        }
        return events
    }

    private func accepted(
        milliseconds: Double = 50, detune: Double = 1, twist: Double = 0, noise: Double? = nil, frame: Int = 160
    ) throws -> Double {
        var generator = SeededGenerator(state: 4)
        var good = 0
        for number in 0..<32 {
            let code = UInt8(number % 16)
            let lead = [Int16](repeating: 0, count: 400 + Int.random(in: 0..<102, using: &generator))
            let burst = Laboratory.digit(
                code, rate: 8000, count: Int(milliseconds * 8), detune: detune, twist: twist, noisedB: noise,
                generator: &generator)
            let events = try codes(lead + burst + [Int16](repeating: 0, count: 800), frame: frame).filter(\.hasBegun)
            if events.count == 1, events[0].code == code { good += 1 }
        }
        return Double(good) / 32
    }

    @Test func `phones that are out of tune or twisted are understood, others are not`() throws {
        #expect(try accepted(milliseconds: 40) == 1)
        #expect(try accepted(milliseconds: 40, detune: 1.018) == 1)
        #expect(try accepted(milliseconds: 40, detune: 0.982) == 1)
        #expect(try accepted(detune: 1.031) == 0)
        #expect(try accepted(detune: 0.969) == 0)
        print("high tone stronger by 6, 7, 8, 10 dB:", try [6, 7, 8, 10].map { try accepted(twist: $0) })
        print("low tone stronger by 6, 8, 10 dB:", try [-6, -8, -10].map { try accepted(twist: $0) })
        #expect(try accepted(twist: 8) > 0.95)
        #expect(try accepted(twist: -8) == 1)
        #expect(try accepted(milliseconds: 20) == 0)
        #expect(try accepted(noise: 13) >= 0.97)
    }

    @Test(arguments: [40, 160, 480]) func `each press counts once, at any frame length`(frame: Int) throws {
        var generator = SeededGenerator(state: 6)
        var signal = [Int16](repeating: 0, count: 500)
        let keys: [UInt8] = [1, 1, 1, 2, 10, 11, 11, 0, 5, 5]
        for key in keys {
            signal += Laboratory.digit(key, rate: 8000, count: 560, generator: &generator)
            signal += [Int16](repeating: 0, count: 400)
        }
        let events = try codes(signal + [Int16](repeating: 0, count: 800), frame: frame)
        #expect(events.filter(\.hasBegun).map(\.code) == keys)
        #expect(events.filter { !$0.hasBegun }.map(\.code) == keys)
        // A break of 10 ms within one press.
        let digit = Laboratory.digit(7, rate: 8000, count: 500, generator: &generator)
        let broken = try codes(digit + [Int16](repeating: 0, count: 80) + digit, frame: frame)
        #expect(broken.filter(\.hasBegun).count == 1)
    }

    @Test func `speech has no digits`() throws {
        let text = "Ah, we are all out of order, are we not? Father, the car is far away. One, two, five, seven, nine."
        for voice in ["en", "en+f2", "en+f4", "de", "ru", "it+f5", "fr"] {
            let speech = try #require(Laboratory.speech(text, voice: voice), "espeak-ng is not installed")
            #expect(try codes(speech).isEmpty)
        }
    }
}
