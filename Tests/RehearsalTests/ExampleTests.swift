// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Rehearsal
import ScenarioAPI
import Telephony
import Testing

/// The scenarios of etc/partyline/scenarios, as their callers hear them.
@Suite(.serialized) struct ExampleTests {
    private func expect(_ transcript: Transcript, _ words: String...) {
        #expect(transcript.faults == [])
        #expect(transcript.missing(words) == nil, "\(transcript.text)")
    }

    @Test func `the greeting leads into a conference`() throws {
        let folder = try ScenarioFolder(configuration: Stage.top + "/etc/partyline")
        let transcript = try Rehearsal(
            Stage.plan(folder) {
                $0.origin = .trunks
                $0.steps = Stage.steps("111#")
            }
        ).run()
        expect(transcript, "is answered", "Welcome. Please enter", "types #", "room 111: 200 joins", "hangs up")
    }

    @Test func `opening hours put through, and tell when closed`() throws {
        expect(
            try Stage.example("opening-hours.js"), "calls 200", "caller: is told that it rings", "200: answers",
            "caller: hears 200", "caller: is answered", "caller: hangs up", "200: is hung up")
        let evening = try Stage.example("opening-hours.js") { $0.epoch += 8 * 3_600_000 }
        expect(evening, "is answered", "hears \"We are closed.", "caller: is hung up")
        #expect(!evening.text.contains("calls 200"))
        expect(
            try Stage.example("opening-hours.js") { $0.answers["200"] = .busy }, "200: is busy",
            "Nobody can take your call",
            "is hung up")
    }

    @Test func `all phones ring, and who lifts first has the call`() throws {
        let answered = try Stage.example("ring-all.js") {
            $0.answers = [
                "201": .busy, "202": .answers(afterMilliseconds: 4000, digits: ""),
                "203": .answers(afterMilliseconds: 6000, digits: ""),
            ]
        }
        expect(
            answered, "calls 201", "calls 202", "calls 203", "201: is busy", "202: answers", "caller: hears 202",
            "203: is hung up", "caller: is answered")
        expect(
            try Stage.example("ring-all.js") { $0.usualAnswer = .rings }, "201: is hung up", "caller: is answered",
            "Nobody is at home", "caller: is hung up")
        expect(try Stage.example("ring-all.js") { $0.usualAnswer = .unknown }, "Nobody is at home", "is hung up")
    }

    @Test func `a PIN guards a room`() throws {
        expect(
            try Stage.example("pin-room.js") { $0.steps = Stage.steps("1111# 2580#") }, "type the PIN",
            "That was not right. Please try again", "room 4711: 200 joins")
        expect(
            try Stage.example("pin-room.js") { $0.steps = Stage.steps("1# !2# !3#") }, "try again", "try again",
            "That was not right either. Goodbye", "is hung up")
        // Somebody who types nothing is asked three times.
        let silent = try Stage.example("pin-room.js") { $0.silenceMilliseconds = 60_000 }
        expect(silent, "type the PIN", "type the PIN", "type the PIN", "Goodbye", "caller: is hung up")
    }

    @Test func `a meeting brings somebody in`() throws {
        expect(
            try Stage.example("bring-in.js") {
                $0.steps = Stage.steps("201#")
                $0.answers["201"] = .answers(afterMilliseconds: 3000, digits: "1")
                $0.silenceMilliseconds = 15_000
            },
            "Type the number", "calls 201", "201: answers", "201: hears \"You are called into a meeting",
            "201: types 1",
            "hears caller", "caller: hangs up", "201: is hung up")
        let guest = try Stage.example("bring-in.js") {
            $0.steps = Stage.steps("0301234#")
            $0.answers["0301234"] = .answers(afterMilliseconds: 2000, digits: "1")
            $0.silenceMilliseconds = 15_000
        }
        expect(guest, "calls 0301234", "0301234: types 1")
        #expect(guest.text.contains("0301234 joins"), "\(guest.text)")
        // Who does not press 1 never gets in.
        let machine = try Stage.example("bring-in.js") {
            $0.steps = Stage.steps("201#")
            $0.silenceMilliseconds = 30_000
        }
        expect(machine, "201: answers", "You are called into a meeting", "201: is hung up")
        #expect(!machine.text.contains("201: hears caller"))
        expect(
            try Stage.example("bring-in.js") {
                $0.steps = Stage.steps("201#")
                $0.answers["201"] = .busy
                $0.silenceMilliseconds = 15_000
            }, "201: is busy", "hears \"2 0 1: busy.\"")
    }

    @Test func `a message is taken when nobody lifts`() throws {
        expect(
            try Stage.example("voicemail.js") {
                $0.answers["200"] = .rings
                $0.steps = Stage.steps(",,, #")
            },
            "calls 200", "200: is hung up", "caller: is answered", "leave a message after the tone", "hears tones",
            "types #", "Thank you", "keeps voicemail.")
        expect(try Stage.example("voicemail.js"), "200: answers", "caller: hears 200")
    }

    @Test func `a phone is called at the time that was typed`() throws {
        let transcript = try Stage.example("wake-up.js") {
            // Before 12:00 UTC is some time of the day here; half an hour later is typed as the worker reckons it.
            $0.steps = Stage.steps("9999 " + Self.clock(after: 1800))
            $0.longestMilliseconds = 7_200_000
        }
        expect(
            transcript, "When shall we call you", "There is no such time", "You will be called at",
            "caller: is hung up",
            "calls 200", "200: answers", "Good morning", "200: is hung up")
        let call = try #require(transcript.lines.first { $0.words == "calls 200" })
        #expect(abs(call.milliseconds - 1_800_000) < 60_000, "\(call)")
    }

    /// Local time of day so many seconds after the rehearsal began, as four digits.
    private static func clock(after seconds: Double) -> String {
        let parts = Calendar.current.dateComponents(
            [.hour, .minute], from: Date(timeIntervalSince1970: Stage.noon / 1000 + seconds))
        return [parts.hour ?? 0, parts.minute ?? 0].map { ($0 < 10 ? "0" : "") + "\($0)" }.joined()
    }

    @Test func `nothing is wrong with the scripts that are shipped`() throws {
        let check = ConfigurationCheck(Stage.top + "/etc/partyline")
        #expect(check.lines == [] && !check.isBroken)
        let examples = try FileManager.default.contentsOfDirectory(atPath: Stage.scenarios + "/examples").sorted()
        #expect(examples.count == 6)
        let files = check.scripts + examples.map { ["examples/\($0)"] }
        for names in files {
            let scripts = try names.map { name in
                let path = "\(Stage.scenarios)/\(name)"
                #expect(SyntaxChecker.complaint(about: path) == nil)
                return ScriptInspection.Script(
                    name: name, text: try String(contentsOf: URL(filePath: path), encoding: .utf8))
            }
            #expect(ScriptInspection.problems(in: scripts) == [])
        }
    }
}
