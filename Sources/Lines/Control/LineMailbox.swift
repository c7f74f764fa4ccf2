// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import Synchronization
import Telephony

/// The way into the `lines` thread, and what it tells about its stations. Any thread.
final class LineMailbox: Sendable {
    struct Report: Sendable {
        var report: LineReport
        var port: PortID?
    }

    private struct State {
        /// Nil: for every station.
        var requests: [(station: Int?, request: LineRequest)] = []
        var reports: [Report] = []
        var numbers: NumberPlan?
        var isStopping = false
    }

    /// What the telephones can dial, read again.
    struct NumberPlan: Sendable {
        var numbers: NumberSpace
        var interdigitMilliseconds: Int64
    }

    /// Readable when there is something to take; -1 if the system refused it.
    let wake: Int32
    private let state = Mutex(State())

    init() { wake = partyline_eventfd() }

    deinit { if wake >= 0 { close(wake) } }

    func post(_ station: Int, _ request: LineRequest) { add(station, request) }
    func postToAll(_ request: LineRequest) { add(nil, request) }

    private func add(_ station: Int?, _ request: LineRequest) {
        state.withLock { $0.requests.append((station, request)) }
        partyline_eventfd_signal(wake)
    }

    func adopt(_ plan: NumberPlan) {
        state.withLock { $0.numbers = plan }
        partyline_eventfd_signal(wake)
    }

    func takeNumbers() -> NumberPlan? { state.withLock { $0.numbers.take() } }

    func stop() {
        state.withLock { $0.isStopping = true }
        partyline_eventfd_signal(wake)
    }

    /// What has come in, in order; nil at the end: stop.
    func take() -> (requests: [(station: Int?, request: LineRequest)], isStopping: Bool) {
        partyline_eventfd_clear(wake)
        return state.withLock { state in
            defer { state.requests = [] }
            return (state.requests, state.isStopping)
        }
    }

    var reports: [Report] { state.withLock { $0.reports } }

    func publish(_ reports: [Report]) { state.withLock { $0.reports = reports } }
}
