// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import Synchronization

/// The thread `virtual-lines`: answers the ALSA plugins of all virtual lines of a card. It ends with `stop`.
final class ServedLines: Sendable {
    private struct State {
        var lines: [VirtualLine] = []
        var isStopping = false
        var thread: UInt?
    }

    private let state = Mutex(State())
    private let epoll: Int32
    private let wake: Int32

    init() throws(LineError) {
        epoll = partyline_epoll()
        wake = partyline_eventfd()
        guard epoll >= 0, wake >= 0, partyline_epoll_add(epoll, wake, UInt64.max) == 0 else {
            throw LineError(
                code: EMFILE, device: "virtual line card", stage: "get descriptors",
                remedy: "raise the limit (ulimit -n)")
        }
        var thread: UInt = 0
        let result = partyline_thread_start(
            "virtual-lines", 0, 256 * 1024, Self.body, Unmanaged.passRetained(self).toOpaque(), &thread)
        guard result == 0 else {
            Unmanaged.passUnretained(self).release()
            throw LineError(
                code: result, device: "virtual line card", stage: "start its thread", remedy: "see ulimit -u")
        }
        state.withLock { $0.thread = thread }
    }

    deinit {
        if epoll >= 0 { close(epoll) }
        if wake >= 0 { close(wake) }
    }

    func add(_ line: VirtualLine) {
        state.withLock { state in
            _ = partyline_epoll_add(epoll, line.descriptor, UInt64(state.lines.count))
            state.lines.append(line)
        }
    }

    func stop() {
        let thread = state.withLock { state in
            state.isStopping = true
            defer { state.thread = nil }
            return state.thread
        }
        guard let thread else { return }
        partyline_eventfd_signal(wake)
        partyline_thread_join(thread)
    }

    private static let body: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
        guard let context else { return }
        Unmanaged<ServedLines>.fromOpaque(context).takeRetainedValue().run()
    }

    private func run() {
        var ready = [UInt64](repeating: 0, count: 16)
        while !state.withLock({ $0.isStopping }) {
            let deadline = partyline_now() &+ 3_600_000_000_000
            let count = partyline_epoll_wait_until(epoll, deadline, &ready, Int32(ready.count))
            for key in ready.prefix(max(0, Int(count))) {
                if key == UInt64.max {
                    partyline_eventfd_clear(wake)
                } else {
                    state.withLock { key < UInt64($0.lines.count) ? $0.lines[Int(key)] : nil }?.serve()
                }
            }
        }
    }
}
