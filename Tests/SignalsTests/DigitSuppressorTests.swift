// SPDX-License-Identifier: Apache-2.0
// The figures of DigitSuppressor's data sheet.

import Foundation
import Testing

@testable import Signals

@Suite struct DigitSuppressorTests {
    private func run(_ samples: [Int16], rate: Int = 8000, frame: Int) throws -> [Int16] {
        let receiver = try #require(DigitReceiver(sampleRate: rate))
        var result = samples
        result.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for start in stride(from: 0, to: buffer.count, by: frame) {
                _ = receiver.process(base + start, count: min(frame, buffer.count - start), removes: true)
            }
        }
        return result
    }

    /// Milliseconds of tone that get through, the worst of many.
    private func leak(
        rate: Int, frame: Int, detune: Double = 1, twist: Double = 2, noise: Double? = nil, dBm0: Double = -10
    ) throws -> (worst: Double, mean: Double) {
        var generator = SeededGenerator(state: 21)
        var (worst, sum) = (0.0, 0.0)
        for number in 0..<16 {
            let lead = rate / 10 + Int.random(in: 0..<rate / 50, using: &generator)
            let tone = Laboratory.digit(
                UInt8(number % 16), rate: rate, count: rate / 10, dBm0: dBm0, detune: detune, twist: twist,
                noisedB: noise, generator: &generator)
            let heard = try run(
                [Int16](repeating: 0, count: lead) + tone + [Int16](repeating: 0, count: rate / 10), rate: rate,
                frame: frame)
            // A millisecond counts when it is less than 20 dB below the tone.
            let step = rate / 1000
            let through = stride(from: lead, to: heard.count - step, by: step).count {
                Laboratory.level(heard[$0..<$0 + step]) > dBm0 - 20
            }
            worst = max(worst, Double(through))
            sum += Double(through)
        }
        return (worst, sum / 16)
    }

    @Test(arguments: [(8000, 160), (8000, 40), (16_000, 320), (48_000, 960), (48_000, 120)])
    func `little of a digit leaks`(rate: Int, frame: Int) throws {
        let (worst, mean) = try leak(rate: rate, frame: frame)
        print("leak at \(rate) Hz, frames of \(frame): worst \(worst) ms, mean \(mean) ms")
        #expect(worst <= 15)
    }

    @Test func `detuned, twisted, noisy and faint digits leak little too`() throws {
        for (name, leak) in [
            ("+1.2 %", try leak(rate: 8000, frame: 160, detune: 1.012)),
            ("-1.2 %", try leak(rate: 8000, frame: 160, detune: 0.988)),
            ("high +6 dB", try leak(rate: 8000, frame: 160, twist: 6)),
            ("low +8 dB", try leak(rate: 8000, frame: 160, twist: -8)),
            ("noise 20 dB below", try leak(rate: 8000, frame: 160, noise: 20)),
            ("-30 dBm0", try leak(rate: 8000, frame: 160, dBm0: -30)),
        ] {
            print("leak, \(name): worst \(leak.worst) ms, mean \(leak.mean) ms")
            #expect(leak.worst <= 20, "\(name)")
        }
    }

    @Test func `speech is not chopped`() throws {
        let texts = [
            "Good morning everybody, can you hear me now? I was on the other line, sorry for the delay.",
            "We are going to talk about the budget of the next year, and about all open questions of the last meeting.",
            "Ah, oh, yes, no. Father got up early and laughed aloud. Are you all OK? Hello, hello, hello?",
        ]
        var (frames, touched) = (0, 0)
        for voice in ["en", "en+f2", "en+f4", "de", "ru", "it+f5"] {
            for text in texts {
                let speech = try #require(Laboratory.speech(text, voice: voice), "espeak-ng is not installed")
                let heard = try run(speech, frame: 160)
                for start in stride(from: 0, to: speech.count - 80, by: 80) {
                    frames += 1
                    if speech[start..<start + 80] != heard[start..<start + 80] { touched += 1 }
                }
            }
        }
        print("speech: \(touched) of \(frames) frames of 10 ms touched (\(100 * Double(touched) / Double(frames)) %)")
        #expect(Double(touched) <= 0.001 * Double(frames))
    }

    @Test func `audio comes back after the digit and a steady chord is let go`() throws {
        var generator = SeededGenerator(state: 2)
        let digit = Laboratory.digit(7, rate: 8000, count: 800, generator: &generator)
        let tone = Laboratory.sine(300, rate: 8000, count: 1600, dBm0: -15)
        let heard = try run([Int16](repeating: 0, count: 800) + digit + tone, frame: 160)
        #expect(abs(Laboratory.level(heard[1800...]) + 15) < 0.5)
        // Two such tones 2.5 % out of tune: no detector confirms them.
        let chord = Laboratory.digit(7, rate: 8000, count: 8000, detune: 1.026, generator: &generator)
        let through = try run(chord, frame: 160)
        #expect(Laboratory.level(through[1000...]) > -8)
    }
}
