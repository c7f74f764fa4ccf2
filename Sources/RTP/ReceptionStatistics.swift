// SPDX-License-Identifier: Apache-2.0
// RFC 3550 section 6.4.1 and appendices A.3 (loss) and A.8 (interarrival jitter).

/// What a receiver reports about one synchronization source.
package struct ReceptionStatistics: Sendable, BitwiseCopyable {
    package private(set) var ssrc: UInt32
    package private(set) var received: Int64 = 0
    package private(set) var duplicates: Int64 = 0
    /// Unwrapped sequence of the newest packet.
    package private(set) var highest: Int64 = -1

    private var unwrapper = SequenceUnwrapper()
    private var base: Int64 = 0
    private var seen: UInt64 = 0
    /// The number that would prove a restart; -1: none.
    private var restart: Int32 = -1
    private var lostBefore: Int64 = 0
    private var jitterTimes16: Int64 = 0
    private var lastTransit: Int64?
    private var expectedPrior: Int64 = 0
    private var receivedPrior: Int64 = 0

    package init(ssrc: UInt32) {
        self.ssrc = ssrc
    }

    package enum Order: Sendable, BitwiseCopyable {
        /// The next number.
        case next
        /// Newer, with some missing in between.
        case ahead
        /// Older than the newest, not seen yet.
        case behind
        /// Seen before, or too old to tell.
        case duplicate
        /// The sender began to count anew (seen twice in a row).
        case restarted
    }

    /// Counts a packet; what is a duplicate counts as nothing but that.
    package mutating func take(_ number: UInt16) -> Order {
        guard highest >= 0 else {
            begin(number)
            return .next
        }
        let count = unwrapper.peek(number)
        let step = count &- highest
        guard step <= Self.longestDropout, step >= -Self.longestDisorder else {
            guard Int32(number) == restart else {
                restart = Int32(number &+ 1)
                duplicates &+= 1
                return .duplicate
            }
            lostBefore &+= max(0, expected &- received)
            begin(number)
            return .restarted
        }
        _ = unwrapper.take(number)
        restart = -1
        guard step <= 0 else {
            seen = step < 64 ? seen << UInt64(step) | 1 : 1
            highest = count
            received &+= 1
            return step == 1 ? .next : .ahead
        }
        let age = -step
        guard age < 64, seen & (1 << UInt64(age)) == 0 else {
            duplicates &+= 1
            return .duplicate
        }
        seen |= 1 << UInt64(age)
        received &+= 1
        base = min(base, count)
        return .behind
    }

    private static let longestDropout: Int64 = 3000
    private static let longestDisorder: Int64 = 100

    private mutating func begin(_ number: UInt16) {
        unwrapper = SequenceUnwrapper()
        let count = unwrapper.take(number)
        base = count
        highest = count
        seen = 1
        received = 1
        receivedPrior = 0
        expectedPrior = 0
        restart = -1
    }

    /// Interarrival jitter from arrival and time stamp, both in units of the time stamp clock.
    package mutating func takeTransit(arrival: Int64, timestamp: Int64) {
        let transit = arrival &- timestamp
        if let last = lastTransit {
            let difference = min(abs(transit &- last), 1 << 31)
            jitterTimes16 = max(0, jitterTimes16 &+ difference &- (jitterTimes16 &+ 8) >> 4)
        }
        lastTransit = transit
    }

    /// The next transit starts anew: the time stamps jumped.
    package mutating func forgetTransit() { lastTransit = nil }

    /// In units of the time stamp clock.
    package var jitter: Int64 { jitterTimes16 >> 4 }
    package var expected: Int64 { highest < 0 ? 0 : highest &- base &+ 1 }
    package var lost: Int64 { lostBefore &+ max(0, expected &- received) }

    /// The reception block about this source; starts a new interval of "fraction lost".
    package mutating func report(lastSR: UInt32, delaySinceSR: UInt32) -> ReportBlock {
        let expectedInterval = expected &- expectedPrior
        let lostInterval = expectedInterval &- (received &- receivedPrior)
        expectedPrior = expected
        receivedPrior = received
        let fraction = expectedInterval > 0 && lostInterval > 0 ? min(255, lostInterval &* 256 / expectedInterval) : 0
        return ReportBlock(
            ssrc: ssrc, fractionLost: UInt8(truncatingIfNeeded: fraction),
            cumulativeLost: Int32(truncatingIfNeeded: min(0x7F_FFFF, max(-0x80_0000, expected &- received))),
            highestSequence: UInt32(truncatingIfNeeded: max(0, highest)),
            jitter: UInt32(truncatingIfNeeded: min(jitter, Int64(UInt32.max))),
            lastSR: lastSR, delaySinceSR: delaySinceSR)
    }
}
