// SPDX-License-Identifier: Apache-2.0

import Telephony
import Testing

/// What is left of calls when they are over, however they were handed on: a record of each leg, and an end of each beginning.
@Suite struct RecordTests {
    private let anna = ScriptedLeg(1)
    private let bert = ScriptedLeg(2)
    private let carl = ScriptedLeg(3)
    /// The second call of the telephone that flashes.
    private let second = ScriptedLeg(4)

    private func house(_ further: [any LegDriver] = []) throws -> TestHouse {
        TestHouse(drivers: [OnePhone("22", bert), OnePhone("33", carl)] + further, fence: try FenceTests.options())
    }

    /// Anna (1) talks to Bert (22).
    private func talk(_ house: TestHouse) {
        house.call(anna, "22", account: "anna")
        house.leg(bert, .answered([]))
        house.leg(anna, .answered([]))
        house.pass(milliseconds: 5_000)
    }

    /// As "from to", of those who are there.
    private func lines(_ house: TestHouse) -> [String] {
        house.exchange.callReports().map { "\($0.callerNumber) \($0.destination) \($0.peer)" }
    }

    @Test func `a plain call leaves two records and nothing open`() throws {
        let house = try house()
        talk(house)
        #expect(house.open.count == 2)
        house.leg(anna, .hungUp(.normalClearing, []))
        #expect(house.history.sorted() == ["in 1 22 answered", "out 1 22 answered"])
        #expect(house.open.isEmpty)
    }

    @Test(arguments: [true, false])
    func `who is handed on by a flash leaves the records of the telephone that did it`(isReached: Bool) throws {
        let house = try house()
        talk(house)
        house.leg(bert, .held(true))
        // Bert's telephone calls 33.
        house.call(second, "33", from: .lines)
        if isReached {
            house.leg(carl, .answered([]))
            house.leg(second, .answered([]))
        }
        house.leg(second, .leftTo(bert.id, ringback: []))
        for leg in [bert, second] { house.leg(leg, .hungUp(.normalClearing, [])) }
        if !isReached { house.leg(carl, .answered([])) }
        #expect(house.history == ["in 4 33 \(isReached ? "answered" : "unanswered")", "out 1 22 answered"])
        #expect(Set(lines(house)) == ["1 33 test", "1 33 extension 33"], "they are told as those who talk")
        #expect(house.open.count == 2, "\(house.open)")
        house.pass(milliseconds: 3_000)
        house.leg(carl, .hungUp(.normalClearing, []))
        #expect(Set(house.history.dropFirst(2)) == ["in 1 22 answered", "out 4 33 answered"])
        #expect(house.open.isEmpty, "\(house.open)")
        #expect(house.exchange.callReports().isEmpty)
    }

    @Test(arguments: [true, false])
    func `a blind transfer leaves a record of the one who asked and one of who came`(hangsUpFirst: Bool) throws {
        let house = try house()
        talk(house)
        house.leg(anna, .transferRequested(TransferRequest(target: "sip:33@192.0.2.1", replaces: nil)))
        if hangsUpFirst { house.leg(anna, .hungUp(.normalClearing, [])) }
        house.pass(milliseconds: 2_000)
        house.leg(carl, .answered([]))
        #expect(house.history == ["in 1 22 answered"])
        #expect(lines(house) == ["22 33 transfer 33", "33 22 extension 22"])
        #expect(house.told("call.transferred").last?["to"] == "33")
        house.pass(milliseconds: 3_000)
        house.leg(bert, .hungUp(.normalClearing, []))
        #expect(Set(house.history.dropFirst()) == ["out 22 33 answered", "out 1 22 answered"])
        let record = try #require(house.records.first { $0.destination == "33" })
        #expect(record.began == 5 && record.answered == 7 && record.ended == 10)
        #expect(record.peer == "transfer 33" && record.technology == "sip")
        #expect(house.open.isEmpty, "\(house.open)")
    }

    @Test func `a transfer that comes to nothing is told as such, and ends the call of who has hung up`() throws {
        let house = try house()
        talk(house)
        house.leg(anna, .transferRequested(TransferRequest(target: "sip:33@192.0.2.1", replaces: nil)))
        house.leg(anna, .hungUp(.normalClearing, []))
        house.leg(carl, .hungUp(.userBusy, []))
        #expect(house.told("call.transfer").last == ["call": "1", "outcome": "failed", "reason": "busy"])
        #expect(house.history == ["in 1 22 answered", "out 1 22 answered"])
        #expect(house.open.isEmpty, "\(house.open)")
    }

    @Test(arguments: [
        ("sip:112@192.0.2.1", 403, "nobody is transferred to an emergency number"),
        ("sip:a@192.0.2.77", 403, "not allowed"), ("sip:0900123@192.0.2.1", 404, "no rule takes 0900123"),
    ])
    func `a transfer that is refused is told with the reason`(_ target: String, _ status: Int, _ reason: String) throws
    {
        let house = TestHouse(
            drivers: [OnePhone("22", bert)], fence: try FenceTests.options(), longestRoom: 4, hasGateway: false)
        talk(house)
        house.leg(anna, .transferRequested(TransferRequest(target: target, replaces: nil)))
        #expect(anna.asked.last == "transfer \(status)")
        #expect(house.told("call.transfer").last == ["call": "1", "outcome": "failed", "reason": reason])
    }

    @Test func `who is in a room hands nobody into it`() throws {
        let house = try house()
        house.enter(anna, room: "5")
        house.leg(anna, .transferRequested(TransferRequest(target: "sip:33@192.0.2.1", replaces: nil)))
        #expect(anna.asked.last == "transfer 603" && carl.asked.isEmpty)
        #expect(house.told("call.transfer").last?["reason"] == "a room is not handed on")
        #expect(house.exchange.roomReports().first?.participants.count == 1)
    }

    @Test func `an attended transfer leaves the records of both calls`() throws {
        let house = try house()
        talk(house)
        house.call(second, "33", account: "anna")
        house.leg(carl, .answered([]))
        house.leg(second, .answered([]))
        house.leg(anna, .transferRequested(TransferRequest(target: "sip:33@192.0.2.1", replaces: second.id)))
        #expect(house.history == ["in 1 22 answered", "in 4 33 answered"])
        #expect(Set(lines(house)) == ["33 22 extension 22", "22 33 extension 33"])
        house.leg(bert, .hungUp(.normalClearing, []))
        #expect(house.records.count == 4)
        #expect(house.open.isEmpty, "\(house.open)")
    }

    @Test func `a call that is picked up leaves the record of the telephone that rang`() throws {
        let house = try house()
        house.call(anna, "22", account: "anna")
        house.leg(bert, .ringing([]))
        house.call(carl, "x", account: "carl", replaces: bert.id)
        house.leg(anna, .answered([]))
        #expect(house.history == ["out 1 22 unanswered"])
        #expect(house.records.first?.cause == 26)
        #expect(lines(house).contains("3 1 test"))
        house.leg(carl, .hungUp(.normalClearing, []))
        #expect(Set(house.history.dropFirst()) == ["in 3 1 answered", "in 1 22 answered"])
        #expect(house.open.isEmpty, "\(house.open)")
    }

    @Test func `wires between sessions are no calls: nothing is told of them`() throws {
        let house = try house()
        house.enter(anna, room: "5")
        #expect(house.told("call.answered") == [["call": "1"]])
        house.leg(anna, .hungUp(.normalClearing, []))
        #expect(house.open.isEmpty && house.history == ["in 1 welcome answered"])
    }
}
