// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Telephony
import Testing

/// `Call.transferTo`, in virtual time: who hears whom afterwards, what the script is told, and what it is out of.
@Suite struct ScriptTransferTests {
    private let anna = ScriptedLeg(1)
    private let bert = ScriptedLeg(2)
    private let carl = ScriptedLeg(3)
    private static let caller = UnitID(1)
    private static let agent = UnitID(-1)

    /// Anna has called a number whose script has answered; Bert is 22, Carl 33.
    private func answered(_ further: [any LegDriver] = [], fence: FenceOptions? = nil) throws -> TestHouse {
        let house = TestHouse(
            drivers: [OnePhone("22", bert), OnePhone("33", carl)] + further,
            fence: try fence ?? FenceTests.options())
        house.call(anna, "welcome", account: "anna")
        house.script(1, .answer(Self.caller, headers: []))
        house.leg(anna, .answered([]))
        return house
    }

    private func transfer(_ house: TestHouse, _ unit: UnitID = caller, to target: String, call: UnitID? = nil) {
        house.script(1, .transfer(unit, to: target, call: call, headers: []))
    }

    private func told(_ house: TestHouse) -> [SessionEvent] {
        house.host.told.filter { $0.session == SessionID(1) }.map(\.event)
    }

    private func gone(_ unit: UnitID) -> SessionEvent {
        .disconnected(unit, headers: [], code: 200, reason: "transferred", seconds: 0)
    }

    @Test func `a call to an extension changes hands when that answers, not before`() throws {
        let house = try answered()
        house.script(1, .startPlayback(Self.caller, .speech("please wait", language: ""), loop: false))
        transfer(house, to: "22")
        house.leg(bert, .ringing([]))
        #expect(house.media.heard(by: anna) == ["please wait"])
        #expect(told(house).count == 2, "the script hears nothing yet: \(told(house))")
        house.leg(bert, .answered([]))
        #expect(house.media.heard(by: anna) == ["port 2"])
        #expect(house.media.heard(by: bert) == ["port 1"])
        #expect(told(house).suffix(2) == [.transferCompleted(Self.caller, role: "transferee"), gone(Self.caller)])
        // The session is out of it: its end, too, changes nothing.
        house.script(1, .terminate)
        house.happen(.sessionEnded(SessionID(1), reason: nil, orphaned: false))
        #expect(house.media.heard(by: anna) == ["port 2"])
        house.leg(bert, .hungUp(.normalClearing, []))
        #expect(anna.asked.last == "hang up 16")
        #expect(house.exchange.callReports().isEmpty)
    }

