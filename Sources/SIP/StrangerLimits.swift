// SPDX-License-Identifier: Apache-2.0

package import SDP

/// How often somebody who is not known gets a hearing. A request that is let through costs about 10 kB for half a minute, an
/// answer without state nothing but a packet. Token buckets of the source, and of all strangers together, since the sources
/// of datagrams can be forged.
package struct StrangerLimits: Sendable {
    package static let burstPerSource = 20.0
    package static let perSecondPerSource = 2.0
    package static let burstInAll = 200.0
    package static let perSecondInAll = 20.0
    /// Answers without state: refusals of malformed requests, challenges, "later".
    package static let answerBurstPerSource = 40.0
    package static let answersPerSecondPerSource = 10.0
    /// Tries of a password: those that fail cost one each.
    package static let tryBurst = 5.0
    package static let triesPerSecond = 1.0
    /// The same for one account, from wherever: a thousand addresses guess no faster than one.
    package static let accountTryBurst = 5.0
    package static let accountTriesPerSecond = 1.0
    /// Places of one account that are remembered, because it has shown its password from there.
    package static let mostPlaces = 8
    /// One log line a source and this time.
    package static let reportInterval = Duration.seconds(10)
    /// Sources that are remembered.
    package static let mostSources = 4_096

    private var requests = TokenBuckets<IPAddress>(
        burst: burstPerSource, perSecond: perSecondPerSource, most: mostSources)
    private var answers = TokenBuckets<IPAddress>(
        burst: answerBurstPerSource, perSecond: answersPerSecondPerSource, most: mostSources)
    private var reports = TokenBuckets<IPAddress>(
        burst: 1, perSecond: 1 / (reportInterval / .seconds(1)), most: mostSources)
    private var sourceTries = TokenBuckets<IPAddress>(burst: tryBurst, perSecond: triesPerSecond, most: mostSources)
    private var accountTries = TokenBuckets<String>(
        burst: accountTryBurst, perSecond: accountTriesPerSecond, most: mostSources)
    private var all: TokenBucket?
    /// From where accounts have shown their passwords, the newest last.
    private var places: [String: [IPAddress]] = [:]

    package init() {}

    /// Whether a request is looked at in full. False: over the limit.
    package mutating func admit(_ source: IPAddress, now: ContinuousClock.Instant) -> Bool {
        guard requests.take(source, now: now) else { return false }
        var total = all ?? TokenBucket(burst: Self.burstInAll, now: now)
        defer { all = total }
        return total.take(burst: Self.burstInAll, perSecond: Self.perSecondInAll, now: now)
    }

    /// Whether a stranger gets an answer at all, or silence.
    package mutating func mayAnswer(_ source: IPAddress, now: ContinuousClock.Instant) -> Bool {
        answers.take(source, now: now)
    }

    /// Whether a password may be tried. Both the source's and the account's tries count, so that guessing from many addresses
    /// is held as well. Where the account has shown its password before, the tries of others do not count: nobody keeps the
    /// owner out by guessing.
    package mutating func mayTry(_ account: String, from source: IPAddress, now: ContinuousClock.Instant) -> Bool {
        guard sourceTries.take(source, now: now) else { return false }
        return isProven(account, from: source) || accountTries.take(account, now: now)
    }

    /// The password of that account was shown from there.
    package mutating func prove(_ account: String, from source: IPAddress) {
        var known = places[account] ?? []
        known.removeAll { $0 == source }
        known.append(source)
        places[account] = Array(known.suffix(Self.mostPlaces))
    }

    package func isProven(_ account: String, from source: IPAddress) -> Bool {
        places[account]?.contains(source) ?? false
    }

    /// It was right: it does not count.
    package mutating func giveBackTry(_ account: String, from source: IPAddress) {
        sourceTries.giveBack(source)
        // Where the account is at home its tries were not counted: nothing to give back, or others could use it.
        if !isProven(account, from: source) { accountTries.giveBack(account) }
    }

    /// True once in a while for each source.
    package mutating func shallReport(_ source: IPAddress, now: ContinuousClock.Instant) -> Bool {
        reports.take(source, now: now)
    }
}
