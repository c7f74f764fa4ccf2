// SPDX-License-Identifier: Apache-2.0

import Telephony
import Testing

/// Calls that leave the house, in virtual time.
@Suite struct OutsideTests {
    private static let number = "0301234567"

    private func open(
        _ drivers: [any LegDriver], minutes: Int = 10, calls: Int = 2, code: String = ""
    ) throws -> TestHouse {
        TestHouse(drivers: drivers, fence: try FenceTests.options(minutes: minutes, calls: calls, code: code))
    }

    /// Lets a script call out for the call that is its session's.
    private func scriptDials(
        _ house: TestHouse, _ target: SessionDial.Target = .pstn, _ destination: String = number
    ) -> SessionEvent? {
        let session = house.host.started.last?.session.number ?? 0
        let before = house.host.told.count
        house.script(
            session,
            .dial(
                UnitID(-7),
                SessionDial(
                    target: target, destination: destination, callerNumber: nil, callerName: nil, headers: [])))
        return house.host.told.dropFirst(before).last?.event
    }

    private func keys(_ keys: String, _ house: TestHouse, _ leg: ScriptedLeg) {
        for digit in keys.compactMap({ DTMFDigit($0) }) { house.leg(leg, .digit(digit, .telephoneEvent)) }
    }

    @Test func `a phone of the house calls out, and both hear each other`() throws {
        let way = Outside(7)
        let house = try open([way])
        let caller = ScriptedLeg(1, technology: "line")
        house.call(caller, Self.number, from: .lines)
        #expect(way.asked == ["outside \(Self.number)"])
        let far = ScriptedLeg(7)
        house.leg(far, .earlyMedia([]))
        #expect(caller.asked == ["early"])
        house.leg(far, .answered([]))
        house.leg(caller, .answered([]))
        #expect(house.media.heard(by: caller) == ["port 7"])
        #expect(house.media.heard(by: far) == ["port 1"])
        house.leg(caller, .hungUp(.normalClearing, []))
        #expect(house.exchange.callReports().isEmpty)
        #expect(house.exchange.fence.runningCalls.isEmpty)
    }

    @Test func `a telephone that dials more than any room has is refused, neither greeted nor put into a room`() {
        let way = Outside(7)
        let house = TestHouse(drivers: [way], longestRoom: 8)
        let caller = ScriptedLeg(1, technology: "line")
        house.call(caller, Self.number, from: .lines)
        #expect(caller.asked == ["reject 404"])
        #expect(house.host.started.isEmpty && way.asked.isEmpty)
        // Room numbers and what begins like no room are as they were.
        house.call(ScriptedLeg(2, technology: "line"), "03012345", from: .lines)
        house.call(ScriptedLeg(3, technology: "line"), "*97", from: .lines)
        #expect(house.host.started.map(\.rule) == ["room", "gateway"])
        // What a line is set to call by itself was thought of by whoever wrote the rules.
        house.call(ScriptedLeg(4, technology: "line"), Self.number, from: .lines, isTyped: false)
        #expect(house.host.started.map(\.rule) == ["room", "gateway", "gateway"])
    }

    @Test
    func `a stranger at a listed address dials no outside number, a number that is not allowed is refused in words`()
        throws
    {
        let way = Outside(7)
        let house = try open([way])
        house.call(ScriptedLeg(1), Self.number)
        #expect(way.asked.isEmpty)
        let phone = ScriptedLeg(2)
        house.call(phone, Self.number, account: "anna")
        #expect(way.asked.count == 1)
        let other = ScriptedLeg(3)
        house.call(other, "0900123", from: .lines)
        #expect(way.asked.count == 1)
    }

    @Test func `the second way is taken when the first cannot be reached`() throws {
        let first = Outside(7)
        let second = Outside(8)
        let house = try open([first, second])
        let caller = ScriptedLeg(1, technology: "line")
        house.call(caller, Self.number, from: .lines)
        house.leg(ScriptedLeg(7), .hungUp(.noCircuitAvailable, []))
        #expect(second.asked.count == 1)
        let far = ScriptedLeg(8)
        house.leg(far, .answered([]))
        house.leg(caller, .answered([]))
        #expect(house.media.heard(by: caller) == ["port 8"])
        house.leg(far, .hungUp(.normalClearing, []))
        #expect(caller.asked.last == "hang up 16")
    }

