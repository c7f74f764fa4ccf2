// SPDX-License-Identifier: Apache-2.0

import CLinux
import Foundation

/// A bad network between a test caller and the exchange: two UDP sockets, and what goes from one to the other is lost, late,
/// doubled and out of order as its seed has it.
///
///     caller ── inside ──► NetworkPath ──► outside ── exchange
///            ◄──────────── NetworkPath ◄──
///
/// Give it to a caller (`SIPCaller.relay`) before it calls; RTCP goes the same way (multiplexed). Unchecked: everything that
/// changes is guarded by one lock.
package final class MediaRelay: @unchecked Sendable {
    private struct Flight {
        var time: Int64
        var number: UInt64
        var isOutward: Bool
        var bytes: [UInt8]
    }

    /// Where the caller sends to, and where the exchange does.
    package var inside: SocketAddress { inner.local }
    package var outside: SocketAddress { outer.local }

    private let inner: UDPSocket
    private let outer: UDPSocket
    private let lock = NSLock()
    private var outward: NetworkPath
    private var inward: NetworkPath
    private var caller: SocketAddress?
    private var exchange: SocketAddress?
    private var flights: [Flight] = []
    private var nextNumber: UInt64 = 0
    private var counts = Counts()
    private var isOver = false
    private let epoll: Int32
    private let wake: Int32
    private var thread: UInt = 0

    /// Packets that came to the relay and those that left it, copies included.
    package struct Counts: Sendable, Codable, Hashable {
        package var outwardIn = 0
        package var outwardOut = 0
        package var inwardIn = 0
        package var inwardOut = 0
    }

    /// `outward`: from the caller to the exchange.
    package init(
        outward: NetworkConditions = .perfect, inward: NetworkConditions = .perfect, seed: UInt64, priority: Int32 = 0
    ) throws(CallerError) {
        inner = try UDPSocket()
        outer = try UDPSocket()
        self.outward = NetworkPath(outward, seed: seed)
        self.inward = NetworkPath(inward, seed: seed &+ 0x5EED)
        epoll = partyline_epoll()
        wake = partyline_eventfd()
        guard epoll >= 0, wake >= 0 else { throw .noSocket("epoll: errno \(errno)") }
        partyline_epoll_add(epoll, wake, 0)
        partyline_epoll_add(epoll, inner.descriptor, 1)
        partyline_epoll_add(epoll, outer.descriptor, 2)
        let context = Unmanaged.passRetained(self).toOpaque()
        let code = partyline_thread_start("relay", priority, 256 * 1024, Self.body, context, &thread)
        guard code == 0 else {
            Unmanaged<MediaRelay>.fromOpaque(context).release()
            throw .noThread(code)
        }
    }

    /// From the next packet on.
    package func change(outward: NetworkConditions? = nil, inward: NetworkConditions? = nil) {
        locked {
            if let outward { self.outward.conditions = outward }
            if let inward { self.inward.conditions = inward }
        }
    }

    package var counted: Counts { locked { counts } }

    /// Where the exchange receives, as its session description says.
    func connect(to exchange: SocketAddress) { locked { self.exchange = exchange } }

    /// Ends the thread; what still flies is gone.
    package func stop() {
        locked { isOver = true }
        partyline_thread_join(thread)
    }

    deinit {
        close(epoll)
        close(wake)
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        lock.lock()
        defer {
            lock.unlock()
            partyline_eventfd_signal(wake)
        }
        return body()
    }

    private static let body: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
        guard let context else { return }
        Unmanaged<MediaRelay>.fromOpaque(context).takeRetainedValue().run()
    }

    private func run() {
        var ready = [UInt64](repeating: 0, count: 8)
        while true {
            lock.lock()
            let isDone = isOver
            let deadline = deliver(MonotonicClock.now)
            lock.unlock()
            if isDone { return }
            let count = ready.withUnsafeMutableBufferPointer {
                partyline_epoll_wait_until(epoll, deadline, $0.baseAddress, Int32($0.count))
            }
            guard count > 0 else { continue }
            partyline_eventfd_clear(wake)
            lock.lock()
            take(from: inner, isOutward: true)
            take(from: outer, isOutward: false)
            lock.unlock()
        }
    }

    private func take(from socket: UDPSocket, isOutward: Bool) {
        while flights.count < 4096, let datagram = socket.receive() {
            if isOutward {
                caller = datagram.source
                counts.outwardIn += 1
            } else {
                counts.inwardIn += 1
            }
            let fate = isOutward ? outward.send(at: datagram.arrival) : inward.send(at: datagram.arrival)
            for time in [fate.first, fate.copy].compactMap({ $0 }) {
                let flight = Flight(time: time, number: nextNumber, isOutward: isOutward, bytes: datagram.bytes)
                nextNumber += 1
                let place = flights.firstIndex { ($0.time, $0.number) > (time, flight.number) } ?? flights.endIndex
                flights.insert(flight, at: place)
            }
        }
    }

    /// Sends on what is due; when the next one is.
    private func deliver(_ now: Int64) -> Int64 {
        while let first = flights.first, first.time <= now {
            flights.removeFirst()
            if first.isOutward, let exchange {
                outer.send(first.bytes, to: exchange)
                counts.outwardOut += 1
            } else if !first.isOutward, let caller {
                inner.send(first.bytes, to: caller)
                counts.inwardOut += 1
            }
        }
        return min(now + 50_000_000, flights.first?.time ?? .max)
    }
}
