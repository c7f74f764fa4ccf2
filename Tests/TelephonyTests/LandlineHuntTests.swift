// SPDX-License-Identifier: Apache-2.0

import Telephony
import Testing

/// A call out that one landline cannot take goes by the next, and by the trunks behind them: the exchange's side.
@Suite struct LandlineHuntTests {
    private func fail(_ house: TestHouse, _ leg: UInt32, _ release: LandlineRelease) {
        house.leg(ScriptedLeg(leg), .hungUp(release.unansweredCause, [release.header]))
    }

    @Test func `an emergency goes by each landline, then by the trunk, then blindly, and then there are words`() throws
    {
        let (lines, trunk) = (Landlines("one", "two", "three"), Outside(9))
        let house = TestHouse(drivers: [lines, trunk])
        let phone = ScriptedLeg(1, technology: "line")
        house.call(phone, "112", from: .lines)
        fail(house, 50, .notTaken)
        fail(house, 51, .noDialTone)
        fail(house, 52, .lineDead)
        #expect(lines.asked == ["one, or others", "two, or others", "three, or others"])
        #expect(trunk.asked == ["emergency 112"])
        #expect(phone.asked.isEmpty)
        house.leg(ScriptedLeg(9), .hungUp(.noCircuitAvailable, []))
        // Only the one that was without dial tone.
        #expect(lines.asked.dropFirst(3) == ["two, last"])
        fail(house, 53, .nothingHeard)
        #expect(phone.asked == ["answer"])
        house.leg(phone, .answered([]))
        #expect(house.media.heard(by: phone).first?.contains("no line to the outside") ?? false)
        #expect(house.told("call.rerouted").map { $0["way"] } == ["two", "three", "sip", "two"])
        #expect(house.told("call.rerouted").first?["reason"] == "the device does not take the line")
    }

    @Test func `an emergency is dialled on the line with voices when the trunk does not work either`() throws {
        let (lines, trunk) = (Landlines("one"), Outside(9))
        let house = TestHouse(drivers: [lines, trunk])
        let phone = ScriptedLeg(1, technology: "line")
        house.call(phone, "112", from: .lines)
        fail(house, 50, .lineInUse)
        house.leg(ScriptedLeg(9), .hungUp(.networkOutOfOrder, []))
        #expect(lines.asked == ["one, or others", "one, last"])
        house.leg(ScriptedLeg(51), .answered([]))
        house.leg(phone, .answered([]))
        #expect(house.media.heard(by: phone) == ["port 51"])
    }

    @Test func `each way has its whole minute to answer`() throws {
        let (lines, trunk) = (Landlines("one", "two"), Outside(9))
        let house = TestHouse(drivers: [lines, trunk])
        let phone = ScriptedLeg(1, technology: "line")
        house.call(phone, "112", from: .lines)
        house.pass(milliseconds: 50_000)
        fail(house, 50, .nothingHeard)
        house.pass(milliseconds: 50_000)
        fail(house, 51, .nothingHeard)
        house.pass(milliseconds: 50_000)
        #expect(phone.asked.isEmpty && trunk.asked == ["emergency 112"])
        house.leg(ScriptedLeg(9), .answered([]))
        house.leg(phone, .answered([]))
        #expect(house.media.heard(by: phone) == ["port 9"])
    }

    @Test func `an emergency number that is busy while nobody else is outside is told in words`() throws {
        let way = Outside(9)
        let house = TestHouse(drivers: [way])
        let phone = ScriptedLeg(2, technology: "line")
        house.call(phone, "112", from: .lines)
        house.leg(ScriptedLeg(9), .hungUp(.userBusy, []))
        #expect(!house.reported.contains("call.preempted") && way.asked.count == 1)
        house.leg(phone, .answered([]))
        #expect(house.media.heard(by: phone).first?.contains("no line to the outside") ?? false)
    }

    /// By the leg 8 of `way` somebody chats; a phone dials 112 and its leg 9 is busy.
    private func busyWhileChatting(_ way: Outside) throws -> (house: TestHouse, phone: ScriptedLeg) {
        let house = TestHouse(drivers: [way], fence: try FenceTests.options(minutes: 10, calls: 2, code: ""))
        let chatting = ScriptedLeg(1, technology: "line")
        house.call(chatting, "0301234567", from: .lines)
        house.leg(ScriptedLeg(8), .answered([]))
        house.leg(chatting, .answered([]))
        let phone = ScriptedLeg(2, technology: "line")
        house.call(phone, "112", from: .lines)
        house.leg(ScriptedLeg(9), .hungUp(.userBusy, []))
        return (house, phone)
    }

