// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import Testing

extension HouseTests {
    /// The two scripts that the project exists for, written as plainly as can be, in the real daemon.
    @Suite struct PlainScriptTests {
        private static func changes() throws -> [String: String] {
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../Fixtures/scenarios").standardizedFileURL
            func text(_ name: String) throws -> String {
                try String(contentsOf: folder.appendingPathComponent("plain-\(name).js"), encoding: .utf8)
            }
            return [
                "scenarios/gateway.js": try text("gateway"), "scenarios/conference.js": try text("conference"),
                "lines.d/one.toml": PhoneTests.line("one", number: "21") + "route = \"welcome\"\n",
            ]
        }

        @Test func `a SIP caller and a phone type a number after the greeting and meet`() async throws {
            try await House.open(28_000, changes: Self.changes()) { house in
                let anna = try house.caller("anna")
                anna.call("welcome")
                try await anna.answered()
                // Digits during the greeting are kept for the script that listens only afterwards.
                anna.press("111#")
                let phone = try await house.phone("one")
                phone.lift()
                #expect(await house.waits(for: 1, in: "111", seconds: 12))
                await phone.press("111#")
                #expect(await house.waits(for: 2, in: "111", seconds: 12), "\(house.daemon.log.suffix(2000))")
                try await Task.sleep(nanoseconds: 700_000_000)
                let voices = [Voice(1).samples(seconds: 3), Voice(8).samples(seconds: 3)]
                anna.clearRecordings()
                phone.forget()
                anna.speak(voices[0])
                phone.speak(Voice(8).samples(seconds: 3, rate: phone.rate))
                try await Task.sleep(nanoseconds: 3_200_000_000)
                let heardByPhone = AudioAnalysis.atTelephoneRate(phone.heard.samples, from: phone.rate)
                #expect(AudioAnalysis.presence(of: voices[0], in: heardByPhone).levelDB >= -6)
                #expect(AudioAnalysis.presence(of: voices[1], in: anna.heard.samples).levelDB >= -6)
                // One try only: the floor of the method on a busy machine.
                let own = AudioAnalysis.presence(of: voices[0], in: anna.heard.samples).levelDB
                #expect(own <= Conversation.afterTriesDB)
                // Nobody in the scripts looks after the conference leg of somebody who goes: the house does.
                phone.hangUp()
                #expect(await house.waits(for: 1, in: "111"))
                anna.hangUp()
                #expect(await house.waits(for: 0, in: "111"))
            }
        }
    }
}
