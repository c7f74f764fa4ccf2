// SPDX-License-Identifier: Apache-2.0
import CLinux
import Synchronization
import Telephony

/// The thread that waits for the mix thread's news and lets them be handled in order.
///
/// Unchecked: `handle`, `isStarted` and `body` are its owner's, and `body` is written before the thread is there.
final class EventPump: @unchecked Sendable {
    private let queues: MixQueues
    private var handle: UInt = 0
    private var isStarted = false
    private var body: @Sendable () -> Void = {}
    private let isStopping = Atomic<Bool>(false)

    init(queues: MixQueues) {
        self.queues = queues
    }

    /// `body` runs on the pump's thread whenever there is news, and at least once a second.
    func start(_ body: @escaping @Sendable () -> Void) throws(MediaError) {
        self.body = body
        var thread: UInt = 0
        let context = Unmanaged.passRetained(self).toOpaque()
        let error = partyline_thread_start("media-events", 0, 512 << 10, eventPumpBody, context, &thread)
        guard error == 0 else {
            Unmanaged<EventPump>.fromOpaque(context).release()
            throw MediaError.noThread(name: "media-events", code: error)
        }
        handle = thread
        isStarted = true
    }

    func stop() {
        guard isStarted else { return }
        isStarted = false
        isStopping.store(true, ordering: .releasing)
        partyline_eventfd_signal(queues.eventSignal)
        partyline_thread_join(handle)
    }

    fileprivate func run() {
        let epoll = partyline_epoll()
        defer { if epoll >= 0 { partyline_close(epoll) } }
        _ = partyline_epoll_add(epoll, queues.eventSignal, 0)
        var ready: UInt64 = 0
        while !isStopping.load(ordering: .acquiring) {
            _ = partyline_epoll_wait_until(epoll, partyline_now() + 1_000_000_000, &ready, 1)
            _ = partyline_eventfd_clear(queues.eventSignal)
            body()
        }
    }
}

private let eventPumpBody: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
    guard let context else { return }
    Unmanaged<EventPump>.fromOpaque(context).takeRetainedValue().run()
}

/// Whom events are told; set once, before anything happens.
final class EventHandler: Sendable {
    /// A closure that stands in a Mutex by itself is wrapped once more at every access, until the stack is full of wraps.
    private final class Box: Sendable {
        let body: @Sendable (MediaEvent) -> Void
        init(_ body: @escaping @Sendable (MediaEvent) -> Void) { self.body = body }
    }

    private let box = Mutex(Box { _ in })

    func set(_ handler: @escaping @Sendable (MediaEvent) -> Void) {
        let made = Box(handler)
        box.withLock { $0 = made }
    }

    func call(_ event: MediaEvent) {
        let box = box.withLock { $0 }
        box.body(event)
    }
}
