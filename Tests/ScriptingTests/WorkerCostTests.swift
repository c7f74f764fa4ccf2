// SPDX-License-Identifier: Apache-2.0

import CLinux
import FoundationEssentials
import Scripting
import Telephony
import Testing

/// What sessions cost, for people who want to know: PARTYLINE_MEASURE=1 swift test -c release --filter WorkerCost
@Suite struct WorkerCostTests {
    private static let isWanted = ProcessInfo.processInfo.environment["PARTYLINE_MEASURE"] != nil

    @Test(.enabled(if: isWanted, "prints figures, checks nothing: set PARTYLINE_MEASURE"))
    func `cost of a gateway session`() async throws {
        let count: UInt64 = 200
        let box = try ScriptedBox(folder: Folders.shipped, memoryCap: 4 << 30)
        let process = try #require(try await box.readyProcesses(1).first)
        let bytes = partyline_resident_bytes(process)
        var cpu = try microseconds(of: process)
        for number in 1...count { box.ring(box.start(number, ["gateway.js"])) }
        for number in 1...count { _ = try await box.exchange.next(SessionID(number), seconds: 60) }
        let started = try microseconds(of: process)
        print("start: \((started - cpu) / Double(count)) us of CPU")
        print("memory: \(((partyline_resident_bytes(process) - bytes) / count) >> 10) kB")
        cpu = started
        for number in 1...count {
            for _ in 0..<50 { box.tell(SessionID(number), .onHold(.caller)) }
            box.workers.end(SessionID(number))
        }
        for number in 1...count { _ = try await box.exchange.end(of: SessionID(number), seconds: 60) }
        print("event: \((try microseconds(of: process) - cpu) / Double(count * 51)) us of CPU")
    }

    @Test(.enabled(if: isWanted, "prints figures, checks nothing: set PARTYLINE_MEASURE"))
    func `what stays behind of sessions that follow each other`() async throws {
        let box = try ScriptedBox(folder: Folders.shipped, sessionsPerWorker: .max, readyMachines: 8)
        let process = try #require(try await box.readyProcesses(1).first)
        for number in UInt64(1)...4000 {
            let session = box.start(number, ["gateway.js"])
            box.ring(session)
            _ = try await box.exchange.next(session)
            box.workers.end(session)
            _ = try await box.exchange.end(of: session)
            if number.isMultiple(of: 500) {
                try await Task.sleep(for: .seconds(1))
                print("after \(number) sessions: \(try anonymous(of: process)) kB")
            }
        }
    }

    private func anonymous(of process: Int32) throws -> Int {
        let text = try String(contentsOf: URL(filePath: "/proc/\(process)/status"), encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }

    /// Of the worker's one thread: the first number of schedstat is in nanoseconds.
    private func microseconds(of process: Int32) throws -> Double {
        let text = try String(contentsOf: URL(filePath: "/proc/\(process)/schedstat"), encoding: .utf8)
        return (text.split(separator: " ").first.flatMap { Double($0) } ?? 0) / 1000
    }
}
