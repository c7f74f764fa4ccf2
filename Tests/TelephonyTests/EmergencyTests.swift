// SPDX-License-Identifier: Apache-2.0

import Telephony
import Testing

/// An emergency while the only line is in use, in virtual time.
@Suite struct EmergencyTests {
    /// The landline's caller is in a room of two, a phone dials 112, and the line gives way.
    private func preempted() -> (house: TestHouse, others: ScriptedLeg, phone: ScriptedLeg, emergency: ScriptedLeg) {
        let emergency = ScriptedLeg(9, technology: "line")
        let house = TestHouse(drivers: [Outside(9)])
        let (line, other) = (ScriptedLeg(1, technology: "line"), ScriptedLeg(2))
        for leg in [line, other] { house.enter(leg, room: "5") }
        let phone = ScriptedLeg(3, technology: "line")
        house.call(phone, "112", from: .lines)
        house.leg(line, .hungUp(LandlineRelease.preempted.cause, [LandlineRelease.preempted.header]))
        return (house, other, phone, emergency)
    }

    @Test func `the room is told in words why somebody has left, instead of the tone`() throws {
        let (house, other, _, _) = preempted()
        #expect(house.reported.contains("call.preempted"))
        let heard = house.media.heard(by: other)
        #expect(heard.contains { $0.contains("needed for an emergency call") }, "\(heard)")
        // The next one who leaves leaves as ever.
        let third = ScriptedLeg(4)
        house.enter(third, room: "5")
        house.leg(third, .hungUp(.normalClearing, []))
        #expect(!house.media.heard(by: other).contains { $0.contains("emergency") })
    }

    @Test func `who dials hears the network, and is connected`() throws {
        let (house, _, phone, emergency) = preempted()
        house.leg(emergency, .earlyMedia([]))
        #expect(phone.asked == ["early"])
        house.leg(emergency, .answered([]))
        house.leg(phone, .answered([]))
        #expect(house.media.heard(by: phone) == ["port 9"])
    }

    @Test func `a line that turns out to be dead is no silence: who dials is told`() throws {
        let (house, _, phone, emergency) = preempted()
        house.leg(emergency, .hungUp(LandlineRelease.lineDead.cause, [LandlineRelease.lineDead.header]))
        #expect(phone.asked == ["answer"])
        house.leg(phone, .answered([]))
        let words = try #require(house.media.heard(by: phone).first)
        #expect(words.contains("no line to the outside"))
        let player = try #require(house.media.player(saying: words))
        house.happen(.media(.playerFinished(player, error: nil)))
        #expect(phone.asked == ["answer", "hang up 16"])
    }

    @Test func `a phone whose call is taken away from it is told, and is not cut off`() throws {
        let far = Outside(7)
        let house = TestHouse(drivers: [far], fence: try FenceTests.options(minutes: 10, calls: 2, code: ""))
        let phone = ScriptedLeg(1, technology: "line")
        house.call(phone, "0301234567", from: .lines)
        house.leg(ScriptedLeg(7), .answered([]))
        house.leg(phone, .answered([]))
        house.leg(
            ScriptedLeg(7), .hungUp(LandlineRelease.preempted.cause, [LandlineRelease.preempted.header]))
        #expect(!phone.asked.contains { $0.hasPrefix("hang up") })
        #expect(house.media.heard(by: phone).first?.contains("needed for an emergency call") ?? false)
    }
}
