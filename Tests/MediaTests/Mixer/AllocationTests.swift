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

    @Test func `calls that come, change and go, loss, opus, players and cards neither allocate nor lock`() {
        let rig = MixRig()
        let mixes = [rig.makeMix(), rig.makeMix()]
        let codecs: [AudioCodec] = [.pcmu, .opus, .g722, .pcma]
        let phones = (0..<24).map { rig.makePhone(codecs[$0 % 4], phase: Int64($0 % 20) * 1_000_000) }
        let card = VirtualCard(sampleRate: 8000, ppm: 100)
        let cardPort = rig.makeCard(card)
        rig.memory.onSend = nil
        for index in [0, 1, 2, 7] { phones[index].voice = noise(UInt64(index), amplitude: 9000) }
        var guests: [Phone] = []
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
            // Somebody comes, another one is negotiated anew (now and then at another rate), and one goes for good.
            if turn % 6 == 0 { guests.append(rig.makePhone(codecs[turn / 6 % 4], phase: Int64(turn % 20) * 1_000_000)) }
            if turn % 6 == 2, let guest = guests.last { rig.join([guest], mixes[0]) }
            if turn % 6 == 4, let guest = guests.last {
                rig.renegotiate(guest, turn % 12 == 4 ? guest.codec : codecs[(turn / 6 + 1) % 4])
            }
            if turn % 6 == 5, guests.count > 1 { rig.send(.closePort(guests.removeFirst().id)) }
            // Something is played into the room, stopped or at its end.
            if turn % 8 == 1 { rig.play(UInt32(turn / 8), in: mixes[0]) }
            if turn % 16 == 6 { rig.send(.stopPlayer(PlayerID(slot: UInt32(turn / 8), generation: 1))) }
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

extension MixRig {
    /// Another SDP exchange of a running call.
    fileprivate func renegotiate(_ phone: Phone, _ codec: AudioCodec) {
        let payload = RTPParameters.Audio(payloadType: codec.staticPayloadType ?? 111, codec: codec)
        let parameters = RTPParameters(audio: [payload], remote: phone.remote)
        guard let streams = RTPStreams(parameters, workspace: workspace), let encoder = AudioEncoder(codec) else {
            return
        }
        send(.configure(phone.id, .passRetained(PortConfiguration(streams: streams, encoder: encoder, frame8: 160))))
    }

    /// A tenth of a second of sound.
    fileprivate func play(_ number: UInt32, in mix: MixID) {
        let id = PlayerID(slot: number, generation: 1)
        let player = PlayerSource(id: id, .made(800), loopStart: nil, delayMilliseconds: 0)
        send(.openPlayer(.passRetained(player)))
        send(.add(.player(id), mix))
    }
}
