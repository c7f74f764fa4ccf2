// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import Testing

extension HouseTests {
    /// Sessions one after another: nothing of them stays in the daemon or in its workers.
    @Suite struct SessionMemoryTests {
        /// What may be left of a thousand sessions once all lists and heaps have found their size, in kB.
        private static let mostKilobytesOfThousand = 1024
        private static let warmUp = 600
        private static let row = 400
        private static let mostRows = 6
        /// A machine that is busy with something else gets less far; two rows it does.
        private static let seconds = 45.0

        /// A leak grows in every row, a list that fills up stops: one row without growth is enough. A session that leaves 2 kB
        /// fails.
        @Test func `sessions in a row leave no memory behind`() async throws {
            try await House.open(48_200) { house in
                let caller = try house.caller("row")
                let began = ContinuousClock.now
                try await Self.sessions(Self.warmUp, caller)
                var told: [String] = []
                for row in 1...Self.mostRows where row <= 2 || ContinuousClock.now - began < .seconds(Self.seconds) {
                    let before = try await Memory(of: house.daemon)
                    try await Self.sessions(Self.row, caller)
                    let after = try await Memory(of: house.daemon)
                    let growth = after.growth(since: before)
                    told.append("row \(row): daemon \(growth.daemon) kB, \(growth.count) workers \(growth.workers) kB")
                    let most = Self.mostKilobytesOfThousand * Self.row / 1000
                    guard growth.count == 0 || growth.daemon > most || growth.workers > most else {
                        print("memory of \(Self.row) sessions, \(told.joined(separator: "; "))")
                        return
                    }
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
