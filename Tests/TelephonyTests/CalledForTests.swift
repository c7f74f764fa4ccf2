// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Telephony

/// Calls out that nobody of the house has dialled himself: a script's, the command line's.
@Suite struct CalledForTests {
    private static let number = "0301234567"

    private func dial(_ house: TestHouse, _ destination: String, _ target: SessionDial.Target = .pstn) {
        house.script(
            house.host.started.last?.session.number ?? 0,
            .dial(
                UnitID(-7),
                SessionDial(
                    target: target, destination: destination, callerNumber: nil, callerName: nil, headers: [])))
    }

    private func keys(_ keys: String, _ house: TestHouse, _ leg: ScriptedLeg) {
        for digit in keys.compactMap({ DTMFDigit($0) }) { house.leg(leg, .digit(digit, .telephoneEvent)) }
    }

    private func failure(_ house: TestHouse) -> String? {
        if case .failed(_, _, let reason, _) = house.host.told.last?.event { reason } else { nil }
    }

    // MARK: - Emergencies

    @Test(arguments: [("112", SessionDial.Target.pstn), ("112#", .pstn), ("112", .user)])
    func `an emergency number that a script calls is an emergency, before the fence`(
        _ number: String, _ target: SessionDial.Target
    ) {
        let way = Outside(7)
        let house = TestHouse(drivers: [way])
        house.call(ScriptedLeg(1), "welcome")
        dial(house, number, target)
        #expect(way.asked == ["emergency 112"])
        #expect(house.told("call.emergency").map { $0["outcome"] } == ["calling"])
        #expect(!house.reported.contains("call.outside") && house.exchange.fence.runningCalls.isEmpty)
        house.leg(ScriptedLeg(7), .answered([]))
        #expect(house.host.told.last?.event == .connected(UnitID(-7), headers: []))
    }

    @Test func `what is allowed outside does not make an emergency an ordinary call, and a chat gives way`() throws {
        let way = Outside(7)
        var fence = try FenceTests.options(calls: 1)
        fence.allowed.append(try WholePattern("[0-9]+"))
        let house = TestHouse(drivers: [way], fence: fence)
        let chatting = ScriptedLeg(1, technology: "line")
        house.call(chatting, Self.number, from: .lines)
        house.leg(ScriptedLeg(7), .answered([]))
        house.leg(chatting, .answered([]))
        house.call(ScriptedLeg(2), "welcome")
        dial(house, "112")
        #expect(way.asked == ["outside \(Self.number)", "emergency 112", "emergency 112"])
        #expect(house.reported.contains("call.preempted"))
        #expect(house.told("call.emergency").last?["outcome"] == "no way out")
        #expect(failure(house) == "there is no way to the outside")
    }

    @Test func `an emergency call of a script goes by the next way, and its end is told`() {
        let (first, second) = (Outside(7), Outside(8))
        let house = TestHouse(drivers: [first, second])
        house.call(ScriptedLeg(1), "welcome")
        dial(house, "112")
        house.leg(ScriptedLeg(7), .hungUp(.noCircuitAvailable, []))
        #expect(second.asked == ["emergency 112"])
        house.leg(ScriptedLeg(8), .hungUp(.noCircuitAvailable, []))
        #expect(house.told("call.emergency").map { $0["outcome"] } == ["calling", "no way out"])
        #expect(failure(house) == HangupCause.noCircuitAvailable.words)
    }

    @Test func `nobody from outside makes an emergency call with this box's number, unless he has the code`() throws {
        for code in ["", "4829"] {
            let way = Outside(7)
            let house = TestHouse(drivers: [way], fence: try FenceTests.options(code: code))
            let caller = ScriptedLeg(1)
            house.call(caller, "welcome", from: .trunks)
            house.script(1, .answer(UnitID(1), headers: []))
            house.leg(caller, .answered([]))
            dial(house, "112")
            #expect(way.asked.isEmpty)
            keys("4829", house, caller)
            #expect(way.asked == (code.isEmpty ? [] : ["emergency 112"]))
        }
    }

