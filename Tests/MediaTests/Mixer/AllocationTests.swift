// SPDX-License-Identifier: Apache-2.0
import CRealTimeProbe
import RTP
import Signals
import Telephony
import Testing

@testable import Media

/// The mix thread's work without mallocs, frees and locks. Only an optimised build can show it: a debug build allocates
/// metadata of generics and boxes where the optimiser leaves nothing.
@Suite(.serialized) struct AllocationTests {
    @Test func `the probe sees what is forbidden`() {
        partyline_probe_start()
        let array = [Int](repeating: 1, count: Int.random(in: 100...200))
        let probe = partyline_probe_stop()
        #expect(array.count >= 100)
        #expect(probe.allocations > 0)
    }

    @Test func `joins, leaves, loss, opus and cards neither allocate nor lock on the mix thread`() {
        let rig = MixRig()
        let mixes = [rig.makeMix(), rig.makeMix()]
        let codecs: [AudioCodec] = [.pcmu, .opus, .g722, .pcma]
        let phones = (0..<24).map { rig.makePhone(codecs[$0 % 4], phase: Int64($0 % 20) * 1_000_000) }
        let card = VirtualCard(sampleRate: 8000, ppm: 100)
        let cardPort = rig.makeCard(card)
        rig.memory.onSend = nil
        for index in [0, 1, 2, 7] { phones[index].voice = noise(UInt64(index), amplitude: 9000) }
        phones[1].lossEvery = 9
        phones[0].lossEvery = 7
        // Everything once before it counts: what the first use of a type makes is made at start.
        var total = partyline_probe()
        var steps = 0
        for turn in 0..<120 {
            let phone = phones[(turn * 7) % 24]
            let mix = mixes[turn % 5 == 0 ? 1 : 0]
            rig.send(.add(.port(phone.id), mix))
            rig.send(.listen(phone.id, mix))
            if turn == 3 {
                rig.send(.add(.port(cardPort), mixes[0]))
                rig.send(.listen(cardPort, mixes[0]))
            }
            // A script listens for tones of the network.
            if turn == 4 {
                rig.send(.watchProgress(phones[0].id, .passRetained(ProgressWatch(ProgressWatchTests.plan()))))
            }
            if turn % 3 == 0 {
                rig.send(.remove(.port(phones[(turn * 5) % 24].id), mix))
                rig.send(.listen(phones[(turn * 5) % 24].id, nil))
            }
            rig.send(.mute(phone.id, turn % 4 == 0))
            if turn % 11 == 0 { rig.send(.send(phone.id, count: 1, low: UInt64(turn % 16), high: 0)) }
            let isWarm = turn >= 60
            let end = rig.now + 20_000_000
            rig.feed(until: end)
            while rig.now < end {
                if isWarm { partyline_probe_start() }
                let next = rig.loop.step(now: rig.now)
                if isWarm {
                    let probe = partyline_probe_stop()
                    total.allocations += probe.allocations
                    total.frees += probe.frees
                    total.locks += probe.locks
                    steps += 1
                }
                rig.advance(to: min(end, max(rig.now + 1000, next)))
            }
        }
        #expect(steps > 300)
        #expect(rig.counters().frames > 1000)
        #if !DEBUG
            #expect(total.allocations == 0)
            #expect(total.frees == 0)
            #expect(total.locks == 0)
        #endif
    }
}
