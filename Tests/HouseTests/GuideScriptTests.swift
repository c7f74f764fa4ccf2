// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import PartylineTestKit
import Telephony
import Testing

extension HouseTests {
    /// Scripts as people write them after the cloud's guides, of 2016 and of today (Tests/Fixtures/scenarios/guides), in the real
    /// daemon: nothing in them was written for this box.
    @Suite struct GuideScriptTests {
        private static let scripts = [
            "forward-2016", "forward-modern", "hunt", "menu-2016", "voicemail-2016", "hold-music", "callback",
            "two-rooms", "lookup-2016", "blind-transfer",
        ]

        private static func changes() throws -> [String: String] {
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../Fixtures/scenarios/guides").standardizedFileURL
            let shipped = try String(contentsOf: House.shipped.appendingPathComponent("rules.toml"), encoding: .utf8)
            var changes = [
                "lines.d/one.toml": PhoneTests.line("one", number: "21"),
                "lines.d/two.toml": PhoneTests.line("two", number: "22"),
            ]
            var rules = "[[rule]]\nname = \"desk\"\npattern = 'desk'\nscenarios = [\"forward-modern.js\"]\n\n"
            rules += "[[rule]]\nname = \"stage\"\npattern = 'conf_stage'\nscenarios = [\"two-rooms.js\"]\n\n"
            for name in scripts {
                rules += "[[rule]]\nname = \"\(name)\"\npattern = '\(name)'\nscenarios = [\"\(name).js\"]\n\n"
                changes["scenarios/\(name).js"] = try String(
                    contentsOf: folder.appendingPathComponent("\(name).js"), encoding: .utf8)
            }
            changes["rules.toml"] = rules + shipped
            return changes
        }

        /// Somebody calls a script that rings the first phone, which is lifted.
        private func someone(_ house: House, calls number: String, _ phone: VirtualHandset) async throws -> SIPCaller {
            let caller = try house.caller("caller")
            caller.call(number)
            #expect(await phone.rings(within: 8), "\(house.daemon.log.suffix(1500))")
            phone.lift()
            try await caller.answered(within: 8)
            return caller
        }

        /// In dB of how loud it was said.
        private func hears(_ listener: SIPCaller, _ phone: VirtualHandset, voice: Int) async throws -> Double {
            listener.clearRecordings()
            phone.speak(Voice(voice).samples(seconds: 4, rate: phone.rate))
            try await Task.sleep(nanoseconds: 3_500_000_000)
            return AudioAnalysis.presence(of: Voice(voice).samples(seconds: 3), in: listener.heard.samples).levelDB
        }

        @Test func `calls to a colleague, old and new`() async throws {
            try await House.open(47_160, changes: Self.changes()) { house in
                let one = try await house.phone("one")
                let old = try await someone(house, calls: "forward-2016", one)
                #expect(try await hears(old, one, voice: 4) > -6)
                old.hangUp()
                #expect(await house.daemon.logs("GUIDE forward: over after number, CONNECTED"))
                one.hangUp()
                #expect(await house.line("one", is: "on-hook"))
                let new = try await someone(house, calls: "desk", one)
                #expect(await house.daemon.logs("GUIDE easy: CONNECTED CONNECTED true false"))
                #expect(try await hears(new, one, voice: 4) > -6)
                one.hangUp()
                #expect(await new.wait(5) { $0.isOver })
                #expect(await house.daemon.logs("GUIDE easy: Outgoing ended"))
                let hunted = try await someone(house, calls: "hunt", one)
                #expect(await house.daemon.logs("GUIDE hunt: 0 failed with 404 string"))
                #expect(try await hears(hunted, one, voice: 4) > -6)
                one.hangUp()
                #expect(await hunted.wait(5) { $0.isOver })
                // Nobody takes it: the script says so itself after its own five seconds.
                let unlucky = try house.caller("unlucky")
                unlucky.call("hunt")
                #expect(await unlucky.wait(12) { if case .over(.refused(486, _)) = $0 { true } else { false } })
                #expect(await house.daemon.logs("nobody at 1"))
                #expect(await house.line("one", is: "on-hook"))
            }
        }

        @Test func `a menu, a message, and a look into storage and web`() async throws {
            try await House.open(47_180, changes: Self.changes()) { house in
                let menu = try house.caller("menu")
                menu.call("menu-2016")
                try await menu.answered()
                try await Task.sleep(nanoseconds: 500_000_000)
                menu.press("1")
                #expect(await house.daemon.logs("GUIDE menu: chose 1"))
                menu.press("77#")
                #expect(await house.daemon.logs("GUIDE menu: typed 77 of 77#"))
                #expect(await menu.wait(6) { $0.isOver }, "it says goodbye")
                let slow = try house.caller("slow")
                slow.call("menu-2016")
                try await slow.answered()
                slow.press("1")
                #expect(await house.daemon.logs("GUIDE menu: too slow", within: 9))
                #expect(await slow.wait(3) { $0.isOver })

                let mail = try house.caller("mail")
                mail.call("voicemail-2016")
                try await mail.answered()
                try await Task.sleep(nanoseconds: 4_000_000_000)
                mail.press("#")
                #expect(await mail.wait(5) { $0.isOver })
                #expect(await house.daemon.logs("GUIDE voicemail: true number"))
                for round in 1...2 {
                    let lookup = try house.caller("lookup")
                    lookup.call("lookup-2016")
                    try await lookup.answered()
                    #expect(await lookup.wait(5) { $0.isOver })
                    #expect(await house.daemon.logs("GUIDE lookup: \(round) true string"))
                }
                #expect(house.daemon.log.contains("GUIDE lookup: again true"))
            }
        }

