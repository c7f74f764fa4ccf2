// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Media

@Suite struct WAVTests {
    /// A WAV file by hand.
    private func file(
        format: Int, bits: Int, channels: Int = 1, rate: Int = 8000, data: [UInt8], extensible: Bool = false
    ) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let block = channels * bits / 8
        var chunk = little(extensible ? 0xFFFE : format, 2) + little(channels, 2) + little(rate, 4)
        chunk += little(rate * block, 4) + little(block, 2) + little(bits, 2)
        if extensible { chunk += little(22, 2) + little(bits, 2) + little(0, 4) + little(format, 2) + little(0, 14) }
        var body: [UInt8] = Array("WAVE".utf8) + Array("LIST".utf8) + little(3, 4) + [1, 2, 3, 0]
        body += Array("fmt ".utf8) + little(chunk.count, 4) + chunk + Array("data".utf8) + little(data.count, 4) + data
        return Array("RIFF".utf8) + little(body.count, 4) + body
    }

    @Test func `what was written is read again, with its note`() throws {
        let audio = WAVAudio(sampleRate: 16_000, samples: [0, 1, -1, 32_767, -32_768, 1234])
        #expect(try WAVAudio(audio.file()) == audio)
        #expect(try WAVAudio(audio.file(note: "odd")) == audio)
        #expect(WAVAudio.note(in: audio.file(note: "grüße")) == "grüße")
        #expect(WAVAudio.note(in: audio.file()) == nil)
    }

    @Test func `every format gives the same samples`() throws {
        let float = [0.5, -0.5].flatMap { value in
            let bits = Float(value).bitPattern
            return (0..<4).map { UInt8(truncatingIfNeeded: bits >> UInt32(8 * $0)) }
        }
        let double = [0.5, -0.5].flatMap { value in
            let bits = Double(value).bitPattern
            return (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) }
        }
        let half: [Int16] = [16_384, -16_384]
        #expect(try WAVAudio(file(format: 1, bits: 8, data: [192, 64])).samples == half)
        #expect(try WAVAudio(file(format: 1, bits: 16, data: [0, 0x40, 0, 0xC0])).samples == half)
        #expect(try WAVAudio(file(format: 1, bits: 24, data: [0, 0, 0x40, 0, 0, 0xC0])).samples == half)
        #expect(try WAVAudio(file(format: 1, bits: 32, data: [0, 0, 0, 0x40, 0, 0, 0, 0xC0])).samples == half)
        #expect(try WAVAudio(file(format: 3, bits: 32, data: float)).samples == half)
        #expect(try WAVAudio(file(format: 3, bits: 64, data: double)).samples == half)
        #expect(try WAVAudio(file(format: 1, bits: 16, data: [0, 0x40, 0, 0xC0], extensible: true)).samples == half)
        #expect(try WAVAudio(file(format: 7, bits: 8, data: [0xFF, 0x80])).samples == [0, 32_124])
        #expect(try WAVAudio(file(format: 6, bits: 8, data: [0xD5, 0xAA])).samples == [8, 32_256])
        // Stereo becomes the mean.
        #expect(try WAVAudio(file(format: 1, bits: 16, channels: 2, data: [0, 0x40, 0, 0])).samples == [8192])
    }

    @Test func `sizes that lie and rubbish do no harm`() throws {
        #expect(throws: WAVError.notRIFF) { try WAVAudio([]) }
        #expect(throws: WAVError.notRIFF) { try WAVAudio(Array("RIFFxxxxAVI LIST".utf8)) }
        #expect(throws: WAVError.badRate(5)) { try WAVAudio(file(format: 1, bits: 16, rate: 5, data: [0, 0])) }
        #expect(throws: WAVError.unsupported(format: 85, bits: 16, channels: 1)) {
            try WAVAudio(file(format: 85, bits: 16, data: [0, 0]))
        }
        // An endless data chunk, as programs write it into a pipe.
        var open = file(format: 1, bits: 16, data: [0, 0x40, 0, 0xC0])
        for index in 0..<4 { open[open.count - 8 + index] = 0xFF }
        #expect(try WAVAudio(open).samples == [16_384, -16_384])
        let good = file(format: 3, bits: 32, channels: 2, rate: 44_100, data: (0..<64).map { UInt8($0 * 3) })
        var state: UInt64 = 12
        func random() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<(1 + random() % 6) { bytes[random() % bytes.count] = UInt8(random() % 256) }
            bytes = Array(bytes.prefix(random() % (bytes.count + 1)))
            _ = try? WAVAudio(bytes)
        }
    }

    @Test func `speech level is what the active parts have, whatever the pauses`() throws {
        let peak = 32_767 * pow(10, (-25 - 3.14) / 20)
        let tone = (0..<8000).map { Int16(peak * sin(Double($0) * 0.7)) }
        let audio = WAVAudio(sampleRate: 8000, samples: tone + [Int16](repeating: 3, count: 16_000) + tone)
        let level = try #require(audio.activeLevelDBm0)
        #expect(abs(level + 25) < 0.3)
        let raised = try #require(audio.levelled(to: -19).activeLevelDBm0)
        #expect(abs(raised + 19) < 0.3)
        #expect(WAVAudio(sampleRate: 8000, samples: [0, 0, 0]).activeLevelDBm0 == nil)
        let spike = WAVAudio(sampleRate: 8000, samples: [Int16](repeating: 10, count: 900) + [30_000])
        #expect(spike.levelled(to: 0).samples.allSatisfy { abs(Int($0)) <= 32_100 })
    }

    @Test(arguments: [8000, 11_025, 22_050, 44_100, 96_000]) func `resampling keeps length, level and place`(rate: Int)
    {
        let click = rate / 2
        var samples = (0..<rate).map { Int16(8000 * sin(2 * .pi * 500 * Double($0) / Double(rate))) }
        samples[click] = 32_000
        let audio = WAVAudio(sampleRate: rate, samples: samples).resampled(to: 16_000)
        #expect(abs(audio.samples.count - 16_000) <= 1)
        let middle = audio.samples[4000..<7500].map { Int($0) }
        #expect(abs((middle.max() ?? 0) - 8000) < 60)
        let peak = audio.samples.indices.max { abs(Int(audio.samples[$0])) < abs(Int(audio.samples[$1])) } ?? 0
        #expect(rate > 16_000 || abs(peak - 8000) <= 2)
    }
}
