// SPDX-License-Identifier: Apache-2.0

import RTP
import Signals
import Testing

@testable import Media

/// Ports among each other: the send half, reports, real sockets.
@Suite(.serialized)
struct NetworkPortTests {
    private let ms = NetworkTalker.ms
    private let workspace = RTPWorkspace(spareBuffers: 16)

    private func send(_ port: RTPPort, _ samples: Int, now: Int64, into batch: SendBatch, marker: Bool = false) {
        let payload = [UInt8](repeating: 0xD5, count: samples)
        payload.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            port.sender.send(
                base, byteCount: samples, samples: samples, marker: marker, now: now, through: port, into: batch)
        }
    }

    @Test func `frames of any length leave no hole in sequence or time stamps`() throws {
        let network = MemoryNetwork()
        let port = try #require(RTPPort.forTest(network))
        let batch = SendBatch(packets: 4, memory: network)
        var headers: [RTPHeader] = []
        network.onSend = { _, address, packet, _ in
            #expect(address == NetworkTalker.address)
            if let base = packet.baseAddress, let header = RTPHeader(base, count: packet.count) {
                headers.append(header)
            }
        }
        let lengths = [160, 80, 104, 240, 160, 137, 160, 160, 160]
        for length in lengths { send(port, length, now: 0, into: batch) }
        port.sender.skip(samples: 1600)
        send(port, 160, now: 0, into: batch)
        batch.flush(now: 0)
        #expect(headers.count == 10)
        #expect(batch.sent == 10)
        for (index, pair) in zip(headers, headers.dropFirst()).enumerated() {
            #expect(pair.1.sequence == pair.0.sequence &+ 1)
            let ticks = pair.1.timestamp &- pair.0.timestamp
            #expect(ticks == UInt32(lengths[index] + (index == 8 ? 1600 : 0)))
            #expect(pair.1.marker == (index == 8))
        }
        #expect(headers[0].marker)
    }

    @Test func `reports go both ways, and the round trip is what the network adds`() throws {
        let network = MemoryNetwork()
        network.delay = 35 * ms
        let one = try #require(
            RTPPort.forTest(network, remote: TransportAddress(ipv4: 0xC000_0201, port: 10_002), workspace: workspace))
        let two = try #require(
            RTPPort.forTest(network, remote: TransportAddress(ipv4: 0xC000_0201, port: 10_000), workspace: workspace))
        let inlet = PacketInlet(memory: network)
        let batch = SendBatch(packets: 16, memory: network)
        #expect(inlet.add(one))
        #expect(inlet.add(two))
        var now: Int64 = 1_000_000_000
        for _ in 0..<1500 {
            inlet.drain(now: now)
            for port in [one, two] {
                send(port, 160, now: now, into: batch)
                if now >= port.nextReport { port.report(now: now, wallOffset: 1_700_000_000_000_000_000, into: batch) }
            }
            batch.flush(now: now)
            now += 20 * ms
        }
        for port in [one, two] {
            #expect((4...14).contains(port.control.reportsReceived))
            // Frames are drained every 20 ms, arrivals count as they are.
            #expect((69 * ms...71 * ms).contains(port.control.roundTrip))
            #expect(port.control.farFractionLost == 0)
            #expect(port.control.malformed == 0)
            #expect(port.receiver.counters.packets > 1400)
        }
        one.sayGoodbye(now: now, wallOffset: 0, into: batch)
        batch.flush(now: now)
        inlet.drain(now: now + 40 * ms)
        #expect(two.control.hasSaidGoodbye)
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func `two ports on real sockets talk with each other`(host: String) throws {
        let network = MediaNetwork(ports: 31_000...31_199, dscp: 46, workspace: workspace)
        let local = try #require(TransportAddress(host, port: 0))
        #expect(local.host == host)
        var unknown = RTPPort.parametersForTest(.none)
        unknown.signalling = local
        let one = try network.open(local, unknown)
        let two = try network.open(local, RTPPort.parametersForTest(local.with(port: one.local.port)))
        #expect(one.local.port & 1 == 0)
        #expect(one.local.port != two.local.port)
        let inlet = PacketInlet()
        let batch = SendBatch(packets: 16)
        #expect(inlet.add(one))
        #expect(inlet.add(two))
        for step in 0..<5 as Range<Int64> {
            let now = Self.clock()
            send(two, 160, now: now, into: batch)
            batch.flush(now: now)
            try Self.wait {
                inlet.drain(now: Self.clock()); return inlet.packets >= UInt64(step + 1)
            }
        }
        // No SDP address was known, but the host of the signalling: the third packet in a row decided.
        #expect(one.destination == local.with(port: two.local.port))
        #expect(one.receiver.counters.packets == 3)
        let before = Self.clock()
        #expect(one.lastHeard <= before)
        #expect(one.lastHeard > before - 5_000 * ms)
        send(one, 160, now: before, into: batch)
        batch.flush(now: before)
        try Self.wait {
            inlet.drain(now: Self.clock()); return two.receiver.isStarted
        }
        #expect(batch.refused == 0)
        inlet.remove(one)
        inlet.remove(two)
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func `a bound socket knows its peer alone, and is open again when the peer has moved`(host: String) throws {
        let network = MediaNetwork(ports: 31_400...31_499, dscp: 46, workspace: workspace)
        let local = try #require(TransportAddress(host, port: 0))
        let peer = try network.open(local, RTPPort.parametersForTest(.none))
        let port = try network.open(local, RTPPort.parametersForTest(local.with(port: peer.local.port)))
        let towards = RTPPort.parametersForTest(local.with(port: port.local.port))
        _ = peer.adopt(try #require(RTPStreams(towards, workspace: workspace)), now: 0)
        let stranger = try network.open(local, towards)
        let inlet = PacketInlet()
        let batch = SendBatch(packets: 16)
        #expect(inlet.add(port))
        // Far ahead of the kernel's clock: what counts is the time that we hand in.
        var now = Self.clock() + 1_000_000 * ms
        func hear(_ from: RTPPort, _ times: Int, every step: Int64 = 20) throws {
            for _ in 0..<times {
                let before = inlet.packets
                send(from, 160, now: now, into: batch)
                batch.flush(now: now)
                try Self.wait {
                    inlet.drain(now: now); return inlet.packets > before
                }
                port.reviewBinding(now: now)
                now += step * ms
            }
        }
        try hear(peer, 60)
        #expect(port.isBound)
        #expect(port.destination == local.with(port: peer.local.port))
        let heard = inlet.packets
        for _ in 0..<20 { send(stranger, 160, now: now, into: batch) }
        batch.flush(now: now)
        try hear(peer, 1)
        #expect(inlet.packets == heard + 1, "the kernel keeps strangers out")
        #expect(port.refusedPackets == 0)
        // Both ways: what the port says arrives at its peer.
        let ear = PacketInlet()
        #expect(ear.add(peer))
        send(port, 160, now: now, into: batch)
        batch.flush(now: now)
        try Self.wait {
            ear.drain(now: now); return ear.packets == 1
        }
        ear.remove(peer)
        // Silence opens it, between a packet's writing and its going; then the peer is somewhere else.
        send(port, 160, now: now, into: batch)
        now += 400 * ms
        port.reviewBinding(now: now)
        batch.flush(now: now)
        #expect(batch.refused == 0)
        #expect(!port.isBound)
        now += 400 * ms
        stranger.sender.takeOver(from: peer.sender)
        try hear(stranger, 60)
        #expect(port.destination == local.with(port: stranger.local.port))
        #expect(port.isBound)
        inlet.remove(port)
    }

    @Test func `packets to a closed port disturb nobody`() throws {
        let network = MediaNetwork(ports: 31_200...31_299, dscp: 46, workspace: workspace)
        let local = try #require(TransportAddress("127.0.0.1", port: 0))
        let port = try network.open(local, RTPPort.parametersForTest(local.with(port: 31_999)))
        let inlet = PacketInlet()
        let batch = SendBatch(packets: 16)
        #expect(inlet.add(port))
        for _ in 0..<20 {
            send(port, 160, now: 0, into: batch)
            batch.flush(now: 0)
            inlet.drain(now: Self.clock())
        }
        // ICMP says each time that nobody is there.
        #expect(batch.refused == 0)
        #expect(inlet.packets == 0)
        inlet.remove(port)
    }

    @Test func `a range that is used up and an address that is not ours are told apart`() throws {
        let network = MediaNetwork(ports: 31_301...31_305, dscp: 46, workspace: workspace)
        let local = try #require(TransportAddress("127.0.0.1", port: 0))
        var ports: [RTPPort] = []
        for _ in 0..<2 { ports.append(try network.open(local, RTPPort.parametersForTest())) }
        #expect(Set(ports.map(\.local.port)) == [31_302, 31_304])
        let full = #expect(throws: MediaNetworkError.self) { _ = try network.open(local, RTPPort.parametersForTest()) }
        #expect(full?.cause == .rangeExhausted)
        ports.removeAll()
        #expect(throws: Never.self) { _ = try network.open(local, RTPPort.parametersForTest()) }
        let foreign = try #require(TransportAddress("192.0.2.77", port: 0))
        let wrong = #expect(throws: MediaNetworkError.self) {
            _ = try network.open(foreign, RTPPort.parametersForTest())
        }
        #expect(wrong?.cause == .noSuchAddress)
        let none = #expect(throws: MediaNetworkError.self) {
            _ = try network.open(local, RTPParameters(audio: [], remote: .none))
        }
        #expect(none?.cause == .noCodec)
    }

    @Test func `addresses are literal, in both families`() {
        #expect(TransportAddress("localhost", port: 1) == nil)
        #expect(TransportAddress("10.0.0.256", port: 1) == nil)
        #expect(TransportAddress("::ffff:10.0.0.1", port: 7) == TransportAddress("10.0.0.1", port: 7))
        #expect(TransportAddress("2001:db8::1", port: 5004)?.description == "[2001:db8::1]:5004")
        #expect(TransportAddress("10.0.0.1", port: 5004)?.description == "10.0.0.1:5004")
        #expect(TransportAddress("127.0.0.1", port: 9)?.localCounterpart?.host == "127.0.0.1")
    }

    private static func clock() -> Int64 { NetworkClock.monotonic() }

    private static func wait(_ condition: () -> Bool) throws {
        let deadline = clock() + 2_000_000_000
        while !condition() {
            try #require(clock() < deadline)
        }
    }
}
