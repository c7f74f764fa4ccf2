// SPDX-License-Identifier: Apache-2.0

import SDP
import SIP
import Testing

/// Guessing passwords: how often one is looked at.
@Suite struct TryLimitTests {
    private static func source(_ number: Int) throws -> IPAddress {
        try #require(IPAddress("198.51.\(number >> 8 & 255).\(number & 255)"))
    }

    @Test func `a thousand addresses guess one account's password once a second`() throws {
        var limits = StrangerLimits()
        let begin = ContinuousClock.now
        var evaluated: [Int] = []
        for second in 0..<60 {
            var count = 0
            for step in 0..<1_000 {
                let now = begin.advanced(by: .milliseconds(second * 1_000 + step))
                if limits.mayTry("desk", from: try Self.source(step), now: now) { count += 1 }
            }
            evaluated.append(count)
        }
        #expect(evaluated[0] <= Int(StrangerLimits.accountTryBurst) + 1)
        // Past the burst never more than one in any second.
        #expect(evaluated.dropFirst().max() == 1)
    }

    @Test func `whoever has shown the password from a place gets in there at once, however many guess elsewhere`()
        throws
    {
        var limits = StrangerLimits()
        let now = ContinuousClock.now
        let home = try Self.source(60_000)
        let first = limits.mayTry("desk", from: home, now: now)
        limits.giveBackTry("desk", from: home)
        limits.prove("desk", from: home)
        for number in 0..<500 { _ = limits.mayTry("desk", from: try Self.source(number), now: now) }
        let another = limits.mayTry("desk", from: try Self.source(700), now: now)
        let owner = limits.mayTry("desk", from: home, now: now)
        #expect(first && !another && owner)
        // It is at home for its own account only.
        for _ in 0..<10 { _ = limits.mayTry("hall", from: try Self.source(1), now: now) }
        for number in 2..<20 { _ = limits.mayTry("hall", from: try Self.source(number), now: now) }
        let other = limits.mayTry("hall", from: home, now: now)
        #expect(!other)
    }

    @Test func `of the places of an account the newest are remembered`() throws {
        var limits = StrangerLimits()
        for number in 0..<20 { limits.prove("desk", from: try Self.source(number)) }
        let known = try (0..<20).filter { limits.isProven("desk", from: try Self.source($0)) }
        #expect(known == Array(12..<20))
        #expect(!limits.isProven("hall", from: try Self.source(19)))
    }
}
