// SPDX-License-Identifier: Apache-2.0

import CLinux

/// The time that timers of scripts go by: the machine's, or in a rehearsal a virtual one that stands still until the daemon
/// says how late it is.
final class WorkerClock {
    /// Of a virtual clock: the time of day at its zero, in milliseconds since 1970.
    let epoch: Double?
    private var virtualNow: Int64 = 0

    init(epoch: Double?) { self.epoch = epoch }

    var isVirtual: Bool { epoch != nil }

    /// Nanoseconds.
    var now: Int64 { isVirtual ? virtualNow : partyline_now() }

    /// Never backwards.
    func advance(toMilliseconds milliseconds: Int64) {
        let (nanoseconds, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        if !overflow { virtualNow = max(virtualNow, nanoseconds) }
    }
}
