// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Telephony
import Testing

@Suite struct ExchangeTests {
    @Test func `three callers who typed the same room hear each other and not themselves`() {
        let house = TestHouse()
        let legs = (1...3).map { ScriptedLeg($0) }
        for leg in legs { house.enter(leg, room: "111") }
        for leg in legs {
            let others = Set(legs.filter { $0 !== leg }.map { "port \($0.id.number)" })
            #expect(house.media.heard(by: leg).subtracting(["tones"]) == others)
        }
        #expect(house.exchange.roomReport("111")?.participants.count == 3)
        // One session for the room, one for each caller.
        #expect(house.host.started.count == 4)
    }

    @Test func `two rooms do not hear each other`() {
        let house = TestHouse()
        let legs = (1...4).map { ScriptedLeg($0) }
        house.enter(legs[0], room: "1")
        house.enter(legs[1], room: "1")
        house.enter(legs[2], room: "2")
        house.enter(legs[3], room: "2")
        #expect(house.media.heard(by: legs[0]).subtracting(["tones"]) == ["port 2"])
        #expect(house.media.heard(by: legs[3]).subtracting(["tones"]) == ["port 3"])
    }

    @Test func `a caller who hangs up takes his conference leg along and leaves nobody behind`() {
        let house = TestHouse()
        let legs = (1...2).map { ScriptedLeg($0) }
        for leg in legs { house.enter(leg, room: "111") }
        house.leg(legs[0], .hungUp(.normalClearing, []))
        #expect(house.exchange.roomReport("111")?.participants.count == 1)
        #expect(house.media.heard(by: legs[1]).subtracting(["tones", "You are the first one here."]).isEmpty)
        house.leg(legs[1], .hungUp(.normalClearing, []))
        #expect(house.exchange.callReports().isEmpty)
        #expect(house.media.books.withLock { $0.listening.isEmpty })
        // Sessions end a minute after their last call, and the room with its session.
        house.pass(milliseconds: 61_000)
        #expect(Set(house.host.ended) == Set(house.host.started.map(\.session)))
    }

    @Test func `the first one in a room is told so and it stops when somebody comes`() {
        let house = TestHouse()
        let legs = (1...2).map { ScriptedLeg($0) }
        house.enter(legs[0], room: "111")
        #expect(house.media.heard(by: legs[0]) == ["You are the first one here."])
        house.enter(legs[1], room: "111")
        #expect(house.media.heard(by: legs[0]) == ["port 2", "tones"])
    }

    @Test func `a greeting is heard until it is stopped and tones arrive once`() {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.call(leg, "42")
        house.script(1, .answer(UnitID(1), headers: []))
        house.leg(leg, .answered([]))
        house.script(1, .handleTones(UnitID(1), enabled: true, sources: []))
        house.script(1, .startPlayback(UnitID(1), .speech("Welcome", language: "en"), loop: false))
        #expect(house.media.heard(by: leg) == ["Welcome"])
        // In-band is heard first, the telephone-event 30 ms later: one digit.
        house.happen(.media(.digit(leg.port ?? PortID(slot: 0, generation: 0), .four, .inBand)))
        house.pass(milliseconds: 30)
        house.happen(.media(.digit(leg.port ?? PortID(slot: 0, generation: 0), .four, .telephoneEvent)))
        house.pass(milliseconds: 200)
        let tones = house.host.told.filter { if case .tone = $0.event { true } else { false } }
        #expect(tones.map(\.event) == [.tone(UnitID(1), "4", .telephoneEvent)])
        house.script(1, .stopPlayback(UnitID(1)))
        #expect(house.media.heard(by: leg).isEmpty)
        let finished = house.host.told.contains { if case .playbackFinished = $0.event { true } else { false } }
        #expect(!finished)
    }

    @Test func `digits typed before the script listens reach it when it does, once`() {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.call(leg, "42")
        house.script(1, .answer(UnitID(1), headers: []))
        house.leg(leg, .answered([]))
        for digit in [DTMFDigit.four, .two, .pound] { house.leg(leg, .digit(digit, .info)) }
        house.script(1, .handleTones(UnitID(1), enabled: true, sources: []))
        house.script(1, .handleTones(UnitID(1), enabled: true, sources: []))
        house.leg(leg, .digit(.one, .info))
        let tones = house.host.told.compactMap { told -> String? in
            if case .tone(_, let tone, _) = told.event { tone } else { nil }
        }
        #expect(tones == ["4", "2", "#", "1"])
    }

