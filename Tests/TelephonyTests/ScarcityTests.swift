// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Telephony

/// What callers and scripts meet when something has run out.
@Suite struct ScarcityTests {
    @Test func `an emergency call that can not be told anything is not left in silence`() {
        let house = TestHouse(media: BookkeepingMedia(maxPlayers: 0))
        let caller = ScriptedLeg(1, technology: "line")
        house.call(caller, "112", from: .lines)
        house.leg(caller, .answered([]))
        #expect(caller.asked == ["answer", "hang up 16"])
        #expect(house.exchange.callReports().isEmpty)
    }

    @Test func `a script that waits for the end of its words is told when they can not begin`() {
        let house = TestHouse(media: BookkeepingMedia(maxPlayers: 0))
        let caller = ScriptedLeg(1)
        house.call(caller, "42")
        house.script(1, .answer(UnitID(1), headers: []))
        house.leg(caller, .answered([]))
        house.script(1, .startPlayback(UnitID(1), .speech("Goodbye", language: ""), loop: false))
        #expect(
            house.host.told.last?.event == .playbackFinished(UnitID(1), error: "all players are in use"))
    }

    @Test func `words that replace words leave nothing in the books`() {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.enter(leg, room: "5")
        let before = house.exchange.players.count
        for _ in 1...20 {
            for digit in [DTMFDigit.star, .one] { house.leg(leg, .digit(digit, .info)) }
        }
        #expect(house.exchange.players.count == before + 1)
    }

    @Test func `a conference that found the mixer full leaves its name to the next try`() {
        let media = BookkeepingMedia(maxMixes: 1)
        let house = TestHouse(media: media)
        let used = media.openMix()
        house.call(ScriptedLeg(1), "conf_5", from: .lines)
        house.script(1, .createConference(UnitID(-1), SessionConferenceOptions()))
        #expect(house.host.told.last?.event == .conferenceError(UnitID(-1), "the mixer is full"))
        #expect(house.exchange.rooms.isEmpty)
        if let used { media.closeMix(used) }
        house.script(1, .createConference(UnitID(-2), SessionConferenceOptions()))
        #expect(house.host.told.last?.event == .conferenceStarted(UnitID(-2)))
        #expect(house.exchange.roomReport("5") != nil)
    }

    @Test func `a room stays locked when its session is lost`() {
        let house = TestHouse()
        house.enter(ScriptedLeg(1), room: "5")
        #expect(house.exchange.perform(.lock(room: "5", true), now: 0) == .done)
        let session = house.exchange.sessionOfConference["conf_5"] ?? SessionID(0)
        house.happen(.sessionEnded(session, reason: "worker lost", orphaned: true))
        let stranger = ScriptedLeg(2)
        house.call(stranger, "conf_5", from: .lines)
        #expect(stranger.asked == ["reject 403"])
        #expect(house.exchange.roomReport("5")?.participants.count == 1)
    }

    @Test func `the next session takes over the room with the conference's name and no other`() {
        let house = TestHouse()
        house.enter(ScriptedLeg(1), room: "5")
        let session = house.exchange.sessionOfConference["conf_5"] ?? SessionID(0)
        let named = house.exchange.roomReport("5")
        for unit in 2...9 {
            house.script(session.number, .createConference(UnitID(Int32(-unit)), SessionConferenceOptions()))
        }
        house.happen(.sessionEnded(session, reason: "worker lost", orphaned: true))
        house.enter(ScriptedLeg(2), room: "5")
        #expect(named?.participants.count == 1)
        #expect(house.exchange.roomReport("5")?.participants.count == 2)
    }

    @Test func `an emergency number is taken when the house is full`() {
        let house = TestHouse(maxCalls: 1)
        house.call(ScriptedLeg(1), "42")
        let caller = ScriptedLeg(2, technology: "line")
        house.call(caller, "112", from: .lines)
        #expect(caller.asked == ["answer"])
    }

    @Test func `what ends something is taken by a full inbox`() {
        let mail = Mail()
        for number in 0..<20_000 { mail.perform(.terminate, of: SessionID(UInt64(number % 100))) }
        let port = PortID(slot: 1, generation: 1)
        mail.media(.talking(port, true))
        mail.media(.mediaTimeout(port))
        mail.media(.playerFinished(PlayerID(slot: 1, generation: 1), error: nil))
        mail.post(.hungUp(.normalClearing, []), from: LegID(1))
        #expect(mail.inbox.takeAll().count == 20_003)
        #expect(mail.inbox.refused == 1)
    }

    @Test func `a caller who is asked again after his conference is not hung up while he thinks`() {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.enter(leg, room: "5")
        let session = house.exchange.sessionOfConference["conf_5"] ?? SessionID(0)
        house.happen(.sessionEnded(session, reason: nil, orphaned: false))
        house.script(1, .startPlayback(UnitID(1), .speech("Another number?", language: ""), loop: false))
        house.pass(milliseconds: 3_000)
        if let player = house.media.player(saying: "Another number?") {
            house.happen(.media(.playerFinished(player, error: nil)))
        }
        house.pass(milliseconds: 9_000)
        #expect(leg.asked == ["answer"])
    }

    @Test func `a caller whom nobody looks after is hung up`() {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.enter(leg, room: "5")
        let session = house.exchange.sessionOfConference["conf_5"] ?? SessionID(0)
        house.happen(.sessionEnded(session, reason: nil, orphaned: false))
        house.pass(milliseconds: 10_001)
        #expect(leg.asked == ["answer", "hang up 16"])
    }

    @Test func `conferences that call the next one come to an end`() {
        let house = TestHouse(maxCalls: 1)
        house.call(ScriptedLeg(1), "conf_0", from: .lines)
        for number in 1...200 {
            house.script(
                UInt64(number),
                .dial(
                    UnitID(-1),
                    SessionDial(
                        target: .conference, destination: "conf_\(number)", callerNumber: nil, callerName: nil,
                        headers: [])))
        }
        #expect(house.exchange.calls.count <= house.exchange.options.mostInside)
        #expect(house.exchange.sessions.count < 100)
    }

    @Test func `calls that come and go do not pile up sessions`() {
        let house = TestHouse(maxCalls: 1)
        for number in 1...200 {
            let leg = ScriptedLeg(UInt32(number))
            house.call(leg, "conf_\(number)", from: .lines)
            house.leg(leg, .hungUp(.normalClearing, []))
        }
        #expect(house.exchange.sessions.count == house.exchange.options.mostInside)
        house.pass(milliseconds: 61_000)
        #expect(house.host.ended.count == house.exchange.options.mostInside)
    }
}

