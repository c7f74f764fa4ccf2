// SPDX-License-Identifier: Apache-2.0

import Media
import PartylineTestKit
import RTP
import Signals
import Testing

/// Room numbers typed over a bad network, each press by RFC 4733: 100 ms of event in packets of 20 ms, its end said three
/// times, 80 ms of speech before the next. Virtual time.
struct LossyDigitTests {
    private static let ms = NetworkTalker.ms

    /// How many of so many callers typed right.
    private func right(_ calls: Int, _ conditions: NetworkConditions, seed: UInt64) throws -> Int {
        let network = MemoryNetwork(capacity: 4, ports: calls)
        let workspace = RTPWorkspace(spareBuffers: 64)
        var random = SplitMix(seed: seed)
        var right = 0
        for call in 0..<calls {
            let port = try #require(RTPPort.forTest(network, workspace: workspace))
            // Equal digits in a row are the hard ones.
            let number = (0..<5).map { _ in UInt8(random.next() % 3) } + [11]
            var path = NetworkPath(conditions, seed: seed &+ UInt64(call) &* 977)
            if type(number, on: port, through: &path, random: &random) == number { right += 1 }
        }
        return right
    }

    private func type(
        _ number: [UInt8], on port: RTPPort, through path: inout NetworkPath, random: inout SplitMix
    ) -> [UInt8] {
        var talker = NetworkTalker()
        talker.sequence = UInt16(truncatingIfNeeded: random.next())
        talker.timestamp = UInt32(truncatingIfNeeded: random.next())
        var now: Int64 = 50_000_000_000
        var flights: [(time: Int64, packet: [UInt8])] = []
        let audio = [UInt8](repeating: 0xD5, count: 160)
        func send(_ packet: [UInt8]) {
            let fate = path.send(at: now)
            for time in [fate.first, fate.copy].compactMap({ $0 }) { flights.append((time, packet)) }
        }
        func speak(_ frames: Int) {
            for _ in 0..<frames {
                send(talker.packet(audio, ticks: 160))
                now += 20 * Self.ms
            }
        }
        speak(10)
        for code in number {
            let start = talker.timestamp
            for step in 0..<7 {
                let duration = UInt16(160 * min(5, step + 1))
                talker.timestamp = start
                send(talker.event(code, duration, end: step >= 4, marker: step == 0))
                now += 20 * Self.ms
            }
            talker.timestamp = start &+ 7 * 160
            speak(4)
        }
        speak(10)
        var heard: [UInt8] = []
        for flight in flights.sorted(by: { $0.time < $1.time }) {
            port.hear(flight.packet, at: flight.time)
            port.receiver.prepare(upTo: port.receiver.safeEnd(at: flight.time))
            while let digit = port.receiver.takeDigit() { heard.append(digit) }
        }
        return heard
    }

    @Test func `a thousand of a thousand room numbers are right at five per cent loss`() throws {
        #expect(try right(1000, .loss(5), seed: 1) == 1000)
    }

    @Test func `with jitter, overtaking and copies on top they still are`() throws {
        var conditions = NetworkConditions.loss(5)
        conditions.jitterMilliseconds = 40
        conditions.reorderPercent = 5
        conditions.duplicatePercent = 5
        #expect(try right(1000, conditions, seed: 2) == 1000)
    }

    @Test func `at twenty per cent loss 99 of 100 are right`() throws {
        #expect(try right(1000, .loss(20), seed: 3) >= 990)
    }

    @Test func `in runs of two lost packets 99 of 100 are right at five per cent`() throws {
        #expect(try right(1000, .loss(5, run: 2), seed: 4) >= 990)
    }
}
