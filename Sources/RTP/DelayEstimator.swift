// SPDX-License-Identifier: Apache-2.0
// Method and figures: simulated in the mixer study that DESIGN section 3 rests on; nothing standardised.

/// Learns when the packets of one sender come, and says by when audio up to a position will be there.
///
///     lateness = arrival - (time of the packet's last sample on its own time line) - minimum of that over 4 s
///     target   = 99 % quantile of lateness, forgetting 0.998 a packet, a burst counted once, 0.25 … 60 ms,
///                but no more than the latest packet of the last 3 s: bad times are over when they are over
///
/// The line is drawn through the *ends* of packets: a sender sends a packet when its last sample is there, so the line
/// does not move when the packet length changes. Lives on the mix thread; about 1.2 kB.
package struct DelayEstimator: ~Copyable {
    package static let longestTarget: Int64 = 60_000_000
    package static let shortestTarget: Int64 = 250_000

    /// Minimum of arrival - position over the last 4 s; meaningful once `isStarted`.
    package private(set) var line: Int64 = 0
    /// By how much later than the line a packet is to be expected, ns.
    package private(set) var target: Int64 = 4_000_000
    package private(set) var isStarted = false

    private var minimum = WindowMinimum()
    /// The line from which the histogram counts.
    private var reference: Int64 = 0
    private var histogram = LatenessHistogram()
    /// The latest of late, as the smallest of its negative.
    private var latest = WindowMinimum(buckets: 6)
    private var begin: Int64 = 0
    private static let recent: Int64 = 3_000_000_000
    private var lastArrival: Int64 = 0
    private var lastLateness: Int64 = 0

    package init() {}

    /// How much later than the line a packet is that ends at `endTime` (ns on the sender's time line).
    package func lateness(arrival: Int64, endTime: Int64) -> Int64 {
        isStarted ? arrival &- endTime &- line : 0
    }

    /// Takes the newest packet of the sender into account. Times in ns, `duration` that of the packet.
    package mutating func take(arrival: Int64, endTime: Int64, duration: Int64) {
        let offset = arrival &- endTime
        minimum.take(offset, at: arrival)
        if !isStarted {
            reference = minimum.value
            begin = arrival
        }
        line = minimum.value
        // What was late against the old line is less so against a later one: a longer way is not jitter for ever.
        let steps = LatenessHistogram.bins(line &- reference)
        if steps != 0 {
            histogram.shift(by: steps)
            reference &+= LatenessHistogram.length(steps)
        }
        let lateness = max(0, offset &- line)
        // A burst behind a stall is one event: only its first, latest packet counts.
        let isBurst = isStarted && arrival &- lastArrival < duration / 2 && lateness < lastLateness
        if !isBurst {
            histogram.take(lateness)
            latest.take(0 &- lateness, at: arrival)
        }
        // A young stream keeps the cautious start of the histogram.
        let enough = arrival &- begin > Self.recent ? LatenessHistogram.edge(0 &- latest.value) : .max
        target = min(Self.longestTarget, max(Self.shortestTarget, min(histogram.quantile, enough)))
        lastArrival = arrival
        lastLateness = lateness
        isStarted = true
    }

    /// The sender began anew: nothing is known of it.
    package mutating func reset() {
        minimum = WindowMinimum()
        latest = WindowMinimum(buckets: 6)
        histogram.reset()
        isStarted = false
    }
}

/// The smallest value of about the last 4 s, in eight buckets of half a second (or fewer).
struct WindowMinimum {
    private static let bucketLength: Int64 = 500_000_000
    private var buckets: InlineArray<8, Int64> = .init(repeating: .max)
    private var index = 0
    private var bucketEnd: Int64 = .min
    private(set) var value: Int64 = .max
    private let count: Int

    init(buckets: Int = 8) { count = min(8, max(1, buckets)) }

    mutating func take(_ candidate: Int64, at now: Int64) {
        if bucketEnd == .min { bucketEnd = now &+ Self.bucketLength }
        if now >= bucketEnd {
            let steps = min(8, (now &- bucketEnd) / Self.bucketLength &+ 1)
            for _ in 0..<steps {
                index = index &+ 1 < count ? index &+ 1 : 0
                buckets[index] = .max
            }
            bucketEnd = max(bucketEnd &+ steps &* Self.bucketLength, now)
            buckets[index] = candidate
            value = candidate
            for bucket in buckets.indices { value = min(value, buckets[bucket]) }
        }
        buckets[index] = min(buckets[index], candidate)
        value = min(value, candidate)
    }
}
