// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import Signals
import Testing

@testable import Media

/// How loud each hears each in rooms at three rates, steered as they are shipped and with fixed phases. Everybody sends a tone
/// of his own, which is correlated with what each listener hears.
///
/// His own is looked for in what changes for him when he says the same upside down: half the difference of the two
/// conversations. The mixer takes both alike, so all else is the same: what the codecs make of the others' tones (G.722 and
/// Opus: a little of every frequency, at about -50 dB) goes away, what he really hears of himself stays.
@Suite struct OwnVoiceLevelTests {
    private static let seconds = 5.6
    /// How long the conversations are that are compared.
    private static let comparedSeconds = 2.0
    private static let ownLimitDB = -60.0
    /// No sum or difference of some of them is another one.
    private static let hertz = [401.31, 557.97, 733.13, 911.71, 1_117.37, 1_327.61, 1_571.23, 1_823.93]

    private let codecs: [AudioCodec] = [.pcmu, .pcma, .g722, .opus, .pcmu, .g722, .opus, .pcma]

    private func tone(_ index: Int, rate: Int, level: Double, seconds: Double = seconds) -> [Int16] {
        let step = 2 * Double.pi * Self.hertz[index] / Double(rate)
        return (0..<Int(seconds * Double(rate))).map { Int16((sin(step * Double($0)) * level).rounded()) }
    }

    /// The amplitude of that tone in samples at 8 kHz, in decibels of `level`; `besides`: of one so many Hz beside it.
    private func level(of index: Int, besides: Double = 0, in heard: [Double], spokenAt level: Double) -> Double {
        let step = 2 * Double.pi * (Self.hertz[index] + besides) / 8_000
        var (real, imaginary, weights) = (0.0, 0.0, 0.0)
        for (place, sample) in heard.enumerated() {
            // Hann's window, so that the other tones do not leak in.
            let weight = 1 - cos(2 * Double.pi * Double(place) / Double(heard.count))
            real += sample * weight * cos(step * Double(place))
            imaginary += sample * weight * sin(step * Double(place))
            weights += weight
        }
        let amplitude = 2 * (real * real + imaginary * imaginary).squareRoot() / weights
        return 20 * log10(max(amplitude, 1e-3) / level)
    }

    /// What each hears, at 8 kHz; one of them speaks upside down.
    private func conversation(
        _ voices: [[Int16]], seconds: Double, inverted: Int?, isSteered: Bool
    ) -> [[Int16]] {
        var options = MixOptions()
        options.isSteered = isSteered
        let rig = MixRig(options)
        let mix = rig.makeMix()
        let phones = codecs.prefix(voices.count).enumerated().map {
            rig.makePhone($1, phase: Int64($0 * 7 % 20) * 1_000_000 + 300_000)
        }
        rig.join(phones, mix)
        for (index, phone) in phones.enumerated() {
            let said = index == inverted ? voices[index].map { -$0 } : voices[index]
            phone.voice = { $0 < said.count ? said[Int($0)] : 0 }
        }
        rig.run(milliseconds: Int(seconds * 1000))
        return phones.map { AudioAnalysis.atTelephoneRate($0.heard, from: $0.codec.sampleRate) }
    }

    private func difference(_ one: [Int16], _ other: [Int16]) -> [Double] {
        zip(one, other).map { Double($0) - Double($1) }
    }

    /// What of a conversation turned over.
    private func change(_ other: [Int16], from one: [Int16]) -> [Double] { difference(one, other).map { $0 / 2 } }

    /// What is there at frequencies near his own that nobody has. Where G.722 or Opus codes his voice upside down a little
    /// otherwise, a joint of the time scaler may lie elsewhere, and then the codecs' noise does not go away.
    private func floor(at index: Int, in heard: [Double], spokenAt spoken: Double) -> Double {
        [-37.0, -31, -23, -17, -11, 11, 17, 23, 31, 37]
            .map { level(of: index, besides: $0, in: heard, spokenAt: spoken) }.max() ?? Self.ownLimitDB
    }

