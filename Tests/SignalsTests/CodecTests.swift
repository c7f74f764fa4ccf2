// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Signals

@Suite struct CodecTests {
    /// Encodes and decodes frame by frame.
    private func pass(_ codec: AudioCodec, _ samples: [Int16], frame: Int) throws -> [Int16] {
        let encoder = try #require(AudioEncoder(codec))
        let decoder = try #require(AudioDecoder(codec))
        var result: [Int16] = []
        var payload = [UInt8](repeating: 0, count: 1500)
        var decoded = [Int16](repeating: 0, count: codec.longestPayload)
        var place = 0
        while place + frame <= samples.count {
            let bytes = samples.withUnsafeBufferPointer {
                $0.baseAddress.map {
                    encoder.encode($0 + place, count: frame, into: &payload, capacity: payload.count)
                } ?? 0
            }
            #expect(bytes > 0 && bytes <= codec.maximumPayloadBytes)
            #expect(codec.samples(inPayload: payload, count: bytes) == frame)
            let made = decoder.decode(payload, count: bytes, into: &decoded, capacity: decoded.count)
            #expect(made == frame)
            result += decoded[0..<made]
            place += frame
        }
        return result
    }

    @Test func `descriptors agree with RFC 3551 and RFC 7587`() {
        #expect(AudioCodec.all.map(\.name) == ["PCMU", "PCMA", "G722", "opus", "G726-32", "GSM"])
        #expect(AudioCodec.all.map(\.staticPayloadType) == [0, 8, 9, nil, nil, 3])
        #expect(AudioCodec.all.map(\.clockRate) == [8000, 8000, 8000, 48_000, 8000, 8000])
        #expect(AudioCodec.g722.ticks(ofSamples: 320) == 160)
        #expect(AudioCodec.named("OPUS") == .opus)
    }

    @Test func `G711 agrees with known code points`() {
        // ITU-T G.711 tables 1 and 2: extremes and zero.
        #expect(G711.expand(0x80, .mu) == 32_124)
        #expect(G711.expand(0x00, .mu) == -32_124)
        #expect(G711.expand(0xFF, .mu) == 0)
        #expect(G711.expand(0xAA, .a) == 32_256)
        #expect(G711.expand(0x2A, .a) == -32_256)
        #expect(G711.expand(0xD5, .a) == 8)
        #expect(G711.expand(0x55, .a) == -8)
    }

    @Test(arguments: [G711.Law.mu, .a]) func `G711 gives every code back and is at most half a step off`(law: G711.Law)
    {
        for code in 0...255 {
            let sample = G711.expand(UInt8(code), law)
            let again = G711.expand(G711.compress(Int(sample), law), law)
            #expect(again == sample)
        }
        G711.prepare()
        let all = Array(Int16.min...Int16.max)
        var codes = [UInt8](repeating: 0, count: all.count)
        var back = [Int16](repeating: 0, count: all.count)
        G711.encode(all, count: all.count, law: law, into: &codes)
        G711.decode(codes, count: codes.count, law: law, into: &back)
        for (index, sample) in all.enumerated() where index % 7 == 0 {
            // Half the step of the code's segment; beyond the largest code it clips; the table drops two bits.
            let code: UInt8 = law == .mu ? ~codes[index] : codes[index] ^ 0x55
            let segment = Int((code >> 4) & 7)
            let half: Int = law == .mu ? 4 << segment : 8 << max(0, segment - 1)
            let largest: Int = law == .mu ? 32_124 : 32_767
            let bounded: Int = max(-largest, min(largest, Int(sample)))
            let error: Int = abs(Int(back[index]) - bounded)
            #expect(error <= half + 3)
        }
    }

    @Test(arguments: [
        ("PCMU", 160, 35.0), ("PCMA", 160, 35.0), ("G722", 320, 45.0), ("opus", 960, 20.0), ("G726-32", 160, 25.0),
        ("GSM", 160, 15.0),
    ])
    func `tone survives each codec`(name: String, frame: Int, least: Double) throws {
        let codec = try #require(AudioCodec.named(name))
        let tone = Laboratory.sine(1004, rate: codec.sampleRate, count: codec.sampleRate, dBm0: -10)
        let heard = try pass(codec, tone, frame: frame)
        let (level, below) = Laboratory.distortion(
            heard[(codec.sampleRate / 2)...], hertz: 1004, rate: Double(codec.sampleRate))
        print("\(name): 1004 Hz at -10 dBm0 comes back at \(level) dBm0, THD+N -\(below) dB")
        #expect(abs(level + 10) < 0.5)
        #expect(below > least)
    }

