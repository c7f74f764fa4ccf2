// SPDX-License-Identifier: Apache-2.0

import Foundation
import SDP
import SIP
import Synchronization
import Telephony
import Testing

@Suite struct BanTests {
    final class Time: Sendable {
        let now = Mutex(1_000_000.0)
        func pass(_ seconds: Double) { now.withLock { $0 += seconds } }
        var clock: @Sendable () -> Double { { self.now.withLock { $0 } } }
    }

    static func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    static func failTenTimes(_ bans: BanList, _ source: IPAddress) -> BanList.Ban? {
        var last: BanList.Ban?
        for _ in 0..<BanList.failures { last = bans.fail(source) }
        return last
    }

    @Test func `the tenth wrong password bans, and each ban lasts twice as long`() throws {
        let time = Time()
        let bans = BanList(clock: time.clock)
        let source = try Self.address("192.0.2.7")
        for _ in 1..<BanList.failures { #expect(bans.fail(source) == nil) }
        #expect(!bans.isBanned(source))
        let first = try #require(bans.fail(source))
        #expect(first.until - 1_000_000 == BanList.shortest && first.times == 1)
        #expect(bans.isBanned(source))
        #expect(!bans.isBanned(try Self.address("192.0.2.8")))
        time.pass(BanList.shortest)
        #expect(!bans.isBanned(source))
        let second = try #require(Self.failTenTimes(bans, source))
        #expect(second.until - bans.now == 2 * BanList.shortest && second.times == 2)
        for _ in 0..<20 {
            time.pass(BanList.longest)
            _ = Self.failTenTimes(bans, source)
        }
        #expect(try #require(bans.all.first).until - bans.now == BanList.longest)
    }

    @Test func `who knows his password, or fails rarely, is not banned`() throws {
        let time = Time()
        let bans = BanList(clock: time.clock)
        let source = try Self.address("192.0.2.7")
        for _ in 0..<200 {
            for _ in 1..<BanList.failures { #expect(bans.fail(source) == nil) }
            bans.succeed(source)
        }
        for _ in 0..<100 {
            #expect(bans.fail(source) == nil)
            time.pass(BanList.window / 5)
        }
    }

    @Test func `a network of IPv6 is one source, and a ban is lifted by any of its names`() throws {
        let bans = BanList(clock: Time().clock)
        for last in 0..<BanList.failures { _ = bans.fail(try Self.address("2001:db8:1:2::\(last)")) }
        #expect(bans.isBanned(try Self.address("2001:db8:1:2:ffff::1")))
        #expect(!bans.isBanned(try Self.address("2001:db8:1:3::1")))
        #expect(bans.banReports.map(\.source) == ["2001:db8:1:2::/64"])
        for text in ["", "x", "2001:db8:1:3::/64", "192.0.2.1"] { #expect(!bans.unban(text)) }
        #expect(bans.unban("2001:db8:1:2::/64"))
        #expect(!bans.isBanned(try Self.address("2001:db8:1:2::1")))
        #expect(bans.banReports.isEmpty)
    }

    @Test func `bans survive a restart, whatever else is in the file`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "bans-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("bans")
        let time = Time()
        let journal = BanJournal(path: file.path)
        let bans = BanList(clock: time.clock, journal: journal)
        _ = Self.failTenTimes(bans, try Self.address("192.0.2.7"))
        _ = Self.failTenTimes(bans, try Self.address("2001:db8::1"))
        journal.flush()
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        try handle.write(
            contentsOf: Data("x\n1.2.3.4 nan 1\n1.2.3.5 1e99 1\n1.2.3.6 1000100 -4\n\u{0}\n1.2.3.7 1000100 2".utf8))
        try handle.close()
        let after = BanList(clock: time.clock, journal: BanJournal(path: file.path))
        #expect(after.banReports.map(\.source).sorted() == ["1.2.3.7", "192.0.2.7", "2001:db8::/64"])
        #expect(after.unban("192.0.2.7"))
        time.pass(BanList.shortest + 1)
        #expect(BanList(clock: time.clock, journal: BanJournal(path: file.path)).banReports.isEmpty)
        // A link is not followed, and a folder is no file.
        #expect(BanJournal(path: folder.path).load().isEmpty)
    }

    @Test func `a flood of sources does not fill the memory`() throws {
        let bans = BanList(clock: Time().clock)
        for number in 0..<(BanList.most + 500) {
            _ = Self.failTenTimes(bans, try Self.address("10.\(number >> 16).\(number >> 8 & 255).\(number & 255)"))
        }
        #expect(bans.all.count <= BanList.most)
    }
}
