// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Scripting
import Telephony
import Testing

/// What is wrong with a script is said with its file and line, and touches nobody else.
@Suite(.serialized) struct ScriptErrorTests {
    private func reason(of text: String, alsoRinging: Bool = false) async throws -> String {
        let box = try ScriptedBox(["a.js": text])
        let session = box.start(1, ["a.js"])
        if alsoRinging { box.ring(session) }
        let end = try await box.exchange.end(of: session)
        #expect(!end.orphaned)
        return end.reason ?? ""
    }

    @Test func `a syntax error names file and line`() async throws {
        let reason = try await reason(of: "let a = 1;\nlet b = ;\n")
        #expect(reason.hasPrefix("a.js:2: SyntaxError"), "\(reason)")
    }

    @Test func `a syntax error in the second script lets the first one do nothing`() async throws {
        let box = try ScriptedBox(["a.js": "VoxEngine.createConference();", "b.js": "function {"])
        let session = box.start(1, ["a.js", "b.js"])
        let end = try await box.exchange.end(of: session)
        #expect(end.reason?.hasPrefix("b.js:1: SyntaxError") == true, "\(end)")
        #expect(box.exchange.isQuiet(session))
    }

    @Test(arguments: [
        ("\n\nnoSuchThing();", "a.js:3: ReferenceError"),
        ("throw new Error('no');", "a.js:1: Error: no"),
        ("throw 'just words';", "a.js: the script threw just words"),
        ("\nPromise.reject(new Error('later'));", "a.js:2: Error: later"),
        ("(async () => {\n await null;\n null.x;\n})();", "a.js:3: TypeError"),
        ("setTimeout(() => {\n throw new Error('timer');\n}, 1);", "a.js:2: Error: timer"),
        (
            "\nVoxEngine.addEventListener(AppEvents.Started, 'greet');",
            "a.js:2: TypeError: the listener of Application.Started"
        ),
        ("VoxEngine.sendMediaBetween(1, 2);", "a.js:1: TypeError"),
        (
            "\nnew IVRState('pin', { type: 'inputFixed', inputLength: 4 });",
            "a.js:2: TypeError: IVRState pin: type is one of \"select\", \"inputfixed\", \"inputunknown\", \"noinput\"; \"inputFixed\""
        ),
        ("new IVRState('pin', {});", "a.js:1: TypeError: IVRState pin: type is one of \"select\", "),
        ("new IVRState('pin');", "a.js:1: TypeError: IVRState pin: type is one of \"select\", "),
        ("VoxEngine.createASR();", "a.js:1: Error: VoxEngine.createASR is not available"),
        (
            "Net.sendMail('x');",
            "a.js:1: Error: Net.sendMail is not available on this exchange: the box has no mail server"
        ),
        ("for (let i = 0; i < 36; i++) Net.httpRequest('http://x');", "a.js:1: RangeError: more than 3 HTTP requests"),
        ("for (let i = 0; i < 11; i++) VoxEngine.createURLPlayer('x');", "a.js:1: RangeError: more than 10 players"),
        (
            "for (let i = 0; i < 1e4; i++) VoxEngine.addEventListener(AppEvents.Started, () => i);",
            "a.js:1: RangeError: more than 1000 listeners of Application.Started"
        ),
        ("for (let i = 0; i < 101; i++) setTimeout(() => {}, 1000);", "a.js:1: RangeError: more than 100 timers"),
        ("for (;;) Logger.write(VoxEngine.callConference('x'));", "a.js:1: Error: more than 2000 commands"),
        ("throw { toString() { throw 1; } };", "a.js: an error that can not be put into words"),
    ])
    func `an error in a script ends its session with file and line`(text: String, expected: String) async throws {
        let reason = try await reason(of: text)
        #expect(reason.hasPrefix(expected), "\(reason)")
    }

    @Test func `an error in a listener ends its session with file and line`() async throws {
        let reason = try await reason(
            of: "VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {\n    e.noCall.answer();\n});",
            alsoRinging: true)
        #expect(reason.hasPrefix("a.js:2: TypeError"), "\(reason)")
    }

