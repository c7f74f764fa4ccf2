// SPDX-License-Identifier: Apache-2.0
// The figures of DTMFDetector's data sheet; signals are made here (Laboratory), speech by espeak-ng.

import Foundation
import Testing

@testable import Signals

@Suite struct DTMFDetectorTests {
    private func run(_ samples: [Int16], frame: Int = 160) throws -> [DTMFDetector.Event] {
        let detector = try #require(DTMFDetector())
        var events: [DTMFDetector.Event] = []
        samples.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for start in stride(from: 0, to: buffer.count, by: frame) {
                let count = detector.process(base + start, count: min(frame, buffer.count - start))
                for index in 0..<count { events.append(detector.event(index)) }
            }
        }
        return events
    }

    /// Part of bursts that are heard exactly once and right.
    private func accepted(
        milliseconds: Double, dBm0: Double = -10, detune: Double = 1, twist: Double = 0, noise: Double? = nil,
        tries: Int = 32
    ) throws -> Double {
        var generator = SeededGenerator(state: 11)
        var good = 0
        for number in 0..<tries {
            let code = UInt8(number % 16)
            let lead = [Int16](repeating: 0, count: 400 + Int.random(in: 0..<102, using: &generator))
            let burst = Laboratory.digit(
                code, rate: 8000, count: Int(milliseconds * 8), dBm0: dBm0, detune: detune, twist: twist,
                noisedB: noise, generator: &generator)
            let events = try run(lead + burst + [Int16](repeating: 0, count: 800)).filter(\.hasBegun)
            if events.count == 1, events[0].code == code { good += 1 }
        }
        return Double(good) / Double(tries)
    }

    @Test func `bursts are judged as the data sheet says`() throws {
        #expect(try accepted(milliseconds: 40) == 1)
        #expect(try accepted(milliseconds: 20) <= 0.02)
        #expect(try accepted(milliseconds: 50, detune: 1.013) == 1)
        #expect(try accepted(milliseconds: 50, detune: 0.987) == 1)
        #expect(try accepted(milliseconds: 50, detune: 1.035) == 0)
        #expect(try accepted(milliseconds: 50, detune: 0.965) == 0)
        #expect(try accepted(milliseconds: 50, dBm0: -38) == 1)
        #expect(try accepted(milliseconds: 50, dBm0: 0) == 1)
        #expect(try accepted(milliseconds: 50, twist: 4.5) == 1)
        #expect(try accepted(milliseconds: 50, twist: -6) == 1)
        #expect(try accepted(milliseconds: 50, noise: 12) >= 0.98)
    }

    @Test func `short break is bridged and a pause is not`() throws {
        var generator = SeededGenerator(state: 5)
        func events(pause: Int) throws -> Double {
            var single = 0
            for number in 0..<48 {
                let code = UInt8(number % 16)
                let lead = [Int16](repeating: 0, count: 400 + Int.random(in: 0..<102, using: &generator))
                let tone = Laboratory.digit(code, rate: 8000, count: 500, generator: &generator)
                let gap = [Int16](repeating: 0, count: pause * 8)
                let heard = try run(lead + tone + gap + tone + [Int16](repeating: 0, count: 800))
                if heard.filter(\.hasBegun).count == 1 { single += 1 }
                #expect(heard.filter(\.hasBegun).count == heard.filter { !$0.hasBegun }.count)
            }
            return Double(single) / 48
        }
        let shares = try [5, 20, 30, 40].map { ($0, try events(pause: $0)) }
        print("pause in ms and part heard as one digit: \(shares)")
        #expect(try events(pause: 10) == 1)
        #expect(try events(pause: 35) == 0)
    }

    @Test func `positions tell begin and end`() throws {
        var generator = SeededGenerator(state: 9)
        let digit = Laboratory.digit(5, rate: 8000, count: 800, generator: &generator)
        let events = try run([Int16](repeating: 0, count: 1000) + digit + [Int16](repeating: 0, count: 1000))
        #expect(events.count == 2)
        #expect(abs(events[0].position - 1000) < 160)
        #expect(abs(events[1].position - 1800) < 160)
    }

    @Test func `speech has no digits`() throws {
        let text =
            "Please enter the number of the room and press pound. Nobody else is in here, one moment, two, three."
        for voice in ["en", "en+f3", "de", "fr", "ru"] {
            let speech = try #require(Laboratory.speech(text, voice: voice), "espeak-ng is not installed")
            #expect(try run(speech).isEmpty)
        }
    }
}
