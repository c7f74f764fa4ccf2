// SPDX-License-Identifier: Apache-2.0

import Scripting
import Telephony
import Testing

/// Scripts of one rule share everything, sessions share nothing.
@Suite(.serialized) struct SessionIsolationTests {
    @Test func `scripts of one rule share one context, in order`() async throws {
        let box = try ScriptedBox([
            "a.js":
                "var count = 1; let secret = 'x'; const add = (n) => count += n; function room() { return `room${count}${secret}`; }",
            "b.js": "add(2); VoxEngine.callConference(room());",
        ])
        let session = box.start(1, ["a.js", "b.js"])
        #expect(try await box.exchange.next(session) == .dial(UnitID(-1), dial("room3x")))
    }

    @Test func `two sessions of one worker do not see each other`() async throws {
        let box = try ScriptedBox([
            "a.js": """
            const seen = typeof globalThis.mark + Array.prototype.mark + Object.keys(CallEvents).length;
            globalThis.mark = 1;
            Array.prototype.mark = 'dirt';
            VoxEngine.answer = 1;
            VoxEngine.callConference(`${seen}`);
            """
        ])
        let first = box.start(1, ["a.js"])
        let second = box.start(2, ["a.js"])
        let one = try await box.exchange.next(first)
        #expect(one == (try await box.exchange.next(second)))
        guard case .dial(UnitID(-1), let dial) = one else {
            Issue.record("\(one)")
            return
        }
        #expect(dial.destination.hasPrefix("undefinedundefined"))
    }

    @Test func `events reach their own session only, and late ones nobody`() async throws {
        let box = try ScriptedBox([
            "a.js": "VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => e.call.reject(e.destination * 1));"
        ])
        let sessions = [box.start(1, ["a.js"]), box.start(2, ["a.js"])]
        box.ring(sessions[1], to: "486")
        #expect(try await box.exchange.next(sessions[1]) == .reject(.caller, status: 486, headers: []))
        #expect(box.exchange.isQuiet(sessions[0]))
        box.workers.end(sessions[0])
        #expect(try await box.exchange.end(of: sessions[0]).reason == nil)
        box.ring(sessions[0], to: "487")
        box.ring(sessions[1], unit: 2, to: "603")
        #expect(try await box.exchange.next(sessions[1]) == .reject(UnitID(2), status: 603, headers: []))
        #expect(box.exchange.isQuiet(sessions[0]))
    }

    @Test func `scripts find no way to the worker`() async throws {
        let box = try ScriptedBox([
            "a.js": """
            const found = ['host', 'send', 'units', 'Prelude'].filter((name) => name in globalThis);
            try { (function () { found.push(...Object.keys(this ?? {})); }).call(undefined); } catch (e) { found.push('' + e); }
            VoxEngine.callConference('none' + found.filter((n) => n === 'host' || n === 'send'));
            """
        ])
        #expect(try await box.exchange.next(box.start(1, ["a.js"])) == .dial(UnitID(-1), dial("none")))
    }

    private func dial(_ destination: String) -> SessionDial {
        SessionDial(target: .conference, destination: destination, callerNumber: nil, callerName: nil, headers: [])
    }
}
