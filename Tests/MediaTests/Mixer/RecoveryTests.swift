// SPDX-License-Identifier: Apache-2.0
import Signals
import Testing

@testable import Media

@Suite struct RecoveryTests {
    /// Speech-like: a tone of 120 Hz with overtones, which time scaling can shorten.
    private func vowel(_ position: Int64) -> Int16 {
        let period = Int(position % 64)
        let pulse = period < 8 ? 9000 - period * 1000 : 0
        return Int16(pulse - 500 + Int(noise(3, amplitude: 300)(position)))
    }

    @Test func `a stall of two hundred milliseconds leaves no lasting delay`() {
        let rig = MixRig()
        let mix = rig.makeMix()
        let phones = [rig.makePhone(phase: 3_000_000), rig.makePhone(phase: 11_000_000)]
        rig.join(phones, mix)
        let voice = noise(5)
        phones[0].voice = voice
        rig.run(milliseconds: 3000)
        let before = phones[1].addedDelay(of: phones[0], atPacket: phones[1].packets.count - 2, voice: voice) ?? 99
        rig.run(milliseconds: 200, stall: true)
        rig.run(milliseconds: 1000)
        let after = phones[1].addedDelay(of: phones[0], atPacket: phones[1].packets.count - 2, voice: voice) ?? 99
        #expect(abs(after - before) < 2, "before \(before) after \(after)")
        #expect(rig.counters().framesSkipped >= 8)
        // Time stamps went on with the time, not with the packets.
        let packets = phones[1].packets
        if let first = packets.first, let last = packets.last {
            let elapsed = Double(last.time - first.time) / 1e6
            let stamped = Double(last.timestamp &- first.timestamp) / 8
            #expect(abs(elapsed - stamped) < 21)
        }
    }

    @Test func `loss is concealed once and the delay stays`() {
        let rig = MixRig()
        let mix = rig.makeMix()
        let phones = (0..<3).map { rig.makePhone(phase: Int64($0) * 6_000_000) }
        rig.join(phones, mix)
        phones[0].voice = vowel
        phones[0].lossEvery = 20
        rig.run(milliseconds: 4000)
        let counters = phones[0].rtp.receiver.counters
        #expect(counters.concealedPercent > 3)
        #expect(counters.concealedPercent < 8)
        #expect(counters.late == 0)
        for phone in phones { #expect(phone.heard.count > 28_000) }
    }

    @Test func `jitter of ten milliseconds is absorbed`() {
        let rig = MixRig()
        let mix = rig.makeMix()
        let phones = [rig.makePhone(phase: 0, jitter: 10_000_000), rig.makePhone(phase: 11_000_000)]
        rig.join(phones, mix)
        phones[0].voice = vowel
        rig.run(milliseconds: 8000)
        let counters = phones[0].rtp.receiver.counters
        #expect(counters.concealedPercent < 1.5, "\(counters.concealedPercent) % concealed")
    }
}