    @Test func `a worker that is lost leaves its room with its audio and the next session takes it over`() {
        let house = TestHouse()
        let legs = (1...3).map { ScriptedLeg($0) }
        house.enter(legs[0], room: "111")
        house.enter(legs[1], room: "111")
        for session in house.host.started {
            house.happen(.sessionEnded(session.session, reason: "worker lost", orphaned: true))
        }
        #expect(house.media.heard(by: legs[0]).subtracting(["tones"]) == ["port 2"])
        #expect(legs[0].asked == ["answer"])
        house.enter(legs[2], room: "111")
        #expect(house.media.heard(by: legs[2]).subtracting(["tones"]) == ["port 1", "port 2"])
        #expect(house.media.heard(by: legs[0]).subtracting(["tones"]) == ["port 2", "port 3"])
        house.leg(legs[0], .hungUp(.normalClearing, []))
        #expect(house.media.heard(by: legs[2]).subtracting(["tones"]) == ["port 2"])
        for leg in legs { house.leg(leg, .hungUp(.normalClearing, [])) }
        #expect(house.exchange.callReports().isEmpty)
        house.pass(milliseconds: 130_000)
        for session in house.host.ended { house.happen(.sessionEnded(session, reason: nil, orphaned: false)) }
        #expect(house.exchange.roomReports().isEmpty)
    }