    @Test func `an emergency service that is called into a room is in it at once`() {
        let way = Outside(7)
        let house = TestHouse(drivers: [way], maxCalls: 0)
        #expect(house.exchange.perform(.dial(room: "5", destination: "112"), now: 0) == .done)
        #expect(way.asked == ["emergency 112"])
        #expect(house.told("call.emergency").map { $0["outcome"] } == ["calling"])
        house.leg(ScriptedLeg(7), .answered([]))
        #expect(house.host.started.last?.conferenceName == "conf_5", "without a press of 1")
        let none = TestHouse()
        #expect(none.exchange.perform(.dial(room: "5", destination: "112"), now: 0) != .done)
        #expect(none.told("call.emergency").map { $0["outcome"] } == ["no way out"])
    }

    @Test(arguments: [false, true])
    func `an emergency service that is called into a locked room enters it, and the lock stays`(
        isSessionLost: Bool
    ) throws {
        let house = TestHouse(drivers: [Outside(7)])
        house.enter(ScriptedLeg(1), room: "5")
        #expect(house.exchange.perform(.lock(room: "5", true), now: 0) == .done)
        if isSessionLost {
            let session = try #require(house.exchange.sessionOfConference["conf_5"])
            house.happen(.sessionEnded(session, reason: "worker lost", orphaned: true))
        }
        #expect(house.exchange.perform(.dial(room: "5", destination: "112"), now: 0) == .done)
        let before = house.host.told.count
        house.leg(ScriptedLeg(7), .answered([]))
        let news = house.host.told.dropFirst(before)
        guard let told = news.last(where: { if case .callAlerting = $0.event { true } else { false } }),
            case .callAlerting(let unit, _) = told.event
        else {
            Issue.record("it was refused")
            return
        }
        let session = told.session.number
        if isSessionLost { house.script(session, .createConference(UnitID(-1), SessionConferenceOptions())) }
        house.script(
            session, .answer(unit, headers: []), .connect(from: unit, to: UnitID(-1)),
            .connect(from: UnitID(-1), to: unit))
        let report = try #require(house.exchange.roomReport("5"))
        #expect(report.participants.count == 2 && report.participants.contains { $0.number == "112" })
        #expect(report.isLocked)
        // Nobody else slips in behind it.
        let third = ScriptedLeg(3, technology: "line")
        house.call(third, "5", from: .lines)
        #expect(third.asked == ["reject 403"])
    }

    // MARK: - The code

    private func forwarding(_ ringback: [ToneSegment] = []) throws -> (house: TestHouse, way: Outside, ScriptedLeg) {
        let way = Outside(7)
        let house = TestHouse(drivers: [way], fence: try FenceTests.options(code: "4829"), ringback: ringback)
        let caller = ScriptedLeg(1)
        house.call(caller, "welcome", from: .trunks)
        dial(house, Self.number)
        return (house, way, caller)
    }

    @Test func `who is forwarded before the script answers is answered for the question, and the script is not told`()
        throws
    {
        let tones = [ToneSegment(440, 0, levelDBm0: -19, milliseconds: 1_000)]
        let (house, way, caller) = try forwarding(tones)
        #expect(caller.asked == ["answer"])
        #expect(house.media.heard(by: caller).isEmpty, "nothing is said before he can hear it")
        house.leg(caller, .answered([]))
        #expect(house.media.heard(by: caller).first?.contains("enter the code") ?? false)
        #expect(!house.host.told.contains { $0.event == .connected(UnitID(1), headers: []) })
        keys("1111", house, caller)
        #expect(house.media.heard(by: caller).first?.contains("wrong") ?? false)
        keys("4829", house, caller)
        #expect(way.asked == ["outside \(Self.number)"])
        // What a forwarding script does: ring, answer, connect.
        house.leg(ScriptedLeg(7), .ringing([]))
        house.script(1, .ring(UnitID(1), headers: []))
        #expect(house.media.heard(by: caller) == ["tones"], "there is no 180 after 200")
        house.leg(ScriptedLeg(7), .answered([]))
        house.script(1, .answer(UnitID(1), headers: []))
        #expect(house.host.told.last?.event == .connected(UnitID(1), headers: []))
        house.script(1, .connect(from: UnitID(1), to: UnitID(-7)), .connect(from: UnitID(-7), to: UnitID(1)))
        #expect(house.media.heard(by: caller) == ["port 7"] && house.media.heard(by: ScriptedLeg(7)) == ["port 1"])
        #expect(caller.asked == ["answer"])
        house.pass(milliseconds: 120_000)
        #expect(house.exchange.callReports().count == 2)
    }

