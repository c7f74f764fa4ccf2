// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Patterns
import Rehearsal
import ScenarioAPI
import Settings
import Telephony
import Testing

/// What `partyline scenario check` finds, and what it leaves alone.
@Suite struct CheckTests {
    private func problems(_ text: String...) -> [String] {
        let scripts = text.enumerated().map { ScriptInspection.Script(name: "\($0.offset + 1).js", text: $0.element) }
        return ScriptInspection.problems(in: scripts).map(\.description)
    }

    @Test(arguments: [
        (
            "VoxEngine.callConferense('x');",
            "1.js:1:11: error: VoxEngine has no member callConferense; write callConference"
        ),
        (
            "\n  const c = VoxEngine.callPSTN('1');\nc.hangUpp();",
            "1.js:3:3: error: the Call c has no member hangUpp; write hangup"
        ),
        (
            "VoxEngine.addEventListener(AppEvents.CallAlerted, f); function f() {}",
            "AppEvents has no event CallAlerted; write CallAlerting"
        ),
        (
            "VoxEngine.addEventListener(CallEvents.Connected, () => {});",
            "CallEvents never come to VoxEngine; its events are in AppEvents"
        ),
        (
            "function f({ call }) { call.addEventListener(PlayerEvents.Started, f); }",
            "PlayerEvents never come to a Call"
        ),
        ("function f(e) { e.call.anwser(); }", "a call has no member anwser; write answer"),
        (
            "const p = VoxEngine.createURLPlayer('a'); p.addMaker(5);",
            "the Player p has no member addMaker; write addMarker"
        ),
        (
            "const e = conf.add({ call: f(1) }); e.getCal(); const conf = VoxEngine.createConference(); function f() {}",
            "1.js:1:39: error: the Endpoint e has no member getCal; write getCall"
        ),
        (
            "const conf = VoxEngine.createConference(); let e; e = conf.get('a'); e.mute();",
            "error: the Endpoint e has no member mute"
        ),
        ("structuredClone({});", "1.js:1:1: error: structuredClone is not in the engine of scripts; write JSON.parse("),
        (
            "const r = await fetch('http://a');",
            "error: fetch is not in the engine of scripts; write Net.httpRequestAsync"
        ),
        ("ASR.create();", "1.js:1:1: warning: ASR is of no use here: there is no speech recognition on this box"),
        ("new WebSocket('ws://a');", "1.js:1:5: warning: WebSocket is of no use here: no web sockets"),
        ("setTimeOut(() => 1, 5);", "setTimeOut is defined in none of these scripts; write setTimeout"),
        ("VoxEngine.createASR();", "warning: VoxEngine.createASR is not available here"),
        (
            "x.addEventListener(ASREvents.Result, () => 1); var x;",
            "1.js:1:20: warning: ASREvents is of no use here: there is no speech recognition on this box"
        ),
        (
            "Logger.write(`${ASRProfileList.Google.en_US}`);",
            "1.js:1:17: warning: ASRProfileList is of no use here: there is no speech recognition"
        ),
        ("call.say(`${Net.httpReqest('x')}`); var call;", "Net has no member httpReqest; write httpRequest"),
        (
            "new IVRState('a', { prompt: { say: `x${1}` }, type: 'inputFixed', inputLength: 4 });",
            "1.js:1:53: error: \"inputFixed\" is no type of an IVRState; write \"inputfixed\""
        ),
        ("new IVRState('a', { type: \"digits\" });", "write one of \"select\", \"inputfixed\""),
        (
            "const s = new IVRState(name('a', 1), { prompt: { type: 'x' } }, () => 1); var name;",
            "1.js:1:15: error: the IVRState has no type; write one of"
        ),
        ("x.say('a', Language.XX_KLINGON); var x;", "Language.XX_KLINGON names no language that is known"),
    ]) func `what is mistyped is found with its place`(script: String, expected: String) {
        let found = problems(script)
        #expect(found.count == 1 && found.first?.contains(expected) == true, "\(found)")
    }

    @Test(arguments: [
        // Own properties, own functions, methods, shadowed names, strings, comments and expressions.
        "const c = VoxEngine.callPSTN('1'); c.isMine = true; if (c.isMine) c.hangup();",
        "function greet() {} greet(); const o = { help() { return 1; } }; o.help(); class A { run(x) { run2(x); } } const run2 = () => 1; new A().run();",
        "const Net = { mine: 1 }; Logger.write(Net.mine);",
        "// call.nonsense()\n/* VoxEngine.nope() */ const s = 'CallEvents.Nope', r = /VoxEngine.nope()\"/g, t = `CallEvents.Nope ${s}`;",
        "let room; room = VoxEngine.createConference(); room = VoxEngine.callPSTN('1'); room.whatever();",
        "const id = VoxEngine.createConference().id(); id.padStart(5);",
        "require(Modules.Whatever); JSON.stringify(Math.max(1, 2)); [1].map((v) => parseInt(v));",
        "new IVRState('a', { type: 'noinput' }); new IVRState('b', settings); new IVRState('c', { ...settings, timeout: 1 }); var settings;",
        "const type = 'select'; new IVRState('a', { type }); new IVRState('b', { type: type }); new IVRState('c', { ['type']: 1 }); new IVRState('d', { type: 'in' + 'put' });",
        "fn.call(this); const fn = function () {}; const a = b / c / fn(1); var b, c;",
    ]) func `what is right is left alone`(script: String) {
        #expect(problems(script) == [])
    }

