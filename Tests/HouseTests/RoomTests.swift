// SPDX-License-Identifier: Apache-2.0

import ControlClient
import PartylineTestKit
import Telephony
import Testing

extension HouseTests {
    @Suite struct RoomTests {
        @Test func `three callers in one room hear each other and not themselves`() async throws {
            try await House.open(34000) { house in
                let people = [
                    try await house.guest("anna", in: "4711"), try await house.guest("bert", in: "4711", codec: .pcma),
                    try await house.guest("cora", in: "4711"),
                ]
                #expect(await house.waits(for: 3, in: "4711"))
                await Conversation.check(people)
            }
        }

        @Test func `callers with G711, G722 and Opus hear each other and not themselves`() async throws {
            try await House.open(34020) { house in
                let people = [
                    try await house.guest("anna", in: "8", codec: .pcmu),
                    try await house.guest("bert", in: "8", codec: .g722),
                    try await house.guest("cora", in: "8", codec: .opus),
                ]
                // Opus is no waveform codec: its lines wander, so correlation finds less of them.
                await Conversation.check(people, own: -25, others: -12)
            }
        }

        @Test func `two rooms do not hear each other`() async throws {
            try await House.open(34040) { house in
                let people = [
                    try await house.guest("anna", in: "1"), try await house.guest("bert", in: "1"),
                    try await house.guest("cora", in: "2"), try await house.guest("dora", in: "2"),
                ]
                await Conversation.check(people) { listener, speaker in listener / 2 == speaker / 2 }
            }
        }

        @Test func `who hangs up leaves nobody behind, and the others go on`() async throws {
            try await House.open(34060) { house in
                let anna = try await house.guest("anna", in: "5")
                let bert = try await house.guest("bert", in: "5")
                let cora = try await house.guest("cora", in: "5")
                cora.hangUp()
                #expect(await cora.wait(3) { $0 == .over(.hungUpByUs) })
                #expect(await house.waits(for: 2, in: "5"))
                await Conversation.check([anna, bert])
            }
        }

        @Test func `a caller on hold is not heard, and is heard again afterwards`() async throws {
            try await House.open(34080) { house in
                let anna = try await house.guest("anna", in: "6")
                let bert = try await house.guest("bert", in: "6")
                anna.hold(true)
                try await Task.sleep(nanoseconds: 500_000_000)
                #expect(anna.answers.last == 200)
                await Conversation.check([anna, bert]) { _, _ in false }
                anna.hold(false)
                try await Task.sleep(nanoseconds: 500_000_000)
                #expect(anna.answers.count == 3)
                await Conversation.check([anna, bert])
            }
        }

        @Test func `a participant who is muted from outside is not heard, one who is kicked is gone`() async throws {
            try await House.open(34100) { house in
                let anna = try await house.guest("anna", in: "7")
                let bert = try await house.guest("bert", in: "7")
                #expect(await house.waits(for: 2, in: "7"))
                let report = try #require(house.room("7"))
                let annaID = try #require(report.participants.first { $0.name == "anna" || $0.number == "anna" }).id
                _ = try house.daemon.control.post("/v1/rooms/7/participants/\(annaID)/mute")
                await Conversation.check([anna, bert]) { _, speaker in speaker == 1 }
                _ = try house.daemon.control.post("/v1/rooms/7/participants/\(annaID)/kick")
                #expect(await anna.wait(3) { $0.isOver })
                #expect(bert.phase == .up)
            }
        }
    }
}
