// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What /proc tells about a running process.
package struct ProcessFigures: Sendable {
    /// Proportional set size in kB: its own memory, and its share of what it shares.
    package var proportionalKilobytes = 0
    /// What it alone has written, in kB: programs that come and go and use the same libraries change nothing in it.
    package var anonymousKilobytes = 0
    package var threads = 0
    /// User and system time in seconds, exact to a clock tick (10 ms).
    package var processorSeconds = 0.0

    /// Nil when the process is gone or may not be looked at.
    package init?(_ processID: Int32) {
        let folder = "/proc/\(processID)"
        guard let stat = try? String(contentsOfFile: "\(folder)/stat", encoding: .utf8),
            let close = stat.lastIndex(of: ")")
        else { return nil }
        // Fields from the third on: state is 0, utime 11, stime 12, number of threads 17 (proc(5)).
        let fields = stat[stat.index(after: close)...].split(separator: " ")
        guard fields.count > 17, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
        processorSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        threads = Int(fields[17]) ?? 0
        if let rollup = try? String(contentsOfFile: "\(folder)/smaps_rollup", encoding: .utf8) {
            for line in rollup.split(separator: "\n") {
                let kilobytes = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
                if line.hasPrefix("Pss:") { proportionalKilobytes = kilobytes }
                if line.hasPrefix("Anonymous:") { anonymousKilobytes = kilobytes }
            }
        }
    }

    /// The processes of that name (/proc/PID/comm, at most 15 characters).
    package static func named(_ name: String) -> [Int32] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { Int32($0) }.filter { processID in
            let text = try? String(contentsOfFile: "/proc/\(processID)/comm", encoding: .utf8)
            return text?.trimmingCharacters(in: .whitespacesAndNewlines) == name
        }
    }
}