@Suite struct FloodTests {
    @Test func `a session that floods the box with commands ends, and the others lose nothing`() {
        let mail = Mail()
        for number in 0..<5_000 { mail.perform(.sendDigits(UnitID(1), "\(number % 10)"), of: SessionID(1)) }
        mail.perform(.terminate, of: SessionID(2))
        let events = mail.inbox.takeAll()
        #expect(events.count == 1_002)
        let floods = events.count { if case .sessionFlooded(SessionID(1)) = $0 { true } else { false } }
        #expect(floods == 1)
        guard case .command(SessionID(2), .terminate) = events.last else {
            Issue.record("the other session's command is lost")
            return
        }
    }

    @Test func `a flooded session's callers are let go`() {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.call(leg, "42")
        house.script(1, .answer(UnitID(1), headers: []))
        house.leg(leg, .answered([]))
        house.happen(.sessionFlooded(SessionID(1)))
        #expect(leg.asked.last == "hang up 41")
        #expect(house.host.ended == [SessionID(1)])
        #expect(house.exchange.callReports().isEmpty)
    }

    @Test func `an emergency number with a pound sign is one all the same`() {
        let house = TestHouse()
        house.call(ScriptedLeg(1), "112#")
        #expect(house.reported.contains("call.emergency"))
    }
}
