// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Scripting
import Telephony
import Testing

/// Many callers in one moment: who is answered first, and what a worker is sent for them.
@Suite(.serialized) struct BurstTests {
    private static let greeting = """
        VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => call.answer());
        """
    /// Takes 4 ms for each OnHold and tells that it has.
    private static let busy = """
        VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
            call.addEventListener(CallEvents.OnHold, () => {
                const end = Date.now() + 4;
                while (Date.now() < end);
                call.sendMessage('done');
            });
            call.answer();
        });
        """

    @Test func `who waits to be answered comes before what happens in other calls`() async throws {
        let box = try ScriptedBox(["busy.js": Self.busy, "greeting.js": Self.greeting])
        let busy = box.start(1, ["busy.js"])
        box.ring(busy)
        #expect(try await box.exchange.next(busy) == .answer(.caller, headers: []))
        for _ in 0..<300 { box.tell(busy, .onHold(.caller)) }
        _ = try await box.exchange.next(busy)
        // All of them wait in the worker by now.
        let callers = (UInt64(2)...11).map { box.start($0, ["greeting.js"]) }
        for caller in callers { box.ring(caller) }
        for caller in callers { #expect(try await box.exchange.next(caller) == .answer(.caller, headers: [])) }
        var done = 0
        while !box.exchange.isQuiet(busy) {
            _ = try await box.exchange.next(busy)
            done += 1
        }
        #expect(done < 150, "\(done) of 300 events had been dealt with before ten callers were answered")
        for _ in done + 1..<300 {
            #expect(try await box.exchange.next(busy) == .sendMessage(.caller, "done"))
        }
    }

    @Test func `those who wait to be answered do not shut out the others`() async throws {
        let slow = """
            const end = Date.now() + 8;
            while (Date.now() < end);
            \(Self.greeting)
            """
        let box = try ScriptedBox(["busy.js": Self.busy, "slow.js": slow])
        let busy = box.start(1, ["busy.js"])
        box.ring(busy)
        #expect(try await box.exchange.next(busy) == .answer(.caller, headers: []))
        let callers = (UInt64(2)...101).map { box.start($0, ["slow.js"]) }
        for caller in callers { box.ring(caller) }
        for _ in 0..<5 { box.tell(busy, .onHold(.caller)) }
        for _ in 0..<5 { #expect(try await box.exchange.next(busy) == .sendMessage(.caller, "done")) }
        let last = try #require(callers.last)
        #expect(box.exchange.isQuiet(last), "nearly a second of scripts to run was before it")
        for caller in callers {
            #expect(try await box.exchange.next(caller, seconds: 20) == .answer(.caller, headers: []))
        }
    }

    @Test func `a script's text is what the file had when the session began`() async throws {
        func script(_ name: String) -> String { "VoxEngine.callConference('\(name)'); // \(name)" }
        let box = try ScriptedBox(["a.js": script("one"), "b.js": ""])
        func dialled(_ number: UInt64) async throws -> String {
            guard case .dial(_, let dial) = try await box.exchange.next(box.start(number, ["a.js", "b.js"])) else {
                return ""
            }
            return dial.destination
        }
        #expect(try await dialled(1) == "one")
        #expect(try await dialled(2) == "one")
        for (number, name) in [(UInt64(3), "two is longer"), (4, "one"), (5, "x" + String(repeating: "y", count: 200))]
        {
            try Data(script(name).utf8).write(to: URL(filePath: box.folder + "/a.js"))
            #expect(try await dialled(number) == name)
        }
        // One that is broken meanwhile fails with its place, each time; mended, it works.
        try Data("\n\nfunction {".utf8).write(to: URL(filePath: box.folder + "/a.js"))
        for number in UInt64(6)...7 {
            let end = try await box.exchange.end(of: box.start(number, ["a.js", "b.js"]))
            #expect(end.reason?.hasPrefix("a.js:3: SyntaxError") == true, "\(end)")
        }
        try Data(script("mended").utf8).write(to: URL(filePath: box.folder + "/a.js"))
        #expect(try await dialled(8) == "mended")
    }

    @Test func `a long text reaches a session in pieces, and all sessions after it`() async throws {
        let long =
            "const text = '\(String(repeating: "\u{1F4DE}\u{e9}\"", count: 40_000))'; VoxEngine.callConference(text.length + '');"
        let box = try ScriptedBox(["long.js": long], workers: 2)
        for number in UInt64(1)...6 {
            guard case .dial(_, let dial) = try await box.exchange.next(box.start(number, ["long.js"])) else {
                Issue.record("no dial")
                return
            }
            #expect(dial.destination == "160000")
        }
    }
}
