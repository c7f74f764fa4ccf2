// SPDX-License-Identifier: Apache-2.0
import CLinux
import Synchronization

/// The thread that steps a `MixLoop`: sleeps until its next deadline or until a command comes, under SCHED_FIFO where the
/// system allows it.
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
        while !isStopping.load(ordering: .acquiring) {
            let next = loop.step(now: partyline_now())
            if partyline_epoll_wait_until(epoll, next, &ready, 1) > 0 {
                _ = partyline_eventfd_clear(loop.queues.commandSignal)
            }
        }
    }
}

/// A plain function: a closure made in an isolated place would check for its actor and trap on this thread.
private let mixThreadBody: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
    guard let context else { return }
    Unmanaged<MixThread>.fromOpaque(context).takeRetainedValue().run()
}
