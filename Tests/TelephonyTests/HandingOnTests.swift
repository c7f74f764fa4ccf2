// SPDX-License-Identifier: Apache-2.0

import Telephony
import Testing

/// What a telephone of the house with two calls may not make of them: the exchange has the last word.
@Suite struct HandingOnTests {
    private let bert = ScriptedLeg(3)
    /// The telephone's two calls: it holds the first. (What holds has no port.)
    private let first = ScriptedLeg(1, technology: "line")
    private let second = ScriptedLeg(2, technology: "line")

    private func house() -> TestHouse { TestHouse(drivers: [OnePhone("22", bert), Outside(9)]) }

    /// The telephone talks to Bert over this call.
    private func talkToBert(_ house: TestHouse, over leg: ScriptedLeg) {
        house.call(leg, "22", from: .lines)
        house.leg(bert, .answered([]))
        house.leg(leg, .answered([]))
    }

    @Test func `nobody is left to a room, nor a room to anybody, without a press of 1`() {
        for holdsRoom in [true, false] {
            let test = HandingOnTests()
            let house = test.house()
            let member = ScriptedLeg(5)
            house.enter(member, room: "5")
            house.enter(holdsRoom ? test.first : test.second, room: "5")
            test.talkToBert(house, over: holdsRoom ? test.second : test.first)
            let before = house.exchange.callReports().count
            house.leg(test.second, .leftTo(test.first.id, ringback: []))
            #expect(house.exchange.callReports().count == before)
            #expect(!house.reported.contains("call.transferred"))
            house.leg(test.first, .hungUp(.normalClearing, []))
            house.leg(test.second, .hungUp(.normalClearing, []))
            #expect(test.bert.asked.last == "hang up 16")
            #expect(!house.media.heard(by: member).contains("port 3"))
        }
    }

    @Test func `no three-way makes a way into a room, and the telephone is told`() {
        let house = house()
        let member = ScriptedLeg(5)
        house.enter(member, room: "5")
        house.enter(first, room: "5")
        talkToBert(house, over: second)
        house.leg(second, .conferenceWanted(with: first.id))
        #expect(second.asked.last == "no conference")
        #expect(house.exchange.roomReports().count == 1)
        #expect(!house.media.heard(by: member).contains("port 3"))
        #expect(house.media.heard(by: bert) == ["port 2"])
    }

    @Test func `a script's call is not handed on`() {
        let house = house()
        house.call(first, "welcome")
        house.script(house.host.started.last?.session.number ?? 0, .answer(UnitID(1), headers: []))
        house.leg(first, .answered([]))
        talkToBert(house, over: second)
        house.leg(second, .leftTo(first.id, ringback: []))
        #expect(!house.reported.contains("call.transferred"))
        house.leg(second, .conferenceWanted(with: first.id))
        #expect(second.asked.last == "no conference")
    }

    /// Somebody from outside whom a script has connected with the telephone, which it has called ("21").
    private func connectByScript(_ house: TestHouse, _ caller: ScriptedLeg) {
        house.call(caller, "welcome", from: .trunks)
        let session = house.host.started.last?.session.number ?? 0
        house.script(session, .answer(UnitID(1), headers: []))
        house.leg(caller, .answered([]))
        house.script(
            session,
            .dial(
                UnitID(-1),
                SessionDial(target: .user, destination: "21", callerNumber: nil, callerName: nil, headers: [])))
        house.leg(first, .answered([]))
        house.script(
            session, .connect(from: UnitID(1), to: UnitID(-1)), .connect(from: UnitID(-1), to: UnitID(1)))
        #expect(house.media.heard(by: caller) == ["port 1"])
    }

    private func told(_ house: TestHouse) -> [SessionEvent] { house.host.told.map(\.event) }

