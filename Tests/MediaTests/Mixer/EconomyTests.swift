// SPDX-License-Identifier: Apache-2.0
// What is left out to save time, and must not be heard or missed.

import Signals
import Telephony
import Testing

@testable import Media

@Suite struct EconomyTests {
    @Test func `many groups share their wake-ups, and a frame is never early`() {
        let rig = MixRig()
        for room in 0..<7 {
            let mix = rig.makeMix()
            rig.join((0..<4).map { rig.makePhone(phase: Int64(room * 17 + $0 * 131) % 200 * 100_000) }, mix)
        }
        rig.run(milliseconds: 3000)
        let before = rig.counters()
        rig.run(milliseconds: 1000)
        let steps = rig.counters().steps - before.steps
        #expect(steps <= 1100, "\(steps) wake-ups a second")
        #expect(rig.counters().frames - before.frames >= 1370)
        // 20 ms apart, on instants that do not move.
        for phone in rig.phones {
            let times = phone.packets.suffix(20).map(\.time)
            for (this, next) in zip(times, times.dropFirst()) {
                #expect((15_000_000...25_000_000).contains(next - this))
            }
        }
    }

    @Test func `whoever listens in a large room for long gets as many frames as time has`() {
        let rig = MixRig()
        let mix = rig.makeMix()
        let phones = (0..<12).map { rig.makePhone(phase: Int64($0 * 7 % 20) * 1_000_000) }
        rig.join(phones, mix)
        // Everybody speaks for a second in turn: the deadline goes from one to the next.
        for (index, phone) in phones.enumerated() {
            let voice = noise(UInt64(index) + 3)
            phone.voice = { ($0 / 8000) % 12 == Int64(index) ? voice($0) : 0 }
        }
        rig.run(milliseconds: 1000)
        let moves = rig.counters().moves
        let counts = phones.map(\.packets.count)
        rig.run(milliseconds: 24_000)
        #expect(rig.counters().moves - moves > 10)
        for (phone, before) in zip(phones, counts) {
            let frames = phone.packets.count - before
            #expect(abs(frames - 1200) <= 2, "\(frames) frames in 24 s")
        }
    }

    @Test func `what a silent phone does not send in time is not made up, but counts as lost`() {
        let rig = MixRig()
        let mix = rig.makeMix()
        let phones = [rig.makePhone(phase: 3_000_000), rig.makePhone(phase: 11_000_000)]
        rig.join(phones, mix)
        rig.run(milliseconds: 2000)
        phones[0].lossEvery = 10
        rig.run(milliseconds: 3000)
        let lost = phones[0].rtp.receiver.lost
        #expect((13...16).contains(lost), "\(lost) lost")
        // The time line has no hole: everything but the newest tenth of a second is there or made up.
        let counters = phones[0].rtp.receiver.counters
        #expect(counters.decodedSamples + counters.concealedSamples >= 8000 * 5 - 1200)
    }

    @Test func `standing delay and jitter of a member who says nothing are known`() throws {
        let rig = MixRig()
        let mix = rig.makeMix()
        let phones = [rig.makePhone(phase: 3_000_000, jitter: 2_000_000), rig.makePhone(phase: 11_000_000)]
        rig.join(phones, mix)
        rig.run(milliseconds: 6000)
        let shaky = phones[0].port.statistics()
        let steady = phones[1].port.statistics()
        #expect(shaky.jitterMilliseconds > 0.3 && shaky.jitterMilliseconds < 2)
        #expect(steady.jitterMilliseconds < 0.3)
        // Behind its arrivals by the margin, what jitter asks for, and never a frame.
        #expect(steady.standingDelayMilliseconds > 0.3 && steady.standingDelayMilliseconds < 3)
        #expect(shaky.standingDelayMilliseconds > 0.3 && shaky.standingDelayMilliseconds < 6)
    }
}
