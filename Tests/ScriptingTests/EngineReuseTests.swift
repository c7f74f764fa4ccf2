// SPDX-License-Identifier: Apache-2.0

import Scripting
import Telephony
import Testing

/// An engine serves one session after the other; no session finds anything of the one before.
@Suite(.serialized) struct EngineReuseTests {
    private static let untidy = """
        var left = 'behind';
        globalThis.more = 1;
        Array.prototype.flat = () => 'mine';
        Object.prototype.litter = 1;
        String.prototype.split = () => [];
        const hour = setTimeout(() => Logger.write('late'), 50);
        VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
            new Promise(() => {}).then(() => 0);
            Promise.resolve().then(() => call.answer());
        });
        """
    private static let curious = """
        VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
            Logger.write('sees', typeof left, typeof more, [[1]].flat().length, ({}).litter === undefined, 'a b'.split(' ').length);
            call.answer();
        });
        """

    @Test func `what one session leaves behind is not seen by the next`() async throws {
        let box = try ScriptedBox(["untidy.js": Self.untidy, "curious.js": Self.curious], readyMachines: 1)
        for number in stride(from: UInt64(1), to: 20, by: 2) {
            for (session, script) in [(number, "untidy.js"), (number + 1, "curious.js")] {
                let id = box.start(session, [script])
                box.ring(id)
                #expect(try await box.exchange.next(id) == .answer(.caller, headers: []))
                box.workers.end(id)
                #expect(try await box.exchange.end(of: id).reason == nil)
                // Time enough to make the next machine in the same engine.
                try await Task.sleep(for: .milliseconds(30))
            }
        }
        let seen = box.exchange.logged.lines.filter { $0.contains("sees ") }
        #expect(seen.count == 10)
        #expect(seen.allSatisfy { $0.contains("sees undefined undefined 1 true 2 ") }, "\(seen)")
        try await Task.sleep(for: .milliseconds(100))
        #expect(!box.exchange.logged.lines.contains { $0.contains("late") }, "timers end with their session")
    }

    @Test func `a session after one that failed works as ever`() async throws {
        let box = try ScriptedBox(
            ["broken.js": "for (;;) {}", "curious.js": Self.curious], readyMachines: 1)
        for number in stride(from: UInt64(1), to: 6, by: 2) {
            let broken = box.start(number, ["broken.js"])
            #expect(try await box.exchange.end(of: broken).reason?.contains("more than 1 s") == true)
            let next = box.start(number + 1, ["curious.js"])
            box.ring(next)
            #expect(try await box.exchange.next(next) == .answer(.caller, headers: []))
        }
    }
}
