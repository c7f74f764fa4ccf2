// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Rehearsal
import ScenarioAPI
import Scripting
import Telephony
import Testing

/// Scripts in the manner of those that people show each other for that cloud (Tests/Fixtures/scenarios/cloud), old and new: what
/// their callers hear, rehearsed.
@Suite(.serialized) struct CloudStyleTests {
    private static let folder = Stage.top + "/Tests/Fixtures/scenarios/cloud"

    private func rehearse(_ name: String, _ change: (inout RehearsalPlan) -> Void = { _ in }) throws -> Transcript {
        let script = "\(Self.folder)/\(name).js"
        let transcript = try Rehearsal(Stage.plan(ScenarioFolder(scripts: [script]), change)).run()
        #expect(transcript.faults == [], "\(transcript.text)")
        return transcript
    }

    private func expect(_ transcript: Transcript, _ words: String...) {
        #expect(transcript.missing(words) == nil, "\(transcript.text)")
    }

    @Test func `a tree of menus by the IVR module`() throws {
        expect(
            try rehearse("ivr-tree") { $0.steps = Stage.steps("1 234") }, "is answered", "For an extension press one",
            "types 1", "chosen 1", "enter the extension", "types 2", "extension 234", "Thank you for calling",
            "is hung up")
        expect(
            try rehearse("ivr-tree") { $0.steps = Stage.steps("2 99#") }, "chosen 2", "enter your code", "pin 99",
            "Thank you for calling", "is hung up")
        expect(
            try rehearse("ivr-tree") {
                $0.steps = Stage.steps("2 9")
                $0.silenceMilliseconds = 20_000
            }, "types 9", "too slow after 9", "Thank you for calling", "is hung up")
        // Who types nothing is asked again and again.
        expect(
            try rehearse("ivr-tree") {
                $0.silenceMilliseconds = 30_000
                $0.longestMilliseconds = 30_000
            }, "For an extension", "For an extension", "For an extension")
    }

    @Test func `a queue by hand`() throws {
        expect(
            try rehearse("queue") {
                $0.answers = ["201": .busy, "202": .rings, "203": .answers(afterMilliseconds: 3000, digits: "")]
                $0.silenceMilliseconds = 15_000
            }, "is answered", "You are number one in the queue", "calls 201", "201: is busy", "agent failed 486",
            "calls 202", "You are number one in the queue", "202: is hung up", "calls 203", "203: answers",
            "caller: hears 203", "caller: hangs up")
        expect(
            try rehearse("queue") {
                $0.usualAnswer = .busy
                $0.silenceMilliseconds = 15_000
            }, "calls 203", "calls 203", "All agents are busy", "caller: is hung up")
    }

    @Test func `a message after the tone, all awaited`() throws {
        expect(
            try rehearse("voicemail-modern") {
                $0.steps = Stage.steps(",,, #")
                $0.pages = [("http://hooks.example/", 200, "ok")]
            }, "leave a message after the tone", "hears tones", "types #", "is hung up",
            "asks POST http://hooks.example/voicemail: 200", "posted 200 fine string")
    }

    @Test func `a conference with a code`() throws {
        expect(
            try rehearse("conference-pin") { $0.steps = Stage.steps("1# 4242#") }, "Enter the code", "types 1",
            "This code is wrong", "types 4", "in true 200", "added BOTH")
        expect(
            try rehearse("conference-pin") { $0.steps = Stage.steps("1# 2# 3#") }, "wrong", "wrong",
            "caller: is hung up")
    }

    @Test func `calls are handed on, and over when nobody is there`() throws {
        expect(
            try rehearse("forward-easy"), "calls 0301234", "0301234: answers",
            "established ALERTING CONNECTED 0301234",
            "caller: hears 0301234", "caller: is answered", "0301234: is hung up")
        expect(
            try rehearse("forward-easy") { $0.answers["0301234"] = .busy }, "first failed 486 true", "calls 201",
            "caller: is told that it rings", "201: answers", "caller: hears 201", "caller: is answered",
            "caller: hangs up",
            "201: is hung up")
        expect(try rehearse("easy-process"), "calls 201", "201: answers", "caller: is answered", "they talk")
        let busy = try rehearse("easy-process") { $0.answers["201"] = .busy }
        expect(busy, "201: is busy", "caller: is hung up")
        #expect(!busy.text.contains("is answered") && !busy.text.contains("they talk"), "\(busy.text)")
    }

