// SPDX-License-Identifier: Apache-2.0

import PartylineTestKit
import Testing

/// The instruments themselves: an instrument that cannot tell right from wrong proves nothing.
@Suite struct TestKitTests {
    @Test func `own voice that is not there measures at most -60 dB, after G711, among seven others`() {
        let voices = (0..<8).map { Voice($0).samples(seconds: 4) }
        var sum = [Int](repeating: 0, count: voices[0].count)
        for voice in voices.dropFirst() { for index in sum.indices { sum[index] += Int(voice[index]) / 3 } }
        let mix =
            [Int16](repeating: 0, count: 733)
            + sum.map { sample in
                ReferenceG711.muLawSamples[Int(ReferenceG711.muLaw(Int16(clamping: sample)))]
            }
        let own = AudioAnalysis.presence(of: voices[0], in: mix)
        #expect(own.levelDB <= -60)
        for voice in voices.dropFirst() {
            let other = AudioAnalysis.presence(of: voice, in: mix)
            #expect(abs(other.levelDB + 9.5) < 0.5)
            #expect(abs(other.lag - 733) < 0.5)
        }
    }

    @Test(arguments: [1, 2, 3]) func `two voices in a short recording do not look like one`(_ seed: UInt64) {
        let own = Voice(1, seed: seed).samples(seconds: 1.7)
        let other = Voice(4, seed: seed).samples(seconds: 2)
        let heard = other.map { ReferenceG711.muLawSamples[Int(ReferenceG711.muLaw($0))] }
        #expect(AudioAnalysis.presence(of: own, in: heard, block: 6400).levelDB <= -55)
    }

    @Test func `a leak of one thousandth of the own voice is found`() {
        let own = Voice(3).samples(seconds: 4)
        let other = Voice(4).samples(seconds: 4)
        let mix = zip(own, other).map { Int16($1) / 2 + Int16((Double($0) / 100).rounded()) }
        let level = AudioAnalysis.presence(of: own, in: mix).levelDB
        #expect(abs(level + 40) < 1)
    }

    @Test func `a delay of 7.37 ms is measured to a twentieth of a sample's time`() {
        let rate = 8000
        let speech = PseudoSpeech.samples(seconds: 3, seed: 5)
        var sent = Recording(rate: rate)
        var heard = Recording(rate: rate)
        for frame in 0..<(speech.count / 160) {
            let position = frame * 160
            let piece = Array(speech[position..<(position + 160)])
            sent.put(piece, at: position, time: 1_000_000_000 + Int64(frame) * 20_000_000)
            heard.put(piece, at: position, time: 1_007_370_000 + Int64(frame) * 20_000_000)
        }
        let delays = DelayMeter.speech(from: sent, to: heard).map(\.milliseconds)
        #expect(delays.count > 120)
        let median = Percentiles(delays).median ?? 0
        #expect(abs(median - 7.37) < 0.01)
    }

    @Test func `a listener whose frames are cut elsewhere counts only what the box added`() {
        // Out in frames of 20 ms, heard 13 ms later in frames that begin 50 samples off.
        let speech = PseudoSpeech.samples(seconds: 3, seed: 6)
        var sent = Recording(rate: 8000)
        var heard = Recording(rate: 8000)
        for frame in 0..<(speech.count / 160 - 1) {
            let position = frame * 160
            sent.put(Array(speech[position..<(position + 160)]), at: position, time: Int64(frame) * 20_000_000)
            let cut = Array(speech[(position + 50)..<(position + 210)])
            heard.put(cut, at: position, time: Int64(frame) * 20_000_000 + 50 * 125_000 + 13_000_000)
        }
        let median = Percentiles(DelayMeter.speech(from: sent, to: heard).map(\.milliseconds)).median ?? 0
        #expect(abs(median - 13) < 0.05)
    }

    @Test func `clicks are matched, and a lost one is missed`() {
        var samples = [Int16](repeating: 0, count: 24000)
        for start in [3000, 9000, 15000] { samples.replaceSubrange(start..<(start + 32), with: Pulse.click()) }
        var sent = Recording(rate: 8000)
        var heard = Recording(rate: 8000)
        for frame in 0..<150 {
            let position = frame * 160
            let piece = Array(samples[position..<(position + 160)])
            sent.put(piece, at: position, time: Int64(frame) * 20_000_000)
            let isLost = (9000..<9160).contains(position + 80)
            heard.put(
                isLost ? [Int16](repeating: 0, count: 160) : piece, at: position,
                time: Int64(frame) * 20_000_000 + 4_250_000)
        }
        let result = DelayMeter.clicks(from: sent, to: heard)
        #expect(result.sent == 3)
        #expect(result.delays.count == 2)
        #expect(result.delays.allSatisfy { abs($0 - 4.25) < 1e-6 })
    }

    @Test func `the reference of G711 agrees with the recommendation's corner values`() {
        #expect(ReferenceG711.muLawSamples[0x00] == -32124)
        #expect(ReferenceG711.muLawSamples[0x80] == 32124)
        #expect(ReferenceG711.muLawSamples[0xFF] == 0)
        #expect(ReferenceG711.aLawSamples[0xD5] == 8)
        #expect(ReferenceG711.aLawSamples[0xAA] == 32256)
        for octet in 0..<256 where octet != 0x7F {
            let byte = UInt8(octet)
            #expect(ReferenceG711.muLaw(ReferenceG711.muLawSamples[octet]) == byte)
            #expect(ReferenceG711.aLaw(ReferenceG711.aLawSamples[octet]) == byte)
        }
    }
}
