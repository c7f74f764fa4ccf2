// SPDX-License-Identifier: Apache-2.0

import CLinux
import Scripting
import Telephony

/// How long something takes in a worker, less the time that the worker was ready to run and got no CPU: that is the machine's
/// business, not the worker's.
struct WorkerStopwatch {
    private let began = ContinuousClock.now
    private let process: Int32
    private let before: UInt64
    private var waited: UInt64 = 0

    init(_ process: Int32) {
        self.process = process
        before = partyline_run_delay(process)
    }

    /// To be called often while the process lives: afterwards nothing can be read of it.
    mutating func look() {
        let now = partyline_run_delay(process)
        if now > before { waited = max(waited, now - before) }
    }

    var elapsed: Duration { ContinuousClock.now - began - .nanoseconds(waited) }
}

extension ScriptedBox {
    /// What issue and manual promise of a script that asks for too much.
    static let hostileLimit = Duration.seconds(3)

    /// The end of a session in that worker, and how long it took from now on.
    func timedEnd(of session: SessionID, in process: Int32) async throws -> (end: ScriptedExchange.End, took: Duration)
    {
        var watch = WorkerStopwatch(process)
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            watch.look()
            if let end = exchange.ends.first(where: { $0.session == session }) { return (end, watch.elapsed) }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw ScriptedExchange.Missing(description: "the end of \(session) did not come")
    }
}