    @Test func `scripts of one rule know each other`() {
        #expect(problems("function greet() {}", "greet();") == [])
        #expect(problems("greet();").count == 1)
    }

    @Test func `whatever the text is, the check ends`() {
        for text in [
            "`${`${`${", "/", "'", "/*", "\\", "}}}}", "${", String(repeating: "(", count: 50_000), "a.b.c.call.",
            "?.=>",
        ] {
            _ = problems(text)
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let marks = Array("`${}/'\"\\*().,;=call VoxEngine.\n")
            _ = problems(String((0..<200).compactMap { _ in marks.randomElement(using: &generator) }))
        }
    }

    private func rule(_ name: String, _ pattern: String, _ origins: Set<CallOrigin> = Set(CallOrigin.allCases)) throws
        -> RuleSettings
    {
        var rule = RuleSettings()
        rule.name = name
        rule.pattern = try Pattern(pattern)
        rule.origins = origins
        rule.scenarios = ["a.js"]
        return rule
    }

    @Test func `rules behind others that take all of theirs are found`() throws {
        let found = ShadowedRules.find(in: [
            try rule("conference", "conf_.*"), try rule("three", "conf_[0-9]{3}"), try rule("numbers", "[0-9]+"),
            try rule("sales", "(20|30)\\d"), try rule("one", "5"), try rule("names", "[a-z]+"), try rule("all", ".*"),
        ])
        #expect(found.map(\.rule.name) == ["three", "sales", "one"])
        #expect(found.first?.before == ["conference"])
    }

    @Test func `rules for other callers, or with something left, are not`() throws {
        let found = ShadowedRules.find(in: [
            try rule("inside", "conf_.*", [.inside]), try rule("outside", "conf_[0-9]+", [.trunks]),
            try rule("short", "[0-9]{1,3}"), try rule("numbers", "[0-9]+"), try rule("two", "12|99x"),
        ])
        #expect(found.map(\.rule.name) == [])
    }

    @Test func `rules whose pattern takes nothing are found, with their place`() throws {
        let dead = ["x$y", "a(?!a)a", "1(?=2)3", "^$5"]
        let alive = [
            "(?i)sales", "\\p{L}+", "[[:digit:]]{3}", "(\\d)\\1", "(?=.*7)[0-9]{4}", "(?!112)[0-9]+", "\\+49[1-9]\\d*",
            "(?<!x)5\\b", "\\*\\d{2}", "", "(?:conf_)?[a-z]{2,8}", "(?<n>[2-9])\\d(?&n)y", "[^0-9]+",
        ]
        let found = ShadowedRules.find(in: try (dead + alive).map { try rule($0, $0) })
        #expect(found.map(\.rule.name) == dead)
        let folder = FileManager.default.temporaryDirectory.path + "/partyline-dead-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.copyItem(atPath: Stage.top + "/etc/partyline", toPath: folder)
        let rules = """
            [[rule]]
            name = "dead"
              pattern = 'x$y'
            scenarios = ["gateway.js"]

            [[rule]]
            name = "numbers"
            pattern = '[0-9]+'
            scenarios = ["gateway.js"]

            [[rule]]
            name = "three"
            pattern = '[0-9]{3}'
            scenarios = ["gateway.js"]

            """
        try Data(rules.utf8).write(to: URL(filePath: folder + "/rules.toml"))
        let check = ConfigurationCheck(folder)
        #expect(!check.isBroken)
        let places = check.lines.filter { $0.contains("can never match") }.map { $0.prefix { $0 != "w" } }
        #expect(places == ["\(folder)/rules.toml:3:13: ", "\(folder)/rules.toml:13:11: "], "\(check.lines)")
    }

