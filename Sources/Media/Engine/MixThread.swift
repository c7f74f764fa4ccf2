// SPDX-License-Identifier: Apache-2.0
import CLinux
import RealTime
import Synchronization

/// The thread that steps a `MixLoop`: sleeps until its next deadline or until a command comes, under SCHED_FIFO where the
/// system allows it.
///
/// Unchecked: `loop` is the thread's from `start` on; `handle` and `isStarted` are its owner's.
package final class MixThread: @unchecked Sendable {
    private let loop: MixLoop
    private let name: String
    private var handle: UInt = 0
    private var isStarted = false
    private let isStopping = Atomic<Bool>(false)
    private let realTime = Atomic<Bool>(false)

    static let stackBytes = 1 << 20
    static let prefaultBytes = 256 << 10

    package init(loop: MixLoop, name: String) {
        self.loop = loop
        self.name = name
    }

    /// Whether it runs under SCHED_FIFO; known once it runs.
    package var isRealTime: Bool { realTime.load(ordering: .relaxed) }

    /// `priority`: of SCHED_FIFO, 0: do not ask for it.
    package func start(priority: Int) throws(MediaError) {
        guard !isStarted else { return }
        var thread: UInt = 0
        let context = Unmanaged.passRetained(self).toOpaque()
        let error = partyline_thread_start(
            name, Int32(priority), Self.stackBytes, mixThreadBody, context, &thread)
        guard error == 0 else {
            Unmanaged<MixThread>.fromOpaque(context).release()
            throw MediaError.noThread(name: name, code: error)
        }
        handle = thread
        isStarted = true
    }

    /// What the loop has counted, as of the last tenth of a second.
    package var counters: MixCounters { loop.published.read() ?? MixCounters() }

    /// Ends it and waits for it.
    package func stop() {
        guard isStarted else { return }
        isStarted = false
        isStopping.store(true, ordering: .releasing)
        loop.queues.wakeMixThread()
        partyline_thread_join(handle)
    }

    fileprivate func run() {
        partyline_prefault_stack(Self.prefaultBytes)
        realTime.store(partyline_thread_is_fifo() == 1, ordering: .relaxed)
        let epoll = partyline_epoll()
        defer { if epoll >= 0 { partyline_close(epoll) } }
        _ = partyline_epoll_add(epoll, loop.queues.commandSignal, 0)
        var ready: UInt64 = 0
        var next = partyline_now()
        while !isStopping.load(ordering: .acquiring) {
            let now = partyline_now()
            // How late the thread wakes up, and what it costs: a look at the thread's clock is a system call.
            loop.counters.latestWake = max(loop.counters.latestWake, now &- next)
            if loop.counters.steps & 255 == 0 { loop.counters.cpuNS = partyline_thread_cpu() }
            next = loop.step(now: now)
            if partyline_epoll_wait_until(epoll, next, &ready, 1) > 0 {
                _ = partyline_eventfd_clear(loop.queues.commandSignal)
                next = partyline_now()
            }
        }
    }
}

/// A plain function: a closure made in an isolated place would check for its actor and trap on this thread.
private let mixThreadBody: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
    guard let context else { return }
    Unmanaged<MixThread>.fromOpaque(context).takeRetainedValue().run()
}