    @Test(arguments: [true, false])
    func `whom a script has connected is handed on, and the script keeps its call`(isAnswered: Bool) {
        let caller = ScriptedLeg(5)
        let house = TestHouse(drivers: [OnePhone("21", first), OnePhone("22", bert)])
        connectByScript(house, caller)
        house.leg(first, .held(true))
        // As scripts do it: music for the one who waits.
        let session = house.host.started.last?.session.number ?? 0
        house.script(session, .startPlayback(UnitID(1), .speech("music", language: ""), loop: true))
        house.call(second, "22", from: .lines)
        if isAnswered {
            house.leg(bert, .answered([]))
            house.leg(second, .answered([]))
        }
        house.leg(second, .leftTo(first.id, ringback: [ToneSegment(440, 0, levelDBm0: -19, milliseconds: 1000)]))
        house.leg(first, .hungUp(.normalClearing, []))
        house.leg(second, .hungUp(.normalClearing, []))
        #expect(house.reported.contains("call.transferred"))
        #expect(told(house).last == .offHold(UnitID(-1)), "the one who held it is gone")
        house.script(
            session, .connect(from: UnitID(1), to: UnitID(-1)), .connect(from: UnitID(-1), to: UnitID(1)))
        if !isAnswered {
            #expect(house.media.heard(by: caller) == ["tones"], "ringback")
            house.leg(bert, .answered([]))
        }
        #expect(house.media.heard(by: caller) == ["port 3"] && house.media.heard(by: bert) == ["port 5"])
        house.leg(bert, .hungUp(.normalClearing, []))
        guard case .disconnected(UnitID(-1), _, _, _, _)? = told(house).last else {
            Issue.record("\(told(house))")
            return
        }
        // What it does with its caller is the script's to say.
        #expect(!caller.asked.contains("hang up 16"))
        house.script(session, .hangUp(UnitID(1), headers: []))
        #expect(house.exchange.callReports().isEmpty)
    }

    @Test func `what a script has in a conference is not handed on`() {
        let caller = ScriptedLeg(5)
        let house = TestHouse(drivers: [OnePhone("21", first), OnePhone("22", bert)])
        connectByScript(house, caller)
        let session = house.host.started.last?.session.number ?? 0
        house.script(
            session, .createConference(UnitID(-9), SessionConferenceOptions()),
            .connect(from: UnitID(-1), to: UnitID(-9)), .connect(from: UnitID(-9), to: UnitID(-1)),
            .connect(from: UnitID(1), to: UnitID(-9)), .connect(from: UnitID(-9), to: UnitID(1)))
        talkToBert(house, over: second)
        house.leg(second, .leftTo(first.id, ringback: []))
        house.leg(first, .hungUp(.normalClearing, []))
        house.leg(second, .hungUp(.normalClearing, []))
        #expect(!house.reported.contains("call.transferred"))
        #expect(house.media.heard(by: bert).isEmpty && house.media.heard(by: caller).isEmpty)
    }

    @Test func `an emergency call is left to nobody, whichever of the two it is`() {
        for isHeld in [true, false] {
            let test = HandingOnTests()
            let house = test.house()
            let service = ScriptedLeg(9)
            let emergency = isHeld ? test.first : test.second
            house.call(emergency, "112", from: .lines)
            house.leg(service, .answered([]))
            house.leg(emergency, .answered([]))
            test.talkToBert(house, over: isHeld ? test.second : test.first)
            house.leg(test.second, .leftTo(test.first.id, ringback: []))
            #expect(!house.reported.contains("call.transferred"))
            #expect(house.media.heard(by: test.bert) != ["port 9"] && house.media.heard(by: service) != ["port 3"])
            house.leg(emergency, .hungUp(.normalClearing, []))
            #expect(house.exchange.callReports().count == 2)
        }
    }

    @Test func `two plain calls are still handed on`() {
        let carl = ScriptedLeg(4)
        let house = TestHouse(drivers: [OnePhone("22", bert), OnePhone("33", carl)])
        talkToBert(house, over: first)
        house.call(second, "33", from: .lines)
        house.leg(carl, .answered([]))
        house.leg(second, .answered([]))
        house.leg(second, .leftTo(first.id, ringback: []))
        house.leg(first, .hungUp(.normalClearing, []))
        house.leg(second, .hungUp(.normalClearing, []))
        #expect(house.media.heard(by: bert) == ["port 4"] && house.media.heard(by: carl) == ["port 3"])
    }

    @Test func `a second emergency goes by the next way when the landline refuses it`() {
        let (line, trunk) = (Outside(9, 10), Outside(11))
        let house = TestHouse(drivers: [line, trunk])
        house.call(first, "112", from: .lines)
        house.call(second, "112", from: .lines)
        #expect(trunk.asked.isEmpty)
        house.leg(
            ScriptedLeg(10), .hungUp(LandlineRelease.lineInUse.cause, [LandlineRelease.lineInUse.header]))
        #expect(trunk.asked == ["emergency 112"])
        house.leg(ScriptedLeg(9), .answered([]))
        house.leg(first, .answered([]))
        house.leg(ScriptedLeg(11), .answered([]))
        house.leg(second, .answered([]))
        #expect(house.media.heard(by: first) == ["port 9"] && house.media.heard(by: second) == ["port 11"])
    }

    @Test func `an echo for which there is no mix ends the call instead of keeping silent`() {
        let house = TestHouse(media: BookkeepingMedia(maxMixes: 0), testNumbers: ["*43": .echo])
        house.call(first, "*43", from: .lines)
        house.leg(first, .answered([]))
        #expect(first.asked == ["answer", "hang up 41"])
    }
}