    @Test func `a caller is looked up in the web`() throws {
        expect(
            try rehearse("lookup-await") {
                $0.pages = [
                    ("http://crm.example/api/login", 200, "{\"token\": \"t1\"}"),
                    ("http://crm.example/api/customers/200?token=t1", 200, "{\"name\": \"Ada\", \"vip\": true}"),
                    ("http://crm.example/api/nowhere", 404, ""),
                ]
            }, "asks POST http://crm.example/api/login: 200", "asks GET http://crm.example/api/customers/200?token=t1",
            "as expected: code 404 404", "Hello Ada, dear friend.", "is hung up")
        expect(try rehearse("lookup-await"), "failed code 3", "caller: is refused")
    }

    @Test func `a recorder and the recording of a call`() throws {
        let transcript = try rehearse("recorder") { $0.silenceMilliseconds = 10_000 }
        expect(transcript, "201: answers", "recorder stopped true 0")
        for words in ["recorder started string true", "record started string true", "record stopped string 0"] {
            expect(transcript, words)
        }
    }

    @Test func `each hears the next one, in a ring`() throws {
        let transcript = try rehearse("ring-of-three") { $0.silenceMilliseconds = 10_000 }
        expect(transcript, "caller: hears 202", "turned", "caller: hears 201", "caller: is hung up")
        expect(transcript, "201: hears caller")
        expect(transcript, "202: hears 201")
    }

    @Test func `all players and what they tell`() throws {
        let transcript = try rehearse("players") { $0.silenceMilliseconds = 10_000 }
        expect(
            transcript, "tts Created", "tts PlaybackReady", "tts Started", "tts PlaybackMarkerReached 500",
            "tts PlaybackMarkerReached -300", "tts PlaybackFinished", "sequence Created", "sequence Started",
            "sequence PlaybackMarkerReached 200", "sequence PlaybackFinished", "tone Stopped", "caller: is hung up")
        #expect(!transcript.text.contains("tts Stopped") && !transcript.text.contains("tone PlaybackFinished"))
    }

    @Test func `whatever a script may require`() throws {
        let transcript = try rehearse("every-module")
        expect(transcript, "looks 0 16", "caller: is refused")
        for name in ["asr", "acd", "task", "whatsapp", "socket", "agent", "mail", "amd", "openai", "sms"] {
            expect(transcript, "\(name) true")
        }
        #expect(!transcript.text.contains("there is no module"), "\(transcript.text)")
    }

    @Test func `the language of today`() throws {
        expect(
            try rehearse("modern-language"),
            "1 | true | true | 3 | true | a+b+c | 3,7 | set! | 1000000 | true | 5 | b | 3 | any | why | 1,234.5 | 01/01/1970 | 1 | true | 2"
        )
    }

    @Test func `a colleague is told who calls`() throws {
        expect(
            try rehearse("whisper") {
                $0.answers = [
                    "201": .answers(afterMilliseconds: 2000, digits: "2"),
                    "202": .answers(afterMilliseconds: 2000, digits: "1"),
                ]
                $0.silenceMilliseconds = 20_000
            }, "calls 201", "201: hears \"A call from 2 0 0", "201: types 2", "201: is hung up", "calls 202",
            "202: types 1",
            "caller: hears 202", "caller: is answered")
        expect(
            try rehearse("whisper") { $0.usualAnswer = .busy }, "calls 202", "caller: is refused")
    }

    @Test func `a survey is kept`() throws {
        expect(
            try rehearse("survey") {
                $0.steps = Stage.steps("4 5")
                $0.silenceMilliseconds = 20_000
            }, "How was the service", "types 4", "How was the sound", "types 5", "Shall we call you back",
            "keeps survey:200 = [4,5,0]", "kept [4,5,0] true 1", "You said 4, 5, 0", "is hung up")
    }

    @Test func `an office of 2016`() throws {
        expect(
            try rehearse("office-2016") {
                $0.steps = Stage.steps("234")
                $0.answers["sip:234@127.0.0.1"] = .answers(afterMilliseconds: 1000, digits: "")
            }, "Welcome to the office", "hold.mp3 again and again", "types 2", "calls sip:234@127.0.0.1",
            "caller: hears sip:234@127.0.0.1",
            "terminating")
    }

    @Test func `nothing in them is unknown to the check, but what this box has not`() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: Self.folder).sorted() {
            let path = "\(Self.folder)/\(name)"
            #expect(SyntaxChecker.complaint(about: path) == nil)
            let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
            let problems = ScriptInspection.problems(in: [.init(name: name, text: text)])
            #expect(problems.filter { $0.severity == .error }.isEmpty, "\(problems)")
        }
    }
}