    @Test func `the check of a configuration looks into the scripts of its rules`() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/partyline-check-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.copyItem(atPath: Stage.top + "/etc/partyline", toPath: folder)
        let settings = try Settings.load(folder).get()
        #expect(SyntaxChecker.complaints(about: settings, in: folder + "/").map(\.description) == [])
        func complaints(_ script: Data) throws -> [String] {
            try script.write(to: URL(filePath: folder + "/scenarios/gateway.js"))
            return SyntaxChecker.complaints(about: settings, in: folder).map(\.description)
        }
        let place = folder + "/scenarios/gateway.js:"
        let syntax = try complaints(Data("let a = 1;\nlet b = ;\n".utf8))
        #expect(syntax.count == 1 && syntax[0].hasPrefix(place + "2:9: error: SyntaxError"), "\(syntax)")
        let noise = try complaints(Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 167 ^ $0 >> 3) }))
        #expect(noise == [place + "1:1: error: not UTF-8; save it as UTF-8"])
        for count in [300_000, 600_000, 900_000] {
            let long = try complaints(Data(repeating: 32, count: count))
            #expect(long.count == 1 && long[0].hasPrefix(place + "1:1: error: longer than 262144"), "\(long)")
        }
    }

    @Test func `a script that is not there is told as such, before anything is rehearsed`() {
        let fault = #expect(throws: ScenarioFolder.Fault.self) {
            _ = try ScenarioFolder(scripts: ["/nowhere/gateway.js"])
        }
        #expect(fault?.description.hasPrefix("/nowhere/gateway.js: there is no such file; write its path") == true)
    }

    @Test func `syntax is judged by the engine itself`() throws {
        let file = FileManager.default.temporaryDirectory.path + "/partyline-syntax-\(UUID().uuidString).js"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Data("let a = 1;\nlet b = ;\n".utf8).write(to: URL(filePath: file))
        let complaint = try #require(SyntaxChecker.complaint(about: file))
        #expect(complaint.line == 2 && complaint.words.hasPrefix("SyntaxError"), "\(complaint)")
        try Data("const f = async ({ a = 1 }) => { await a?.b; };".utf8).write(to: URL(filePath: file))
        #expect(SyntaxChecker.complaint(about: file) == nil)
        try Data("while (true) {}".utf8).write(to: URL(filePath: file))
        #expect(SyntaxChecker.complaint(about: file) == nil)
    }

    @Test(arguments: [
        (
            "let a = 1;\nfoo('(;', 2, (3 + ';');  // ; too late\nlet c;",
            "2:23: error: SyntaxError: Unexpected token ';'. Expected ')' to end an argument list; write ) before it"
        ),
        ("import fs from 'fs';", "1:8: error: SyntaxError: scenarios have no modules"),
        ("call.x();\n  export const a = 1;", "2:3: error: SyntaxError: scenarios have no modules"),
        ("const s = 'don't';", "1:16: error: SyntaxError: Unexpected identifier 't'"),
        ("const s = 'one';\r\nf('a'); f('two;", "2:11: error: SyntaxError: Unexpected EOF; close the text"),
        ("let a = '\u{1F600}\u{E4}', a;", "1:15: error: SyntaxError: Cannot declare a let variable twice: 'a'; give"),
        ("on((e) => {\n  e.call.answer();\n", "SyntaxError: Unexpected end of script; the { of line 1, column 11"),
        ("if (a) {\n  b();\n}}", "3:2: error: SyntaxError: a bracket too many"),
        ("function f() { await g(); }", "1:22: error: SyntaxError: Unexpected identifier 'g'"),
        ("say(\u{201C}Hello\u{201D});", "1:5: error: SyntaxError: Invalid character '\\u201c'; write plain quotes"),
        ("\tconst a;", "1:9: error: SyntaxError: Unexpected token ';'. const declared variable 'a' must have"),
        ("on((e) => { e.call.answer(; });", "1:27: error: SyntaxError: Unexpected token ';'; look here"),
    ]) func `a syntax error is told with its column and what to do`(script: String, expected: String) throws {
        let complaint = try #require(try complaint(about: script))
        #expect(complaint.contains(expected), "\(complaint)")
    }

    @Test func `await outside of an async function is told as such`() throws {
        #expect(try complaint(about: "function f() { await g(); }")?.contains("write async before") == true)
    }

    @Test func `the column of a mistake in a long line is found in time`() throws {
        let line = String(repeating: "f(1, 'x'); ", count: 20_000)
        let began = ContinuousClock.now
        let complaint = try #require(try complaint(about: line + "let b = ;" + line.prefix(20_000)))
        #expect(complaint.hasPrefix("1:220009: error: SyntaxError: Unexpected token ';'"), "\(complaint)")
        #expect(ContinuousClock.now - began < .seconds(9))
    }

    /// "2:9: error: …"
    private func complaint(about script: String) throws -> String? {
        let file = FileManager.default.temporaryDirectory.path + "/partyline-syntax-\(UUID().uuidString).js"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Data(script.utf8).write(to: URL(filePath: file))
        return SyntaxChecker.complaint(about: file).map { String($0.description.dropFirst(file.count + 1)) }
    }
}
