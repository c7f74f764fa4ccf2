// SPDX-License-Identifier: Apache-2.0

import CBenchKernels
import CLinux
import Foundation
import PartylineTestKit

/// Bare threads, one a processor, under SCHED_FIFO above everything of the exchange, that do nothing but sleep half a
/// millisecond at a time: what they oversleep is lost to every program of this machine (the host's or the kernel's doing).
/// It is the limit beside which underruns are to be read.
///
///     thread of processor 0 ──┐
///     thread of processor 1 ──┴─► stalls (when, how long), and counters looked at every half millisecond
///
/// Unchecked: one lock guards what the threads write down.
final class HostWatch: @unchecked Sendable {
    struct Stall: Sendable {
        /// When it was over, on the monotonic clock, ns.
        var end: Int64
        var milliseconds: Double
        var processor: Int
    }
    /// A step of a counter that is looked at.
    struct Step: Sendable {
        var time: Int64
        var by: Int
    }

    static let periodNanoseconds: Int64 = 500_000
    private let lock = NSLock()
    private let shortest: Double
    private let counter: @Sendable () -> Int
    private var threads: [UInt] = []
    private var isOver = false
    private var allStalls: [Stall] = []
    private var allSteps: [Step] = []
    private var isFIFO = true
    let processors: Int

    /// - Parameters:
    ///   - shortest: milliseconds from which on a stall is written down.
    ///   - counter: looked at by the thread of the first processor; must not wait.
    init(shortest: Double, counter: @escaping @Sendable () -> Int) {
        self.shortest = shortest
        self.counter = counter
        processors = max(1, min(64, ProcessInfo.processInfo.activeProcessorCount))
    }

    /// Starts the threads; those that are not allowed SCHED_FIFO run without and say so in `runsAboveAll`.
    func start() {
        for processor in 0..<processors {
            let context = Unmanaged.passRetained(Start(watch: self, processor: processor)).toOpaque()
            var thread: UInt = 0
            let code = partyline_thread_start("watch\(processor)", 90, 256 * 1024, Self.body, context, &thread)
            if code == 0 {
                threads.append(thread)
            } else {
                Unmanaged<Start>.fromOpaque(context).release()
            }
        }
    }

    func stop() {
        lock.withLock { isOver = true }
        for thread in threads { partyline_thread_join(thread) }
        threads = []
    }

    var stalls: [Stall] { lock.withLock { allStalls } }
    var steps: [Step] { lock.withLock { allSteps } }
    var runsAboveAll: Bool { lock.withLock { isFIFO } }

    private final class Start: Sendable {
        let watch: HostWatch
        let processor: Int
        init(watch: HostWatch, processor: Int) {
            self.watch = watch
            self.processor = processor
        }
    }

    private static let body: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
        guard let context else { return }
        let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
        start.watch.run(start.processor)
    }

    private func run(_ processor: Int) {
        partyline_bench_pin(Int32(processor))
        if partyline_thread_is_fifo() == 0 { lock.withLock { isFIFO = false } }
        var due = MonotonicClock.now
        var known = counter()
        while true {
            due += Self.periodNanoseconds
            var until = timespec(tv_sec: Int(due / 1_000_000_000), tv_nsec: Int(due % 1_000_000_000))
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nil)
            let now = MonotonicClock.now
            let late = Double(now - due) / 1e6
            let count = processor == 0 ? counter() : known
            let over = lock.withLock {
                if late >= shortest { allStalls.append(Stall(end: now, milliseconds: late, processor: processor)) }
                if count != known { allSteps.append(Step(time: now, by: count - known)) }
                return isOver
            }
            known = count
            if over { return }
            // What was overslept is one stall, not one for each period in it.
            if now > due + Self.periodNanoseconds { due = now }
        }
    }
}
