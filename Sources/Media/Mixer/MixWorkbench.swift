// SPDX-License-Identifier: Apache-2.0

import CLinux
import RTP
import Signals
import Telephony

/// One mix of calls in memory whose frames are made by the real loop, for `partyline-bench mix`: what stands between a packet
/// that has come and a packet that goes (decode, pull, sum, take out, limit, encode), without sockets.
///
/// Everybody speaks μ-law in packets of 20 ms that come at the same moment, the same packet again and again. One thread.
package final class MixWorkbench {
    /// Samples and bytes of a packet.
    package static let frame = 160

    private let memory: MemoryNetwork
    private let loop: MixLoop
    private let queues: MixQueues
    private let ports: [MixPort]
    private let packets: UnsafeMutablePointer<UInt8>
    private let heard: UnsafeMutablePointer<UInt8>
    private var turn = 0
    private static let packetLength = 12 + frame
    private static let begin: Int64 = 1_000_000_000
    private static let period: Int64 = 20_000_000

    /// - Parameter said: a packet's payload for each, one after the other.
    package init(people: Int, said: UnsafePointer<UInt8>) {
        var options = MixOptions()
        options.ports = people + 8
        options.mixes = 8
        options.players = 8
        memory = MemoryNetwork(capacity: people * 2 + 64, ports: people)
        queues = MixQueues(capacity: people + 16)
        loop = MixLoop(
            options: options, queues: queues,
            network: MixNetwork(inlet: PacketInlet(memory: memory), batch: SendBatch(memory: memory)))
        packets = .allocate(capacity: people * Self.packetLength)
        heard = .allocate(capacity: people * Self.frame)
        heard.initialize(repeating: 0, count: people * Self.frame)
        let workspace = RTPWorkspace(spareBuffers: people + 64)
        var made: [MixPort] = []
        for number in 0..<people {
            var parameters = RTPParameters(
                audio: [RTPParameters.Audio(payloadType: 0, codec: .pcmu)], remote: Self.address(number))
            parameters.signalling = Self.address(number)
            guard let rtp = memory.open(parameters, workspace: workspace),
                let streams = RTPStreams(parameters, workspace: workspace), let encoder = AudioEncoder(.pcmu)
            else { continue }
            let port = MixPort(id: PortID(slot: UInt32(number), generation: 1), rtp: rtp)
            made.append(port)
            _ = queues.send(.openPort(.passRetained(port)))
            let configuration = PortConfiguration(streams: streams, encoder: encoder, frame8: Self.frame)
            _ = queues.send(.configure(port.id, .passRetained(configuration)))
            _ = loop.step(now: Self.begin)
            (packets + number * Self.packetLength + 12).update(from: said + number * Self.frame, count: Self.frame)
        }
        ports = made
        let mix = MixID(slot: 0, generation: 1)
        _ = queues.send(.openMix(.passRetained(Mix(id: mix))))
        for port in ports {
            _ = queues.send(.add(.port(port.id), mix))
            _ = queues.send(.listen(port.id, mix))
            _ = loop.step(now: Self.begin)
        }
        memory.onSend = { [heard] number, _, packet, _ in
            guard packet.count == Self.packetLength, let bytes = packet.baseAddress, bytes[1] & 0x7F == 0 else {
                return
            }
            (heard + Int(number) * Self.frame).update(from: bytes + 12, count: Self.frame)
        }
    }

    deinit {
        packets.deallocate()
        heard.deallocate()
    }

    /// What this one was sent last.
    package func heard(by number: Int) -> UnsafePointer<UInt8> { UnsafePointer(heard + number * Self.frame) }

    /// The next 20 ms: packets come in (not counted), and everybody's frame goes out.
    /// - Returns: nanoseconds that the loop took.
    package func pass() -> Int64 {
        let start = Self.begin + Int64(turn) * Self.period
        for number in ports.indices {
            let packet = packets + number * Self.packetLength
            RTPHeader(
                payloadType: 0, marker: turn == 0, sequence: UInt16(truncatingIfNeeded: turn),
                timestamp: UInt32(truncatingIfNeeded: turn * Self.frame), ssrc: UInt32(number + 1)
            ).write(to: packet)
            guard let rtp = ports[number].rtp else { continue }
            memory.inject(
                UnsafeBufferPointer(start: packet, count: Self.packetLength), to: rtp, from: Self.address(number),
                arrival: start)
        }
        loop.network.drain(now: start)
        turn += 1
        var now = start
        let began = partyline_now()
        while now < start + Self.period { now = max(now + 1, loop.step(now: now)) }
        let ended = partyline_now()
        while queues.nextEvent() != nil {}
        queues.freeRetired()
        return ended - began
    }

    private static func address(_ number: Int) -> TransportAddress {
        TransportAddress(ipv4: 0x0A00_0001 + UInt32(number), port: 4000)
    }
}
