// SPDX-License-Identifier: Apache-2.0

package import SDP
import Synchronization

/// Addresses from which nothing is taken for a while: from there, wrong passwords came again and again. A ban needs an address
/// that has answered a challenge made for it, so nobody can have somebody else banned by forging datagrams.
///
/// IPv6 sources are banned by their /64: whoever has one address there has them all. Any thread may use it.
package final class BanList: Sendable {
    package struct Ban: Sendable, Hashable {
        package var source: IPAddress
        /// Seconds since 1970.
        package var until: Double
        /// Bans so far, this one included; each lasts twice as long as the one before.
        package var times: Int
    }

    /// Failures within `window` seconds that lead to a ban.
    package static let failures = 10
    package static let window = 600.0
    package static let shortest = 300.0
    package static let longest = 86_400.0
    package static let most = 4_096

    private struct Contents {
        var bans: [IPAddress: Ban] = [:]
        /// Wrong passwords since when.
        var failed: [IPAddress: (count: Int, since: Double)] = [:]
    }

    private let contents = Mutex(Contents())
    private let clock: Clock
    private let journal: BanJournal?

    /// Keeps a closure out of the mutex's reach.
    private struct Clock: Sendable { var now: @Sendable () -> Double }

    /// - Parameters:
    ///   - clock: seconds since 1970.
    ///   - journal: where bans are kept over a restart; those that it has are in force at once.
    package init(clock: @escaping @Sendable () -> Double, journal: BanJournal? = nil) {
        self.clock = Clock(now: clock)
        self.journal = journal
        let now = clock()
        let kept = journal?.load().prefix(Self.most) ?? []
        contents.withLock { contents in
            for ban in kept where ban.until > now && ban.until <= now + Self.longest {
                contents.bans[ban.source.network] = ban
            }
        }
    }

    /// Seconds since 1970.
    package var now: Double { clock.now() }

    package func isBanned(_ source: IPAddress) -> Bool {
        let now = clock.now()
        let key = source.network
        return contents.withLock { $0.bans[key].map { $0.until > now } ?? false }
    }

    /// Those in force, the one that ends last first.
    package var all: [Ban] {
        let now = clock.now()
        return contents.withLock { contents in contents.bans.values.filter { $0.until > now } }
            .sorted { ($0.until, $1.source.description) > ($1.until, $0.source.description) }
    }

    /// A wrong password from there.
    /// - Returns: the ban that this brings about; nil: not yet.
    package func fail(_ source: IPAddress) -> Ban? {
        let now = clock.now()
        let key = source.network
        let (ban, bans) = contents.withLock { contents -> (Ban?, [Ban]) in
            if contents.failed.count >= Self.most { contents.failed.removeAll() }
            var record = contents.failed[key] ?? (0, now)
            if now - record.since > Self.window { record = (0, now) }
            record.count += 1
            contents.failed[key] = record
            guard record.count >= Self.failures else { return (nil, []) }
            contents.failed[key] = nil
            let times = min((contents.bans[key]?.times ?? 0) + 1, 64)
            let length = min(Self.longest, Self.shortest * Double(1 << min(times - 1, 16)))
            let ban = Ban(source: key, until: now + length, times: times)
            Self.makeRoom(&contents, now)
            contents.bans[key] = ban
            return (ban, Array(contents.bans.values))
        }
        if ban != nil { journal?.save(bans) }
        return ban
    }

    /// Whoever knows his password has no failures.
    package func succeed(_ source: IPAddress) {
        let key = source.network
        contents.withLock { $0.failed[key] = nil }
    }

    /// False when it was not banned.
    package func lift(_ source: IPAddress) -> Bool {
        let key = source.unmapped.network
        let (isLifted, bans) = contents.withLock { contents -> (Bool, [Ban]) in
            contents.failed[key] = nil
            let found = contents.bans.removeValue(forKey: key) != nil
            return (found, Array(contents.bans.values))
        }
        if isLifted { journal?.save(bans) }
        return isLifted
    }

    /// Bans that are over are remembered for a day, since a next one lasts longer.
    private static func makeRoom(_ contents: inout Contents, _ now: Double) {
        guard contents.bans.count >= most else { return }
        contents.bans = contents.bans.filter { $0.value.until > now }
        if contents.bans.count >= most, let first = contents.bans.min(by: { $0.value.until < $1.value.until }) {
            contents.bans[first.key] = nil
        }
    }
}
