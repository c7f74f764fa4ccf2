// SPDX-License-Identifier: Apache-2.0

import SDP
import Telephony
import Testing

@testable import SIP

/// What `partyline trace` can look back at, and what a flood can do to it.
@Suite struct TraceLogTests {
    private static func message(_ callID: String, _ number: Int = 0, bytes: Int = 600) throws -> TraceLog.Message {
        TraceLog.Message(
            time: Double(number), isIncoming: true, peer: try #require(IPAddress("192.0.2.1")), peerPort: 5_060,
            transport: "udp", callID: callID, bytes: [UInt8](repeating: UInt8(number & 255), count: bytes))
    }

    @Test func `a call has the messages from its INVITE on, and those of others are others'`() throws {
        let log = TraceLog()
        let leg = LegID(1)
        log.note(try Self.message("other", 1))
        log.note(try Self.message("call", 2))
        #expect(log.messages(of: leg).isEmpty)
        log.remember(leg, callID: "call")
        log.note(try Self.message("call", 3))
        log.note(try Self.message("other", 4))
        #expect(log.messages(of: leg).map(\.time) == [2, 3])
        // A second leg of the same Call-ID (a fork) sees the same.
        log.remember(LegID(2), callID: "call")
        #expect(log.messages(of: LegID(2)).map(\.time) == [2, 3])
        log.remember(leg, callID: "other")
        #expect(log.messages(of: leg).map(\.time) == [1, 4])
        #expect(log.messages(of: LegID(2)).map(\.time) == [2, 3])
    }

    @Test func `a flood of messages that begin no call drives nobody's out, and is soon forgotten`() throws {
        let log = TraceLog()
        log.remember(LegID(1), callID: "call")
        for number in 0..<10 { log.note(try Self.message("call", number)) }
        log.note(try Self.message("late", 10))
        for number in 0..<20_000 { log.note(try Self.message("flood\(number)", number)) }
        #expect(log.messages(of: LegID(1)).map(\.time) == (0..<10).map(Double.init))
        log.remember(LegID(2), callID: "late")
        #expect(log.messages(of: LegID(2)).isEmpty)
        log.remember(LegID(3), callID: "flood19999")
        #expect(log.messages(of: LegID(3)).count == 1)
    }

    @Test func `messages and bytes are bounded, the newest stay`() throws {
        var ring = MessageRing(mostMessages: 100, mostBytes: 10_000)
        for number in 0..<1_000 { ring.append(try Self.message("a", number, bytes: 10)) }
        #expect(ring.messages.map(\.time) == (900..<1_000).map(Double.init))
        for number in 0..<50 { ring.append(try Self.message("b", number, bytes: 1_000)) }
        #expect(ring.messages.map(\.time) == (40..<50).map(Double.init))
        let taken = ring.take { $0.time >= 45 }
        #expect(taken.count == 5 && ring.messages.count == 5)
        for number in 0..<6 { ring.append(try Self.message("c", number, bytes: 1_000)) }
        #expect(ring.messages.count == 10)
        ring.append(try Self.message("d", 0, bytes: 20_000))
        #expect(ring.messages.isEmpty, "what is larger than all the room is not kept")
    }

    @Test func `of very many calls the newest are known`() throws {
        let log = TraceLog()
        for number in 0..<5_000 {
            log.note(try Self.message("call\(number)", number, bytes: 10))
            log.remember(LegID(UInt64(number)), callID: "call\(number)")
        }
        #expect(log.messages(of: LegID(0)).isEmpty)
        #expect(log.messages(of: LegID(4_999)).map(\.time) == [4_999])
        #expect(log.messages(of: LegID(3_500)).map(\.time) == [3_500])
    }
}