    @Test func `callers from outside give way to an emergency as well`() throws {
        let way = Outside(9, 10)
        let house = TestHouse(drivers: [way])
        let caller = ScriptedLeg(1)
        house.call(caller, "welcome", from: .trunks)
        house.script(house.host.started.last?.session.number ?? 0, .answer(UnitID(1), headers: []))
        house.leg(caller, .answered([]))
        let phone = ScriptedLeg(2, technology: "line")
        house.call(phone, "112", from: .lines)
        house.leg(ScriptedLeg(9), .hungUp(.noCircuitAvailable, []))
        #expect(caller.asked.last == "hang up 34" && way.asked.count == 2)
        house.leg(ScriptedLeg(10), .answered([]))
        house.leg(phone, .answered([]))
        #expect(house.media.heard(by: phone) == ["port 10"])
    }

    @Test func `a gateway that is busy with a call of ours is freed for an emergency, and dialled until it lets go`()
        throws
    {
        let way = Outside(8, 9, 10, 11)
        let (house, phone) = try busyWhileChatting(way)
        #expect(house.reported.contains("call.preempted") && way.asked.count == 3)
        // It is not free yet.
        house.leg(ScriptedLeg(10), .hungUp(.userBusy, []))
        house.pass(milliseconds: 1_400)
        #expect(way.asked.count == 3)
        house.pass(milliseconds: 200)
        #expect(way.asked.count == 4)
        house.leg(ScriptedLeg(11), .answered([]))
        house.leg(phone, .answered([]))
        #expect(house.media.heard(by: phone) == ["port 11"])
    }

    @Test func `whoever waits for a line to be freed may hang up, and one that stays busy is told of in words`() throws
    {
        for hangsUp in [true, false] {
            let way = Outside(8, 9, 10, 11, 12, 13, 14)
            let (house, phone) = try busyWhileChatting(way)
            if hangsUp { house.leg(phone, .hungUp(.normalClearing, [])) }
            for leg in UInt32(10)...14 {
                house.leg(ScriptedLeg(leg), .hungUp(.userBusy, []))
                house.pass(milliseconds: 1_600)
            }
            #expect(way.asked.count == (hangsUp ? 3 : 7))
            guard !hangsUp else { continue }
            house.leg(phone, .answered([]))
            #expect(house.media.heard(by: phone).first?.contains("no line to the outside") ?? false)
        }
    }

    @Test func `the landline that answers has the call`() throws {
        let lines = Landlines("one", "two")
        let house = TestHouse(drivers: [lines])
        let phone = ScriptedLeg(1, technology: "line")
        house.call(phone, "112", from: .lines)
        fail(house, 50, .loopDrop)
        house.leg(ScriptedLeg(51), .answered([]))
        house.leg(phone, .answered([]))
        #expect(lines.asked == ["one, or others", "two"])
        #expect(house.media.heard(by: phone) == ["port 51"])
        // Answered, it ends as any call.
        fail(house, 51, .loopDrop)
        #expect(lines.asked.count == 2)
    }

    @Test func `an ordinary call hunts as well, and who dialled it is told that the line is out of order`() throws {
        let lines = Landlines("one", "two")
        let house = TestHouse(drivers: [lines], fence: try FenceTests.options(minutes: 10, calls: 2, code: ""))
        let phone = ScriptedLeg(1, technology: "line")
        house.call(phone, "0301234567", from: .lines)
        // Somebody else was faster.
        fail(house, 50, .lineInUse)
        fail(house, 51, .lineDead)
        #expect(lines.asked == ["one, or others", "two"])
        house.leg(phone, .answered([]))
        let words = try #require(house.media.heard(by: phone).first)
        #expect(words.contains("does not work"))
        // Nobody is told so of a number that is busy, or of lines that are in use.
        for release in [LandlineRelease.busy, .lineInUse] {
            let other = ScriptedLeg(2, technology: "line")
            let house = TestHouse(
                drivers: [Landlines("one")], fence: try FenceTests.options(minutes: 10, calls: 2, code: ""))
            house.call(other, "0301234567", from: .lines)
            fail(house, 50, release)
            #expect(!other.asked.contains("answer"))
        }
    }

