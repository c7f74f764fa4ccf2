// SPDX-License-Identifier: Apache-2.0

import CLinux
import Foundation
import PartylineTestKit
import Testing

extension HouseTests {
    /// Sessions one after another: nothing of them stays in the daemon or in its workers.
    @Suite struct SessionMemoryTests {
        /// What may be left of a row of sessions in the daemon once its lists and its heap have found their size: a megabyte of a
        /// thousand. Measured, 600 sessions after the start: 4036, 1896, 116, 328, 188, 108 kB.
        private static let mostOfDaemon = 1024 * row / 1000
        /// In all workers. Their engines take and give back by themselves; measured: 84, -540, 936, 596, 272, 624 kB.
        private static let mostOfWorkers = 3 * row
        private static let warmUp = 600
        private static let row = 400
        private static let mostRows = 6
        /// A machine that is busy with something else gets less far; four rows it does.
        private static let seconds = 45.0

        /// A leak grows in every row, a list that fills up stops: one row without growth is enough. What leaves 1.1 kB of each
        /// session in the daemon, or 3 kB in the workers, fails.
        @Test func `sessions in a row leave no memory behind`() async throws {
            #expect(partyline_allow_huge_pages(0) == 0)
            defer { _ = partyline_allow_huge_pages(1) }
            try await House.open(48_200) { house in
                let caller = try house.caller("row")
                let began = ContinuousClock.now
                try await Self.sessions(Self.warmUp, caller)
                var told: [String] = []
                var before = try await Memory(of: house.daemon)
                for row in 1...Self.mostRows where row <= 4 || ContinuousClock.now - began < .seconds(Self.seconds) {
                    try await Self.sessions(Self.row, caller)
                    let after = try await Memory(of: house.daemon)
                    let growth = after.growth(since: before)
                    told.append("row \(row): daemon \(growth.daemon) kB, \(growth.count) workers \(growth.workers) kB")
                    let isGrowing = growth.daemon > Self.mostOfDaemon || growth.workers > Self.mostOfWorkers
                    guard isGrowing || growth.count == 0 else {
                        print("memory of \(Self.row) sessions, \(told.joined(separator: "; "))")
                        return
                    }
                    before = after
                }
                Issue.record("memory grows with every \(Self.row) sessions: \(told.joined(separator: "; "))")
            }
        }

        /// So many calls to the shipped greeting: its script answers, and its session ends with the call.
        private static func sessions(_ count: Int, _ caller: SIPCaller) async throws {
            for number in 1...count {
                caller.call("welcome")
                let isAnswered = await caller.wait(10) { $0 == .up || $0.isOver }
                #expect(isAnswered && caller.phase == .up, "call \(number)")
                caller.hangUp()
                let isOver = await caller.wait(5) { $0.isOver }
                #expect(isOver, "call \(number)")
            }
        }

        private struct Memory {
            var daemon: Int
            var workers: [Int32: Int] = [:]

            /// Sessions that end are told so first, and their memory is given back.
            init(of process: DaemonProcess) async throws {
                try await Task.sleep(for: .seconds(2))
                daemon = try #require(ProcessFigures(process.processID)).anonymousKilobytes
                for worker in ProcessFigures.named("partyline-scena") where Self.parent(of: worker) == process.processID
                {
                    workers[worker] = ProcessFigures(worker)?.anonymousKilobytes
                }
            }

            /// In kB; of workers that were replaced nothing can be said.
            func growth(since before: Memory) -> (daemon: Int, workers: Int, count: Int) {
                let same = workers.filter { before.workers[$0.key] != nil }
                let grown = same.reduce(0) { $0 + $1.value - (before.workers[$1.key] ?? 0) }
                return (daemon - before.daemon, grown, same.count)
            }

            private static func parent(of process: Int32) -> Int32? {
                let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
                let line = status?.split(separator: "\n").first { $0.hasPrefix("PPid:") }
                return line?.split(whereSeparator: \.isWhitespace).last.flatMap { Int32($0) }
            }
        }
    }
}
