// SPDX-License-Identifier: Apache-2.0

import Scripting
import Telephony
import Testing

/// Scripts that ask for too much: each ends within three seconds, with file and line, and its neighbour goes on.
@Suite(.serialized) struct HostileScriptTests {
    typealias Case = HostileCase

    static let cases = [
        Case(
            name: "10,000 timers", script: "\nfor (let i = 0; i < 10000; i++) setTimeout(() => 0, 1000);",
            reason: "wild.js:2: RangeError: more than 100 timers"),
        Case(
            name: "10,000 intervals that make intervals",
            script: "const more = () => { setInterval(more, 4); setInterval(more, 4); };\nmore();",
            reason: "wild.js:1: RangeError: more than 100 timers"),
        Case(
            name: "10,000 listeners of a call",
            script:
                "\n\nVoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {\n  for (let i = 0; i < 10000; i++) call.addEventListener(CallEvents.Connected, () => i);\n});",
            reason: "wild.js:4: RangeError: more than 1000 listeners"),
        Case(
            name: "10,000 calls out", script: "for (let i = 0; i < 10000; i++) VoxEngine.callPSTN('1');",
            reason: "wild.js:1: Error: more than 2000 commands"),
        Case(
            name: "10,000 conferences over time",
            script: "setInterval(() => { for (;;) VoxEngine.createConference(); }, 5);",
            reason: "wild.js:1: Error: more than 2000 commands"),
        Case(
            name: "10,000 storage requests",
            script:
                "(async () => {\n const all = [];\n for (let i = 0; i < 10000; i++) all.push(ApplicationStorage.put('k' + i, 'v'));\n await Promise.all(all);\n})();",
            reason: "RangeError: more than 100 storage requests"),
        Case(
            name: "an endless loop in a getter of a payload",
            script: "Net.httpRequest('http://x', null, { get headers() { for (;;); } });",
            reason: "wild.js:1: the script ran for more than 1 s"),
        Case(
            name: "an endless toString", script: "VoxEngine.callPSTN({ toString() { for (;;); } });",
            reason: "the script ran for more than 1 s"),
        Case(
            name: "an endless loop at the end",
            script: "VoxEngine.addEventListener(AppEvents.CallAlerting, () => { for (;;); });",
            reason: "wild.js:1: the script ran for more than 1 s"),
        Case(
            name: "an endless tree of objects", script: "const o = {}; o.o = o; Logger.write(o);", reason: "TypeError"),
        Case(
            name: "markers without end",
            script: "const p = VoxEngine.createURLPlayer('a');\nfor (;;) p.addMarker(1e9);",
            reason: "wild.js:2: RangeError: more than 100 markers"),
        Case(
            name: "a sequence without end",
            script: "VoxEngine.createSequencePlayer({ segments: Array(100000).fill({ text: 'x' }) });",
            reason: "wild.js:1: TypeError: createSequencePlayer"),
    ]

    @Test(arguments: cases) func `it ends in time, with its place, and alone`(hostile: Case) async throws {
        let end = try await hostile.end()
        #expect(end.reason?.contains(hostile.reason) == true && !end.orphaned, "\(end)")
    }

    @Test func `a huge text to say is cut, and the script goes on`() async throws {
        let box = try ScriptedBox([
            "a.js": """
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.say('x'.repeat(20000000));
                call.sendMessage('y'.repeat(3000000));
                call.sendDigits('1');
            });
            """
        ])
        let session = box.start(1, ["a.js"])
        box.ring(session)
        let speech = SessionSound.speech(String(repeating: "x", count: 1500), language: "")
        #expect(try await box.exchange.next(session) == .startPlayback(.caller, speech, loop: false))
        #expect(try await box.exchange.next(session) == .sendMessage(.caller, String(repeating: "y", count: 65536)))
        #expect(try await box.exchange.next(session) == .sendDigits(.caller, "1"))
    }

    @Test func `a session that ends waits for the web, but calls of the script are over`() async throws {
        let services = SlowServices()
        let box = try ScriptedBox(
            [
                "a.js": """
                VoxEngine.addEventListener(AppEvents.Started, () => {
                    Net.httpRequest('http://slow', ({ text }) => { Logger.write('got', text); VoxEngine.callPSTN('1'); });
                    VoxEngine.terminate();
                });
                VoxEngine.addEventListener(AppEvents.Terminating, () => Logger.write('terminating'));
                """
            ], services: services)
        let session = box.start(1, ["a.js"])
        #expect(try await box.exchange.next(session) == .terminate)
        box.workers.end(session)
        _ = try await box.exchange.wait(5, "the request") { services.waiting > 0 ? true : nil }
        #expect(box.exchange.ends.isEmpty)
        services.answer()
        #expect(try await box.exchange.end(of: session).reason == nil)
        let lines = box.exchange.logged.lines
        let got = try #require(lines.firstIndex { $0.contains("got late") })
        let last = try #require(lines.firstIndex { $0.contains("terminating") })
        #expect(got < last)
    }
}
