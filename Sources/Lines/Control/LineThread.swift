// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import Synchronization
import Telephony

/// The `lines` thread: waits for hook switches, requests and the stations' deadlines, and performs them one after another.
final class LineThread: @unchecked Sendable {
    // Only the thread touches the stations once it runs.
    private var stations: [any ServedLine]
    /// The first ones are those of the settings, the others were plugged in.
    private let configured: Int
    private let mailbox: LineMailbox
    private let factory: LineFactory
    private let directory: LineDirectory
    private let plug: PlugAndPlay?
    private let epoll: Int32
    private var watched: [[Int32]]
    private let handle = Mutex<UInt?>(nil)

    private static let mail = UInt64.max
    private static let uevents = UInt64.max - 1

    init(
        stations: [any ServedLine], configured: Int, mailbox: LineMailbox, factory: LineFactory,
        directory: LineDirectory,
        plug: PlugAndPlay?
    ) {
        self.stations = stations
        self.configured = configured
        self.mailbox = mailbox
        self.factory = factory
        self.directory = directory
        self.plug = plug
        watched = Array(repeating: [], count: stations.count)
        epoll = partyline_epoll()
    }

    deinit { if epoll >= 0 { close(epoll) } }

    func start() throws(LineError) {
        guard epoll >= 0, mailbox.wake >= 0, partyline_epoll_add(epoll, mailbox.wake, Self.mail) == 0 else {
            throw LineError(
                code: EMFILE, device: "lines", stage: "get descriptors", remedy: "raise LimitNOFILE of the service")
        }
        if let plug, plug.descriptor >= 0 { _ = partyline_epoll_add(epoll, plug.descriptor, Self.uevents) }
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
            lookAtPlugs()
            for station in stations { station.expire(now: Self.milliseconds) }
            for (index, station) in stations.enumerated() { watch(index, station.descriptors) }
            publish()
            // With nothing to wait for, an hour is as good as for ever.
            let deadlines = stations.compactMap(\.deadline) + [plug?.deadline].compactMap { $0 }
            let deadline = deadlines.min() ?? Self.milliseconds &+ 3_600_000
            let count = partyline_epoll_wait_until(epoll, deadline &* 1_000_000, &ready, Int32(ready.count))
            if let plan = mailbox.takeNumbers() { adopt(plan) }
            for key in ready.prefix(max(0, Int(count))) {
                if key == Self.uevents { plug?.messages(now: Self.milliseconds) }
                if key < UInt64(stations.count) { stations[Int(key)].deviceReadable(now: Self.milliseconds) }
            }
            let mail = mailbox.take()
            for (station, request) in mail.requests { deliver(request, to: station) }
            if mail.isStopping { break }
        }
        for station in stations { station.close(now: Self.milliseconds) }
        waitForCards()
        publish()
    }

    private func adopt(_ plan: LineMailbox.NumberPlan) {
        factory.adopt(plan)
        giveUpNumbers()
        for station in stations {
            station.adopt(factory.numbers)
            station.adopt(interdigitMilliseconds: plan.interdigitMilliseconds)
        }
    }

    /// The settings may give away the number of a telephone that was plugged in.
    private func giveUpNumbers() {
        guard let plug else { return }
        for (index, station) in stations.enumerated().dropFirst(configured) {
            guard let old = station.line.extension, factory.configured.belongsToSomebody(old),
                let line = plug.renumber(station.line.name, numbers: factory.numbers, names: directory.names),
                let new = line.extension, factory.renumber(index, from: old, to: new)
            else { continue }
            station.adopt(line)
        }
    }

    private func lookAtPlugs() {
        guard let plug else { return }
        let now = Self.milliseconds
        let changes = plug.expire(
            now: now, names: { self.directory.names }, numbers: factory.numbers,
            awaitsLink: { self.stations.prefix(self.configured).contains { $0.line.awaitsLink } },
            isClaimed: { unit in self.stations.prefix(self.configured).contains { $0.line.claims(unit) } })
        for change in changes {
            switch change {
            case .left(let gone):
                for station in stations where station.unit.map({ PlugAndPlay.isSame($0, gone) }) == true {
                    station.unplugged(now: now)
                }
            case .changed(let line):
                for station in stations.dropFirst(configured) where station.line.name == line.name {
                    station.adopt(line)
                }
            case .arrived:
                for station in stations where station.line.isPlugged { station.hurry(now: now) }
            case .new(let line):
                guard let station = factory.make(line) else { continue }
                stations.append(station)
                watched.append([])
                station.hurry(now: now)
                // From the next call on everybody knows the new number.
                for other in stations { other.adopt(factory.numbers) }
            }
        }
        // What comes back at once may get the same descriptors, which nobody watches any more.
        guard !changes.isEmpty else { return }
        for (index, station) in stations.enumerated() where station.descriptors.isEmpty { watch(index, []) }
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
            guard station < stations.count else { return }
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
