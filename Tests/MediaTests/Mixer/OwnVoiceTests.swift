// SPDX-License-Identifier: Apache-2.0
import Signals
import Testing

@testable import Media

/// N-1: nobody hears itself, everybody hears each other one.
///
/// The proof is by comparison: a room is run twice, once with one member talking and once with it silent. What that member
/// hears must be the same to the last bit (own voice at minus infinity), and what every other member hears must differ.
///
/// In a steered room who talks decides what is heard when, of the others as well (deadlines, time scaling). There the member
/// says the same upside down the second time: as loud, and as like itself, so nothing else changes. G.711 alone turns it
/// over exactly; for the other codecs see OwnVoiceLevelTests.
@Suite struct OwnVoiceTests {
    private func conversation(
        _ codecs: [AudioCodec], amplitude: Double, changed: Int?, milliseconds: Int, isSteered: Bool
    ) -> [[Int16]] {
        var options = MixOptions()
        options.isSteered = isSteered
        let rig = MixRig(options)
        let mix = rig.makeMix()
        let phones = codecs.enumerated().map { rig.makePhone($1, phase: Int64($0 * 7 % 20) * 1_000_000) }
        rig.join(phones, mix)
        for (index, phone) in phones.enumerated() where index != changed || isSteered {
            let voice = voice(UInt64(index) + 1, rate: phone.codec.sampleRate, amplitude: amplitude)
            phone.voice = index == changed ? { -voice($0) } : voice
        }
        rig.run(milliseconds: milliseconds)
        return phones.map(\.heard)
    }

    /// Noise below 2 kHz that never repeats: white at 4 kHz, joined by straight lines; in the middle between two steps of
    /// G.711's 14 bits, so that its codes are the same upside down.
    private func voice(_ seed: UInt64, rate: Int, amplitude: Double) -> (Int64) -> Int16 {
        let white = noise(seed, amplitude: amplitude)
        let hold = Int64(rate / 4000)
        return { position in
            let whole = position / hold
            let part = Double(position % hold) / Double(hold)
            return Int16(Double(white(whole)) * (1 - part) + Double(white(whole + 1)) * part) & ~3 | 2
        }
    }

    private func energy(_ samples: ArraySlice<Int16>) -> Double {
        samples.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, samples.count))
    }

    private func expectNobodyHearsItself(
        _ codecs: [AudioCodec], amplitude: Double, members: [Int], isSteered: Bool = false
    ) {
        let all = conversation(codecs, amplitude: amplitude, changed: nil, milliseconds: 900, isSteered: isSteered)
        for member in members {
            let without = conversation(
                codecs, amplitude: amplitude, changed: member, milliseconds: 900, isSteered: isSteered)
            #expect(all[member].count > 400 * codecs[member].sampleRate / 1000)
            let same = all[member] == without[member]
            #expect(same, "\(codecs[member].name) \(member) hears itself")
            for other in codecs.indices where other != member {
                let count = min(all[other].count, without[other].count) / 2
                let difference = zip(all[other].suffix(count), without[other].suffix(count)).map {
                    Int16(clamping: Int($0) - Int($1))
                }
                let share = energy(difference[...]) / max(1, energy(all[other].suffix(count)))
                #expect(share > 0.02, "\(other) does not hear \(member)")
            }
        }
    }

    private let eight: [AudioCodec] = [.pcmu, .pcma, .g722, .opus, .pcmu, .g722, .opus, .pcma]

    @Test func `eight full scale talkers at three rates do not hear themselves`() {
        expectNobodyHearsItself(eight, amplitude: 32_000, members: Array(0..<8))
    }

    @Test func `eight full scale talkers at three rates do not hear themselves in a steered room`() {
        expectNobodyHearsItself(eight, amplitude: 32_000, members: [0, 1, 4, 7], isSteered: true)
    }

    @Test func `talkers of a large room with shared groups do not hear themselves`() {
        expectNobodyHearsItself(
            [.pcmu, .pcma, .pcmu, .pcma, .g722, .pcmu, .pcma, .pcmu, .opus, .pcmu], amplitude: 2500, members: [0, 1])
    }
}