    @Test func `a number that has to rest rests on all landlines`() throws {
        let (lines, trunk) = (Landlines("one", "two"), Outside(9))
        let house = TestHouse(drivers: [lines, trunk], fence: try FenceTests.options(minutes: 10, calls: 2, code: ""))
        house.call(ScriptedLeg(1, technology: "line"), "0301234567", from: .lines)
        fail(house, 50, .redialPause)
        #expect(lines.asked == ["one, or others"])
        #expect(trunk.asked.count == 1)
    }

    @Test func `digits of a device that tells of keys and lets tones through count once, in whatever order they come`()
    {
        let habits: [(String, [(Int64, DigitSource)])] = [
            ("codes", [(0, .keys)]), ("tones", [(0, .inBand)]), ("codes first", [(0, .keys), (30, .inBand)]),
            ("codes 60 ms late", [(0, .inBand), (60, .keys)]), ("codes 120 ms late", [(0, .inBand), (120, .keys)]),
        ]
        for (name, tells) in habits {
            let house = TestHouse()
            let caller = ScriptedLeg(1, technology: "line", tellsOfKeys: true)
            house.call(caller, "welcome", from: .trunks)
            house.script(1, .answer(UnitID(1), headers: []), .handleTones(UnitID(1), enabled: true, sources: []))
            house.leg(caller, .answered([]))
            for digit in [DTMFDigit.one, .one, .pound] {
                var at: Int64 = 0
                for (delay, source) in tells {
                    house.pass(milliseconds: delay - at)
                    at = delay
                    if source == .keys {
                        house.leg(caller, .digit(digit, .keys))
                    } else {
                        house.happen(.media(.digit(PortID(slot: 1, generation: 1), digit, .inBand)))
                    }
                }
                house.pass(milliseconds: 200)
            }
            let heard = house.host.told.filter { if case .tone = $0.event { true } else { false } }.count
            #expect(heard == 3, "\(name)")
        }
    }
}

/// The landline's own side: what it takes for a line that cannot be had.
@Suite struct LandlineWayTests {
    @Test func `without dial tone it gives up where there are other ways, and dials blindly where there are none`() {
        for isEmergency in [true, false] {
            var line = TurnedLine()
            line.send(.dial("112", isEmergency: isEmergency, patience: .elsewhere))
            line.wait(4_000)
            #expect(line.take().suffix(2) == [.seize(false), .reportHungUp(.noDialTone, .networkOutOfOrder)])
            line.wait(1_500)
            line.send(.dial("112", isEmergency: isEmergency))
            line.wait(4_000)
            #expect(line.take().last == .send("112", .dtmf))
        }
        // An emergency asks for no dial tone when nothing else is left.
        var careful = TurnedLine { $0.needsDialTone = true }
        careful.send(.dial("112", isEmergency: true))
        careful.wait(4_000)
        #expect(careful.take().last == .send("112", .dtmf))
    }

    @Test func `dialled blindly and nothing is heard: half a minute, unless the network is heard`() {
        let sounds: [LandlineStateMachine.Event?] = [
            nil, .tone(.ringback, bursts: 1), .tone(.specialInformation, bursts: 3),
        ]
        for hears in sounds {
            var line = TurnedLine()
            line.send(.dial("112", isEmergency: true))
            line.wait(4_000)
            line.send(.dialled)
            line.wait(5_000)
            if let hears { line.send(hears) }
            _ = line.take()
            line.wait(24_999)
            #expect(!line.take().contains(.reportHungUp(.nothingHeard, .networkOutOfOrder)))
            line.wait(1)
            let isOver = line.take().contains(.reportHungUp(.nothingHeard, .networkOutOfOrder))
            #expect(isOver == (hears == nil))
        }
    }

    @Test func `a device that does not take the line ends the call at once, in each state`() {
        let gone = LandlineStateMachine.Action.reportHungUp(.notTaken, .networkOutOfOrder)
        var line = TurnedLine()
        line.send(.dial("112", isEmergency: true))
        _ = line.take()
        line.send(.notTaken(isInUse: false))
        #expect(line.take() == [.seize(false), gone])
        #expect(line.machine.state == .clearing && !line.machine.isInEmergency)
        line.wait(1_500)
        line.send(.dial("0301", isEmergency: false))
        _ = line.take()
        line.send(.notTaken(isInUse: true))
        #expect(line.take().last == .reportHungUp(.lineInUse, .noCircuitAvailable))
        // A caller who is answered by a modem that fails.
        var incoming = TurnedLine()
        incoming.ring(pause: 3_000)
        incoming.send(.answer)
        _ = incoming.take()
        incoming.send(.notTaken(isInUse: false))
        #expect(incoming.take().last == gone)
        // The bell that is in an emergency's way cannot be answered.
        var tripping = TurnedLine()
        tripping.ring(pause: 500)
        tripping.send(.dial("112", isEmergency: true))
        _ = tripping.take()
        tripping.send(.notTaken(isInUse: false))
        #expect(tripping.take() == [.seize(false), gone])
        // Nor is it answered by one that lets go by itself; for an emergency that is the line's fault.
        var leaving = TurnedLine()
        leaving.ring(pause: 500)
        leaving.send(.dial("112", isEmergency: true))
        _ = leaving.take()
        leaving.send(.deviceEnded)
        #expect(leaving.take() == [.seize(false), .reportHungUp(.deviceEnded, .networkOutOfOrder)])
        // Nothing was asked of it.
        var idle = TurnedLine()
        idle.send(.notTaken(isInUse: false))
        #expect(idle.take().isEmpty && idle.machine.state == .idle)
    }