    @Test func `who types no code is let go by the script, or in the end by the box`() throws {
        let (house, way, caller) = try forwarding()
        house.leg(caller, .answered([]))
        house.pass(milliseconds: 31_000)
        #expect(failure(house) == Fence.Refusal.noCode.rawValue && way.asked.isEmpty)
        #expect(caller.asked == ["answer"])
        house.pass(milliseconds: 61_000)
        #expect(caller.asked == ["answer", "hang up 19"])
        #expect(house.exchange.callReports().isEmpty && house.open.isEmpty)
    }

    @Test func `who is in a conference is not asked, and the log says that it was for this`() throws {
        let way = Outside(7)
        let house = TestHouse(drivers: [way], fence: try FenceTests.options(code: "4829"))
        let caller = ScriptedLeg(1)
        house.call(caller, "welcome", from: .trunks)
        house.script(1, .answer(UnitID(1), headers: []), .createConference(UnitID(-1), SessionConferenceOptions()))
        house.leg(caller, .answered([]))
        house.script(1, .connect(from: UnitID(1), to: UnitID(-1)), .connect(from: UnitID(-1), to: UnitID(1)))
        dial(house, Self.number)
        #expect(house.told("fence.refused").last?["reason"] == Fence.Refusal.inConference.rawValue)
        #expect(failure(house) == Fence.Refusal.inConference.rawValue)
        // Out of it he is.
        house.script(1, .disconnect(from: UnitID(1), to: UnitID(-1)), .disconnect(from: UnitID(-1), to: UnitID(1)))
        dial(house, Self.number)
        #expect(house.media.heard(by: caller).first?.contains("enter the code") ?? false)
        keys("4829", house, caller)
        #expect(way.asked.count == 1)
    }

    // MARK: - Services

    private func service(_ number: String) -> RoutingRule {
        RoutingRule(name: "service", pattern: ExactPattern { $0 == number }, origins: [], scenarios: ["mine.js"])
    }

    @Test func `a rule for a number of one's own is what the phones of the house reach, each in a session of its own`()
    {
        let house = TestHouse(services: [service("80")])
        house.call(ScriptedLeg(1, technology: "line"), "80", from: .lines)
        house.call(ScriptedLeg(2), "80", account: "anna")
        house.call(ScriptedLeg(3), "80", from: .trunks)
        #expect(house.host.started.map(\.rule) == ["service", "service", "service"])
        #expect(house.host.started.allSatisfy { $0.conferenceName == nil })
        house.call(ScriptedLeg(4, technology: "line"), "81", from: .lines)
        #expect(house.host.started.last?.conferenceName == "conf_81", "its neighbour is a room")
    }

    @Test func `the first rule decides that takes the number or its room, and one for everything does not`() {
        let room = RoutingRule(
            name: "room", pattern: ExactPattern { $0.hasPrefix("conf_") }, origins: [], scenarios: [])
        let all = RoutingRule(
            name: "all", pattern: ExactPattern(matches: { _ in true }, catchesEverything: true), origins: [],
            scenarios: [])
        let both = RoutingRule(
            name: "both", pattern: ExactPattern { $0.hasSuffix("80") }, origins: [], scenarios: [])
        var elsewhere = service("80")
        elsewhere.origins = [.trunks]
        for (rules, isService) in [
            ([service("80"), room, all], true), ([room, service("80"), all], false), ([room, all], false),
            ([both, room], false), ([elsewhere, room, all], false), ([all, service("80")], false),
        ] {
            #expect(RoutingRules(rules).takesAsDialled("80", from: .lines) == isService, "\(rules.map(\.name))")
        }
    }
}
