// SPDX-License-Identifier: Apache-2.0

import CLinux
import Foundation

/// The thread on which a group of test callers sends and receives, at exact times.
///
///     test ── call, speak, press ──► lock ──► caller's state ◄── thread: SIP, RTP in, RTP out at its due time
///
/// Unchecked: one lock guards all callers of the group; the thread holds it while it works, a test while it asks or
/// orders. Measurements never read the recordings before the call is over, so the lock costs them nothing.
package final class CallerThread: @unchecked Sendable {
    private let lock = NSLock()
    private var callers: [UInt64: SIPCaller] = [:]
    private var nextID: UInt64 = 1
    private var isOver = false
    private var latenessStore = Percentiles()
    private let epoll: Int32
    private let wake: Int32
    private var thread: UInt = 0

    /// - Parameter priority: of SCHED_FIFO, where allowed; 0 for an ordinary thread.
    package init(name: String = "callers", priority: Int32 = 0) throws(CallerError) {
        epoll = partyline_epoll()
        wake = partyline_eventfd()
        guard epoll >= 0, wake >= 0 else { throw .noSocket("epoll: errno \(errno)") }
        partyline_epoll_add(epoll, wake, 0)
        let context = Unmanaged.passRetained(self).toOpaque()
        let code = partyline_thread_start(name, priority, 512 * 1024, Self.body, context, &thread)
        guard code == 0 else {
            Unmanaged<CallerThread>.fromOpaque(context).release()
            throw .noThread(code)
        }
    }

    /// A caller of this group with a name for its From header; it listens at once and calls when told to.
    /// - Parameter host: the address that it calls from, of this machine.
    package func caller(
        _ name: String, server: SocketAddress, codec: CallerCodec = .pcmu, milliseconds: Int = 20, rtpPort: UInt16 = 0,
        host: String = "127.0.0.1"
    ) throws(CallerError) -> SIPCaller {
        let caller = try SIPCaller(
            name: name, server: server, codec: codec, milliseconds: milliseconds, rtpPort: rtpPort,
            host: host, thread: self)
        locked {
            callers[nextID] = caller
            partyline_epoll_add(epoll, caller.signalling.descriptor, nextID * 2)
            partyline_epoll_add(epoll, caller.media.descriptor, nextID * 2 + 1)
            nextID += 1
        }
        return caller
    }

    /// How much later than due packets left, in milliseconds: says whether delay figures can be trusted.
    package var lateness: Percentiles { locked { latenessStore } }

    /// Only from the thread, under the lock.
    func note(late nanoseconds: Int64) {
        latenessStore.add(Double(nanoseconds) / 1e6)
    }

    /// Does something to a caller's state under the group's lock, and wakes the thread.
    func locked<Value>(_ body: () -> Value) -> Value {
        lock.lock()
        defer {
            lock.unlock()
            partyline_eventfd_signal(wake)
        }
        return body()
    }

    /// Ends the thread; callers that are still in a call say BYE once and are forgotten.
    package func stop() {
        locked {
            for caller in callers.values { caller.abandon() }
            isOver = true
        }
        partyline_thread_join(thread)
        locked { callers.removeAll() }
    }

    deinit {
        close(epoll)
        close(wake)
    }

    private static let body: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
        guard let context else { return }
        Unmanaged<CallerThread>.fromOpaque(context).takeRetainedValue().run()
    }

    private func run() {
        var ready = [UInt64](repeating: 0, count: 64)
        while true {
            lock.lock()
            let isDone = isOver
            let now = MonotonicClock.now
            var deadline = now + 50_000_000
            for caller in callers.values where !isDone { deadline = min(deadline, caller.work(now)) }
            lock.unlock()
            if isDone { return }
            let count = ready.withUnsafeMutableBufferPointer {
                partyline_epoll_wait_until(epoll, deadline, $0.baseAddress, Int32($0.count))
            }
            guard count > 0 else { continue }
            partyline_eventfd_clear(wake)
            lock.lock()
            for id in ready.prefix(Int(count)) where id > 0 { callers[id / 2]?.drain(media: id & 1 == 1) }
            lock.unlock()
        }
    }
}
