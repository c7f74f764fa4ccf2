// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Scripting
import Telephony
import Testing

/// Scripts that run wild, and workers that die: the exchange goes on.
@Suite(.serialized) struct WorkerLossTests {
    /// Answers, then does what the test wants as soon as the call is up.
    private static func onConnected(_ body: String) -> String {
        """
        VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
            call.addEventListener(CallEvents.Connected, () => {
                \(body)
            });
            call.answer();
        });
        """
    }

    private static let polite = onConnected("call.say('hello');")

    private func connect(_ box: ScriptedBox, _ session: SessionID) async throws {
        box.ring(session)
        #expect(try await box.exchange.next(session) == .answer(.caller, headers: []))
        box.tell(session, .connected(.caller, headers: []))
    }

    /// Another session on the same worker, greeted and waiting.
    private func neighbour(_ box: ScriptedBox, _ number: UInt64) async throws -> SessionID {
        let session = box.start(number, ["polite.js"])
        try await connect(box, session)
        #expect(
            try await box.exchange.next(session) == .startPlayback(.caller, .speech("hello", language: ""), loop: false)
        )
        return session
    }

    @Test func `an endless loop ends its session within three seconds and tells where it was`() async throws {
        let box = try ScriptedBox(["wild.js": Self.onConnected("for (;;) {}"), "polite.js": Self.polite])
        let before = try await box.readyProcesses(1)
        let other = try await neighbour(box, 1)
        let session = box.start(2, ["wild.js"])
        try await connect(box, session)
        let (end, took) = try await box.timedEnd(of: session, in: before[0])
        print("hostile script: an endless loop: \(took)")
        #expect(took < ScriptedBox.hostileLimit)
        #expect(end.reason?.contains("wild.js:2: the script ran for more than 1 s") == true, "\(end)")
        #expect(!end.orphaned)
        // The worker and its other session never noticed.
        #expect(box.processes == before)
        box.workers.end(other)
        #expect(try await box.exchange.end(of: other).reason == nil)
    }

    @Test(arguments: [
        "const spin = () => Promise.resolve().then(spin); spin();",
        "(async () => { for (;;) await null; })();",
        "/^(a+)+$/.test('a'.repeat(40) + 'b');",
    ])
    func `what the engine can not stop costs the worker, and both sessions are told`(body: String) async throws {
        let box = try ScriptedBox(["wild.js": Self.onConnected(body), "polite.js": Self.polite])
        let before = try await box.readyProcesses(1)
        let other = try await neighbour(box, 1)
        let session = box.start(2, ["wild.js"])
        try await connect(box, session)
        let (end, took) = try await box.timedEnd(of: session, in: before[0])
        print("hostile script: \(body): \(took)")
        #expect(end.orphaned && took < ScriptedBox.hostileLimit)
        // The listener's place: the engine's own is not to be had of a process that was killed.
        #expect(end.reason?.hasPrefix("wild.js:2: worker lost") == true, "\(end)")
        #expect(try await box.exchange.end(of: other) == .init(session: other, reason: "worker lost", orphaned: true))
        let line = try await box.logLine("scenario worker lost")
        #expect(
            line.contains("sessions=s1 s2") && line.contains("script-of=s2") && line.contains("at=wild.js:2 "),
            "\(line)")
        #expect(try await box.readyProcesses(1) != before)
        _ = try await neighbour(box, 3)
    }

    @Test(arguments: [
        "const all = []; for (;;) all.push(new Float64Array(1 << 20).fill(1));",
        "const all = []; for (;;) all.push(new Array(1000).fill({}).map(() => ({ a: 1 })));",
        "let text = 'x'; for (;;) text += text + '.';",
    ])
    func `an allocation bomb ends within the cap`(body: String) async throws {
        let box = try ScriptedBox(["bomb.js": Self.onConnected(body), "polite.js": Self.polite], workers: 2)
        let both = try await box.readyProcesses(2)
        let session = box.start(2, ["bomb.js"])
        try await connect(box, session)
        // Of two that are idle the first one is taken.
        let (end, took) = try await box.timedEnd(of: session, in: both[0])
        print("hostile script: \(body): \(took)")
        #expect(took < ScriptedBox.hostileLimit)
        #expect(end.reason?.contains("bomb.js:") == true, "\(end)")
        _ = try await neighbour(box, 3)
        for process in try await box.readyProcesses(2) { #expect(partyline_resident_bytes(process) <= 300 << 20) }
    }

    @Test func `a script that hoards memory slowly is ended alone`() async throws {
        let body = "const all = []; setInterval(() => all.push(new Float64Array(1 << 20).fill(1)), 5);"
        let box = try ScriptedBox(["hoard.js": Self.onConnected(body), "polite.js": Self.polite])
        let before = try await box.readyProcesses(1)
        let other = try await neighbour(box, 1)
        let session = box.start(2, ["hoard.js"])
        try await connect(box, session)
        let end = try await box.exchange.end(of: session)
        #expect(end.reason?.contains("hoard.js") == true && end.reason?.contains("64 MB") == true, "\(end)")
        #expect(box.processes == before)
        box.workers.end(other)
        #expect(try await box.exchange.end(of: other).reason == nil)
    }

    @Test func `deep recursion is an error of its script`() async throws {
        let box = try ScriptedBox(["deep.js": Self.onConnected("const f = (n) => f(n + 1) + 1; f(0);")])
        let process = try await box.readyProcesses(1)[0]
        let session = box.start(1, ["deep.js"])
        try await connect(box, session)
        let (end, took) = try await box.timedEnd(of: session, in: process)
        print("hostile script: deep recursion: \(took)")
        #expect(took < ScriptedBox.hostileLimit)
        #expect(end.reason?.hasPrefix("deep.js:3: RangeError") == true, "\(end)")
    }

    @Test func `a worker that is killed is replaced and its sessions are orphaned`() async throws {
        let box = try ScriptedBox(["polite.js": Self.polite], workers: 2)
        let before = try await box.readyProcesses(2)
        let sessions = [try await neighbour(box, 1), try await neighbour(box, 2)]
        kill(before[0], SIGKILL)
        // Spread by load: one of the two was there.
        let end = try await box.exchange.wait(10, "an orphan") { box.exchange.ends.first }
        #expect(end.reason == "worker lost" && end.orphaned)
        // The next caller is greeted at once, by the worker that is still warm.
        let asked = ContinuousClock.now
        _ = try await neighbour(box, 3)
        #expect(ContinuousClock.now - asked < .seconds(2))
        let after = try await box.readyProcesses(2)
        #expect(Set(after).intersection(before) == [before[1]])
        #expect(box.exchange.ends.count == 1)
        let other = try #require(sessions.first { $0 != end.session })
        box.workers.end(other)
        #expect(try await box.exchange.end(of: other).reason == nil)
    }

    @Test func `a silent worker is killed after two seconds`() async throws {
        let box = try ScriptedBox(["polite.js": Self.polite])
        let before = try await box.readyProcesses(1)
        let session = try await neighbour(box, 1)
        kill(before[0], SIGSTOP)
        let end = try await box.exchange.end(of: session)
        #expect(end == .init(session: session, reason: "worker lost", orphaned: true))
        #expect(try await box.logLine("scenario worker lost").contains("silent for 2 s"))
        #expect(try await box.readyProcesses(1) != before)
    }

    @Test func `workers go when the host closes`() async throws {
        let box = try ScriptedBox(["polite.js": Self.polite], workers: 2)
        let processes = try await box.readyProcesses(2)
        box.workers.close()
        for process in processes { #expect(kill(process, 0) == -1) }
    }

    @Test func `a worker holds nothing of the daemon's but its socket and its page`() async throws {
        // Something that must not be inherited, with no close-on-exec flag.
        let foreign = open("/dev/null", O_RDONLY)
        defer { close(foreign) }
        let box = try ScriptedBox(["polite.js": Self.polite])
        let process = try #require(try await box.readyProcesses(1).first)
        let links = try Descriptors.of(process)
        #expect(links[0] == "/dev/null" && links[3]?.hasPrefix("socket:") == true)
        #expect(links[4]?.contains("memfd:partyline-worker") == true)
        // The engine opens some of its own: event descriptors, random numbers, its memory figures.
        let own = ["anon_inode:", "/dev/urandom", "/proc/\(process)/statm"]
        let others = links.filter { link in link.key > 4 && !own.contains { link.value.hasPrefix($0) } }
        #expect(others == [:], "\(links)")
    }

    @Test func `a scenario that brings down one worker after the other is stopped for a while`() async throws {
        let body = "(async () => { for (;;) await null; })();"
        let box = try ScriptedBox(["wild.js": Self.onConnected(body)], workers: 2)
        for number in UInt64(1)...3 {
            _ = try await box.readyProcesses(2)
            let session = box.start(number, ["wild.js"])
            try await connect(box, session)
            #expect(try await box.exchange.end(of: session).orphaned)
        }
        let refused = box.start(4, ["wild.js"])
        let end = try await box.exchange.end(of: refused)
        #expect(!end.orphaned && end.reason?.contains("brought down 3 workers") == true, "\(end)")
    }
}