    @Test func `an error in an async listener ends its session with file and line`() async throws {
        let reason = try await reason(
            of:
                "VoxEngine.addEventListener(AppEvents.CallAlerting, async (e) => {\n await 0;\n e.noCall.answer();\n});",
            alsoRinging: true)
        #expect(reason.hasPrefix("a.js:3: TypeError"), "\(reason)")
    }

    @Test func `a second let of one name is an error, a second var is none`() async throws {
        let box = try ScriptedBox([
            "a.js": "let a = 1; var b = 1;", "b.js": "var b = 2; VoxEngine.createConference();", "c.js": "let a;",
        ])
        let good = box.start(1, ["a.js", "b.js"])
        #expect(try await box.exchange.next(good) == .createConference(UnitID(-1), SessionConferenceOptions()))
        let bad = box.start(2, ["a.js", "c.js"])
        let end = try await box.exchange.end(of: bad)
        #expect(end.reason?.hasPrefix("c.js: SyntaxError") == true, "\(end)")
    }

    @Test func `files that are no scenarios are refused with the remedy`() async throws {
        let box = try ScriptedBox(["long.js": String(repeating: "/", count: 256 * 1024 + 1), "full.js": Self.longest])
        try FileManager.default.createSymbolicLink(
            atPath: "\(box.folder)/link.js", withDestinationPath: "/etc/hostname")
        try FileManager.default.createDirectory(atPath: "\(box.folder)/folder.js", withIntermediateDirectories: false)
        try Data([0x22, 0xff, 0xfe, 0x22]).write(to: URL(filePath: "\(box.folder)/latin.js"))
        mkfifo("\(box.folder)/pipe.js", 0o600)
        let expected = [
            ("none.js", "there is no such scenario"), ("link.js", "a symbolic link"),
            ("folder.js", "not a regular file"),
            ("pipe.js", "not a regular file"), ("latin.js", "not UTF-8"), ("long.js", "longer than 262144 characters"),
            ("../none.js", "without \".\""), ("/etc/hostname", "without \".\""), ("", "without \".\""),
        ]
        for (index, (name, words)) in expected.enumerated() {
            let session = box.start(UInt64(index + 1), [name])
            let end = try await box.exchange.end(of: session)
            #expect(end.reason?.contains(words) == true, "\(end)")
            #expect(end.reason?.contains(name) == true && !end.orphaned)
        }
        // The longest script there may be, of the characters that take most room on their way.
        let session = box.start(100, ["full.js"])
        #expect(try await box.exchange.next(session) == .createConference(UnitID(-1), SessionConferenceOptions()))
    }

    private static let longest: String = {
        let call = "VoxEngine.createConference(); //"
        return call + String(repeating: "\u{1}é€", count: (256 * 1024 - call.utf16.count) / 3)
    }()

    @Test func `a changed scenario counts from the next session on`() async throws {
        let box = try ScriptedBox(["a.js": "VoxEngine.createConference();"])
        _ = try await box.exchange.next(box.start(1, ["a.js"]))
        try Data("VoxEngine.callConference('new');".utf8).write(to: URL(filePath: "\(box.folder)/a.js"))
        guard case .dial = try await box.exchange.next(box.start(2, ["a.js"])) else {
            Issue.record("the old text ran")
            return
        }
    }

    @Test func `a missing program is told, and sessions are refused`() async throws {
        let exchange = ScriptedExchange()
        let workers = try ScenarioWorkers(
            options: ScenarioWorkerOptions(
                executable: "/nonexistent/partyline-scenarios", scenarioFolder: Folders.shipped, workers: 1,
                memoryCapBytes: 256 << 20),
            sink: exchange, log: exchange.logged.logger())
        workers.start(
            SessionStart(
                session: SessionID(1), rule: "r", scenarios: ["gateway.js"], conferenceName: nil, customData: ""))
        let end = try await exchange.end(of: SessionID(1))
        #expect(end.reason?.contains("no scenario worker runs") == true)
        #expect(exchange.logged.lines.contains { $0.contains("does not start") && $0.contains("No such file") })
        workers.close()
    }
}
