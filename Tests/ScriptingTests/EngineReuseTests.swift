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
        const hour = setTimeout(() => Logger.write('late'), 400);
        const registry = new FinalizationRegistry(() => Logger.write('gone'));
        for (let i = 0; i < 100; i++) registry.register({ i }, i);
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

    /// How many the worker has made until now: it says so twice a second.
    private func engines(_ box: ScriptedBox) async throws -> Int {
        try await Task.sleep(for: .milliseconds(1200))
        return try #require(box.workers.reports.first.flatMap(WorkerLines.engines))
    }

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
        try await Task.sleep(for: .milliseconds(600))
        #expect(!box.exchange.logged.lines.contains { $0.contains("late") }, "timers end with their session")
        // What is collected while its session lives is told there, never in the next one.
        for number in stride(from: 2, through: 20, by: 2) {
            let session = "session=s\(number)"
            let lines = box.exchange.logged.lines.filter {
                $0.contains("gone") && $0.split(separator: " ").contains { $0 == session }
            }
            #expect(lines.isEmpty)
        }
        // One has the session, one the machine that waits; a third may have been made before the first was free.
        #expect(try await engines(box) <= 3, "twenty sessions, one after the other")
    }

    @Test func `sessions at a time find as many engines as there were before`() async throws {
        let box = try ScriptedBox(["curious.js": Self.curious], readyMachines: 4)
        for round in UInt64(0)..<10 {
            let sessions = (round * 4 + 1...round * 4 + 4).map { box.start($0, ["curious.js"]) }
            for session in sessions { box.ring(session) }
            for session in sessions {
                #expect(try await box.exchange.next(session) == .answer(.caller, headers: []))
            }
            for session in sessions { box.workers.end(session) }
            for session in sessions { #expect(try await box.exchange.end(of: session).reason == nil) }
            try await Task.sleep(for: .milliseconds(100))
        }
        // Four run and four wait, at most.
        #expect(try await (4...8).contains(engines(box)), "forty sessions, four at a time")
    }

    @Test func `machines are made although timers leave no quiet moment`() async throws {
        let busy = """
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.answer();
                setInterval(() => {}, 1);
                setInterval(() => {}, 1);
            });
            """
        let box = try ScriptedBox(["busy.js": busy], readyMachines: 4)
        let session = box.start(1, ["busy.js"])
        box.ring(session)
        #expect(try await box.exchange.next(session) == .answer(.caller, headers: []))
        let workers = box.workers
        _ = try await box.exchange.wait(10, "five engines") {
            workers.reports.first.flatMap(WorkerLines.engines).flatMap { $0 >= 5 ? $0 : nil }
        }
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
