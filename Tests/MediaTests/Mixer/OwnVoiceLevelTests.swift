// SPDX-License-Identifier: Apache-2.0

import PartylineTestKit
import Signals
import Testing

@testable import Media

/// How loud each hears each, by correlation of distinct voices, in the mixer as it is shipped: steered, with three rates. His own
/// voice is looked for in what a listener hears because he speaks: the difference to the same room in which he is silent. (Beside
/// the others' voices a correlation finds nothing below -50 dB.)
@Suite struct OwnVoiceLevelTests {
    private static let seconds = 8.0

    /// What everybody hears, at 8 kHz.
    private func heard(_ codecs: [AudioCodec], level: Double, silent: Int? = nil) -> [[Int16]] {
        let rig = MixRig()
        let mix = rig.makeMix()
        let phones = codecs.enumerated().map { rig.makePhone($1, phase: Int64($0 * 7 % 20) * 1_000_000 + 300_000) }
        rig.join(phones, mix)
        for (index, phone) in phones.enumerated() where index != silent {
            let said = Voice(index).samples(seconds: Self.seconds, rate: phone.codec.sampleRate, level: level)
            phone.voice = { $0 < said.count ? said[Int($0)] : 0 }
        }
        rig.run(milliseconds: Int(Self.seconds * 1000))
        return phones.map { AudioAnalysis.atTelephoneRate($0.heard, from: $0.codec.sampleRate) }
    }

    /// Decibels of how loud the speaker spoke: by listener, then speaker.
    private func levels(_ codecs: [AudioCodec], level: Double) -> [[Double]] {
        let all = heard(codecs, level: level)
        return codecs.indices.map { listener in
            let part = Array(all[listener][16_000..<60_000])
            return codecs.indices.map { speaker in
                let said = Voice(speaker).samples(seconds: Self.seconds, level: level)
                if speaker == listener {
                    let without = heard(codecs, level: level, silent: listener)[listener]
                    let because = zip(all[listener], without).map { Int16(clamping: Int($0) - Int($1)) }
                    let own = Array(said[16_000..<40_000])
                    return AudioAnalysis.presence(of: own, in: because, block: own.count).levelDB
                }
                return AudioAnalysis.presence(of: Array(said[24_000..<50_000]), in: part, block: 6400).levelDB
            }
        }
    }

    private func expect(
        _ levels: [[Double]], others: (Int) -> Double, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for (listener, row) in levels.enumerated() {
            for (speaker, level) in row.enumerated() {
                let isRight = speaker == listener ? level <= -60 : level >= others(speaker)
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

    @Test func `the measure finds a voice that leaks at fifty decibels below`() {
        let own = Voice(0).samples(seconds: Self.seconds, level: 2000)
        let leaked = own.map { Int16((Double($0) / 316).rounded()) }
        let part = Array(own[16_000..<40_000])
        let level = AudioAnalysis.presence(of: part, in: leaked, block: part.count).levelDB
        #expect(level > -53 && level < -47, "\(level) dB")
    }
}