    @Test func `an emergency goes out without being allowed, and a chat makes room for it`() throws {
        let way = Outside(7)
        let house = try open([way], calls: 1)
        let chatting = ScriptedLeg(1, technology: "line")
        house.call(chatting, Self.number, from: .lines)
        house.leg(ScriptedLeg(7), .answered([]))
        house.leg(chatting, .answered([]))
        let caller = ScriptedLeg(2, technology: "line")
        house.call(caller, "112", from: .lines)
        #expect(way.asked == ["outside \(Self.number)", "emergency 112", "emergency 112"])
        #expect(house.reported.contains("call.preempted"))
        #expect(house.media.heard(by: chatting).first?.contains("emergency") ?? false)

        let closed = TestHouse(drivers: [Outside(9)])
        closed.call(caller, "112", from: .lines)
        closed.leg(ScriptedLeg(9), .answered([]))
        #expect(caller.asked.last == "answer")
    }

    @Test func `a script calls out for the house, and not for somebody from outside`() throws {
        let way = Outside(7, 8)
        let house = try open([way])
        house.call(ScriptedLeg(1), "welcome")
        #expect(scriptDials(house) == nil)
        #expect(way.asked == ["outside \(Self.number)"])
        house.call(ScriptedLeg(2), "welcome", from: .trunks)
        guard case .failed(_, let code, _, _) = scriptDials(house) else {
            Issue.record("it was called")
            return
        }
        #expect(code == 403)
        #expect(way.asked.count == 1)
    }

    @Test func `the code opens the outside lines for somebody from outside, three wrong ones do not`() throws {
        let way = Outside(7)
        let house = try open([way], code: "4829")
        for isRight in [false, true] {
            let caller = ScriptedLeg(isRight ? 2 : 1)
            house.call(caller, "welcome", from: .trunks)
            let session = house.host.started.last?.session.number ?? 0
            house.script(session, .answer(UnitID(1), headers: []))
            house.leg(caller, .answered([]))
            #expect(scriptDials(house) == nil)
            #expect(house.media.heard(by: caller).first?.contains("enter the code") ?? false)
            let before = house.host.told.count
            keys(isRight ? "4829" : "1111#1#2#", house, caller)
            let tones = house.host.told.dropFirst(before).filter { if case .tone = $0.event { true } else { false } }
            #expect(tones.isEmpty, "the code is none of the script's")
            #expect(way.asked.count == (isRight ? 1 : 0))
            if !isRight {
                let failed = house.host.told.dropFirst(before).contains {
                    if case .failed(_, 403, _, _) = $0.event { true } else { false }
                }
                #expect(failed && caller.asked.last == "hang up 21")
            }
            house.leg(caller, .hungUp(.normalClearing, []))
        }
    }

