// SPDX-License-Identifier: Apache-2.0

import CSofia
import Glibc
import SDP
import Synchronization

/// Looks up where the trunks' servers are, ahead and again and again, on a thread of its own: the SIP thread never waits for
/// a name, and a name server that is dead takes nothing away.
final class NameThread: Sendable {
    /// A name service that does not answer is asked again after this time.
    private static let pause: Int64 = 10_000
    private static let longest = 3_600

    private let accounts: [TrunkAccount]
    private let hosts: [String]
    private let book: HostBook
    private let names: SystemNames
    private let leastSeconds: Int
    private let tell: @Sendable (TrunkNews) -> Void
    private let isOver = Atomic(false)

    init(
        _ accounts: [TrunkAccount], hosts: [String], book: HostBook, names: SystemNames, leastSeconds: Int,
        tell: @escaping @Sendable (TrunkNews) -> Void
    ) {
        self.accounts = accounts
        self.hosts = hosts.filter { IPAddress($0) == nil }
        self.book = book
        self.names = names
        self.leastSeconds = leastSeconds
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
        var due = [Int64](repeating: 0, count: accounts.count)
        var hostsDue: Int64 = 0
        while !isOver.load(ordering: .relaxed) {
            for (index, account) in accounts.enumerated() where due[index] <= clock.milliseconds() {
                due[index] = clock.milliseconds() + look(account)
            }
            if hostsDue <= clock.milliseconds() {
                for host in hosts { names.addresses(host)?.first.map { book.set(host, $0) } }
                hostsDue = clock.milliseconds() + 300_000
            }
            usleep(200_000)
        }
    }

    /// In how many milliseconds to look again.
    private func look(_ account: TrunkAccount) -> Int64 {
        var news = TrunkNews(trunk: account.name)
        var wait = Self.pause
        if IPAddress(account.server) == nil, let found = ServerLocation.find(account, in: names) {
            news.addresses = found.addresses
            wait = Int64(min(max(found.seconds, leastSeconds), Self.longest)) * 1_000
        } else if IPAddress(account.server) != nil {
            wait = 60_000
        }
        if !account.stunServer.isEmpty {
            news.external = STUNClient.externalAddress(of: account.stunServer, names: names)
            wait = min(wait, 60_000)
        }
        if news.addresses != nil || news.external != nil { tell(news) }
        return wait
    }
}

/// Addresses of hosts that may be called, as they were looked up last; kept when the name server is silent.
final class HostBook: Sendable {
    private let addresses = Mutex<[String: IPAddress]>([:])

    func set(_ host: String, _ address: IPAddress) { addresses.withLock { $0[host] = address } }

    func address(of host: String) -> IPAddress? { addresses.withLock { $0[host] } }
}
