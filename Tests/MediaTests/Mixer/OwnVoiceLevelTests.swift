// SPDX-License-Identifier: Apache-2.0

import PartylineTestKit
import Signals
import Testing

@testable import Media

/// How loud each hears each, by correlation of distinct voices, in the mixer as it is shipped: steered, with three rates. Long
/// stretches of a voice that shall not be there, since what a codec adds to the others hides everything below -60 dB of a second.
@Suite struct OwnVoiceLevelTests {
    private static let seconds = 30.0

    /// Decibels of how loud the speaker spoke: by listener, then speaker.
    private func levels(_ codecs: [AudioCodec], level: Double) -> [[Double]] {
        let rig = MixRig()
        let mix = rig.makeMix()
        let phones = codecs.enumerated().map { rig.makePhone($1, phase: Int64($0 * 7 % 20) * 1_000_000 + 300_000) }
        rig.join(phones, mix)
        for (index, phone) in phones.enumerated() {
            let said = Voice(index).samples(seconds: Self.seconds, rate: phone.codec.sampleRate, level: level)
            phone.voice = { $0 < said.count ? said[Int($0)] : 0 }
        }
        rig.run(milliseconds: Int(Self.seconds * 1000))
        return phones.enumerated().map { listener, phone in
            let heard = AudioAnalysis.atTelephoneRate(phone.heard, from: phone.codec.sampleRate)
            let part = Array(heard[80_000..<160_000])
            return phones.indices.map { speaker in
                let said = Voice(speaker).samples(seconds: Self.seconds, level: level)
                if speaker == listener {
                    let all = Array(said[16_000..<232_000])
                    return AudioAnalysis.presence(of: all, in: heard, block: all.count).levelDB
                }
                return AudioAnalysis.presence(of: Array(said[100_000..<126_000]), in: part, block: 6400).levelDB
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
        let other = Voice(3).samples(seconds: Self.seconds, level: 2000)
        let heard = zip(own, other).map { Int16(clamping: Int((Double($0) / 316).rounded()) + Int($1)) }
        let level = AudioAnalysis.presence(of: Array(own[16_000..<232_000]), in: heard, block: 216_000).levelDB
        #expect(level > -53 && level < -47, "\(level) dB")
    }
}
