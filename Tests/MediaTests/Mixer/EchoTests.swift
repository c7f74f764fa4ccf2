// SPDX-License-Identifier: Apache-2.0
import Telephony
import Testing

@testable import Media

/// Somebody who tries his line hears himself.
@Suite struct EchoTests {
    @Test(arguments: [8_000, 16_000, 48_000])
    func `a telephone on a line hears itself 160 ms later, and nothing else`(rate: Int) {
        let rig = MixRig()
        let card = VirtualCard(sampleRate: rate)
        let every = Int64(rate) * 600 / 1_000
        card.voice = { $0 > 0 && $0 % every < Int64(rate / 500) ? 12_000 : 0 }
        let port = rig.makeCard(card)
        let mix = rig.makeMix()
        rig.send(.echo(port, true))
        rig.send(.add(.port(port), mix))
        rig.send(.listen(port, mix))
        rig.run(milliseconds: 3_000)
        var delays: [Double] = []
        var index = 0
        while index < card.played.count {
            if card.played[index] > 6_000 {
                delays.append(Double(Int64(index) % every) * 1_000 / Double(rate))
                index += rate / 10
            }
            index += 1
        }
        #expect(delays.count >= 4)
        #expect(delays.allSatisfy { $0 > 155 && $0 < 185 }, "\(delays)")
        // Off again: nothing of one's own.
        rig.send(.echo(port, false))
        rig.run(milliseconds: 400)
        let from = card.played.count
        rig.run(milliseconds: 2_000)
        #expect(card.played[from...].allSatisfy { abs(Int($0)) < 50 })
    }

    @Test func `so does a telephone of the network`() {
        let rig = MixRig()
        let phone = rig.makePhone()
        let mix = rig.makeMix()
        phone.voice = tone(700, rate: 8_000)
        rig.send(.echo(phone.id, true))
        rig.join([phone], mix)
        rig.run(milliseconds: 2_000)
        #expect(amplitude(phone.heard.suffix(4_000), 700, rate: 8_000) > 7_000)
    }
}
