// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import PartylineTestKit

/// `partyline-bench scenarios`: what sessions cost, and how long a caller waits for the script's answer.
struct ScenariosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenarios",
        abstract: "Starts scenario sessions; prints the time from INVITE to the answer, and what memory grows by.",
        discussion: """
            Calls a number that a script answers at once and that ends its session with its caller (the shipped greeting \
            does): so many callers at the same time, then so many one after another. The daemon must allow the number of \
            calls ([sip] max_calls, [mix] max_ports).
            """)

    @Option(help: "Where the exchange takes SIP calls.")
    var sip = "127.0.0.1:5060"
    @Option(help: "Process of the daemon; default: the only process named partylined.")
    var pid: Int32?
    @Option(help: "The number that is called.")
    var number = "welcome"
    @Option(help: "Sessions at the same time.")
    var together = 50
    @Option(help: "Sessions one after another.")
    var row = 1000
    @Option(help: "Sessions before memory is looked at for the first time: lists that are kept fill up.")
    var warmUp = 3000
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard SocketAddress(sip) != nil else { throw ValidationError("--sip wants ADDRESS:PORT, as 127.0.0.1:5060") }
        guard (1...1000).contains(together), (1...100_000).contains(row), (0...100_000).contains(warmUp) else {
            throw ValidationError("--together takes 1 to 1000, --row 1 to 100000, --warm-up up to 100000")
        }
    }

    struct Memory: Encodable {
        var daemonKilobytes: Int
        var workersKilobytes: Int
        var workers: Int
    }

    struct Report: Encodable {
        var together = 0
        var togetherMilliseconds: [String: Double] = [:]
        var row = 0
        var rowMilliseconds: [String: Double] = [:]
        /// Of one session, from its INVITE to the end of its call.
        var togetherCost = ExchangeCosts()
        var rowCost = ExchangeCosts()
        var failed = 0
        var warm = Memory(daemonKilobytes: 0, workersKilobytes: 0, workers: 0)
        var end = Memory(daemonKilobytes: 0, workersKilobytes: 0, workers: 0)
    }

    func run() async throws {
        guard let server = SocketAddress(sip) else { throw ExitCode(64) }
        let daemon = try DaemonChoice.processID(pid)
        let crew = try CallerThread()
        defer { crew.stop() }
        var report = Report()
        report.together = together
        report.row = row
        _ = try await oneByOne(warmUp, crew, server, &report.failed)
        var before = ExchangeCosts(daemon: daemon)
        report.togetherMilliseconds = Self.percentiles(try await atOnce(crew, server, &report.failed))
        report.togetherCost = await Self.costs(of: daemon, since: before).each(of: together)
        report.warm = await Self.memory(of: daemon)
        before = ExchangeCosts(daemon: daemon)
        report.rowMilliseconds = Self.percentiles(try await oneByOne(row, crew, server, &report.failed))
        report.rowCost = await Self.costs(of: daemon, since: before).each(of: row)
        report.end = await Self.memory(of: daemon)
        if json { try BenchOutput.json(report) } else { Self.print(report) }
        guard report.failed == 0 else { throw ExitCode(1) }
    }

    private func atOnce(_ crew: CallerThread, _ server: SocketAddress, _ failed: inout Int) async throws -> [Double] {
        let callers = try (0..<together).map { try crew.caller("c\($0)", server: server) }
        for caller in callers { caller.call(number) }
        var times: [Double] = []
        for caller in callers {
            guard await caller.wait(10, for: { $0 == .up || $0.isOver }), let time = caller.setupMilliseconds else {
                failed += 1
                continue
            }
            times.append(time)
        }
        // The greetings are heard at the same time.
        try await Task.sleep(for: .seconds(1))
        for caller in callers { caller.hangUp() }
        for caller in callers { _ = await caller.wait(5) { $0.isOver } }
        return times
    }

    private func oneByOne(
        _ count: Int, _ crew: CallerThread, _ server: SocketAddress, _ failed: inout Int
    ) async throws -> [Double] {
        let caller = try crew.caller("row", server: server)
        var times: [Double] = []
        for _ in 0..<count {
            caller.call(number)
            if await caller.wait(10, for: { $0 == .up || $0.isOver }), caller.phase == .up,
                let time = caller.setupMilliseconds
            {
                times.append(time)
            } else {
                failed += 1
            }
            caller.hangUp()
            _ = await caller.wait(5) { $0.isOver }
        }
        return times
    }

    // MARK: - Figures

    private static func percentiles(_ times: [Double]) -> [String: Double] {
        let sorted = times.sorted()
        guard let last = sorted.last else { return [:] }
        let at = { (share: Double) in sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))] }
        return ["median": at(0.5), "p95": at(0.95), "max": last]
    }

    /// What was put off for a quiet moment belongs to the sessions.
    private static func costs(of daemon: Int32, since before: ExchangeCosts) async -> ExchangeCosts {
        try? await Task.sleep(for: .milliseconds(500))
        return ExchangeCosts(daemon: daemon) - before
    }

    private static func memory(of daemon: Int32) async -> Memory {
        // Sessions that end are told so, and their memory is given back.
        try? await Task.sleep(for: .seconds(3))
        let workers = ExchangeCosts.workers(of: daemon)
        return Memory(
            daemonKilobytes: ownKilobytes(of: daemon),
            workersKilobytes: workers.reduce(0) { $0 + ownKilobytes(of: $1) },
            workers: workers.count)
    }

    /// Anonymous memory: pages of files come and go with what else runs, and say nothing of growth.
    private static func ownKilobytes(of process: Int32) -> Int {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else { return 0 }
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }

    private static func print(_ report: Report) {
        let words = { (times: [String: Double]) in
            let texts = ["median", "p95", "max"].map { "\($0) \(((times[$0] ?? 0) * 10).rounded() / 10) ms" }
            return texts.joined(separator: ", ")
        }
        Swift.print("INVITE to answer, \(report.together) at once:  \(words(report.togetherMilliseconds))")
        Swift.print("processor time of each:  \(report.togetherCost.words)")
        Swift.print("INVITE to answer, \(report.row) in a row: \(words(report.rowMilliseconds))")
        Swift.print("processor time of each:  \(report.rowCost.words)")
        let growth = { (from: Int, to: Int) in "\(from) -> \(to) kB (\(to >= from ? "+" : "")\(to - from))" }
        Swift.print("memory of the daemon:    \(growth(report.warm.daemonKilobytes, report.end.daemonKilobytes))")
        Swift.print(
            "memory of \(report.end.workers) workers:     \(growth(report.warm.workersKilobytes, report.end.workersKilobytes))"
        )
        Swift.print("calls that failed:       \(report.failed)")
    }
}
