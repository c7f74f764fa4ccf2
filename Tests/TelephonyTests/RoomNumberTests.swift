// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Telephony

/// What no room can be called, whoever asks for it and by what way.
@Suite struct RoomNumberTests {
    /// A caller at the greeting whose script calls that conference.
    private func answer(to conference: String, in house: TestHouse) -> Int? {
        let leg = ScriptedLeg(1)
        house.call(leg, "welcome")
        let gateway = house.host.started.last { $0.rule == "gateway" }?.session.number ?? 0
        house.script(gateway, .answer(UnitID(1), headers: []))
        house.leg(leg, .answered([]))
        house.script(
            gateway,
            .dial(
                UnitID(-1),
                SessionDial(
                    target: .conference, destination: conference, callerNumber: nil, callerName: nil, headers: [])))
        for told in house.host.told.reversed() {
            if case .failed(UnitID(-1), let code, _, _) = told.event { return code }
        }
        return nil
    }

    @Test(arguments: [
        "conf_112", "conf_112#", "conf_123456789", "conf_", "conf_../x", "conf_..", "conf_a\u{1}b", "conf_77#",
        "conf_7#7", "conf_#", "conf_a\u{FFFD}b",
    ])
    func `at the greeting it is told that there is no such conference`(_ conference: String) {
        let house = TestHouse(longestRoom: 8)
        #expect(answer(to: conference, in: house) == 404)
        #expect(!house.host.started.contains { $0.rule == "room" })
        #expect(house.told("call.refused").count == 1)
    }

    @Test(arguments: ["conf_111", "conf_12345678", "conf_team-7", "conf_1123"])
    func `others are rooms`(_ conference: String) {
        let house = TestHouse(longestRoom: 8)
        #expect(answer(to: conference, in: house) == nil)
        #expect(house.host.started.contains { $0.rule == "room" })
    }

    @Test(arguments: [
        "conf_112", "conf_123456789", "conf_../x", "conf_", "conf_112#", "conf_#", "conf_77##", "conf_7#7",
        "conf_7\u{FFFD}X",
    ])
    func `a phone that asks for it by its id is refused`(_ conference: String) {
        let house = TestHouse(longestRoom: 8)
        let phone = ScriptedLeg(1, technology: "line")
        house.call(phone, conference, from: .lines)
        #expect(phone.asked == ["reject 404"])
        #expect(house.host.started.isEmpty)
    }

    @Test func `a number sign behind it ends the number of a room, and makes no second one`() {
        let house = TestHouse(longestRoom: 8)
        for (number, destination) in ["conf_77", "conf_77#", "77#", "77"].enumerated() {
            let phone = ScriptedLeg(UInt32(number + 1), technology: "line")
            house.call(phone, destination, from: .lines)
            #expect(!phone.asked.contains { $0.hasPrefix("reject") }, "\(destination)")
        }
        #expect(house.host.started.map(\.rule) == ["room"])
        let alerted = house.host.told.filter { if case .callAlerting = $0.event { true } else { false } }
        #expect(alerted.count == 4)
        #expect(Set(alerted.map(\.session.number)).count == 1)
    }

    @Test(arguments: [
        ("80#", DialPlan.Meaning.route("80#")), ("80", .route("80")), ("81#", .route("conf_81")),
        ("conf_80#", .route("conf_80")), ("x81#", .route("x81#")), ("112#", .emergency("112")),
    ])
    func `a number sign is taken off rooms and emergencies, not off what the rules take`(
        _ destination: String, _ expected: DialPlan.Meaning
    ) {
        let plan = DialPlan(
            emergencyNumbers: ["112"], roomNumbers: ExactPattern { !$0.isEmpty && $0.allSatisfy(\.isNumber) })
        let meaning = plan.meaning(
            of: destination, from: .lines, isExtension: { _ in false }, isService: { $0 == "80" })
        #expect(meaning == expected)
    }

    @Test func `nobody is called into it either`() {
        let house = TestHouse(drivers: [OnePhone("22", ScriptedLeg(2))])
        guard case .notFound = house.exchange.invite("22", into: "112") else {
            Issue.record("somebody was called into room 112")
            return
        }
    }

    @Test func `who is to be muted in a room that is none is sent to the list of rooms`() {
        let house = TestHouse()
        let outcome = house.exchange.perform(.mute(room: "99", participant: "1", true), now: 0)
        #expect(outcome == .notFound(Obstacle("no room 99", remedy: "partyline rooms shows the rooms")))
    }

    @Test func `a call without audio ends, and says after how long`() throws {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.enter(leg, room: "5")
        house.exchange.options.mediaTimeoutSeconds = 7
        house.happen(.media(.mediaTimeout(try #require(leg.port))))
        #expect(leg.asked.last == "hang up 102")
        #expect(house.told("call.silent").first?["words"] == "no media for 7 s")
        house.leg(leg, .hungUp(.recoveryOnTimerExpiry, []))
        #expect(house.records.contains { $0.destination == "welcome" && $0.answered != nil })
        #expect(house.open.isEmpty)
    }
}
