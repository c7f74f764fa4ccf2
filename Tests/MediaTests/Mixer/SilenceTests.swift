// SPDX-License-Identifier: Apache-2.0
import RTP
import Signals
import Telephony
import Testing

@testable import Media

/// Silence on the wire: comfort noise (RFC 3389) and opus' DTX, both ways. Virtual time.
@Suite struct SilenceTests {
    private let voice = noise(7)

    @Test func `who takes comfort noise gets it instead of silence, and speech from its first frame on`() {
        let rig = MixRig()
        let mix = rig.makeMix()
        let talker = rig.makePhone(phase: 3_000_000)
        let quiet = rig.makePhone(phase: 11_000_000, comfortNoise: true)
        let plain = rig.makePhone(phase: 7_000_000)
        rig.join([talker, quiet, plain], mix)
        rig.run(milliseconds: 4000)
        // Two or three noise packets a second; nothing else; the one who does not take it gets every frame.
        let packets = quiet.packets.filter { $0.time > rig.now - 2_000_000_000 }
        #expect(packets.isEmpty)
        #expect((4...7).contains(quiet.noise.filter { $0.time > rig.now - 2_000_000_000 }.count))
        #expect(quiet.noise.allSatisfy { (50...78).contains($0.level) })
        #expect(plain.packets.count > 190)
        #expect(plain.noise.isEmpty)
        let start = rig.now
        talker.voice = voice
        rig.run(milliseconds: 1000)
        let said = talker.arrivals.first { $0.time >= start + 20_000_000 }?.time ?? 0
        let heard = quiet.packets.first { packet in
            packet.time > start
                && quiet.heard[packet.start..<packet.start + packet.count].contains { abs(Int($0)) > 2000 }
        }
        #expect(Double((heard?.time ?? .max / 2) - said) / 1e6 < 25)
        #expect(quiet.noise.allSatisfy { $0.time < (heard?.time ?? 0) })
        // The time stamps went on with the time.
        let first = quiet.packets.first { $0.time < start - 3_000_000_000 }
        if let first, let last = quiet.packets.last {
            let stamped = Double(last.timestamp &- first.timestamp) / 8
            #expect(abs(Double(last.time - first.time) / 1e6 - stamped) < 25)
        } else {
            Issue.record("no packets")
        }
    }

    @Test func `opus with DTX goes almost quiet, and speech comes through at once`() {
        var options = OpusOptions()
        options.discontinuous = true
        let rig = MixRig()
        let mix = rig.makeMix()
        let talker = rig.makePhone(.opus, phase: 3_000_000)
        let saver = rig.makePhone(.opus, phase: 11_000_000, opus: options)
        rig.join([talker, saver], mix)
        rig.run(milliseconds: 4000)
        let count = saver.packets.filter { $0.time > rig.now - 2_000_000_000 }.count
        #expect(count < 20, "\(count) packets in two seconds of silence")
        talker.voice = { self.voice($0 / 6) }
        rig.run(milliseconds: 1000)
        #expect(saver.packets.filter { $0.time > rig.now - 500_000_000 }.count >= 24)
    }

    @Test func `a talker's pauses by DTX count as nothing lost`() {
        let rig = MixRig()
        let mix = rig.makeMix()
        let talker = rig.makePhone(phase: 3_000_000)
        let listener = rig.makePhone(phase: 11_000_000)
        rig.join([talker, listener], mix)
        talker.voice = voice
        for _ in 0..<6 {
            rig.run(milliseconds: 1000)
            // It sends nothing; sequence numbers go on without a gap.
            talker.pauses = true
            rig.run(milliseconds: 700)
            talker.pauses = false
        }
        rig.run(milliseconds: 1000)
        let counters = talker.rtp.receiver.counters
        #expect(counters.concealedPercent < 0.3, "\(counters.concealedPercent) % concealed")
        #expect(talker.rtp.receiver.lost == 0)
        #expect(!talker.rtp.receiver.patience.isOn)
        #expect(talker.port.statistics().standingDelayMilliseconds < 5)
    }
}