    @Test func `G726-32 has the first sample in the lower four bits`() throws {
        // RFC 3551 section 4.5.4. A sudden loud sample is coded by the largest step, the silence before it by the smallest.
        let encoder = try #require(AudioEncoder(.g726))
        var payload = [UInt8](repeating: 0, count: 4)
        let samples: [Int16] = [0, 20_000, 0, 0, 0, 0, 0, 0]
        #expect(encoder.encode(samples, count: 8, into: &payload, capacity: 4) == 4)
        #expect(payload[0] >> 4 == 7)
        #expect(payload[0] & 15 == 15)
    }

    @Test func `GSM frames bear their mark, and others are refused`() throws {
        let encoder = try #require(AudioEncoder(.gsm))
        let decoder = try #require(AudioDecoder(.gsm))
        var payload = [UInt8](repeating: 0, count: 99)
        let speech = Laboratory.sine(300, rate: 8000, count: 480, dBm0: -12)
        for frames in 1...3 {
            #expect(encoder.encode(speech, count: frames * 160, into: &payload, capacity: 99) == frames * 33)
        }
        #expect(encoder.encode(speech, count: 240, into: &payload, capacity: 99) == 0)
        #expect(payload[0] >> 4 == 0xD && payload[33] >> 4 == 0xD && payload[66] >> 4 == 0xD)
        var heard = [Int16](repeating: 0, count: 480)
        #expect(decoder.decode(payload, count: 99, into: &heard, capacity: 480) == 480)
        payload[33] = 0x11
        #expect(decoder.decode(payload, count: 99, into: &heard, capacity: 480) == 0)
        #expect(decoder.decode(payload, count: 50, into: &heard, capacity: 480) == 0)
    }

    @Test(arguments: [AudioCodec.g722, .g726, .gsm])
    func `an encoder that goes on from another's state makes the same stream`(codec: AudioCodec) throws {
        let first = try #require(AudioEncoder(codec))
        let second = try #require(AudioEncoder(codec))
        let frame = codec.sampleRate / 50
        let tone = Laboratory.sine(700, rate: codec.sampleRate, count: frame, dBm0: -12)
        var one = [UInt8](repeating: 0, count: 500)
        var other = one
        for _ in 0..<5 { _ = first.encode(tone, count: frame, into: &one, capacity: 500) }
        second.continueEncoding(of: first)
        let count = first.encode(tone, count: frame, into: &one, capacity: 500)
        #expect(second.encode(tone, count: frame, into: &other, capacity: 500) == count)
        #expect(one[0..<count] == other[0..<count])
    }

    @Test func `opus sends every frame from 2_5 to 60 ms by 2_5 ms as one packet`() throws {
        let encoder = try #require(AudioEncoder(.opus))
        let decoder = try #require(AudioDecoder(.opus))
        var payload = [UInt8](repeating: 0, count: 1500)
        var decoded = [Int16](repeating: 0, count: 5760)
        let speech = Laboratory.sine(300, rate: 48_000, count: 2880, dBm0: -12)
        var largest = 0
        for round in 0..<6 {
            for steps in 1...24 {
                let count = steps * 120
                #expect(AudioCodec.opus.takesFrame(of: count))
                let bytes = encoder.encode(speech, count: count, into: &payload, capacity: 1275)
                #expect(bytes > 0, "round \(round), \(Double(steps) * 2.5) ms")
                largest = max(largest, bytes)
                #expect(decoder.decode(payload, count: bytes, into: &decoded, capacity: 5760) == count)
            }
        }
        #expect(!AudioCodec.opus.takesFrame(of: 100))
        #expect(largest < 600)
    }

