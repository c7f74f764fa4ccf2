// SPDX-License-Identifier: Apache-2.0

import Telephony
import Testing

/// Transfers, in virtual time: who hears whom afterwards, and who is out of it.
@Suite struct TransferTests {
    private let anna = ScriptedLeg(1)
    private let bert = ScriptedLeg(2)
    private let carl = ScriptedLeg(3)

    /// Anna talks to Bert (22); Carl is 33.
    private func talking(_ further: [any LegDriver] = []) throws -> TestHouse {
        let house = TestHouse(
            drivers: [OnePhone("22", bert), OnePhone("33", carl)] + further, fence: try FenceTests.options())
        house.call(anna, "22", account: "anna")
        house.leg(bert, .answered([]))
        house.leg(anna, .answered([]))
        #expect(house.media.heard(by: bert) == ["port 1"])
        return house
    }

    private func refer(_ house: TestHouse, _ leg: ScriptedLeg, to target: String, replaces: ScriptedLeg? = nil) {
        house.leg(leg, .transferRequested(TransferRequest(target: target, replaces: replaces?.id)))
    }

    @Test func `a blind transfer connects the others when the new one answers`() throws {
        let house = try talking()
        refer(house, anna, to: "sip:33@192.0.2.1")
        house.leg(carl, .ringing([]))
        #expect(anna.asked == ["answer", "transfer 180…"])
        house.leg(carl, .answered([]))
        #expect(anna.asked.suffix(2) == ["transfer 200", "hang up 16"])
        #expect(house.media.heard(by: bert) == ["port 3"])
        #expect(house.media.heard(by: carl) == ["port 2"])
        house.leg(anna, .hungUp(.normalClearing, []))
        #expect(house.media.heard(by: bert) == ["port 3"], "the one who transferred is out of it")
        house.leg(carl, .hungUp(.normalClearing, []))
        #expect(bert.asked.last == "hang up 16")
        #expect(house.exchange.callReports().isEmpty)
    }

    @Test func `a transfer that fails leaves the call as it was`() throws {
        let house = try talking()
        refer(house, anna, to: "sip:33@192.0.2.1")
        house.leg(carl, .hungUp(.userBusy, []))
        #expect(anna.asked.last == "transfer 486")
        #expect(house.media.heard(by: bert) == ["port 1"])
        refer(house, anna, to: "sip:nobody@192.0.2.77")
        #expect(house.media.heard(by: bert) == ["port 1"])
    }

    @Test func `who transfers and hangs up at once leaves the other waiting, not alone`() throws {
        for answers in [true, false] {
            let test = TransferTests()
            let house = try test.talking()
            test.refer(house, test.anna, to: "sip:33@192.0.2.1")
            house.leg(test.anna, .hungUp(.normalClearing, []))
            #expect(test.bert.asked.isEmpty)
            if answers {
                house.leg(test.carl, .answered([]))
                #expect(house.media.heard(by: test.bert) == ["port 3"])
            } else {
                house.leg(test.carl, .hungUp(.userBusy, []))
                #expect(test.bert.asked.last?.hasPrefix("hang up") ?? false)
                #expect(house.exchange.callReports().isEmpty)
            }
        }
    }

    @Test func `a transfer outside passes the fence`() throws {
        let way = Outside(7)
        let house = try talking([way])
        refer(house, anna, to: "sip:a@192.0.2.77")
        #expect(anna.asked.last == "transfer 403")
        #expect(way.asked.isEmpty)
        refer(house, anna, to: "sip:0301234567@192.0.2.1")
        #expect(way.asked == ["outside 0301234567"])
        house.leg(ScriptedLeg(7), .answered([]))
        #expect(house.media.heard(by: bert) == ["port 7"])
        #expect(house.exchange.fence.runningCalls.count == 1)
        house.leg(bert, .hungUp(.normalClearing, []))
        #expect(house.exchange.fence.runningCalls.isEmpty)
    }

    @Test func `a transfer outside does not hunt, so the landline dials as it is set`() throws {
        let lines = Landlines("one", "two")
        let house = try talking([lines])
        refer(house, anna, to: "sip:0301234567@192.0.2.1")
        #expect(lines.asked == ["one"])
    }

    @Test func `an attended transfer connects those whom the phone talked to`() throws {
        let house = try talking()
        // Her second call.
        let second = ScriptedLeg(4)
        house.call(second, "33", account: "anna")
        house.leg(carl, .answered([]))
        house.leg(second, .answered([]))
        #expect(house.media.heard(by: carl) == ["port 4"])
        refer(house, anna, to: "sip:33@192.0.2.1", replaces: second)
        #expect(anna.asked.suffix(2) == ["transfer 200", "hang up 16"])
        #expect(second.asked.last == "hang up 16")
        #expect(house.media.heard(by: bert) == ["port 3"])
        #expect(house.media.heard(by: carl) == ["port 2"])
        house.leg(bert, .hungUp(.normalClearing, []))
        #expect(carl.asked.last == "hang up 16")
        #expect(house.exchange.callReports().isEmpty)
    }

