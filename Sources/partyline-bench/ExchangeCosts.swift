// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import PartylineTestKit

/// Processor time of an exchange in milliseconds: user and system, of all its threads.
struct ExchangeCosts: Encodable {
    /// The daemon without its mix threads.
    var daemon = 0.0
    /// The threads that mix: they cost what is heard, not what is called.
    var mix = 0.0
    /// The processes in which scripts run; of one that is replaced the time is lost.
    var workers = 0.0

    init() {}

    /// Until now. Of processes that are gone: nothing.
    init(daemon process: Int32) {
        mix = Self.mixMilliseconds(of: process)
        daemon = Self.milliseconds(of: process) - mix
        workers = Self.workers(of: process).reduce(0) { $0 + Self.milliseconds(of: $1) }
    }

    static func - (now: ExchangeCosts, before: ExchangeCosts) -> ExchangeCosts {
        var costs = ExchangeCosts()
        costs.daemon = now.daemon - before.daemon
        costs.mix = now.mix - before.mix
        costs.workers = now.workers - before.workers
        return costs
    }

    func each(of count: Int) -> ExchangeCosts {
        var costs = ExchangeCosts()
        costs.daemon = daemon / Double(count)
        costs.mix = mix / Double(count)
        costs.workers = workers / Double(count)
        return costs
    }

    var words: String {
        let round = { (value: Double) in "\((value * 100).rounded() / 100) ms" }
        return "daemon \(round(daemon)), workers \(round(workers)); mixing \(round(mix))"
    }

    /// The workers of that daemon.
    static func workers(of daemon: Int32) -> [Int32] {
        ProcessFigures.named("partyline-scena").filter { parent(of: $0) == daemon }
    }

    private static func parent(of process: Int32) -> Int32? {
        guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let close = stat.lastIndex(of: ")")
        else { return nil }
        return stat[stat.index(after: close)...].split(separator: " ").dropFirst().first.flatMap { Int32($0) }
    }

    /// Of the whole process, threads that are gone included.
    private static func milliseconds(of process: Int32) -> Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }

    private static func mixMilliseconds(of process: Int32) -> Double {
        let folder = "/proc/\(process)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return threads.reduce(0) { sum, thread in
            guard let name = try? String(contentsOfFile: "\(folder)/\(thread)/comm", encoding: .utf8),
                name.hasPrefix("mix-"),
                let text = try? String(contentsOfFile: "\(folder)/\(thread)/schedstat", encoding: .utf8),
                let nanoseconds = text.split(separator: " ").first.flatMap({ Double($0) })
            else { return sum }
            return sum + nanoseconds / 1e6
        }
    }
}
