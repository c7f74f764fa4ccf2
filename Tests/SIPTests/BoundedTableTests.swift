// SPDX-License-Identifier: Apache-2.0

import SDP
import Testing

@testable import SIP

@Suite struct BoundedTableTests {
    @Test func `keys are remembered with their numbers until they are taken out`() {
        var table = BoundedTable<String>(most: 64)
        #expect(table["a"] == nil)
        for (number, key) in ["a", "b", "c"].enumerated() { table[key] = Double(number) }
        table["b"] = 7
        #expect(["a", "b", "c", "d"].map { table[$0] } == [0, 7, 2, nil])
        table["b"] = nil
        table["d"] = nil
        #expect(["a", "b", "c", "d"].map { table[$0] } == [0, nil, 2, nil])
    }

    @Test func `a flood of keys takes the places of the lowest numbers and no memory`() {
        var table = BoundedTable<Int>(most: 1_024)
        for key in 0..<100_000 { table[key] = Double(key) }
        let kept = (0..<100_000).filter { table[$0] != nil }
        #expect(kept.count <= 1_024)
        #expect(kept.count > 1_000, "the places are used: \(kept.count)")
        // Nobody but newcomers is driven out of a set that is not full of newer ones.
        #expect(kept.allSatisfy { $0 > 90_000 }, "the oldest is \(kept.first ?? 0)")
        #expect(table[99_999] == 99_999)
        // A high number outlasts what comes later.
        table[-1] = 1e9
        for key in 0..<100_000 { table[key] = Double(key) }
        #expect(table[-1] == 1e9)
    }

    @Test func `a bucket that is nearly empty outlasts a flood of others`() throws {
        var buckets = TokenBuckets<Int>(burst: 10, perSecond: 1, most: 64)
        let now = ContinuousClock.now
        let taken = (0..<12).count { _ in buckets.take(-1, now: now) }
        #expect(taken == 10)
        for key in 0..<10_000 { _ = buckets.take(key, now: now) }
        #expect(buckets.knows(-1) && !buckets.holds(-1, now: now))
        #expect(!buckets.holds(-1, now: now + .milliseconds(999)))
        #expect(buckets.holds(-1, now: now + .seconds(1)))
        // Time that goes back gives nothing.
        #expect(!buckets.holds(-1, now: now - .seconds(100)))
        buckets.giveBack(-1)
        let again = (0..<3).count { _ in buckets.take(-1, now: now) }
        #expect(again == 1)
    }

    @Test(arguments: [
        ("127.0.0.1", "127.255.0.0", 8, true), ("127.0.0.1", "126.0.0.1", 8, false), ("127.0.0.1", "9.9.9.9", 0, true),
        ("10.0.0.1", "10.0.0.1", 32, true), ("10.0.0.1", "10.0.0.0", 32, false), ("10.0.0.1", "10.0.0.0", 31, true),
        ("2001:db8::1", "2001:db8:ffff::", 32, true), ("2001:db8::1", "2001:db9::1", 32, false),
        ("2001:db8::1", "2001:db8::2", 64, true), ("2001:db8::1", "2001:db8:0:1::1", 64, false),
        ("2001:db8::1", "2001:db8::2", 126, true), ("2001:db8::1", "2001:db8::2", 127, false),
        ("2001:db8::1", "2001:db8::1", 128, true), ("::1", "::2", 0, true), ("0.0.0.1", "::1", 0, false),
    ])
    func `addresses share their first bits`(_ one: String, _ other: String, _ bits: Int, _ expected: Bool) throws {
        let (one, other) = (try #require(IPAddress(one)), try #require(IPAddress(other)))
        #expect(one.shares(bits, with: other) == expected)
        #expect(other.shares(bits, with: one) == expected)
    }

    @Test func `an address is its bytes, its text and its network`() throws {
        let four = try #require(IPAddress("192.0.2.255"))
        #expect(four.bytes == [192, 0, 2, 255] && four.network == four && four.description == "192.0.2.255")
        let six = try #require(IPAddress("2001:db8:1:2:fffe::9"))
        #expect(six.bytes == [0x20, 1, 0xD, 0xB8, 0, 1, 0, 2, 0xFF, 0xFE, 0, 0, 0, 0, 0, 9])
        #expect(six.network.description == "2001:db8:1:2::" && six.description == "2001:db8:1:2:fffe::9")
        for address in [four, six] {
            #expect(address.bytes.withUnsafeBufferPointer { IPAddress(bytes: $0) } == address)
            #expect(IPAddress(address.description) == address)
        }
        #expect(IPAddress("::ffff:192.0.2.255")?.unmapped == four)
        #expect(IPAddress("0.0.0.1") != IPAddress("::1"))
        #expect([UInt8](repeating: 1, count: 5).withUnsafeBufferPointer { IPAddress(bytes: $0) } == nil)
    }
}
