// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import Signals
import Testing

@testable import Media

/// How loud each hears each in the mixer as it is shipped: steered, with three rates. Everybody sends a tone of his own, which is
/// correlated with what each listener hears: his own over seconds, since so long a correlation finds what is 80 dB below the
/// others' voices and the codecs' noise; with speech it ends at 50 dB.
@Suite struct OwnVoiceLevelTests {
    private static let seconds = 8.0
    /// No sum or difference of some of them is another one.
    private static let hertz = [401.31, 557.97, 733.13, 911.71, 1_117.37, 1_327.61, 1_571.23, 1_823.93]

    private func tone(_ index: Int, rate: Int, level: Double) -> [Int16] {
        let step = 2 * Double.pi * Self.hertz[index] / Double(rate)
        return (0..<Int(Self.seconds * Double(rate))).map { Int16((sin(step * Double($0)) * level).rounded()) }
    }

    /// The amplitude of that tone at 8 kHz.
    private func amplitude(_ index: Int, in heard: ArraySlice<Int16>) -> Double {
        let step = 2 * Double.pi * Self.hertz[index] / 8_000
        var (real, imaginary, weights) = (0.0, 0.0, 0.0)
        for (place, sample) in heard.enumerated() {
            // Hann's window, so that the other tones do not leak in.
            let weight = 1 - cos(2 * Double.pi * Double(place) / Double(heard.count))
            real += Double(sample) * weight * cos(step * Double(place))
            imaginary += Double(sample) * weight * sin(step * Double(place))
            weights += weight
        }
        return 2 * (real * real + imaginary * imaginary).squareRoot() / weights
    }

    /// Decibels of how loud the speaker spoke: by listener, then speaker.
    private func levels(_ codecs: [AudioCodec], level: Double) -> [[Double]] {
        let rig = MixRig()
        let mix = rig.makeMix()
        let phones = codecs.enumerated().map { rig.makePhone($1, phase: Int64($0 * 7 % 20) * 1_000_000 + 300_000) }
        rig.join(phones, mix)
        for (index, phone) in phones.enumerated() {
            let said = tone(index, rate: phone.codec.sampleRate, level: level)
            phone.voice = { $0 < said.count ? said[Int($0)] : 0 }
        }
        rig.run(milliseconds: Int(Self.seconds * 1000))
        return phones.enumerated().map { listener, phone in
            let heard = AudioAnalysis.atTelephoneRate(phone.heard, from: phone.codec.sampleRate)
            return phones.indices.map { speaker in
                let found =
                    speaker == listener
                    ? amplitude(speaker, in: heard[12_000..<60_000]) : amplitude(speaker, in: heard[40_000..<44_000])
                return 20 * log10(max(found, 1e-3) / level)
            }
        }
    }

    private func expect(
        _ levels: [[Double]], others: (Int) -> Double, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for (listener, row) in levels.enumerated() {
            for (speaker, level) in row.enumerated() {
                // What G.722 and Opus make of the others' tones has a little of every frequency (bit for bit: OwnVoiceTests).
                let isRight =
                    speaker == listener
                    ? level <= ([.opus, .g722].contains(codecs[listener]) ? -50 : -60) : level >= others(speaker)
                #expect(
                    isRight, "\(listener) hears \(speaker == listener ? "himself" : "\(speaker)") at \(level) dB",
                    sourceLocation: sourceLocation)
            }
        }
    }

    private let codecs: [AudioCodec] = [.pcmu, .pcma, .g722, .opus, .pcmu, .g722, .opus, .pcma]

    @Test func `four at three rates hear each other and not themselves`() {
        let levels = levels(Array(codecs.prefix(4)), level: 2000)
        // Opus is no waveform codec.
        expect(levels) { codecs[$0] == .opus ? -12 : -6 }
    }

    @Test func `eight talkers at full scale, at three rates, do not hear themselves`() {
        // The limiter takes away what eight voices have too much.
        expect(levels(codecs, level: 8000)) { _ in -24 }
    }

    @Test func `the measure finds a tone that leaks at sixty decibels below, beside others`() {
        let (own, other) = (tone(0, rate: 8_000, level: 8_000), tone(3, rate: 8_000, level: 8_000))
        let heard = zip(own, other).map { Int16(clamping: Int((Double($0) / 1000).rounded()) + Int($1)) }
        let level = 20 * log10(amplitude(0, in: heard[12_000..<60_000]) / 8_000)
        #expect(level > -62 && level < -58, "\(level) dB")
    }
}
