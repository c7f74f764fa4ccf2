// SPDX-License-Identifier: Apache-2.0

/// So many at once, then so many a second. A pure value: the time is handed in.
package struct TokenBucket: Sendable, Hashable {
    private var tokens: Double
    private var filled: ContinuousClock.Instant

    package init(burst: Double, now: ContinuousClock.Instant) {
        tokens = burst
        filled = now
    }

    package mutating func take(burst: Double, perSecond: Double, now: ContinuousClock.Instant) -> Bool {
        take(leaving: 0, burst: burst, perSecond: perSecond, now: now)
    }

    /// - Parameter reserve: so many are left for others.
    package mutating func take(
        leaving reserve: Double, burst: Double, perSecond: Double, now: ContinuousClock.Instant
    ) -> Bool {
        let elapsed = filled.duration(to: now) / .seconds(1)
        if elapsed > 0 {
            tokens = min(burst, tokens + elapsed * perSecond)
            filled = now
        }
        guard tokens >= 1 + reserve else { return false }
        tokens -= 1
        return true
    }
}

extension TokenBucket {
    /// Whether one would be given; nothing is taken.
    package func holds(
        leaving reserve: Double, burst: Double, perSecond: Double, now: ContinuousClock.Instant
    ) -> Bool {
        min(burst, tokens + max(0, filled.duration(to: now) / .seconds(1)) * perSecond) >= 1 + reserve
    }
}