    @Test func `a caller whose worker is lost during the greeting is greeted anew`() {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.call(leg, "42")
        house.script(1, .answer(UnitID(1), headers: []))
        house.leg(leg, .answered([]))
        house.script(1, .startPlayback(UnitID(1), .speech("Welcome", language: ""), loop: false))
        house.happen(.sessionEnded(SessionID(1), reason: "worker lost", orphaned: true))
        #expect(house.host.started.count == 2)
        house.script(2, .answer(UnitID(1), headers: []))
        #expect(
            house.host.told.contains { $0.session == SessionID(2) && $0.event == .connected(UnitID(1), headers: []) })
        #expect(leg.asked == ["answer"])
    }

    @Test func `nobody answers for a minute`() {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.call(leg, "42")
        house.pass(milliseconds: 60_001)
        #expect(leg.asked == ["hang up 19"])
        #expect(house.exchange.callReports().isEmpty)
    }

    @Test func `a phone calls a phone, both hear each other, and one on-hook ends both`() {
        let called = ScriptedLeg(7, technology: "line")
        let house = TestHouse(drivers: [OnePhone("22", called)])
        let caller = ScriptedLeg(1, technology: "line")
        house.call(caller, "22", from: .lines)
        house.leg(called, .ringing([]))
        #expect(caller.asked == ["ring"])
        house.leg(called, .answered([]))
        #expect(caller.asked == ["ring", "answer"])
        house.leg(caller, .answered([]))
        #expect(house.media.heard(by: caller) == ["port 7"])
        #expect(house.media.heard(by: called) == ["port 1"])
        house.leg(called, .hungUp(.normalClearing, []))
        #expect(caller.asked.last == "hang up 16")
        #expect(house.exchange.callReports().isEmpty)
    }

    @Test func `a busy extension is busy to the caller`() {
        let called = ScriptedLeg(7, technology: "line")
        let house = TestHouse(drivers: [OnePhone("22", called)])
        let caller = ScriptedLeg(1)
        house.call(caller, "22")
        house.leg(called, .hungUp(.userBusy, []))
        #expect(caller.asked == ["hang up 17"])
    }

    @Test func `an emergency number comes before everything and says that there is no way out`() throws {
        let house = TestHouse(drivers: [OnePhone("112", ScriptedLeg(9))])
        let caller = ScriptedLeg(1, technology: "line")
        house.call(caller, "112", from: .lines)
        #expect(caller.asked == ["answer"])
        house.leg(caller, .answered([]))
        let words = try #require(house.media.heard(by: caller).first)
        #expect(words.contains("no line to the outside"))
        let player = try #require(house.media.player(saying: words))
        house.happen(.media(.playerFinished(player, error: nil)))
        #expect(caller.asked == ["answer", "hang up 16"])
        #expect(house.reported.contains("call.emergency"))
        #expect(house.host.started.isEmpty)
    }

    @Test func `a local phone that dials a room is in the room`() {
        let house = TestHouse()
        let caller = ScriptedLeg(1, technology: "line")
        house.call(caller, "111", from: .lines)
        #expect(house.host.started.map(\.conferenceName) == ["conf_111"])
    }

    @Test func `a stranger reaches no room directly and gets the gateway`() {
        let house = TestHouse()
        house.call(ScriptedLeg(1), "conf_111", from: .trunks)
        #expect(house.host.started.map(\.rule) == ["gateway"])
    }

    @Test func `hold keeps the holder out of the room until he is back`() {
        let house = TestHouse()
        let legs = (1...2).map { ScriptedLeg($0) }
        for leg in legs { house.enter(leg, room: "5") }
        house.leg(legs[0], .held(true))
        #expect(house.media.heard(by: legs[1]).subtracting(["tones"]).isEmpty)
        house.leg(legs[0], .held(false))
        #expect(house.media.heard(by: legs[1]).subtracting(["tones"]) == ["port 1"])
    }

    @Test func `star six mutes and star six again speaks`() {
        let house = TestHouse()
        let legs = (1...2).map { ScriptedLeg($0) }
        for leg in legs { house.enter(leg, room: "5") }
        for digit in [DTMFDigit.star, .six] { house.leg(legs[0], .digit(digit, .info)) }
        #expect(house.media.heard(by: legs[0]) == ["You are muted."])
        #expect(house.media.heard(by: legs[1]).subtracting(["tones"]).isEmpty)
        for digit in [DTMFDigit.star, .six] { house.leg(legs[0], .digit(digit, .info)) }
        #expect(house.media.heard(by: legs[1]).subtracting(["tones"]) == ["port 1"])
        if let player = house.media.player(saying: "You can speak.") {
            house.happen(.media(.playerFinished(player, error: nil)))
        }
        #expect(house.media.heard(by: legs[0]).subtracting(["tones"]) == ["port 2"])
    }

    @Test func `kick, mute and lock work from the desk and wrong names are told`() {
        let house = TestHouse()
        let legs = (1...2).map { ScriptedLeg($0) }
        for leg in legs { house.enter(leg, room: "5") }
        let ids = house.exchange.roomReport("5")?.participants.map(\.id) ?? []
        #expect(ids.count == 2)
        #expect(house.exchange.perform(.mute(room: "5", participant: ids[0], true), now: 0) == .done)
        #expect(house.media.heard(by: legs[1]).subtracting(["tones"]).isEmpty)
        #expect(house.exchange.perform(.kick(room: "5", participant: ids[0]), now: 0) == .done)
        #expect(legs[0].asked.last == "hang up 16")
        #expect(house.exchange.perform(.lock(room: "5", true), now: 0) == .done)
        house.enter(ScriptedLeg(3), room: "5")
        #expect(house.exchange.roomReport("5")?.participants.count == 1)
        guard case .notFound = house.exchange.perform(.kick(room: "6", participant: "1"), now: 0) else {
            Issue.record("room 6 does not exist")
            return
        }
    }

    @Test func `the house is full`() {
        let house = TestHouse(maxCalls: 1)
        house.call(ScriptedLeg(1), "42")
        let second = ScriptedLeg(2)
        house.call(second, "42")
        #expect(second.asked == ["reject 503"])
    }

    @Test func `a script that fails before it answers refuses the call`() {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.call(leg, "42")
        house.happen(.sessionEnded(SessionID(1), reason: "gateway.js:3: SyntaxError", orphaned: false))
        #expect(leg.asked == ["hang up 41"])
    }

    @Test func `calls to the outside are refused since nothing dials out`() {
        let house = TestHouse()
        house.call(ScriptedLeg(1), "42")
        house.script(
            1,
            .dial(
                UnitID(-1),
                SessionDial(
                    target: .pstn, destination: "0190", callerNumber: nil, callerName: nil, headers: [])))
        #expect(house.host.told.contains { if case .failed(UnitID(-1), 403, _, _) = $0.event { true } else { false } })
    }

    @Test func `a caller whose conference goes away is not left in silence`() {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.enter(leg, room: "5")
        guard let room = house.host.started.last(where: { $0.conferenceName != nil }) else { return }
        house.happen(.sessionEnded(room.session, reason: "conference.js:9: Error", orphaned: false))
        house.pass(milliseconds: 11_000)
        #expect(leg.asked.last == "hang up 16")
    }
}