    @Test func `a leg with Replaces takes the place of another one, also while that rings`() throws {
        let house = try talking()
        house.call(carl, "x", account: "carl", replaces: bert.id)
        #expect(carl.asked == ["answer"])
        #expect(bert.asked == ["hang up 16"])
        #expect(house.media.heard(by: anna) == ["port 3"])
        house.leg(bert, .hungUp(.normalClearing, []))
        #expect(house.media.heard(by: anna) == ["port 3"])

        let ringing = TransferTests()
        let other = TestHouse(drivers: [OnePhone("22", ringing.bert)])
        other.call(ringing.anna, "22", account: "anna")
        other.leg(ringing.bert, .ringing([]))
        other.call(ringing.carl, "x", account: "carl", replaces: ringing.bert.id)
        #expect(ringing.bert.asked == ["hang up 26"])
        #expect(ringing.anna.asked == ["ring", "answer"])
        other.leg(ringing.anna, .answered([]))
        #expect(other.media.heard(by: ringing.anna) == ["port 3"])
    }

    @Test func `nobody from outside replaces a leg`() throws {
        let house = try talking()
        house.happen(
            .incoming(
                CallOffer(
                    leg: carl, destination: "x", callerNumber: "", callerName: "", origin: .trunks, fromURI: "",
                    toURI: "", headers: [], peer: "trunk", replaces: bert.id)))
        #expect(carl.asked == ["reject 481"])
        #expect(house.media.heard(by: anna) == ["port 2"])
    }

    @Test func `a phone that was called transfers by the plan of the house as well`() throws {
        let house = try talking()
        refer(house, bert, to: "sip:33@192.0.2.1")
        house.leg(carl, .answered([]))
        #expect(bert.asked.suffix(2) == ["transfer 200", "hang up 16"])
        #expect(house.media.heard(by: anna) == ["port 3"] && house.media.heard(by: carl) == ["port 1"])
        // A room by its plain number; emergencies are called, not transferred to.
        let second = TransferTests()
        let other = try second.talking()
        second.refer(other, second.bert, to: "sip:112@192.0.2.1")
        #expect(second.bert.asked.last == "transfer 403")
        second.refer(other, second.bert, to: "sip:700@192.0.2.1")
        #expect(other.host.started.last?.conferenceName == "conf_700")
    }

    @Test func `in a room everybody is shown by the number where he is, however he came there`() throws {
        let house = try talking()
        // Anna sends Bert, whom she has called, into a room.
        refer(house, anna, to: "sip:700@192.0.2.1")
        let room = try #require(house.host.started.last { $0.conferenceName == "conf_700" }).session.number
        guard case .callAlerting(let unit, _)? = house.host.told.last?.event else {
            Issue.record("\(house.host.told)")
            return
        }
        house.script(room, .createConference(UnitID(-1), SessionConferenceOptions()), .answer(unit, headers: []))
        house.script(room, .connect(from: unit, to: UnitID(-1)), .connect(from: UnitID(-1), to: unit))
        let people = { house.exchange.roomReport("700")?.participants.map(\.number) }
        #expect(people() == ["22"])
        // Somebody takes Bert's place.
        let dora = ScriptedLeg(4)
        house.call(dora, "x", account: "dora", replaces: bert.id)
        #expect(people() == ["4"])
    }

    @Test(arguments: [true, false])
    func `whom a script has called hands on its caller, and the script keeps its call`(isAttended: Bool) throws {
        let house = TestHouse(
            drivers: [OnePhone("22", bert), OnePhone("33", carl)], fence: try FenceTests.options())
        house.call(anna, "welcome", from: .trunks)
        house.script(
            1, .answer(UnitID(1), headers: []),
            .dial(
                UnitID(-1),
                SessionDial(target: .user, destination: "22", callerNumber: nil, callerName: nil, headers: [])))
        house.leg(anna, .answered([]))
        house.leg(bert, .answered([]))
        house.script(1, .connect(from: UnitID(1), to: UnitID(-1)), .connect(from: UnitID(-1), to: UnitID(1)))
        #expect(house.media.heard(by: anna) == ["port 2"])
        house.leg(bert, .held(true))
        if isAttended {
            let second = ScriptedLeg(4)
            house.call(second, "33", account: "bert")
            house.leg(carl, .answered([]))
            house.leg(second, .answered([]))
            refer(house, bert, to: "sip:33@192.0.2.1", replaces: second)
            house.leg(second, .hungUp(.normalClearing, []))
        } else {
            refer(house, bert, to: "sip:33@192.0.2.1")
            house.leg(carl, .answered([]))
        }
        house.leg(bert, .hungUp(.normalClearing, []))
        #expect(bert.asked.suffix(2) == ["transfer 200", "hang up 16"])
        #expect(house.media.heard(by: anna) == ["port 3"] && house.media.heard(by: carl) == ["port 1"])
        #expect(house.host.told.last?.event == .offHold(UnitID(-1)))
        house.leg(carl, .hungUp(.normalClearing, []))
        guard case .disconnected(UnitID(-1), _, _, _, _)? = house.host.told.last?.event else {
            Issue.record("\(house.host.told)")
            return
        }
    }

    @Test func `a script that wants to decide about a transfer does`() throws {
        let house = TestHouse()
        house.call(anna, "welcome")
        house.script(1, .answer(UnitID(1), headers: []), .handleBlindTransfer(UnitID(1), true))
        house.leg(anna, .answered([]))
        refer(house, anna, to: "sip:33@192.0.2.1")
        #expect(house.host.told.last?.event == .transferRequested(UnitID(1), to: "sip:33@192.0.2.1", headers: []))
        house.script(1, .blindTransferResult(UnitID(1), isDone: true))
        #expect(anna.asked.last == "transfer 200")
    }
}
