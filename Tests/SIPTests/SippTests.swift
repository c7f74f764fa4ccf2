// SPDX-License-Identifier: Apache-2.0

import Foundation
import SIP
import Synchronization
import Testing

extension Conversations {
    /// Calls by sipp, many at a time.
    @Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sipp"), "sipp is not installed"))
    struct SippTests {
        static func sipp(_ arguments: [String]) throws -> Process {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/sipp")
            process.arguments = arguments + ["-nostdin"]
            process.currentDirectoryURL = FileManager.default.temporaryDirectory
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            process.standardInput = FileHandle.nullDevice
            try process.run()
            return process
        }

        static func ended(_ process: Process, seconds: Double) async -> Int32? {
            let box = ProcessBox(process)
            if await eventually(seconds: seconds, { !box.process.isRunning }) { return process.terminationStatus }
            process.terminate()
            return nil
        }

        final class ProcessBox: Sendable {
            let process: Process
            init(_ process: Process) { self.process = process }
        }

        @Test(arguments: [("127.0.0.1", "u1"), ("127.0.0.1", "t1"), ("[::1]", "u1"), ("[::1]", "t1")])
        func `forty calls with hold over each transport`(_ host: String, _ transport: String) async throws {
            let exchange = try Exchange()
            let local = Exchange.lastPort.add(2, ordering: .relaxed).newValue
            let scenario = GarbageTests.fixtures.appendingPathComponent("sipp/uac_hold.xml").path
            let process = try Self.sipp([
                "\(host):\(exchange.port)", "-sf", scenario, "-i", host, "-p", "\(local)", "-t", transport, "-m", "40",
                "-r", "200", "-d", "50", "-mp", "32990", "-timeout", "8",
            ])
            #expect(await Self.ended(process, seconds: 10) == 0)
            #expect(await eventually(seconds: 2) { exchange.ports.openCount == 0 })
            #expect(exchange.switchboard.events.filter { $0 == "held" }.count == 40)
        }

        /// What a SIP call costs in memory; printed, not asserted (PARTYLINE_MEASURE=1).
        @Test(.enabled(if: ProcessInfo.processInfo.environment["PARTYLINE_MEASURE"] != nil))
        func `memory of a dialog`() async throws {
            let exchange = try Exchange(mostCalls: 3_000)
            var figures: [(Int, Int)] = []
            var running: [Process] = []
            for round in 0..<4 {
                let local = Exchange.lastPort.add(2, ordering: .relaxed).newValue
                running.append(
                    try Self.sipp([
                        "127.0.0.1:\(exchange.port)", "-sn", "uac", "-i", "127.0.0.1", "-p", "\(local)", "-m", "400",
                        "-r", "400",
                        "-d", "60000", "-mp", "\(32_900 + round * 10)", "-l", "400",
                    ]))
                _ = await exchange.switchboard.waits(for: "answered", count: (round + 1) * 400, seconds: 10)
                // Past timer I and the like, so that only the dialogs are left.
                try await Task.sleep(for: .seconds(8))
                figures.append((exchange.ports.openCount, Self.proportionalKilobytes()))
            }
            running.forEach { $0.terminate() }
            print("calls and kB:", figures)
            if let first = figures.first, let last = figures.last, last.0 > first.0 {
                print("kB a call:", Double(last.1 - first.1) / Double(last.0 - first.0))
            }
        }

        /// Whether calls that are over leave memory behind; printed, not asserted (PARTYLINE_MEASURE=1).
        @Test(.enabled(if: ProcessInfo.processInfo.environment["PARTYLINE_MEASURE"] != nil))
        func `memory after thousands of calls`() async throws {
            let exchange = try Exchange(mostCalls: 3_000)
            var figures: [Int] = []
            for _ in 0..<4 {
                let local = Exchange.lastPort.add(2, ordering: .relaxed).newValue
                let process = try Self.sipp([
                    "127.0.0.1:\(exchange.port)", "-sn", "uac", "-i", "127.0.0.1", "-p", "\(local)", "-m", "2000", "-r",
                    "400",
                    "-d", "20", "-mp", "32900",
                ])
                _ = await Self.ended(process, seconds: 30)
                // Past timer J of the last BYE.
                try await Task.sleep(for: .seconds(34))
                // What the doubles wrote down is not the server's.
                exchange.switchboard.contents.withLock {
                    $0.offers = []
                    $0.events = []
                }
                exchange.ports.contents.withLock { $0.configured = [:] }
                figures.append(Self.proportionalKilobytes())
            }
            print("kB after each 2000 calls:", figures, "open:", exchange.ports.openCount)
        }

        static func proportionalKilobytes() -> Int {
            guard let text = try? String(contentsOfFile: "/proc/self/smaps_rollup", encoding: .utf8) else { return 0 }
            for line in text.split(separator: "\n") where line.hasPrefix("Pss:") {
                return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
            }
            return 0
        }
    }
}
