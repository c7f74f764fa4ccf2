// SPDX-License-Identifier: Apache-2.0

import Media
import RTP
import Signals
import Testing

/// What anybody on the network may send to a port. Nothing of it may be heard, redirect anything, or stop us.
struct NetworkHostilityTests {
    private let ms = NetworkTalker.ms
    private let start: Int64 = 70_000_000_000
    private let stranger = TransportAddress(ipv4: 0xC633_6407, port: 6666)

    /// In debug builds fewer, so that the suite stays quick; Scripts/test runs it in release mode as well.
    private var rounds: Int {
        #if DEBUG
            60_000
        #else
            1_000_000
        #endif
    }

    private func expectUndisturbed(_ port: RTPPort, _ speech: NetworkSpeech, packets: Int) {
        #expect(port.destination == NetworkTalker.address)
        #expect(port.receiver.takeDigit() == nil)
        #expect(port.receiver.counters.concealedSamples == 0)
        #expect(port.receiver.counters.packets == UInt64(packets))
        #expect(port.says(speech.heard[packets * 160 - 3200..<packets * 160], from: port.receiver.end - 3200))
    }

    @Test func `a stranger who floods a call with perfect packets is not heard`() throws {
        let speech = NetworkSpeech(seconds: 4)
        let port = try #require(RTPPort.forTest())
        var talker = NetworkTalker()
        var liar = NetworkTalker()
        for index in 0..<200 {
            let now = start + Int64(index) * 20 * ms
            port.hear(talker.packet(Array(speech.encoded[index * 160..<index * 160 + 160]), ticks: 160), at: now)
            // He knows the source, sequence and time stamps, is faster, and presses keys.
            for _ in 0..<50 {
                port.hear(liar.packet([UInt8](repeating: 0x10, count: 160), ticks: 160), from: stranger, at: now)
            }
            for step in 0..<7 as Range<UInt16> {
                port.hear(liar.event(7, 160 * step, end: step > 4, marker: step == 0), from: stranger, at: now)
            }
            port.receiver.prepare(upTo: port.receiver.safeEnd(at: now))
        }
        expectUndisturbed(port, speech, packets: 200)
        #expect(port.refusedPackets == 200 * 57)
    }

    /// Of a caller who sends nothing: on mute without packets, or somebody who only listens.
    @Test(arguments: [true, false])
    func `a stranger is not heard in a silent caller's place, gets nothing and presses nothing`(_ receives: Bool) throws
    {
        let network = MemoryNetwork()
        var parameters = RTPPort.parametersForTest()
        parameters.receives = receives
        parameters.signalling = NetworkTalker.address.with(port: 9)
        // Who never sends could not take it back: also where foreign hosts are allowed.
        parameters.takesForeigners = !receives
        let port = try #require(network.open(parameters, workspace: RTPWorkspace(spareBuffers: 64)))
        var liar = NetworkTalker()
        for index in 0..<3000 {
            let now = start + Int64(index) * 20 * ms
            if index % 50 == 49 {
                for step in 0..<7 as Range<UInt16> {
                    port.hear(liar.event(6, 160 * step, end: step > 4, marker: step == 0), from: stranger, at: now)
                }
            }
            port.hear(liar.packet([UInt8](repeating: 0x10, count: 160), ticks: 160), from: stranger, at: now)
            port.receiver.prepare(upTo: port.receiver.safeEnd(at: now))
        }
        #expect(port.destination == NetworkTalker.address)
        #expect(port.receiver.takeDigit() == nil)
        #expect(port.receiver.counters.packets == 0)
        #expect(port.refusedPackets == 3000 + 60 * 7)
    }

