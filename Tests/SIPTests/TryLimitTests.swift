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
                if limits.mayTry("desk", from: try Self.source(step), isBanned: false, now: now) { count += 1 }
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
        let first = limits.mayTry("desk", from: home, isBanned: false, now: now)
        limits.giveBackTry("desk", from: home, now: now)
        limits.prove("desk", from: home, now: now)
        for number in 0..<500 { _ = limits.mayTry("desk", from: try Self.source(number), isBanned: false, now: now) }
        let another = limits.mayTry("desk", from: try Self.source(700), isBanned: false, now: now)
        let owner = limits.mayTry("desk", from: home, isBanned: false, now: now)
        #expect(first && !another && owner)
        // It is at home for its own account only.
        for _ in 0..<10 { _ = limits.mayTry("hall", from: try Self.source(1), isBanned: false, now: now) }
        for number in 2..<20 { _ = limits.mayTry("hall", from: try Self.source(number), isBanned: false, now: now) }
        let other = limits.mayTry("hall", from: home, isBanned: false, now: now)
        #expect(!other)
    }

    @Test func `of the places of an account the newest are remembered`() throws {
        var limits = StrangerLimits()
        let now = ContinuousClock.now
        for number in 0..<20 { limits.prove("desk", from: try Self.source(number), now: now) }
        let known = try (0..<20).filter { limits.isProven("desk", from: try Self.source($0), now: now) }
        #expect(known == Array(12..<20))
        #expect(!limits.isProven("hall", from: try Self.source(19), now: now))
    }

    @Test func `at the account's own place wrong passwords are limited and right ones are not`() throws {
        var limits = StrangerLimits()
        let begin = ContinuousClock.now
        let home = try Self.source(1)
        limits.settle("desk", at: [(home, begin + .seconds(3_600))])
        for _ in 0..<1_000 {
            let isHeard = limits.mayTry("desk", from: home, isBanned: false, now: begin)
            limits.giveBackTry("desk", from: home, now: begin)
            #expect(isHeard)
        }
        var guesses = 0
        for step in 0..<60_000 {
            if limits.mayTry("desk", from: home, isBanned: false, now: begin + .milliseconds(step)) { guesses += 1 }
        }
        let most = Int(StrangerLimits.homeTryBurst + 60 * StrangerLimits.homeTriesPerSecond)
        #expect((most - 1...most).contains(guesses), "\(guesses)")
        // Neither the account elsewhere nor a neighbour's account there is any slower for it.
        let elsewhere = limits.mayTry("desk", from: try Self.source(2), isBanned: false, now: begin + .seconds(60))
        let neighbour = limits.mayTry("hall", from: home, isBanned: false, now: begin + .seconds(60))
        #expect(elsewhere && neighbour)
    }

    @Test func `a proof ends with the binding, and without one after ten minutes`() throws {
        var limits = StrangerLimits()
        let now = ContinuousClock.now
        let home = try Self.source(1)
        let other = try Self.source(2)
        limits.prove("desk", from: other, now: now)
        #expect(limits.isProven("desk", from: other, now: now + .seconds(599)))
        #expect(!limits.isProven("desk", from: other, now: now + .seconds(601)))
        limits.settle("desk", at: [(home, now + .seconds(3_600))])
        // A call made meanwhile does not shorten it.
        limits.prove("desk", from: home, now: now)
        #expect(limits.isProven("desk", from: home, now: now + .seconds(3_599)))
        #expect(!limits.isProven("desk", from: home, now: now + .seconds(3_601)))
        #expect(!limits.isProven("desk", from: other, now: now))
        limits.settle("desk", at: [])
        #expect(!limits.isProven("desk", from: home, now: now))
    }

    @Test func `an owner at a new address gets in while ten others guess`() throws {
        var limits = StrangerLimits()
        let begin = ContinuousClock.now
        var guesses = 0
        for step in 0..<60_000 {
            let now = begin + .milliseconds(step)
            if limits.mayTry("desk", from: try Self.source(step % 10), isBanned: false, now: now) { guesses += 1 }
        }
        #expect(guesses <= Int(StrangerLimits.accountTryBurst) + 60)
        let end = begin + .seconds(60)
        let owner = try Self.source(99)
        let isHeard = limits.mayTry("desk", from: owner, isBanned: false, now: end)
        limits.giveBackTry("desk", from: owner, now: end)
        // Right, so it is no failure: another time as well.
        let again = limits.mayTry("desk", from: owner, isBanned: false, now: end)
        let failedOnce = limits.mayTry("desk", from: owner, isBanned: false, now: end)
        #expect(isHeard && again && !failedOnce)
    }

    @Test func `a try that was not taken is not given back`() throws {
        var limits = StrangerLimits()
        let now = ContinuousClock.now
        for number in 0..<5 { _ = limits.mayTry("desk", from: try Self.source(number), isBanned: false, now: now) }
        for _ in 0..<5 { limits.giveBackTry("desk", from: try Self.source(9), now: now) }
        let isHeard = limits.mayTry("desk", from: try Self.source(10), isBanned: false, now: now)
        #expect(!isHeard)
    }

    @Test func `a phone with an old password does not take the tries of the others behind its address`() throws {
        for isBanned in [false, true] {
            var limits = StrangerLimits()
            let begin = ContinuousClock.now
            let branch = try Self.source(1)
            var kid = 0
            var desk = 0
            for step in 0..<6_000 {
                let now = begin + .milliseconds(step * 100)
                if limits.mayTry("kid", from: branch, isBanned: isBanned, now: now) { kid += 1 }
                // Each minute another phone comes, whose password is right.
                guard step % 600 == 599 else { continue }
                if limits.mayTry("desk\(step)", from: branch, isBanned: isBanned, now: now) { desk += 1 }
                limits.giveBackTry("desk\(step)", from: branch, now: now)
            }
            #expect(desk == 10)
            #expect(isBanned ? (2...14).contains(kid) : (590...610).contains(kid), "\(kid)")
        }
    }
}
