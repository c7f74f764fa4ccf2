// SPDX-License-Identifier: Apache-2.0

/// A token bucket for each key, in memory that does not grow. Of each bucket it is only kept when it will be full again: that
/// one number says how much is in it now. A flood of keys makes room by forgetting buckets that are the first to be full:
/// forgetting is never to somebody's disadvantage. A pure value: the time is handed in.
package struct TokenBuckets<Key: Hashable & Sendable>: Sendable {
    package let burst: Double
    package let perSecond: Double

    /// Seconds since `origin`.
    private var fullAt: BoundedTable<Key>
    /// The first time that was handed in.
    private var origin: ContinuousClock.Instant?
    /// What rounding may take from a token.
    private static var tolerance: Double { 1e-6 }

    /// - Parameter most: keys that are remembered, 16 bytes each.
    package init(burst: Double, perSecond: Double, most: Int) {
        self.burst = burst
        self.perSecond = perSecond
        fullAt = BoundedTable(most: most)
    }

    package mutating func take(_ key: Key, now: ContinuousClock.Instant) -> Bool {
        take(key, leaving: 0, now: now)
    }

    /// - Parameter reserve: so many are left for others.
    package mutating func take(_ key: Key, leaving reserve: Double, now: ContinuousClock.Instant) -> Bool {
        if origin == nil { origin = now }
        let time = seconds(now)
        let full = max(fullAt[key] ?? time, time)
        guard holds(1 + reserve, full, time) else { return false }
        fullAt[key] = full + 1 / perSecond
        return true
    }

    /// Whether one would be given to that key; nothing is taken.
    package func holds(_ key: Key, now: ContinuousClock.Instant) -> Bool {
        guard let full = fullAt[key] else { return true }
        return holds(1, full, seconds(now))
    }

    package func knows(_ key: Key) -> Bool { fullAt[key] != nil }

    /// One more than there was, up to the burst.
    package mutating func giveBack(_ key: Key) {
        if let full = fullAt[key] { fullAt[key] = full - 1 / perSecond }
    }

    private func holds(_ tokens: Double, _ full: Double, _ time: Double) -> Bool {
        burst - max(0, full - time) * perSecond + Self.tolerance >= tokens
    }

    private func seconds(_ now: ContinuousClock.Instant) -> Double {
        origin.map { $0.duration(to: now) / .seconds(1) } ?? 0
    }
}