    @Test func `what ends a call before the answer says nothing of who was called`() {
        for (event, cause) in [
            (LandlineStateMachine.Event.lineInUse(true), HangupCause.noCircuitAvailable),
            (.tone(.dial, bursts: 3), .networkOutOfOrder), (.deviceEnded, .networkOutOfOrder),
            (.tone(.busy, bursts: 2), .userBusy),
        ] {
            var line = TurnedLine()
            line.send(.dial("0301234", isEmergency: false))
            line.send(.tone(.dial, bursts: 1))
            line.send(.dialled)
            line.wait(4_000)
            _ = line.take()
            line.send(event)
            guard case .reportHungUp(_, let told) = line.take().last else {
                Issue.record("\(event) ends nothing")
                continue
            }
            #expect(told == cause && cause.isUnreachable == (cause != .userBusy))
        }
        var dropped = TurnedLine()
        dropped.send(.dial("0301234", isEmergency: false))
        dropped.send(.tone(.dial, bursts: 1))
        dropped.send(.dialled)
        dropped.send(.loop(false))
        dropped.wait(64)
        #expect(dropped.take().last == .reportHungUp(.loopDrop, .networkOutOfOrder))
    }

    @Test func `voices instead of dial tone are another phone's, and the line is left to it`() {
        var line = TurnedLine()
        line.send(.dial("0301234", isEmergency: false))
        line.wait(500)
        line.send(.voice(true))
        _ = line.take()
        line.wait(2_499)
        #expect(line.take().isEmpty)
        line.wait(1)
        #expect(line.take() == [.seize(false), .reportHungUp(.lineInUse, .noCircuitAvailable)])
        // Short ones count when no dial tone comes; a dial tone after a click is one.
        var short = TurnedLine()
        short.send(.dial("0301234", isEmergency: false))
        short.send(.voice(true))
        short.wait(1_000)
        short.send(.voice(false))
        short.wait(3_000)
        #expect(short.take().last == .reportHungUp(.lineInUse, .noCircuitAvailable))
        var clicks = TurnedLine()
        clicks.send(.dial("0301234", isEmergency: false))
        clicks.send(.voice(true))
        clicks.wait(1_000)
        clicks.send(.tone(.dial, bursts: 1))
        #expect(clicks.take().last == .send("0301234", .dtmf))
        // A dial tone of a kind that the plan does not know begins like a voice.
        var foreign = TurnedLine()
        foreign.send(.dial("0301234", isEmergency: false))
        foreign.send(.voice(true))
        foreign.wait(500)
        foreign.send(.steadyTone)
        foreign.wait(3_500)
        #expect(foreign.take().last == .send("0301234", .dtmf))
        // An emergency gives way where there is another way, and dials where there is none.
        for patience in [LandlineStateMachine.Patience.elsewhere, .planned] {
            var emergency = TurnedLine()
            emergency.send(.dial("112", isEmergency: true, patience: patience))
            emergency.send(.voice(true))
            emergency.wait(4_000)
            #expect(emergency.take().contains(.send("112", .dtmf)) == (patience == .planned))
        }
    }

    @Test func `what a device presumes of silence counts only where silence is set to release`() {
        for silence in [Int64(0), 600_000] {
            var line = TurnedLine { $0.silence = silence }
            line.connectIncoming()
            line.send(.voice(true))
            line.send(.presumedGone)
            #expect(line.machine.state == .inCall)
            line.send(.voice(false))
            line.send(.presumedGone)
            #expect((line.machine.state == .inCall) == (silence == 0))
        }
    }
}