    @Test func `random bytes and mutated packets from anywhere are harmless`() throws {
        let port = try #require(RTPPort.forTest())
        var random = Seed(42)
        var talker = NetworkTalker()
        var bytes = talker.packet([UInt8](repeating: 0x55, count: 160), ticks: 160)
        var now = start
        for round in 0..<rounds {
            switch random.next() % 4 {
            case 0:
                let count = Int(random.next() % 200)
                bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 24) }
            case 1: bytes = talker.event(UInt8(random.next() & 31), UInt16(random.next() & 0xFFFF), end: round & 1 == 0)
            default:
                bytes = talker.packet([UInt8](repeating: 0x55, count: Int(random.next() % 180)), ticks: 160)
            }
            for _ in 0..<random.next() % 4 where !bytes.isEmpty {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next() >> 16)
            }
            // From the peer itself: everything gets as deep as it can.
            let source = random.next() % 8 == 0 ? stranger : NetworkTalker.address
            port.hear(bytes, from: source, at: now)
            bytes.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                port.receive(base, count: buffer.count, from: source, isControl: round & 7 == 0, arrival: now)
            }
            now += Int64(random.next() % 2_000_000)
            if round % 16 == 0 {
                port.receiver.prepare(upTo: port.receiver.safeEnd(at: now))
                _ = port.receiver.takeDigit()
            }
        }
        let receiver = port.receiver
        #expect(receiver.end >= 0)
        #expect(receiver.end < 8000 * 3600 * 24)
        #expect(receiver.delay.target <= DelayEstimator.longestTarget)
    }

    @Test func `random bytes for every codec decode or are refused`() throws {
        for codec in AudioCodec.all {
            let port = try #require(RTPPort.forTest(audio: [.init(payloadType: 96, codec: codec)]))
            var random = Seed(5)
            var talker = NetworkTalker()
            talker.payloadType = 96
            var now = start
            for _ in 0..<rounds / 60 {
                let count = Int(random.next() % 400)
                let payload = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 24) }
                port.hear(talker.packet(payload, ticks: codec.clockRate / 50), at: now)
                now += 20 * ms
                port.receiver.prepare(upTo: port.receiver.safeEnd(at: now))
            }
            #expect(port.receiver.counters.packets == UInt64(rounds / 60))
        }
    }

    @Test func `a peer that goes wild for a second is understood again afterwards`() throws {
        let speech = NetworkSpeech(seconds: 8)
        let port = try #require(RTPPort.forTest())
        var talker = NetworkTalker()
        var random = Seed(9)
        for index in 0..<400 {
            let now = start + Int64(index) * 20 * ms
            if (100..<150).contains(index) {
                var wild = talker
                wild.sequence = UInt16(truncatingIfNeeded: random.next())
                wild.timestamp = UInt32(truncatingIfNeeded: random.next())
                wild.ssrc = UInt32(truncatingIfNeeded: random.next() & 3)
                port.hear(wild.packet([UInt8](repeating: 0x80, count: 160), ticks: 160), at: now)
            }
            port.hear(talker.packet(Array(speech.encoded[index * 160..<index * 160 + 160]), ticks: 160), at: now)
            port.receiver.prepare(upTo: port.receiver.safeEnd(at: now))
        }
        #expect(port.says(speech.heard[400 * 160 - 3200..<400 * 160], from: port.receiver.end - 3200))
        #expect(port.receiver.delay.target <= 25 * ms)
    }

    @Test func `packets that all are early are kept within bounds`() throws {
        let workspace = RTPWorkspace(spareBuffers: 64)
        let port = try #require(RTPPort.forTest(workspace: workspace))
        var talker = NetworkTalker()
        port.hear(talker.packet([UInt8](repeating: 0x80, count: 160), ticks: 160), at: start)
        talker.sequence &+= 1
        talker.timestamp &+= 160
        for _ in 0..<1000 {
            port.hear(talker.packet([UInt8](repeating: 0x80, count: 160), ticks: 160), at: start)
            talker.sequence &+= 1
        }
        #expect(workspace.pool.available >= 64 - ReorderStore.capacity)
        #expect(port.receiver.end <= 16_160)
        #expect(port.receiver.counters.tooFast > 900)
    }

    @Test func `strangers' reports and goodbyes are not read`() throws {
        let port = try #require(RTPPort.forTest())
        var bytes = [UInt8](repeating: 0, count: 8)
        bytes.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            var writer = RTCPWriter(base, capacity: 8)
            writer.goodbye(ssrc: 1)
        }
        for source in [stranger, NetworkTalker.address] {
            bytes.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                port.receive(base, count: 8, from: source, isControl: true, arrival: start)
            }
            #expect(port.control.hasSaidGoodbye == (source == NetworkTalker.address))
        }
    }

    private struct Seed {
        var state: UInt64
        init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }
}
