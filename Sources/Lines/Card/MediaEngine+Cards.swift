// SPDX-License-Identifier: Apache-2.0
package import Media
package import Telephony

extension MediaEngine: CardPortProvider {
    package func cardStatistics(_ port: PortID) -> CardStatistics? {
        cardReport(port).map { report in
            CardStatistics(
                driftPPM: report.driftPPM, underruns: Int(report.counters.underruns),
                overruns: Int(report.counters.overruns))
        }
    }
}
