// SPDX-License-Identifier: Apache-2.0

import RTP
import Testing

struct DelayEstimatorTests {
    private let ms: Int64 = 1_000_000

    /// Packets of 20 ms whose arrival is `lateness(index)` behind an ideal line; returns the target after each.
    private func run(
        _ estimator: inout DelayEstimator, from first: Int = 0, count: Int, lateness: (Int) -> Int64
    ) -> [Int64] {
        var targets: [Int64] = []
        for index in first..<first + count {
            let end = Int64(index + 1) * 20 * ms
            estimator.take(arrival: 5_000 * ms + end + lateness(index), endTime: end, duration: 20 * ms)
            targets.append(estimator.target)
        }
        return targets
    }

    @Test func `without jitter the target falls to its floor within three seconds`() {
        var estimator = DelayEstimator()
        let targets = run(&estimator, count: 150) { _ in 0 }
        #expect(targets.last == DelayEstimator.shortestTarget)
        let line = estimator.line
        #expect(line == 5_000 * ms)
    }

    @Test func `with jitter the target is the 99 % quantile`() {
        var estimator = DelayEstimator()
        var random = SystemSeed(7)
        let targets = run(&estimator, count: 3000) { _ in Int64(random.next() % 10_000_000) }
        for target in targets.suffix(500) { #expect((9 * ms...10_500_000).contains(target)) }
    }

    @Test func `a burst behind a stall counts once and is forgotten`() {
        var estimator = DelayEstimator()
        _ = run(&estimator, count: 1000) { _ in 0 }
        // 200 ms nothing, then ten packets at once.
        let targets = run(&estimator, from: 1000, count: 10) { Int64(1010 - $0 - 1) * 20 * 1_000_000 }
        #expect(targets.allSatisfy { $0 == DelayEstimator.shortestTarget })
        let after = run(&estimator, from: 1010, count: 100) { _ in 0 }
        #expect(after.allSatisfy { $0 == DelayEstimator.shortestTarget })
    }

    @Test func `a way that got longer is no jitter any more after four seconds`() {
        var estimator = DelayEstimator()
        _ = run(&estimator, count: 1000) { _ in 0 }
        let during = run(&estimator, from: 1000, count: 150) { _ in 30 * 1_000_000 }
        #expect((during.last ?? 0) >= 29 * ms)
        let after = run(&estimator, from: 1150, count: 150) { _ in 30 * 1_000_000 }
        #expect((after.last ?? 0) <= 1 * ms)
        let line = estimator.line
        #expect(line == 5_030 * ms)
    }

    @Test func `the target never exceeds its cap, whatever comes`() {
        var estimator = DelayEstimator()
        var random = SystemSeed(11)
        let targets = run(&estimator, count: 5000) { _ in Int64(bitPattern: random.next() >> 20) - (1 << 42) }
        #expect(targets.allSatisfy { $0 <= DelayEstimator.longestTarget && $0 >= DelayEstimator.shortestTarget })
    }
}

/// A small generator with a seed, so that a failure comes again.
struct SystemSeed: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