    /// So many people speak at that amplitude: nobody hears himself, everybody each other at `others` decibels or more.
    private func expectOnlyOthers(
        _ people: Int, level spoken: Double, isSteered: Bool, others: (AudioCodec) -> Double,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        // In the middle between two steps of G.711's 14 bits, so that its codes are the same upside down.
        let voices = codecs.prefix(people).enumerated().map { index, codec in
            tone(index, rate: codec.sampleRate, level: spoken).map { $0 & ~3 | 2 }
        }
        let all = conversation(voices, seconds: Self.seconds, inverted: nil, isSteered: isSteered)
        var quietest = 0.0
        for listener in voices.indices {
            #expect(all[listener].count > 44_000, sourceLocation: sourceLocation)
            let late = all[listener].dropFirst(40_000).prefix(4_000).map(Double.init)
            for speaker in voices.indices where speaker != listener {
                let found = level(of: speaker, in: late, spokenAt: spoken)
                quietest = min(quietest, found)
                #expect(
                    found >= others(codecs[listener]), "\(listener) hears \(speaker) at \(found) dB",
                    sourceLocation: sourceLocation)
            }
            let control = conversation(
                voices, seconds: Self.comparedSeconds, inverted: listener, isSteered: isSteered)
            #expect(control[listener].count > 14_000, sourceLocation: sourceLocation)
            let turned = change(control[listener], from: all[listener])
            let own = level(of: listener, in: turned, spokenAt: spoken)
            let limit =
                own <= Self.ownLimitDB
                ? Self.ownLimitDB : max(Self.ownLimitDB, floor(at: listener, in: turned, spokenAt: spoken) + 1)
            #expect(
                own <= limit, "\(listener) (\(codecs[listener].name)) hears himself at \(own) dB",
                sourceLocation: sourceLocation)
            // The next one does hear that he speaks upside down.
            let next = (listener + 1) % people
            let changed = change(control[next], from: all[next]).dropFirst(8_000).prefix(4_000)
            let there = level(of: listener, in: Array(changed), spokenAt: spoken)
            #expect(there >= Self.ownLimitDB + 20, "\(next): \(there) dB", sourceLocation: sourceLocation)
        }
        print("\(people) people, steered: \(isSteered): the quietest of the others' voices at \(Int(quietest)) dB")
    }

    @Test(arguments: [true, false])
    func `four at three rates hear each other and not themselves`(isSteered: Bool) {
        // Opus is no waveform codec.
        expectOnlyOthers(4, level: 2_000, isSteered: isSteered) { $0 == .opus ? -12 : -6 }
    }

    @Test(arguments: [true, false])
    func `eight talkers at full scale, at three rates, do not hear themselves`(isSteered: Bool) {
        // Of seven voices at full scale the limiter takes 17 dB; Opus may lose as much again, as a talker and as a listener.
        expectOnlyOthers(8, level: 32_000, isSteered: isSteered) { $0 == .opus ? -36 : -24 }
    }

    @Test func `the measure finds a tone that leaks at sixty decibels below, beside others`() {
        let (own, other) = (tone(0, rate: 8_000, level: 8_000), tone(3, rate: 8_000, level: 8_000))
        let heard = zip(own, other).map { Double(Int16(clamping: Int((Double($0) / 1000).rounded()) + Int($1))) }
        let found = level(of: 0, in: heard, spokenAt: 8_000)
        #expect(found > -62 && found < -58, "\(found) dB")
    }

    /// A leak of -48 dB. What leaks makes G.722's and Opus's noise another one besides, which lifts the figure further.
    @Test(arguments: 0..<4) func `the measure overlooks no leak, whatever the codec`(index: Int) throws {
        let codec = codecs[index]
        let (spoken, leak) = (4_000.0, 16.0)
        let voices = (0..<8).map { tone($0, rate: codec.sampleRate, level: $0 == 0 ? leak : spoken, seconds: 16) }
        var sums = [Int](repeating: 0, count: voices[0].count)
        for voice in voices.dropFirst() {
            for place in sums.indices { sums[place] += Int(voice[place]) }
        }
        let clean = try heard(sums.map { Int16(clamping: $0) }, through: codec)
        let leaking = try heard(zip(sums, voices[0]).map { Int16(clamping: $0 + Int($1)) }, through: codec)
        #expect(clean.count == leaking.count && clean.count > 120_000)
        let found = level(of: 0, in: difference(leaking, clean), spokenAt: spoken)
        #expect(found > Self.ownLimitDB, "\(codec.name): \(found) dB")
    }

    /// Encoded and decoded in frames of 20 ms; at 8 kHz.
    private func heard(_ samples: [Int16], through codec: AudioCodec) throws -> [Int16] {
        let encoder = try #require(AudioEncoder(codec))
        let decoder = try #require(AudioDecoder(codec))
        let frame = codec.sampleRate / 50
        var payload = [UInt8](repeating: 0, count: 1_500)
        var piece = [Int16](repeating: 0, count: 5_760)
        var decoded: [Int16] = []
        for start in stride(from: 0, through: samples.count - frame, by: frame) {
            let bytes = encoder.encode(
                Array(samples[start..<start + frame]), count: frame, into: &payload, capacity: payload.count)
            let count = decoder.decode(payload, count: bytes, into: &piece, capacity: piece.count)
            decoded += piece[0..<count]
        }
        return AudioAnalysis.atTelephoneRate(decoded, from: codec.sampleRate)
    }
}
