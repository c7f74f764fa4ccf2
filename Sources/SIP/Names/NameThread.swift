// SPDX-License-Identifier: Apache-2.0

import CSofia
import Glibc
import Logging
import SDP
import Synchronization

/// Looks up where the trunks' servers are, and the hosts that may be called, ahead and again and again, on a thread of its own:
/// the SIP thread never waits for a name, and a name server that is dead takes nothing away.
final class NameThread: Sendable {
    private static let longest = 3_600
    /// For how long the address of a host holds, in milliseconds.
    private static let hostLasts: Int64 = 300_000

    private let accounts: [TrunkAccount]
    private let hosts: [String]
    private let book: HostBook
    private let names: SystemNames
    private let leastSeconds: Int
    private let logger: Logger
    private let tell: @Sendable (TrunkNews) -> Void
    private let isOver = Atomic(false)

    init(
        _ accounts: [TrunkAccount], hosts: [String], book: HostBook, names: SystemNames, leastSeconds: Int,
        logger: Logger, tell: @escaping @Sendable (TrunkNews) -> Void
    ) {
        self.accounts = accounts
        self.hosts = hosts.filter { IPAddress($0) == nil }
        self.book = book
        self.names = names
        self.leastSeconds = leastSeconds
        self.logger = logger
        self.tell = tell
    }

    /// Nothing to do: no thread.
    var isNeeded: Bool { !hosts.isEmpty || accounts.contains { IPAddress($0.server) == nil || !$0.stunServer.isEmpty } }

    func start() {
        guard isNeeded else { return }
        var id = pthread_t()
        let context = Unmanaged.passRetained(self)
        guard pthread_create(&id, nil, Self.body, context.toOpaque()) == 0 else { return context.release() }
        // It may be waiting for a name server when all else has ended.
        pthread_detach(id)
    }

    func stop() { isOver.store(true, ordering: .relaxed) }

    private static let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { pointer in
        guard let pointer else { return nil }
        Unmanaged<NameThread>.fromOpaque(pointer).takeRetainedValue().live()
        return nil
    }

    private func live() {
        csofia_name_thread("names")
        let clock = SIPClock()
        var rounds = NameRounds()
        while !isOver.load(ordering: .relaxed) {
            for account in accounts where rounds.isDue("trunk " + account.name, now: clock.milliseconds()) {
                let lasts = look(account)
                report(
                    rounds.note("trunk " + account.name, lasts: lasts, now: clock.milliseconds()), of: account.server)
            }
            for host in hosts where rounds.isDue(host, now: clock.milliseconds()) {
                let found = names.addresses(host)?.first
                if let found { book.set(host, found) }
                let lasts = found.map { _ in Self.hostLasts }
                report(rounds.note(host, lasts: lasts, now: clock.milliseconds()), of: host)
            }
            usleep(200_000)
        }
    }

    private func report(_ news: NameRounds.News?, of name: String) {
        switch news {
        case .notFound:
            logger.warning("sip name not found name=\(name) again=\(NameRounds.pause / 1_000)s")
        case .foundAgain: logger.notice("sip name found name=\(name)")
        case nil: break
        }
    }

    /// For how many milliseconds what was found holds; nil: it was not.
    private func look(_ account: TrunkAccount) -> Int64? {
        var news = TrunkNews(trunk: account.name)
        var lasts: Int64? = 60_000
        if IPAddress(account.server) == nil {
            let found = ServerLocation.find(account, in: names)
            news.addresses = found?.addresses
            lasts = found.map { Int64(min(max($0.seconds, leastSeconds), Self.longest)) * 1_000 }
        }
        if !account.stunServer.isEmpty {
            news.external = STUNClient.externalAddress(of: account.stunServer, names: names)
            lasts = lasts.map { min($0, 60_000) }
        }
        if news.addresses != nil || news.external != nil { tell(news) }
        return lasts
    }
}

/// Addresses of hosts that may be called, as they were looked up last; kept when the name server is silent.
final class HostBook: Sendable {
    private let addresses = Mutex<[String: IPAddress]>([:])

    func set(_ host: String, _ address: IPAddress) { addresses.withLock { $0[host] = address } }

    func address(of host: String) -> IPAddress? { addresses.withLock { $0[host] } }
}
