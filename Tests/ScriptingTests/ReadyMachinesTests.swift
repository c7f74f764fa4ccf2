// SPDX-License-Identifier: Apache-2.0

import Scripting
import Telephony
import Testing

/// How many callers in one moment find a machine.
@Suite(.serialized) struct ReadyMachinesTests {
    @Test(arguments: [
        (128, 2, 4), (256, 2, 4), (1024, 2, 10), (2048, 2, 12), (4096, 2, 12), (24_000, 2, 12), (1024, 1, 12),
        (1024, 16, 4), (0, 0, 4),
    ])
    func `a box has as many machines as it has memory for`(megabytes: UInt64, workers: Int, ready: Int) {
        #expect(ScenarioWorkerOptions.readyMachines(memoryBytes: megabytes << 20, workers: workers) == ready)
    }

    /// One after the other without a pause: the reserve is filled up from what sessions leave, and no engine is made anew.
    @Test func `sessions that follow each other need no new engines`() async throws {
        let script = "VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => call.answer());"
        let box = try ScriptedBox(["a.js": script], readyMachines: 8)
        _ = try await box.readyProcesses(1)
        @Sendable func engines() -> Int { box.workers.reports.compactMap { WorkerLines.engines($0) }.max() ?? 0 }
        _ = try await box.exchange.wait(10, "eight engines") { engines() >= 8 ? true : nil }
        for number in UInt64(1)...100 {
            let session = box.start(number, ["a.js"])
            box.ring(session)
            #expect(try await box.exchange.next(session) == .answer(.caller, headers: []))
            box.workers.end(session)
            _ = try await box.exchange.end(of: session)
        }
        try await Task.sleep(for: .seconds(2))
        #expect(engines() <= 10, "\(box.workers.reports)")
    }
}