    @Test func `a transfer that fails leaves all as it was, and says why`() throws {
        let house = try answered()
        house.script(1, .startPlayback(Self.caller, .speech("please wait", language: ""), loop: false))
        transfer(house, to: "sip:22@192.0.2.1")
        transfer(house, to: "33")
        #expect(
            told(house).last
                == .transferFailed(Self.caller, code: 491, reason: "the call is being transferred already"))
        house.leg(bert, .hungUp(.userBusy, []))
        guard case .transferFailed(Self.caller, 486, _)? = told(house).last else {
            Issue.record("\(told(house))")
            return
        }
        #expect(house.media.heard(by: anna) == ["please wait"])
        // Once more, and it works.
        transfer(house, to: "33")
        house.leg(carl, .answered([]))
        #expect(house.media.heard(by: anna) == ["port 3"])
    }

    @Test func `nobody answers for a minute: 408`() throws {
        let house = try answered()
        transfer(house, to: "22")
        house.pass(milliseconds: 61_000)
        #expect(bert.asked.last == "hang up 19")
        guard case .transferFailed(Self.caller, 408, _)? = told(house).last else {
            Issue.record("\(told(house))")
            return
        }
    }

    @Test func `a caller who hangs up meanwhile takes the call that is tried along`() throws {
        let house = try answered()
        transfer(house, to: "22")
        house.leg(anna, .hungUp(.normalClearing, []))
        #expect(bert.asked.last == "hang up 16")
        #expect(house.exchange.callReports().isEmpty)
        guard case .disconnected? = told(house).last else {
            Issue.record("\(told(house))")
            return
        }
    }

    @Test func `two calls of a session are put together, and it is out of both`() throws {
        let house = try answered()
        house.script(
            1,
            .dial(
                Self.agent,
                SessionDial(target: .user, destination: "22", callerNumber: nil, callerName: nil, headers: [])))
        transfer(house, to: "22", call: Self.agent)
        #expect(
            told(house).last == .transferFailed(Self.caller, code: 481, reason: "the other call is not answered"))
        house.leg(bert, .answered([]))
        transfer(house, to: "22", call: Self.agent)
        #expect(house.media.heard(by: anna) == ["port 2"])
        #expect(house.media.heard(by: bert) == ["port 1"])
        #expect(
            told(house).suffix(4) == [
                .transferCompleted(Self.caller, role: "transferee"), gone(Self.caller),
                .transferCompleted(Self.agent, role: "target"), gone(Self.agent),
            ])
        house.leg(anna, .hungUp(.normalClearing, []))
        #expect(bert.asked.last == "hang up 16")
    }

    @Test func `whom the caller talked to before is not left in silence`() throws {
        let house = try answered()
        house.script(
            1,
            .dial(
                Self.agent,
                SessionDial(target: .user, destination: "22", callerNumber: nil, callerName: nil, headers: [])))
        house.leg(bert, .answered([]))
        house.script(
            1, .connect(from: Self.caller, to: Self.agent), .connect(from: Self.agent, to: Self.caller))
        transfer(house, to: "33")
        house.leg(carl, .answered([]))
        #expect(house.media.heard(by: bert) == [], "he hears nobody whose call has gone elsewhere")
        #expect(house.media.heard(by: anna) == ["port 3"])
        house.pass(milliseconds: 11_000)
        #expect(bert.asked.last == "hang up 16")
    }

    @Test func `a caller is transferred into a room, and is in it alone with those inside`() throws {
        let house = try answered()
        house.enter(bert, room: "111")
        transfer(house, to: "111")
        guard case .callAlerting(let unit, let info)? = house.host.told.last?.event, let room = house.host.told.last
        else {
            Issue.record("\(house.host.told)")
            return
        }
        #expect(info.destination == "conf_111" && info.callerNumber == "1")
        house.script(
            room.session.number, .answer(unit, headers: []), .connect(from: unit, to: UnitID(-1)),
            .connect(from: UnitID(-1), to: unit))
        #expect(house.media.heard(by: bert).contains("port 1"))
        #expect(house.media.heard(by: anna).contains("port 2"))
        house.leg(anna, .hungUp(.normalClearing, []))
        #expect(!house.media.heard(by: bert).contains("port 1"))
    }

    @Test func `the wire to a room can be transferred as well: the room gets a phone`() throws {
        let house = TestHouse(drivers: [OnePhone("22", bert)], fence: try FenceTests.options())
        house.enter(anna, room: "111")
        // The gateway's leg into the room; Anna stays with her script.
        house.script(1, .transfer(UnitID(-1), to: "22", call: nil, headers: []))
        house.leg(bert, .answered([]))
        #expect(house.media.heard(by: anna) == [])
        // Bert is in the room, where nobody else is.
        #expect(!house.media.heard(by: bert).contains("port 1"))
        house.enter(carl, room: "111")
        #expect(house.media.heard(by: carl).contains("port 2"))
    }

    @Test func `to the outside goes what the fence lets out, for those who are in the session`() throws {
        let way = Outside(7)
        let house = try answered([way])
        transfer(house, to: "sip:a@192.0.2.77")
        guard case .transferFailed(Self.caller, 403, _)? = told(house).last else {
            Issue.record("\(told(house))")
            return
        }
        transfer(house, to: "112")
        guard case .transferFailed(Self.caller, 403, _)? = told(house).last else {
            Issue.record("\(told(house))")
            return
        }
        #expect(way.asked.isEmpty)
        transfer(house, to: "0301234567")
        #expect(way.asked == ["outside 0301234567"])
        house.leg(ScriptedLeg(7), .answered([]))
        #expect(house.media.heard(by: anna) == ["port 7"])
        #expect(house.exchange.fence.runningCalls.count == 1)
        house.leg(anna, .hungUp(.normalClearing, []))
        #expect(house.exchange.fence.runningCalls.isEmpty)
    }

    @Test func `a caller from outside without the code does not get out by a transfer`() throws {
        let way = Outside(7)
        let house = TestHouse(drivers: [way], fence: try FenceTests.options(code: "4711"))
        house.happen(
            .incoming(
                CallOffer(
                    leg: anna, destination: "welcome", callerNumber: "5", callerName: "", origin: .trunks, fromURI: "",
                    toURI: "", headers: [], peer: "trunk")))
        house.script(1, .answer(Self.caller, headers: []))
        house.leg(anna, .answered([]))
        transfer(house, to: "0301234567")
        guard case .transferFailed(Self.caller, 403, _)? = told(house).last else {
            Issue.record("\(told(house))")
            return
        }
        #expect(way.asked.isEmpty)
    }

    /// Anna has come in by a trunk, and her script has answered.
    private func trunkCaller(_ drivers: [any LegDriver], code: String) throws -> TestHouse {
        let house = TestHouse(drivers: drivers, fence: try FenceTests.options(code: code))
        house.call(anna, "welcome", from: .trunks)
        house.script(1, .answer(Self.caller, headers: []))
        house.leg(anna, .answered([]))
        return house
    }

    private func dialsOut(_ house: TestHouse, _ session: UInt64) {
        let dial = SessionDial(
            target: .pstn, destination: "0301234567", callerNumber: nil, callerName: nil, headers: [])
        house.script(session, .dial(UnitID(-7), dial))
    }

    private func type(_ keys: String, _ house: TestHouse) {
        for digit in keys.compactMap({ DTMFDigit($0) }) { house.leg(anna, .digit(digit, .telephoneEvent)) }
    }

    @Test(arguments: [false, true])
    func `the script that a caller from outside is transferred to calls out with the code only`(isThere: Bool) throws {
        let way = Outside(7)
        let house = try trunkCaller([way], code: "")
        transfer(house, to: "hotline")
        if isThere { house.script(2, .answer(Self.caller, headers: [])) }
        dialsOut(house, 2)
        #expect(way.asked.isEmpty, "called out for somebody from outside")
        let last = house.host.told.last
        guard case .failed(UnitID(-7), 403, _, _) = last?.event, last?.session == SessionID(2) else {
            Issue.record("\(String(describing: last))")
            return
        }
    }

    @Test func `whoever was transferred is asked for the code, and then hears whom he heard before`() throws {
        let way = Outside(7)
        let house = try trunkCaller([way], code: "4829")
        transfer(house, to: "hotline")
        house.script(2, .answer(Self.caller, headers: []))
        dialsOut(house, 2)
        #expect(house.media.heard(by: anna).first?.contains("enter the code") == true)
        type("4829", house)
        #expect(way.asked == ["outside 0301234567"])
        house.leg(ScriptedLeg(7), .answered([]))
        house.script(
            2, .connect(from: UnitID(-7), to: Self.caller), .connect(from: Self.caller, to: UnitID(-7)))
        #expect(house.media.heard(by: anna) == ["port 7"])
    }

    @Test func `a code that is waited for is not when its caller has been transferred`() throws {
        let way = Outside(7)
        let house = try trunkCaller([OnePhone("22", bert), way], code: "4829")
        transfer(house, to: "22")
        dialsOut(house, 1)
        #expect(house.media.heard(by: anna).first?.contains("enter the code") == true)
        house.leg(bert, .answered([]))
        #expect(
            told(house).contains { if case .failed(UnitID(-7), 403, _, _) = $0 { true } else { false } },
            "\(told(house))")
        type("4829", house)
        #expect(way.asked.isEmpty, "a call for a session that has nobody any more")
        #expect(house.media.heard(by: anna) == ["port 2"])
    }

    @Test func `a call that is being transferred is nobody's partner`() throws {
        let house = try answered()
        house.script(
            1,
            .dial(
                Self.agent,
                SessionDial(target: .user, destination: "22", callerNumber: nil, callerName: nil, headers: [])))
        house.leg(bert, .answered([]))
        transfer(house, to: "33")
        transfer(house, Self.agent, to: "1", call: Self.caller)
        #expect(
            told(house).last
                == .transferFailed(Self.agent, code: 491, reason: "the other call is being transferred already"))
        house.leg(carl, .answered([]))
        #expect(house.media.heard(by: anna) == ["port 3"])
        #expect(house.media.heard(by: carl) == ["port 1"])
        #expect(bert.asked.isEmpty, "he is still the script's")
    }

    @Test func `whoever answers for a call that its session has lost is let go`() throws {
        let house = try answered()
        house.script(
            1,
            .dial(
                Self.agent,
                SessionDial(target: .user, destination: "22", callerNumber: nil, callerName: nil, headers: [])),
            .connect(from: Self.caller, to: Self.agent), .connect(from: Self.agent, to: Self.caller))
        house.leg(bert, .answered([]))
        transfer(house, Self.agent, to: "33")
        house.happen(.sessionEnded(SessionID(1), reason: "the worker was lost", orphaned: true))
        house.leg(carl, .answered([]))
        #expect(carl.asked.last == "hang up 16")
        #expect(house.media.heard(by: bert) != ["port 3"])
    }

    @Test func `a call that is not answered, or goes nowhere, is not transferred`() throws {
        let house = TestHouse(drivers: [OnePhone("22", bert)])
        house.call(anna, "welcome")
        transfer(house, to: "22")
        #expect(told(house).last == .transferFailed(Self.caller, code: 480, reason: "the call is not answered"))
        house.script(1, .answer(Self.caller, headers: []))
        house.leg(anna, .answered([]))
        transfer(house, to: "conf_1")
        house.script(2, .reject(UnitID(1), status: 403, headers: []))
        guard case .transferFailed(Self.caller, 403, _)? = told(house).last else {
            Issue.record("\(told(house))")
            return
        }
        #expect(bert.asked.isEmpty)
    }

    @Test func `a new leg in a call goes on listening for tones, and each is told`() throws {
        let house = try answered()
        let port = try #require(anna.port)
        let other = try #require(carl.port)
        house.script(1, .detectProgressTone(Self.caller, true))
        #expect(house.media.books.withLock { $0.progress } == [port])
        house.happen(.media(.progressTone(port)))
        #expect(told(house).last == .toneDetected(Self.caller, isProgressTone: true, isVoicemail: false))
        house.call(carl, "x", account: "carl", replaces: anna.id)
        #expect(house.media.books.withLock { $0.progress }.contains(other))
        house.script(1, .detectProgressTone(Self.caller, false))
        #expect(!house.media.books.withLock { $0.progress }.contains(other))
    }
}
