// SPDX-License-Identifier: Apache-2.0

import SDP
import Synchronization
package import Telephony

/// How the trunks are, for those who are not on the SIP thread. Written by the SIP thread only.
package final class TrunkBoard: Sendable {
    private struct Contents {
        var reports: [TrunkReport] = []
        var time: Int64 = 0
    }

    private let contents = Mutex(Contents())
    private let clock: SIPClock
    package let accounts: [TrunkAccount]

    init(_ accounts: [TrunkAccount], clock: SIPClock) {
        self.accounts = accounts
        self.clock = clock
    }

    func update(_ reports: [TrunkReport], at time: Int64) {
        contents.withLock { $0 = Contents(reports: reports, time: time) }
    }

    /// Times as they are now.
    package func reports() -> [TrunkReport] {
        let now = clock.milliseconds()
        let (reports, time) = contents.withLock { ($0.reports, $0.time) }
        let passed = Int((now - time) / 1_000)
        return reports.map { report in
            var report = report
            report.expiresSeconds = max(0, report.expiresSeconds - passed)
            report.retrySeconds = max(0, report.retrySeconds - passed)
            return report
        }
    }
}

/// What the thread that looks names up found out.
struct TrunkNews: Sendable {
    var trunk: String
    var addresses: [TrunkAddress]?
    var external: IPAddress?
}
