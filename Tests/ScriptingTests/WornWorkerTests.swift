// SPDX-License-Identifier: Apache-2.0

import Scripting
import Telephony
import Testing

/// A worker that has had its sessions gives way to a fresh one, and no caller notices.
@Suite(.serialized) struct WornWorkerTests {
    private static let script = """
        VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => call.answer());
        """

    private func serve(_ box: ScriptedBox, _ number: UInt64) async throws {
        let session = box.start(number, ["a.js"])
        box.ring(session)
        #expect(try await box.exchange.next(session) == .answer(.caller, headers: []))
        box.workers.end(session)
        #expect(try await box.exchange.end(of: session) == .init(session: session, reason: nil, orphaned: false))
    }

    @Test func `workers are replaced after their sessions, never under one`() async throws {
        let box = try ScriptedBox(["a.js": Self.script], sessionsPerWorker: 3)
        let first = try await box.readyProcesses(1)
        let lasting = box.start(100, ["a.js"])
        box.ring(lasting)
        #expect(try await box.exchange.next(lasting) == .answer(.caller, headers: []))
        for number in UInt64(1)...5 { try await serve(box, number) }
        // It has had six, but somebody is on it.
        #expect(box.processes == first)
        box.workers.end(lasting)
        #expect(try await box.exchange.end(of: lasting).reason == nil)
        let second = try await box.exchange.wait(10, "a fresh worker") { box.processes == first ? nil : box.processes }
        #expect(second.count == 1)
        for number in UInt64(11)...20 { try await serve(box, number) }
        #expect(!box.exchange.ends.contains { $0.orphaned || $0.reason != nil })
        #expect(!box.exchange.logged.lines.contains { $0.contains("worker lost") })
    }
}
