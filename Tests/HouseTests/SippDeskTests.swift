// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import PartylineTestKit
import Telephony
import Testing

extension HouseTests {
    /// sipp on a desk of the house. It echoes what it hears: then a listener hears himself, which nobody else makes happen.
    @Suite(.enabled(if: Tool.sipp != nil, "sipp is not installed (apt-get install sip-tester)"))
    struct SippDeskTests {
        private typealias Desk = HouseTests.DeskPhoneTests

        private func sipp(
            _ scenario: String, _ name: String, _ port: UInt16, dials number: String, keys: [String: String] = [:]
        ) throws -> SippPhone {
            try SippPhone(
                scenario, name: name, password: name == "anna" ? "a-secret-of-hers" : "his-very-own-one", port: port,
                house: Desk.base, dials: number, keys: keys)
        }

        @Test func `it registers, hears a room and is heard, and is mute while it holds`() async throws {
            try await House.open(Desk.base, changes: Desk.house) { house in
                let witness = try await house.guest("witness", in: "111", host: Desk.witnessHost)
                let voice = Voice(2)
                witness.speak(voice.samples(seconds: 60))
                let registering = try sipp("desk_register", "anna", 44_100, dials: "")
                defer { registering.end() }
                #expect(await registering.exitCode(within: 6) == 0, "\(registering.errors)")
                #expect(await house.waitsForPhone("anna")?.address == "127.0.0.1:44100")
                let phone = try sipp("desk_hold", "anna", 44_120, dials: "111")
                defer { phone.end() }
                try #require(await house.waits(for: 2, in: "111", seconds: 6), "\(phone.errors)")
                try await Task.sleep(nanoseconds: 700_000_000)
                let before = await house.level(of: voice, at: witness)
                #expect(await house.waitsForHold(true, of: "31", in: "111", seconds: 8))
                try await Task.sleep(nanoseconds: 300_000_000)
                let during = await house.level(of: voice, at: witness)
                #expect(await house.waitsForHold(false, of: "31", in: "111", seconds: 8))
                try await Task.sleep(nanoseconds: 300_000_000)
                let after = await house.level(of: voice, at: witness)
                print("sipp: heard \(before), held \(during), after \(after) dB")
                #expect(before >= Desk.heard && during <= Desk.silent && after >= Desk.heard)
                #expect(await phone.exitCode(within: 15) == 0, "\(phone.errors)")
            }
        }

        @Test func `it sends whom it talks with into a room, without asking there`() async throws {
            try await House.open(Desk.base, changes: Desk.house) { house in
                let his = Desk.bert(44_080)
                let bert = try BaresipPhone(his)
                defer {
                    bert.end()
                    try? FileManager.default.removeItem(at: his.folder)
                }
                try #require(await house.waitsForPhone("bert") != nil)
                let witness = try await house.guest("witness", in: "212", host: Desk.witnessHost)
                let anna = try sipp(
                    "desk_transfer", "anna", 44_100, dials: "32", keys: ["refer_to": "sip:212@127.0.0.1:\(Desk.base)"])
                defer { anna.end() }
                #expect(await anna.exitCode(within: 15) == 0, "\(anna.errors)")
                #expect(await house.waits(for: 2, in: "212", seconds: 5))
                try await Task.sleep(nanoseconds: 700_000_000)
                let level = await house.level(of: his.voice, at: witness)
                #expect(level >= Desk.heard, "heard at \(level) dB")
            }
        }

        @Test func `it asks in the room first, and then sends there whom it talks with (Replaces)`() async throws {
            try await House.open(Desk.base, changes: Desk.house) { house in
                let his = Desk.bert(44_080)
                let bert = try BaresipPhone(his)
                defer {
                    bert.end()
                    try? FileManager.default.removeItem(at: his.folder)
                }
                try #require(await house.waitsForPhone("bert") != nil)
                let witness = try await house.guest("witness", in: "213", host: Desk.witnessHost)
                let question = try sipp("desk_consult", "anna", 44_120, dials: "213")
                defer { question.end() }
                let replaces = try #require(await question.told("replaces"), "\(question.errors)")
                #expect(await house.waits(for: 2, in: "213"))
                let anna = try sipp(
                    "desk_transfer", "anna", 44_100, dials: "32",
                    keys: ["refer_to": "sip:213@127.0.0.1:\(Desk.base)?Replaces=\(replaces)"])
                defer { anna.end() }
                #expect(await anna.exitCode(within: 15) == 0, "\(anna.errors)")
                #expect(await question.exitCode(within: 5) == 0, "\(question.errors)")
                try await Task.sleep(nanoseconds: 700_000_000)
                let level = await house.level(of: his.voice, at: witness)
                #expect(level >= Desk.heard, "heard at \(level) dB")
                #expect(house.room("213")?.participants.count == 2)
            }
        }
    }
}
