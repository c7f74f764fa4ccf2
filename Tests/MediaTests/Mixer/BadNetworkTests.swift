// SPDX-License-Identifier: Apache-2.0
import PartylineTestKit
import RTP
import Signals
import Telephony
import Testing

@testable import Media

/// One talker behind a bad network, one listener, the real mix loop, virtual time.
@Suite struct BadNetworkTests {
    private let voice = noise(7)

    private struct Room {
        let rig = MixRig()
        let talker: Phone
        let listener: Phone

        init(_ conditions: NetworkConditions, codec: AudioCodec = .pcmu, seed: UInt64 = 1) {
            let mix = rig.makeMix()
            talker = rig.makePhone(codec, phase: 3_000_000)
            listener = rig.makePhone(codec, phase: 11_000_000)
            talker.path = NetworkPath(conditions, seed: seed)
            rig.join([talker, listener], mix)
        }

        /// What the roster says of the talker.
        var roster: PortStatistics { talker.port.statistics() }
        var counters: RTPCounters { talker.rtp.receiver.counters }

        /// Delays of the last seconds as the listener hears it, ms.
        func delays(_ voice: (Int64) -> Int16, seconds: Int = 2) -> [Double] {
            let count = listener.packets.count
            return stride(from: max(0, count - seconds * 50), to: count, by: 5).compactMap {
                listener.addedDelay(of: talker, atPacket: $0, voice: voice)
            }
        }
    }

    @Test(arguments: [(5.0, 4.0, 7.0), (20.0, 16.0, 24.0)])
    func `loss is made up from both sides at the price of one packet of delay`(
        loss: Double, least: Double, most: Double
    ) {
        let room = Room(.loss(loss))
        room.talker.voice = voice
        room.rig.run(milliseconds: 12_000)
        #expect((least...most).contains(room.counters.concealedPercent), "\(room.counters.concealedPercent) %")
        // What came twice in a row at the beginning, and the end of runs, is known from one side only.
        let bridged = Double(room.counters.bridgedSamples) / Double(max(1, room.counters.concealedSamples))
        #expect(bridged > (loss < 10 ? 0.7 : 0.5), "\(bridged) bridged")
        #expect(room.counters.late == 0)
        let delay = quantile(room.delays(voice), 0.5)
        #expect(delay < 24, "\(delay) ms")
        #expect(abs(room.roster.standingDelayMilliseconds - 21) < 4)
        // When the losses end, so does the waiting.
        room.talker.path?.conditions = .perfect
        room.rig.run(milliseconds: 10_000)
        let after = quantile(room.delays(voice), 0.5)
        #expect(after < 3, "\(after) ms")
        #expect(room.roster.standingDelayMilliseconds < 4)
    }

    @Test(arguments: [AudioCodec.pcmu, .g722, .opus, .g726, .gsm])
    func `every codec lives with loss, jitter, copies and overtaking at once`(codec: AudioCodec) {
        var conditions = NetworkConditions.loss(5, run: 2)
        conditions.jitterMilliseconds = 20
        conditions.reorderPercent = 3
        conditions.duplicatePercent = 3
        let room = Room(conditions, codec: codec)
        let scale = Int64(codec.sampleRate / 8000)
        room.talker.voice = { self.voice($0 / scale) }
        room.rig.run(milliseconds: 10_000)
        #expect(room.counters.concealedPercent < 10)
        #expect(room.counters.duplicates > 5)
        #expect(room.roster.standingDelayMilliseconds < 70)
        // The listener got every frame of its time.
        #expect(abs(room.listener.heard.count - 10 * codec.sampleRate) < codec.sampleRate / 10)
    }

    @Test func `jitter of forty milliseconds loses next to nothing and costs no more than it must`() {
        let room = Room(.jitter(40))
        room.talker.voice = voice
        room.rig.run(milliseconds: 20_000)
        let concealed = room.counters.concealedPercent
        #expect(concealed < 1.5, "\(concealed) % concealed")
        let delay = room.roster.standingDelayMilliseconds
        #expect(delay > 10 && delay < 50, "\(delay) ms")
        #expect(room.roster.bufferMilliseconds <= 42)
    }

    @Test func `overtaken packets and copies are no loss`() {
        var conditions = NetworkConditions.reorder(5)
        conditions.duplicatePercent = 10
        let room = Room(conditions)
        room.talker.voice = voice
        room.rig.run(milliseconds: 20_000)
        #expect(room.counters.concealedPercent < 1, "\(room.counters.concealedPercent) % concealed")
        #expect(room.counters.duplicates > 80)
        #expect(room.roster.packetsLost == 0)
        #expect(!room.talker.rtp.receiver.patience.isOn)
    }

    @Test func `ten seconds without network: the audio is back within 60 ms, and the delay is as before`() {
        let room = Room(.perfect)
        room.talker.voice = voice
        room.rig.run(milliseconds: 5000)
        let before = quantile(room.delays(voice), 0.5)
        room.talker.path?.conditions = .outage
        room.rig.run(milliseconds: 10_000)
        room.talker.path?.conditions = .perfect
        let ends = room.rig.now
        room.rig.run(milliseconds: 2000)
        let comes = room.talker.arrivals.first { $0.time > ends }?.time ?? 0
        let heard = room.listener.packets.first { packet in
            packet.time > ends
                && room.listener.heard[packet.start..<packet.start + packet.count].contains { abs(Int($0)) > 3000 }
        }
        let wait = Double((heard?.time ?? .max / 2) - comes) / 1e6
        #expect(wait < 60, "\(wait) ms")
        let after = quantile(room.delays(voice, seconds: 1), 0.5)
        #expect(abs(after - before) < 2, "\(before) -> \(after) ms")
        #expect(!room.talker.rtp.receiver.patience.isOn)
    }

    @Test func `after a burst of jitter the delay is back at its floor within five seconds`() {
        let room = Room(.perfect)
        room.talker.voice = voice
        room.rig.run(milliseconds: 6000)
        let floor = quantile(room.delays(voice), 0.5)
        room.talker.path?.conditions = .jitter(50)
        room.rig.run(milliseconds: 3000)
        #expect(quantile(room.delays(voice, seconds: 1), 0.5) > floor + 10)
        room.talker.path?.conditions = .perfect
        room.rig.run(milliseconds: 5000)
        let after = quantile(room.delays(voice, seconds: 1), 0.9)
        #expect(after < floor + 2, "floor \(floor), after 5 s \(after) ms")
        #expect(room.roster.bufferMilliseconds < 2)
    }
}
