// SPDX-License-Identifier: Apache-2.0

import SDP
package import Telephony

extension BanList: BanKeeper {
    package var banReports: [BanReport] {
        let now = now
        return all.map { ban in
            var report = BanReport()
            report.source = ban.source.family == .ipv6 ? "\(ban.source)/64" : "\(ban.source)"
            report.secondsLeft = Int(max(0, ban.until - now).rounded(.up))
            report.times = ban.times
            return report
        }
    }

    package func unban(_ source: String) -> Bool {
        let text = source.hasSuffix("/64") ? String(source.dropLast(3)) : source
        return IPAddress(text).map { lift($0) } ?? false
    }
}