        @Test func `on hold, and handed on by a telephone that the script has called`() async throws {
            try await House.open(47_200, changes: Self.changes()) { house in
                let one = try await house.phone("one")
                let two = try await house.phone("two")
                let caller = try await someone(house, calls: "hold-music", one)
                #expect(try await hears(caller, one, voice: 4) > -6)
                caller.clearRecordings()
                try await one.flash()
                #expect(await house.daemon.logs("GUIDE hold: waits"))
                try await Task.sleep(nanoseconds: 1_500_000_000)
                #expect(AudioAnalysis.levelDBm0(caller.heard.tail(seconds: 1)[...]) > -35, "it hears words")
                await one.press("22#")
                #expect(await two.rings(within: 5))
                two.lift()
                try await Task.sleep(nanoseconds: 700_000_000)
                one.hangUp()
                #expect(await house.daemon.logs("GUIDE hold: goes on"))
                try await Task.sleep(nanoseconds: 500_000_000)
                #expect(try await hears(caller, two, voice: 6) > -6, "\(house.daemon.log.suffix(1500))")
                #expect(await house.line("one", is: "on-hook"))
                two.hangUp()
                #expect(await caller.wait(5) { $0.isOver }, "its script ends with either of the two")
            }
        }

        @Test func `a session started from outside, asked and ended there`() async throws {
            struct Opening: Decodable { var accessURL: String }
            try await House.open(47_220, changes: Self.changes()) { house in
                let one = try await house.phone("one")
                let order = #"{"rule": "callback", "data": {"user": "21", "words": "Your table is ready now."}}"#
                let bytes = try house.daemon.control.post("/v1/sessions", Array(order.utf8))
                let url = try JSONDecoder().decode(Opening.self, from: Data(bytes)).accessURL
                let token = url.split(separator: "/").last.map(String.init) ?? ""
                #expect(await one.rings(within: 5))
                one.lift()
                try await Task.sleep(nanoseconds: 1_500_000_000)
                #expect(AudioAnalysis.levelDBm0(one.heard.tail(seconds: 1)[...]) > -40)
                #expect(await house.line("one", is: "in call") || house.daemon.log.contains("call.ended"))
                var answer = ""
                for _ in 0..<100 where !answer.contains("said") {
                    let asked = try house.daemon.control.post("/v1/sessions/\(token)/how", Array("body".utf8))
                    answer = String(decoding: asked, as: UTF8.self)
                    try await Task.sleep(nanoseconds: 50_000_000)
                }
                #expect(answer.contains(#""outcome":"said""#) && answer.contains(#""content":"body""#), "\(answer)")
                #expect(answer.contains(#""method":"POST""#) && answer.contains(#""headers":true"#), "\(answer)")
                let last = try house.daemon.control.post("/v1/sessions/\(token)/end")
                #expect(String(decoding: last, as: UTF8.self) == "true")
                try await Task.sleep(nanoseconds: 500_000_000)
                #expect(throws: (any Error).self) { _ = try house.daemon.control.post("/v1/sessions/\(token)/how") }
                one.hangUp()
            }
        }

        @Test func `two conferences in one session: a stage and a hall that only listens`() async throws {
            try await House.open(47_240, changes: Self.changes()) { house in
                // Both come to the running session of that conference id.
                let people = [try house.caller("speaker"), try house.caller("listener")]
                for person in people {
                    person.call("conf_stage")
                    try await person.answered()
                }
                #expect(await house.daemon.logs("GUIDE rooms: 1 on stage, true"))
                try await Task.sleep(nanoseconds: 500_000_000)
                for (index, person) in people.enumerated() {
                    person.clearRecordings()
                    person.speak(Voice(index * 3 + 1).samples(seconds: 5))
                }
                try await Task.sleep(nanoseconds: 4_000_000_000)
                let heard = people.map { $0.heard.samples }
                #expect(AudioAnalysis.presence(of: Voice(1).samples(seconds: 3), in: heard[1]).levelDB > -6)
                #expect(AudioAnalysis.presence(of: Voice(4).samples(seconds: 3), in: heard[0]).levelDB < -30)
                #expect(!house.daemon.log.contains("TypeError"), "\(house.daemon.log.suffix(1500))")
            }
        }
    }
}
