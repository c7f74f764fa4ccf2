// SPDX-License-Identifier: Apache-2.0

import Scripting
import Telephony
import Testing

/// A script that asks for too much, and what is said of its end.
struct HostileCase: Sendable, CustomTestStringConvertible {
    var name: String
    var script: String
    var reason: String
    var testDescription: String { name }

    private static let neighbour = """
        VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
            call.addEventListener(CallEvents.ToneReceived, ({ tone }) => call.sendDigits(tone));
            call.answer();
        });
        """

    /// Runs it as wild.js beside another script in the same worker: it ends in time, and alone.
    func end() async throws -> ScriptedExchange.End {
        let box = try ScriptedBox(["wild.js": script, "polite.js": Self.neighbour], services: SlowServices())
        let before = try await box.readyProcesses(1)
        let other = box.start(1, ["polite.js"])
        box.ring(other)
        #expect(try await box.exchange.next(other) == .answer(.caller, headers: []))
        let session = box.start(2, ["wild.js"])
        box.ring(session)
        let (end, took) = try await box.timedEnd(of: session, in: before[0])
        print("hostile script: \(name): \(took), \(end.reason ?? "")")
        #expect(took < ScriptedBox.hostileLimit)
        box.press(other, "7")
        #expect(try await box.exchange.next(other) == .sendDigits(.caller, "7"))
        #expect(box.processes == before)
        #expect(!box.exchange.logged.lines.contains { $0.contains("worker lost") })
        return end
    }
}
