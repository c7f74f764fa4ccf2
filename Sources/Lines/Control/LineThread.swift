// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import Synchronization

/// The `lines` thread: waits for hook switches, requests and the stations' deadlines, and performs them one after another.
final class LineThread: @unchecked Sendable {
    // Only the thread touches the stations once it runs.
    private let stations: [LineStation]
    private let mailbox: LineMailbox
    private let epoll: Int32
    private var watched: [[Int32]]
    private let handle = Mutex<UInt?>(nil)

    private static let mail = UInt64.max

    init(stations: [LineStation], mailbox: LineMailbox) {
        self.stations = stations
        self.mailbox = mailbox
        watched = Array(repeating: [], count: stations.count)
        epoll = partyline_epoll()
    }

    deinit { if epoll >= 0 { close(epoll) } }

    func start() throws(LineError) {
        guard epoll >= 0, mailbox.wake >= 0, partyline_epoll_add(epoll, mailbox.wake, Self.mail) == 0 else {
            throw LineError(
                code: EMFILE, device: "lines", stage: "get descriptors", remedy: "raise LimitNOFILE of the service")
        }
        var thread: UInt = 0
        let result = partyline_thread_start(
            "lines", 0, 512 * 1024, Self.body, Unmanaged.passRetained(self).toOpaque(), &thread)
        guard result == 0 else {
            Unmanaged.passUnretained(self).release()
            throw LineError(
                code: result, device: "lines", stage: "start its thread", remedy: "raise TasksMax of the service")
        }
        handle.withLock { $0 = thread }
    }

    func stop() {
        guard let thread = handle.withLock({ $0.take() }) else { return }
        mailbox.stop()
        partyline_thread_join(thread)
    }

    private static let body: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
        guard let context else { return }
        Unmanaged<LineThread>.fromOpaque(context).takeRetainedValue().run()
    }

    private func run() {
        var ready = [UInt64](repeating: 0, count: 64)
        publish()
        while true {
            for station in stations { station.expire(now: Self.milliseconds) }
            for (index, station) in stations.enumerated() { watch(index, station.device?.descriptors ?? []) }
            publish()
            // With nothing to wait for, an hour is as good as for ever.
            let deadline = stations.compactMap(\.deadline).min() ?? Self.milliseconds &+ 3_600_000
            let count = partyline_epoll_wait_until(epoll, deadline &* 1_000_000, &ready, Int32(ready.count))
            for key in ready.prefix(max(0, Int(count))) where key != Self.mail && key < UInt64(stations.count) {
                stations[Int(key)].deviceReadable(now: Self.milliseconds)
            }
            let mail = mailbox.take()
            for (station, request) in mail.requests { deliver(request, to: station) }
            if mail.isStopping { break }
        }
        for station in stations { station.close(now: Self.milliseconds) }
        waitForCards()
        publish()
    }

    /// The mix thread gives the cards back within its next step; one that does not come back within half a second (the
    /// engine stands still) is never closed, which is better than closing it under the mix thread's hands.
    private func waitForCards() {
        let end = partyline_now() + 500_000_000
        var ready: UInt64 = 0
        while stations.contains(where: \.isAwaitingCard), partyline_now() < end {
            _ = partyline_epoll_wait_until(epoll, end, &ready, 1)
            for (station, request) in mailbox.take().requests { deliver(request, to: station) }
        }
        for station in stations { station.abandonCard() }
    }

    private func deliver(_ request: LineRequest, to station: Int?) {
        if let station {
            stations[station].handle(request, now: Self.milliseconds)
        } else {
            for station in stations { station.handle(request, now: Self.milliseconds) }
        }
    }

    /// A device came, went, or came back with other descriptors. (Closed ones leave the set by themselves.)
    private func watch(_ index: Int, _ descriptors: [Int32]) {
        guard watched[index] != descriptors || descriptors.isEmpty != watched[index].isEmpty else { return }
        for old in watched[index] { _ = partyline_epoll_remove(epoll, old) }
        for new in descriptors { _ = partyline_epoll_add(epoll, new, UInt64(index)) }
        watched[index] = descriptors
    }

    private func publish() {
        mailbox.publish(stations.map { LineMailbox.Report(report: $0.report, port: $0.port) })
    }

    private static var milliseconds: Int64 { partyline_now() / 1_000_000 }
}
