// SPDX-License-Identifier: Apache-2.0

/// So many at once, then so many a second. A pure value: the time is handed in.
package struct TokenBucket: Sendable, Hashable {
    fileprivate var tokens: Double
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

    /// One more than there was, up to the burst.
    package mutating func giveBack(burst: Double) { tokens = min(burst, tokens + 1) }
}

/// A token bucket for each key. A flood of keys makes room by forgetting all: whoever is remembered had a bucket that was
/// not full, so forgetting is never to his disadvantage.
package struct TokenBuckets<Key: Hashable & Sendable>: Sendable {
    package let burst: Double
    package let perSecond: Double
    package let most: Int

    private var buckets: [Key: TokenBucket] = [:]

    package init(burst: Double, perSecond: Double, most: Int) {
        self.burst = burst
        self.perSecond = perSecond
        self.most = most
    }

    package mutating func take(_ key: Key, now: ContinuousClock.Instant) -> Bool {
        take(key, leaving: 0, now: now)
    }

    /// - Parameter reserve: so many are left for others.
    package mutating func take(_ key: Key, leaving reserve: Double, now: ContinuousClock.Instant) -> Bool {
        if buckets.count >= most, buckets[key] == nil { buckets.removeAll(keepingCapacity: true) }
        return buckets[key, default: TokenBucket(burst: burst, now: now)]
            .take(leaving: reserve, burst: burst, perSecond: perSecond, now: now)
    }

    /// Whether one would be given to that key; nothing is taken.
    package func holds(_ key: Key, now: ContinuousClock.Instant) -> Bool {
        buckets[key]?.holds(leaving: 0, burst: burst, perSecond: perSecond, now: now) ?? true
    }

    package func knows(_ key: Key) -> Bool { buckets[key] != nil }

    package mutating func giveBack(_ key: Key) { buckets[key]?.giveBack(burst: burst) }
}
