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
    package static let answerBurstPerSource = 60.0
    package static let answersPerSecondPerSource = 10.0
    /// Messages that are read at all: reading one costs some tens of microseconds, leaving it unread about two. A phone that
    /// comes anew repeats what it was not answered to for half a minute.
    package static let lookBurstPerSource = 100.0
    package static let looksPerSecondPerSource = 20.0
    package static let lookBurstInAll = 1_000.0
    package static let looksPerSecondInAll = 1_000.0
    /// So many are left for sources that have been read before: who answers a challenge is not held up by forged newcomers.
    package static let lookReserve = 200.0
    /// Messages of a banned source that are read, and of all of them a second: they take nothing of what strangers share.
    package static let bannedLookBurst = 10.0
    package static let bannedLooksPerSecond = 1.0
    package static let bannedLooksPerSecondInAll = 50.0
    /// Tries of a password: those that fail cost one each.
    package static let tryBurst = 7.0
    package static let triesPerSecond = 1.0
    /// So much of a source's burst is left for accounts that have not failed there: a phone with an old password does not
    /// take the tries of the others behind its address.
    package static let tryReserve = 2.0
    /// The same for a source that is banned.
    package static let bannedTryBurst = 5.0
    package static let bannedTriesPerSecond = 1.0 / 60
    /// The same for one account, from wherever: a thousand addresses guess no faster than one.
    package static let accountTryBurst = 5.0
    package static let accountTriesPerSecond = 1.0
    /// So much of an account's burst is left for addresses that have not failed at it: its owner gets in at a new address
    /// while somebody guesses from others, unless that one has a new address each second.
    package static let accountReserve = 2.0
    /// The same where the account is at home, for each of its places.
    package static let homeTryBurst = 20.0
    package static let homeTriesPerSecond = 2.0
    /// How long a password counts as shown where no registration says it.
    package static let proofLasts = Duration.seconds(600)
    /// Places of one account that are remembered, because it has shown its password from there.
    package static let mostPlaces = 8
    /// One log line a source and this time, and so many of all.
    package static let reportInterval = Duration.seconds(10)
    package static let reportBurstInAll = 100.0
    package static let reportsPerSecondInAll = 10.0
    /// Sources, accounts and tries that are remembered, of each kind.
    package static let mostSources = 4_096

    private var looks = TokenBuckets<IPAddress>(
        burst: lookBurstPerSource, perSecond: looksPerSecondPerSource, most: mostSources)
    private var allLooks: TokenBucket?
    private var bannedLooks = TokenBuckets<IPAddress>(
        burst: bannedLookBurst, perSecond: bannedLooksPerSecond, most: mostSources)
    private var allBannedLooks: TokenBucket?
    private var allReports: TokenBucket?
    private var requests = TokenBuckets<IPAddress>(
        burst: burstPerSource, perSecond: perSecondPerSource, most: mostSources)
    private var answers = TokenBuckets<IPAddress>(
        burst: answerBurstPerSource, perSecond: answersPerSecondPerSource, most: mostSources)
    private var reports = TokenBuckets<IPAddress>(
        burst: 1, perSecond: 1 / (reportInterval / .seconds(1)), most: mostSources)
    private var sourceTries = TokenBuckets<IPAddress>(burst: tryBurst, perSecond: triesPerSecond, most: mostSources)
    private var bannedTries = TokenBuckets<IPAddress>(
        burst: bannedTryBurst, perSecond: bannedTriesPerSecond, most: mostSources)
    private var accountTries = TokenBuckets<String>(
        burst: accountTryBurst, perSecond: accountTriesPerSecond, most: mostSources)
    private var homeTries = TokenBuckets<Place>(burst: homeTryBurst, perSecond: homeTriesPerSecond, most: mostSources)
    /// Where a password was tried, and not shown since.
    private var failed = BoundedTable<Place>(most: mostSources)
    private var failures = 0.0
    private var all: TokenBucket?
    /// From where accounts have shown their passwords and until when that counts, the newest last.
    private var places: [String: [(source: IPAddress, until: ContinuousClock.Instant)]] = [:]

    private struct Place: Hashable {
        var account: String
        var source: IPAddress
    }

    package init() {}

    /// Whether a message is read at all. False: it is forgotten, and nothing of it is known but where it came from.
    package mutating func look(at source: IPAddress, now: ContinuousClock.Instant) -> Bool {
        guard wouldLook(at: source, now: now) else { return false }
        let key = source.network
        var total = allLooks ?? TokenBucket(burst: Self.lookBurstInAll, now: now)
        defer { allLooks = total }
        let reserve = looks.knows(key) ? 0 : Self.lookReserve
        guard
            total.take(
                leaving: reserve, burst: Self.lookBurstInAll, perSecond: Self.looksPerSecondInAll, now: now)
        else { return false }
        return looks.take(key, now: now)
    }

    /// The same for a source that is banned.
    package mutating func lookAtBanned(_ source: IPAddress, now: ContinuousClock.Instant) -> Bool {
        guard bannedLooks.take(source.network, now: now) else { return false }
        var total = allBannedLooks ?? TokenBucket(burst: Self.bannedLooksPerSecondInAll, now: now)
        defer { allBannedLooks = total }
        return total.take(burst: Self.bannedLooksPerSecondInAll, perSecond: Self.bannedLooksPerSecondInAll, now: now)
    }

    /// What `lookAtBanned` would say of the source by itself; nothing is taken.
    package func wouldLookAtBanned(_ source: IPAddress, now: ContinuousClock.Instant) -> Bool {
        bannedLooks.holds(source.network, now: now)
    }

    /// What `look` would say; nothing is taken.
    package func wouldLook(at source: IPAddress, now: ContinuousClock.Instant) -> Bool {
        let key = source.network
        guard looks.holds(key, now: now) else { return false }
        let reserve = looks.knows(key) ? 0 : Self.lookReserve
        return allLooks?.holds(
            leaving: reserve, burst: Self.lookBurstInAll, perSecond: Self.looksPerSecondInAll, now: now) ?? true
    }

    /// Whether it is that source which sends too much, and not all together.
    package func isOverItsShare(_ source: IPAddress, now: ContinuousClock.Instant) -> Bool {
        !looks.holds(source.network, now: now)
    }

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
    /// is held as well. Where the account has shown its password before, neither the tries of others nor those at other
    /// accounts count, only its own there: nobody keeps the owner out by guessing elsewhere.
    /// - Parameter isBanned: the source is; it is heard more rarely.
    package mutating func mayTry(
        _ account: String, from source: IPAddress, isBanned: Bool, now: ContinuousClock.Instant
    ) -> Bool {
        if isProven(account, from: source, now: now) {
            return homeTries.take(Place(account: account, source: source), now: now)
        }
        let place = Place(account: account, source: source.network)
        let hasFailed = failed[place] != nil
        let sourceReserve = hasFailed ? Self.tryReserve : 0
        let isInTime =
            isBanned
            ? bannedTries.take(place.source, leaving: sourceReserve, now: now)
            : sourceTries.take(place.source, leaving: sourceReserve, now: now)
        let accountReserve = hasFailed ? Self.accountReserve : 0
        guard isInTime, accountTries.take(account, leaving: accountReserve, now: now) else { return false }
        // The newest are remembered longest.
        failures += 1
        failed[place] = failures
        return true
    }

    /// The password of that account was shown from there.
    package mutating func prove(_ account: String, from source: IPAddress, now: ContinuousClock.Instant) {
        let known = places[account] ?? []
        let until = known.first { $0.source == source }?.until ?? now
        var all = known.filter { $0.source != source && $0.until > now }
        all.append((source: source, until: max(until, now + Self.proofLasts)))
        places[account] = Array(all.suffix(Self.mostPlaces))
    }

    /// The account is registered at these places and no others, each until then: what it showed elsewhere is forgotten.
    package mutating func settle(_ account: String, at homes: [(source: IPAddress, until: ContinuousClock.Instant)]) {
        places[account] = homes.isEmpty ? nil : Array(homes.suffix(Self.mostPlaces))
    }

    package func isProven(_ account: String, from source: IPAddress, now: ContinuousClock.Instant) -> Bool {
        places[account]?.contains { $0.source == source && $0.until > now } ?? false
    }

    /// It was right: it does not count.
    package mutating func giveBackTry(_ account: String, from source: IPAddress, now: ContinuousClock.Instant) {
        if isProven(account, from: source, now: now) {
            return homeTries.giveBack(Place(account: account, source: source))
        }
        // Only what was taken, or others could use it.
        let place = Place(account: account, source: source.network)
        guard failed[place] != nil else { return }
        failed[place] = nil
        sourceTries.giveBack(place.source)
        accountTries.giveBack(account)
    }

    /// True once in a while for each source.
    package mutating func shallReport(_ source: IPAddress, now: ContinuousClock.Instant) -> Bool {
        var total = allReports ?? TokenBucket(burst: Self.reportBurstInAll, now: now)
        defer { allReports = total }
        return reports.take(source, now: now)
            && total.take(burst: Self.reportBurstInAll, perSecond: Self.reportsPerSecondInAll, now: now)
    }
}
