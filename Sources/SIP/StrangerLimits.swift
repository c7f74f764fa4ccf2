// SPDX-License-Identifier: Apache-2.0

package import SDP

/// How often somebody who may not call is told so properly. Each proper refusal costs about 10 kB for half a minute; what is
/// over these limits gets a refusal that costs nothing. Two token buckets: of the source, and of all strangers together,
/// since UDP sources can be forged.
package struct StrangerLimits: Sendable {
    package static let burstPerSource = 20.0
    package static let perSecondPerSource = 2.0
    package static let burstInAll = 200.0
    package static let perSecondInAll = 20.0
    /// One log line a source and this time.
    package static let reportInterval = Duration.seconds(10)
    /// Sources that are remembered; a flood from more addresses makes room by forgetting all.
    package static let mostSources = 1_024

    private struct Bucket {
        var tokens: Double
        var filled: ContinuousClock.Instant
        var reported: ContinuousClock.Instant?

        mutating func take(burst: Double, perSecond: Double, now: ContinuousClock.Instant) -> Bool {
            let elapsed = filled.duration(to: now) / .seconds(1)
            if elapsed > 0 {
                tokens = min(burst, tokens + elapsed * perSecond)
                filled = now
            }
            guard tokens >= 1 else { return false }
            tokens -= 1
            return true
        }
    }

    private var sources: [IPAddress: Bucket] = [:]
    private var all: Bucket?

    package init() {}

    /// False: over the limit.
    package mutating func admit(_ source: IPAddress, now: ContinuousClock.Instant) -> Bool {
        if sources.count >= Self.mostSources, sources[source] == nil { sources.removeAll(keepingCapacity: true) }
        var bucket = sources[source] ?? Bucket(tokens: Self.burstPerSource, filled: now)
        let isWithin = bucket.take(burst: Self.burstPerSource, perSecond: Self.perSecondPerSource, now: now)
        sources[source] = bucket
        guard isWithin else { return false }
        var total = all ?? Bucket(tokens: Self.burstInAll, filled: now)
        let isWithinAll = total.take(burst: Self.burstInAll, perSecond: Self.perSecondInAll, now: now)
        all = total
        return isWithinAll
    }

    /// True once in a while for a source that is over its limit.
    package mutating func shallReport(_ source: IPAddress, now: ContinuousClock.Instant) -> Bool {
        guard var bucket = sources[source] else { return false }
        if let reported = bucket.reported, reported.duration(to: now) < Self.reportInterval { return false }
        bucket.reported = now
        sources[source] = bucket
        return true
    }
}
