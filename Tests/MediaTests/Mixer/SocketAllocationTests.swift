// SPDX-License-Identifier: Apache-2.0

import CRealTimeProbe
import Glibc
import RTP
import Signals
import Telephony
import Testing

@testable import Media

/// The mix thread's work on real sockets, in real time, without mallocs, frees and locks: two rooms whose members are each
/// other's far ends, so that every packet goes through the kernel. Calls come and go meanwhile.
@Suite(.serialized) struct SocketAllocationTests {
    private static let codecs: [AudioCodec] = [.pcmu, .g722, .opus, .pcma]

    /// Ports, queues and loop as the engine has them.
    private final class Bench {
        let workspace = RTPWorkspace(spareBuffers: 64)
        let network: MediaNetwork
        let queues = MixQueues(capacity: 256)
        let loop: MixLoop
        let local: TransportAddress
        let mixes = [MixID(slot: 0, generation: 1), MixID(slot: 1, generation: 1)]
        var number: UInt32 = 0

        init(_ local: TransportAddress) {
            self.local = local
            network = MediaNetwork(ports: 49_300...49_398, dscp: 46, workspace: workspace)
            var options = MixOptions()
            options.ports = 64
            options.mixes = 8
            options.players = 8
            loop = MixLoop(
                options: options, queues: queues, network: MixNetwork(inlet: PacketInlet(), batch: SendBatch()))
            for mix in mixes { _ = queues.send(.openMix(.passRetained(Mix(id: mix)))) }
        }

        private func parameters(_ codec: AudioCodec, _ remote: TransportAddress) -> RTPParameters {
            let payload = RTPParameters.Audio(payloadType: codec.staticPayloadType ?? 111, codec: codec)
            return RTPParameters(audio: [payload], remote: remote)
        }

        /// Two calls that are each other's far end, one in each room.
        func pair(_ codec: AudioCodec) throws -> [PortID] {
            let ports = try (0..<2).map { _ in try network.open(local, parameters(codec, .none)) }
            return try ports.indices.map { index in
                number += 1
                let id = PortID(slot: number % 60, generation: number)
                _ = queues.send(.openPort(.passRetained(MixPort(id: id, rtp: ports[index]))))
                let streams = try #require(
                    RTPStreams(parameters(codec, ports[1 - index].local), workspace: workspace))
                let configuration = PortConfiguration(
                    streams: streams, encoder: AudioEncoder(codec), frame8: 160)
                _ = queues.send(.configure(id, .passRetained(configuration)))
                _ = queues.send(.add(.port(id), mixes[index]))
                _ = queues.send(.listen(id, mixes[index]))
                return id
            }
        }

        func say(_ number: UInt32, in mix: Int) {
            let id = PlayerID(slot: number, generation: 1)
            let player = PlayerSource(id: id, .made(8000), loopStart: 0, delayMilliseconds: 0)
            _ = queues.send(.openPlayer(.passRetained(player)))
            _ = queues.send(.add(.player(id), mixes[mix]))
        }
    }

    @Test func `calls on sockets that come, talk and go neither allocate nor lock`() throws {
        let bench = Bench(try #require(TransportAddress("127.0.0.1", port: 0)))
        for index in 0..<2 { bench.say(UInt32(index), in: index) }
        var calls: [[PortID]] = []
        for codec in Self.codecs { calls.append(try bench.pair(codec)) }
        var total = partyline_probe()
        var steps = 0
        var turn = 0
        let start = NetworkClock.monotonic()
        var nextChange = start + 100_000_000
        while NetworkClock.monotonic() - start < 3_000_000_000 {
            var now = NetworkClock.monotonic()
            if now >= nextChange {
                nextChange = now + 100_000_000
                turn += 1
                for id in calls.removeFirst() { _ = bench.queues.send(.closePort(id)) }
                calls.append(try bench.pair(Self.codecs[turn % 4]))
                now = NetworkClock.monotonic()
            }
            // What is used first is made at start.
            let counts = now - start > 1_500_000_000
            if counts { partyline_probe_start() }
            let next = bench.loop.step(now: now)
            if counts {
                let probe = partyline_probe_stop()
                total.allocations += probe.allocations
                total.frees += probe.frees
                total.locks += probe.locks
                steps += 1
            }
            while bench.queues.nextEvent() != nil {}
            bench.queues.freeRetired()
            let pause = next - NetworkClock.monotonic()
            if pause > 1000 { usleep(UInt32(min(pause / 1000, 5000))) }
        }
        #expect(steps > 300)
        #expect(bench.loop.network.inlet.packets > 500, "\(bench.loop.network.inlet.packets) packets")
        #if !DEBUG
            #expect(total.allocations == 0)
            #expect(total.frees == 0)
            #expect(total.locks == 0)
        #endif
    }
}
