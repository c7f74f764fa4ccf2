// SPDX-License-Identifier: Apache-2.0
import Signals
import Testing

@testable import Media

@Suite struct SteeringTests {
    /// Delays of talker 0 as heard by the others, one talker at a time.
    private func delays(_ count: Int, isSteered: Bool, jitter: Int64 = 0, seed: Int) -> [Double] {
        var options = MixOptions()
        options.isSteered = isSteered
        let rig = MixRig(options)
        let mix = rig.makeMix()
        let phones = (0..<count).map { index in
            rig.makePhone(phase: Int64((index * 7 + seed * 5 + index * index * 3) % 20) * 1_000_000 + 300_000, jitter: jitter)
        }
        rig.join(phones, mix)
        let voice = noise(7)
        phones[0].voice = voice
        rig.run(milliseconds: 3000)
        var result: [Double] = []
        for phone in phones.dropFirst() {
            for index in stride(from: phone.packets.count / 2, to: phone.packets.count, by: 7) {
                if let delay = phone.addedDelay(of: phones[0], atPacket: index, voice: voice) { result.append(delay) }
            }
        }
        return result
    }

    @Test func `an established talker is heard within a millisecond in rooms of two and four`() {
        for count in [2, 4] {
            var steered: [Double] = []
            var fixed: [Double] = []
            for seed in 0..<4 {
                steered += delays(count, isSteered: true, seed: seed)
                fixed += delays(count, isSteered: false, seed: seed)
            }
            print("N=\(count) steered p50 \(quantile(steered, 0.5)) p95 \(quantile(steered, 0.95)) of \(steered.count);",
                "fixed p50 \(quantile(fixed, 0.5)) p95 \(quantile(fixed, 0.95)) of \(fixed.count)")
            #expect(steered.count > 20)
            #expect(quantile(steered, 0.5) < 1.5)
            #expect(quantile(steered, 0.95) < 3)
        }
    }
}