    @Test func `wrong codes are counted by the call, whatever they were asked for, and its caller has to wait`() throws
    {
        let way = Outside(7)
        let house = try open([way], code: "4829")
        let caller = ScriptedLeg(1)
        house.call(caller, "welcome", from: .trunks)
        let session = house.host.started.last?.session.number ?? 0
        house.script(session, .answer(UnitID(1), headers: []))
        house.leg(caller, .answered([]))
        #expect(scriptDials(house) == nil)
        keys("1#2#", house, caller)
        // Too slow: the script is told, and asks once more; one try is left.
        house.pass(milliseconds: 31_000)
        #expect(scriptDials(house) == nil)
        keys("3#", house, caller)
        #expect(caller.asked.last == "hang up 21")
        let told = house.told("code.wrong")
        #expect(told.map { $0["tries"] } == ["1", "2", "3"] && told.map { $0["wait_s"] } == ["0", "0", "30"])
        house.leg(caller, .hungUp(.normalClearing, []))
        for (wait, isAsked) in [(Int64(20_000), false), (11_000, true)] {
            house.pass(milliseconds: wait)
            let again = ScriptedLeg(isAsked ? 3 : 2)
            let offer = CallOffer(
                leg: again, destination: "welcome", callerNumber: "1", callerName: "", origin: .trunks, fromURI: "",
                toURI: "", headers: [], peer: "test", account: nil, replaces: nil)
            house.happen(.incoming(offer))
            house.script(house.host.started.last?.session.number ?? 0, .answer(UnitID(1), headers: []))
            house.leg(again, .answered([]))
            let failure = scriptDials(house)
            #expect((failure == nil) == isAsked)
            if case .failed(_, _, let reason, _) = failure { #expect(reason == Fence.Refusal.triedTooOften.rawValue) }
            house.leg(again, .hungUp(.normalClearing, []))
        }
        #expect(way.asked.isEmpty)
    }

    @Test func `who hangs up before the third wrong code waits as well`() throws {
        let house = try open([Outside(7)], code: "4829")
        for isFirst in [true, false] {
            // The double's caller has the number of his leg.
            let caller = ScriptedLeg(1)
            house.call(caller, "welcome", from: .trunks)
            house.script(house.host.started.last?.session.number ?? 0, .answer(UnitID(1), headers: []))
            house.leg(caller, .answered([]))
            let failure = scriptDials(house)
            #expect((failure == nil) == isFirst)
            if isFirst { keys("1#2#", house, caller) }
            if case .failed(_, _, let reason, _) = failure { #expect(reason == Fence.Refusal.triedTooOften.rawValue) }
            house.leg(caller, .hungUp(.normalClearing, []))
        }
    }

    @Test func `when the minutes are used up the call ends with words`() throws {
        let house = try open([Outside(7)], minutes: 1)
        let caller = ScriptedLeg(1, technology: "line")
        let far = ScriptedLeg(7)
        house.call(caller, Self.number, from: .lines)
        house.leg(far, .answered([]))
        house.leg(caller, .answered([]))
        house.pass(milliseconds: 59_000)
        #expect(house.exchange.callReports().count == 2)
        house.pass(milliseconds: 1_100)
        #expect(house.reported.contains("fence.exhausted"))
        house.happen(.media(.eventsLost(0)))
        #expect(house.media.heard(by: caller).first?.contains("not available any more today") ?? false)
        #expect(house.exchange.fence.ledger.seconds == 60)
    }

    @Test func `a call of ours that comes back is refused`() throws {
        let house = try open([Outside(7)])
        house.call(ScriptedLeg(1, technology: "line"), Self.number, from: .lines)
        let back = ScriptedLeg(2)
        house.happen(
            .incoming(
                CallOffer(
                    leg: back, destination: "4930123", callerNumber: "+4930123", callerName: "", origin: .trunks,
                    fromURI: "", toURI: "", headers: [], peer: "trunk")))
        #expect(back.asked == ["reject 482"])
    }

    @Test func `a phone that is forwarded outside passes the fence`() throws {
        let way = Outside(8)
        let house = try open([OnePhone("22", ScriptedLeg(7)), way])
        for (caller, origin, expected) in [
            (ScriptedLeg(1), CallOrigin.trunks, 0), (ScriptedLeg(2), .lines, 1),
        ] {
            house.call(caller, "22", from: origin == .trunks ? .trunks : .lines)
            if origin == .lines {
                house.leg(ScriptedLeg(7), .redirected(["sip:\(Self.number)@192.0.2.1"]))
                house.leg(ScriptedLeg(7), .hungUp(.interworking, []))
            }
            #expect(way.asked.count == expected)
        }
        let barred = try open([OnePhone("22", ScriptedLeg(7)), way])
        let caller = ScriptedLeg(3, technology: "line")
        barred.call(caller, "22", from: .lines)
        barred.leg(ScriptedLeg(7), .redirected(["sip:0900123@192.0.2.1", "sip:a@192.0.2.77"]))
        barred.leg(ScriptedLeg(7), .hungUp(.interworking, []))
        #expect(way.asked.count == 1)
        #expect(caller.asked.last?.hasPrefix("hang up") ?? false)
    }

    @Test func `who is called into a room presses 1, an answering machine does not get in`() throws {
        let house = try open([Outside(7, 8)])
        #expect(house.exchange.perform(.dial(room: "5", destination: "0900"), now: 0) != .done)
        for joins in [true, false] {
            let far = ScriptedLeg(joins ? 7 : 8)
            #expect(house.exchange.perform(.dial(room: "5", destination: Self.number), now: house.now) == .done)
            house.leg(far, .answered([]))
            #expect(house.media.heard(by: far).first?.contains("Press 1") ?? false)
            keys("9", house, far)
            #expect(house.host.started.count == (joins ? 0 : 1))
            if joins {
                keys("1", house, far)
                #expect(house.host.started.last?.conferenceName == "conf_5")
                let session = house.host.started.last?.session.number ?? 0
                house.script(
                    session, .createConference(UnitID(-1), SessionConferenceOptions()),
                    .answer(UnitID(1), headers: []), .connect(from: UnitID(1), to: UnitID(-1)),
                    .connect(from: UnitID(-1), to: UnitID(1)))
                #expect(house.exchange.roomReports().first?.participants.map(\.number) == [Self.number])
            } else {
                for _ in 0..<Exchange.mostInvitationWords {
                    let words = try #require(house.media.heard(by: far).first)
                    let player = try #require(house.media.player(saying: words))
                    house.happen(.media(.playerFinished(player, error: nil)))
                    house.media.stop(player)
                }
                #expect(house.reported.last == "call.ended")
                #expect(house.reported.contains("room.declined"))
                #expect(house.exchange.roomReports().first?.participants.count == 1)
            }
        }
    }
}
