// SPDX-License-Identifier: Apache-2.0

import SDP
import SIP
import Testing

@Suite struct StreamTableTests {
    private let begin = ContinuousClock.now

    private func peer(_ source: String, _ port: UInt16 = 1) throws -> StreamTable.Peer {
        StreamTable.Peer(source: try #require(IPAddress(source)), port: port)
    }

    /// 128 strangers of 16 addresses.
    private func full() throws -> StreamTable {
        var table = StreamTable()
        for number in 0..<StreamTable.mostOfStrangers {
            let verdict = table.admit(
                try peer("192.0.2.\(number / 8)", UInt16(number + 1)), as: .stranger, now: begin,
                isStranger: { _ in true })
            #expect(verdict == .admitted)
        }
        return table
    }

    /// How many of twenty are taken.
    private func taken(_ visitor: StreamTable.Visitor, _ source: (Int) -> String) throws -> Int {
        var table = StreamTable()
        var count = 0
        for number in 0..<20 {
            let peer = try peer(source(number), UInt16(number + 1))
            if table.admit(peer, as: visitor, now: begin, isStranger: { _ in true }) == .admitted { count += 1 }
        }
        return count
    }

    @Test func `an address has eight, an IPv6 network as well, and a banned one four`() throws {
        let ofOneAddress = try taken(.stranger) { _ in "192.0.2.1" }
        #expect(ofOneAddress == StreamTable.mostPerStranger)
        let ofOneNetwork = try taken(.stranger) { "2001:db8::\($0)" }
        #expect(ofOneNetwork == StreamTable.mostPerStranger)
        let ofManyNetworks = try taken(.stranger) { "2001:db8:0:\($0)::1" }
        #expect(ofManyNetworks == 20)
        let banned = try taken(.banned) { _ in "192.0.2.1" }
        #expect(banned == StreamTable.mostPerBanned)
        let known = try taken(.known) { _ in "192.0.2.1" }
        #expect(known == 20)
    }

    @Test func `the oldest that has said nothing gives way, then the oldest`() throws {
        var table = try full()
        table.hear(try peer("192.0.2.0", 1), now: begin)
        for (number, expected) in [(1, UInt16(2)), (2, 3)] {
            let verdict = table.admit(
                try peer("198.51.100.\(number)"), as: .stranger, now: begin, isStranger: { _ in true })
            let oldest = try peer("192.0.2.0", expected)
            #expect(verdict == .admittedInstead(of: oldest))
        }
        for number in 0..<StreamTable.mostOfStrangers {
            table.hear(try peer("192.0.2.\(number / 8)", UInt16(number + 1)), now: begin)
        }
        for number in 1...2 { table.hear(try peer("198.51.100.\(number)"), now: begin) }
        let verdict = table.admit(try peer("198.51.100.9"), as: .stranger, now: begin, isStranger: { _ in true })
        let first = try peer("192.0.2.0", 1)
        #expect(verdict == .admittedInstead(of: first))
    }

    @Test func `who has shown who he is neither counts nor gives way`() throws {
        var table = StreamTable()
        let known = { (source: IPAddress) in source.description.hasPrefix("10.") }
        for number in 0..<200 {
            let verdict = table.admit(
                try peer("10.0.0.\(number)"), as: .known, now: begin, isStranger: { !known($0) })
            #expect(verdict == .admitted)
        }
        let verdict = table.admit(try peer("192.0.2.1"), as: .stranger, now: begin, isStranger: { !known($0) })
        #expect(verdict == .admitted)
        let overdue = table.takeOverdue(after: .seconds(10), now: begin + .seconds(3_600), isStranger: { !known($0) })
        let stranger = try peer("192.0.2.1")
        #expect(overdue == [stranger])
    }

    @Test func `a stranger's ends ten seconds after it was heard last`() throws {
        var table = StreamTable()
        let (silent, speaking) = (try peer("192.0.2.1"), try peer("192.0.2.2"))
        for peer in [silent, speaking] {
            _ = table.admit(peer, as: .stranger, now: begin, isStranger: { _ in true })
        }
        table.hear(speaking, now: begin + .seconds(5))
        // Of one that was never admitted, or has gone, nothing is kept.
        table.hear(try peer("192.0.2.3"), now: begin)
        let early = table.takeOverdue(after: .seconds(10), now: begin + .seconds(10), isStranger: { _ in true })
        let first = table.takeOverdue(
            after: .seconds(10), now: begin + .milliseconds(10_001), isStranger: { _ in true })
        let second = table.takeOverdue(after: .seconds(10), now: begin + .seconds(16), isStranger: { _ in true })
        #expect(early.isEmpty && first == [silent] && second == [speaking])
        #expect(table.isEmpty)
    }
}