    @Test(arguments: [(0, false), (1, false), (2, true), (5, true), (20, true)])
    func `opus sends copies from two per cent of reported loss on`(percent: Int, copies: Bool) throws {
        let speech = try #require(
            Laboratory.speech("The quick brown fox jumps over the lazy dog.", voice: "en"), "espeak-ng is not installed"
        )
        let wide = speech.flatMap { [Int16](repeating: $0, count: 6) }
        let encoder = try #require(AudioEncoder(.opus))
        encoder.expectLoss(percent: percent)
        var buffer = [UInt8](repeating: 0, count: 1500)
        var with = 0
        var all = 0
        for start in stride(from: 0, to: wide.count - 960, by: 960) {
            let bytes = wide.withUnsafeBufferPointer {
                $0.baseAddress.map { encoder.encode($0 + start, count: 960, into: &buffer, capacity: 1275) } ?? 0
            }
            all += 1
            // The flag behind that of voice activity in the first frame of 20 ms (RFC 6716 section 4.2.4).
            if bytes > 2, buffer[0] >> 3 < 16, buffer[1] >> 6 & 1 == 1 { with += 1 }
        }
        #expect(copies ? with * 2 > all : with == 0, "\(with) of \(all)")
    }

    @Test func `lost opus frame comes back from the next packet`() throws {
        var options = OpusOptions()
        options.expectedLossPercent = 20
        let encoder = try #require(AudioEncoder(.opus, opus: options))
        let speech = try #require(
            Laboratory.speech("The quick brown fox jumps over the lazy dog and sleeps.", voice: "en"),
            "espeak-ng is not installed")
        // Crude upsampling is good enough to be coded as speech.
        let wide = speech.flatMap { [Int16](repeating: $0, count: 6) }
        var payloads: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: 1500)
        for start in stride(from: 0, to: wide.count - 960, by: 960) {
            let bytes = wide.withUnsafeBufferPointer {
                $0.baseAddress.map {
                    encoder.encode($0 + start, count: 960, into: &buffer, capacity: 1275)
                } ?? 0
            }
            payloads.append(Array(buffer[0..<bytes]))
        }
        func decode(losing: Bool, fec: Bool) throws -> [Int16] {
            let decoder = try #require(AudioDecoder(.opus))
            var result: [Int16] = []
            var samples = [Int16](repeating: 0, count: 5760)
            for (index, payload) in payloads.enumerated() {
                if losing, index % 5 == 3 {
                    if fec, index + 1 < payloads.count {
                        let next = payloads[index + 1]
                        decoder.decodeFEC(next, count: next.count, lost: 960, into: &samples)
                    } else {
                        decoder.conceal(960, into: &samples)
                    }
                } else {
                    #expect(decoder.decode(payload, count: payload.count, into: &samples, capacity: 5760) == 960)
                }
                result += samples[0..<960]
            }
            return result
        }
        let whole = try decode(losing: false, fec: false)
        func error(_ other: [Int16]) -> Double {
            zip(whole, other).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
        }
        let (concealed, repaired) = (
            error(try decode(losing: true, fec: false)), error(try decode(losing: true, fec: true))
        )
        print("opus, 20 % lost: error with FEC is \(10 * log10(repaired / concealed)) dB of that without")
        #expect(repaired < concealed * 0.7)
    }

    @Test func `payload from outside never traps`() throws {
        var generator = SeededGenerator(state: 7)
        for codec in AudioCodec.all {
            let decoder = try #require(AudioDecoder(codec))
            var samples = [Int16](repeating: 0, count: codec.longestPayload)
            for _ in 0..<3000 {
                let payload = (0..<Int.random(in: 0...1500, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                let made = payload.withUnsafeBufferPointer { bytes -> Int in
                    guard let base = bytes.baseAddress else { return 0 }
                    return decoder.decode(base, count: bytes.count, into: &samples, capacity: codec.longestPayload)
                }
                #expect(made >= 0 && made <= codec.longestPayload)
                if payload.count % 3 == 0 {
                    decoder.conceal(codec.sampleRate / 50, into: &samples)
                    if !payload.isEmpty {
                        decoder.decodeFEC(payload, count: payload.count, lost: codec.sampleRate / 50, into: &samples)
                    }
                }
            }
        }
    }
}
