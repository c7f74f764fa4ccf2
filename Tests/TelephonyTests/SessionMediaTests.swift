// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Telephony

/// The media rules that scripts rely on, through the real exchange with doubles around it.
@Suite struct SessionMediaTests {
    private func answered(_ house: TestHouse, _ number: UInt32) -> ScriptedLeg {
        let leg = ScriptedLeg(number)
        house.call(leg, "4\(number)")
        return leg
    }

    private func voices(_ house: TestHouse, _ leg: ScriptedLeg) -> Set<String> {
        house.media.heard(by: leg).filter { $0.hasPrefix("port") }
    }

    /// A session of a conference id with so many calls, all answered; conferences -1 and -2 are made.
    private func conference(_ house: TestHouse, _ count: UInt32) -> [ScriptedLeg] {
        let legs = (1...count).map { ScriptedLeg($0) }
        for leg in legs { house.call(leg, "conf_9", from: .lines) }
        house.script(
            1, .createConference(UnitID(-1), SessionConferenceOptions()),
            .createConference(UnitID(-2), SessionConferenceOptions()))
        for (index, leg) in legs.enumerated() {
            house.script(1, .answer(UnitID(Int32(index) + 1), headers: []))
            house.leg(leg, .answered([]))
        }
        return legs
    }

    private func join(_ house: TestHouse, _ call: Int32, _ room: Int32) {
        house.script(
            1, .connect(from: UnitID(call), to: UnitID(room)), .connect(from: UnitID(room), to: UnitID(call)))
    }

    @Test func `two conferences of one session are apart until one is fed into the other, and one way only then`() {
        let house = TestHouse()
        let legs = conference(house, 4)
        for call in 1...2 { join(house, Int32(call), -1) }
        for call in 3...4 { join(house, Int32(call), -2) }
        #expect(voices(house, legs[0]) == ["port 2"])
        #expect(voices(house, legs[2]) == ["port 4"])
        house.script(1, .connect(from: UnitID(-1), to: UnitID(-2)))
        #expect(voices(house, legs[0]) == ["port 2"])
        #expect(voices(house, legs[2]) == ["port 4", "port 1", "port 2"])
        house.script(1, .connect(from: UnitID(-2), to: UnitID(-1)))
        #expect(voices(house, legs[0]) == ["port 2", "port 3", "port 4"])
        house.script(1, .disconnect(from: UnitID(-1), to: UnitID(-2)))
        #expect(voices(house, legs[2]) == ["port 4"])
        house.script(1, .stopConference(UnitID(-2)))
        #expect(voices(house, legs[0]) == ["port 2"])
        #expect(voices(house, legs[2]).isEmpty)
    }

    @Test func `a name that a script gives is seen in the roster`() {
        let house = TestHouse()
        _ = conference(house, 2)
        for call in 1...2 { join(house, Int32(call), -1) }
        func names() -> [String] { house.exchange.roomReport("9")?.participants.map(\.name) ?? [] }
        let before = names()
        house.script(1, .nameCaller(UnitID(2), "Ada\nEve"), .nameCaller(UnitID(7), "nobody"))
        #expect(names() == [before.first ?? "", "AdaEve"])
        house.script(1, .nameCaller(UnitID(2), ""))
        #expect(names() == before && before.count == 2)
    }

    @Test func `a name that a conference gives goes to whoever is behind the wire`() throws {
        let house = TestHouse()
        house.enter(ScriptedLeg(1), room: "5")
        let room = try #require(house.exchange.sessionOfConference["conf_5"])
        house.script(room.number, .nameCaller(UnitID(1), "Ada"))
        #expect(house.exchange.roomReport("5")?.participants.map(\.name) == ["Ada"])
    }

    @Test func `one way into a conference is talk only, one way out is listen only`() {
        let house = TestHouse()
        let legs = conference(house, 3)
        join(house, 1, -1)
        house.script(1, .connect(from: UnitID(2), to: UnitID(-1)), .connect(from: UnitID(-1), to: UnitID(3)))
        #expect(voices(house, legs[0]) == ["port 2"])
        #expect(voices(house, legs[1]).isEmpty)
        #expect(voices(house, legs[2]) == ["port 1", "port 2"])
        // Mute is the one direction taken away.
        house.script(1, .disconnect(from: UnitID(1), to: UnitID(-1)))
        #expect(voices(house, legs[2]) == ["port 2"])
    }

    @Test
    func `a call hears one stream: what is said to it takes it out of the conference until it is connected again`() {
        let house = TestHouse()
        let legs = conference(house, 2)
        for call in 1...2 { join(house, Int32(call), -1) }
        house.script(1, .startPlayback(UnitID(1), .speech("One moment", language: ""), loop: false))
        #expect(house.media.heard(by: legs[0]) == ["One moment"])
        // It is still heard by the others meanwhile.
        #expect(voices(house, legs[1]) == ["port 1"])
        if let player = house.media.player(saying: "One moment") {
            house.happen(.media(.playerFinished(player, error: nil)))
        }
        #expect(house.media.heard(by: legs[0]).isEmpty)
        house.script(1, .connect(from: UnitID(-1), to: UnitID(1)))
        #expect(voices(house, legs[0]) == ["port 2"])
    }

    @Test func `words into a conference are heard by all, a player by whom it is sent to`() {
        let house = TestHouse()
        let legs = conference(house, 2)
        for call in 1...2 { join(house, Int32(call), -1) }
        house.script(1, .startPlayback(UnitID(-1), .speech("Welcome all", language: ""), loop: false))
        #expect(house.media.heard(by: legs[0]) == ["port 2", "Welcome all"])
        #expect(house.media.heard(by: legs[1]) == ["port 1", "Welcome all"])
        house.script(
            1, .createPlayer(UnitID(-5), .speech("Only you", language: ""), loop: false),
            .connect(from: UnitID(-5), to: UnitID(2)))
        #expect(house.media.heard(by: legs[1]) == ["Only you"])
        #expect(house.media.heard(by: legs[0]) == ["port 2", "Welcome all"])
    }

    @Test func `ringing and early media before the answer: heard by the caller, never by a room`() {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.call(leg, "conf_9", from: .lines)
        house.script(1, .ring(UnitID(1), headers: []), .startEarlyMedia(UnitID(1), headers: []))
        #expect(leg.asked == ["ring", "early"])
        house.script(1, .startPlayback(UnitID(1), .speech("Please wait", language: ""), loop: true))
        #expect(house.media.heard(by: leg) == ["Please wait"])
        house.script(1, .createConference(UnitID(-1), SessionConferenceOptions()))
        let second = ScriptedLeg(2)
        house.call(second, "conf_9", from: .lines)
        house.script(1, .answer(UnitID(2), headers: []))
        house.leg(second, .answered([]))
        join(house, 2, -1)
        join(house, 1, -1)
        #expect(voices(house, second).isEmpty)
        house.script(1, .answer(UnitID(1), headers: []))
        house.leg(leg, .answered([]))
        #expect(voices(house, second) == ["port 1"])
    }

    @Test func `a call that nobody answers fails after a minute, and the session ends a minute after its last call`() {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.call(leg, "42")
        house.pass(milliseconds: 59_000)
        #expect(leg.asked.isEmpty)
        house.pass(milliseconds: 2_000)
        #expect(leg.asked.last?.hasPrefix("reject") == true || leg.asked.last?.hasPrefix("hang up") == true)
        house.leg(leg, .hungUp(.normalClearing, []))
        house.pass(milliseconds: 58_000)
        #expect(house.host.ended.isEmpty)
        house.pass(milliseconds: 3_000)
        #expect(house.host.ended == [SessionID(1)])
    }

    @Test func `a recorder takes what a conference, a call and a player say, and a sequence tells its segments`() {
        let house = TestHouse()
        let legs = conference(house, 2)
        for call in 1...2 { join(house, Int32(call), -1) }
        house.script(
            1, .createRecorder(UnitID(-9), SessionRecording()), .connect(from: UnitID(-1), to: UnitID(-9)))
        let mix = house.media.books.withLock { $0.recorders.values.first?.channels[0] }
        let heard = house.media.books.withLock { books in mix.flatMap { books.mixes[$0]?.count } }
        #expect(heard == 2)
        let parts: [SessionSound] = [.speech("a", language: ""), .speech("b", language: "")]
        house.script(1, .createPlayer(UnitID(-5), .sequence(parts), loop: false))
        if let player = house.media.player(saying: "a + b") {
            house.happen(.media(.playerSegments(player, milliseconds: [700, 800])))
        }
        #expect(
            house.host.told.last?.event == .playbackSegments(UnitID(-5), milliseconds: [700, 800]))
        #expect(legs.count == 2)
    }

    @Test func `who speaks is told to the script that asks, as long as it asks`() {
        let house = TestHouse()
        let leg = answered(house, 1)
        let port = leg.port ?? PortID(slot: 0, generation: 0)
        func told() -> [SessionEvent] {
            house.host.told.map(\.event).filter { if case .micStatus = $0 { true } else { false } }
        }
        house.script(1, .answer(UnitID(1), headers: []))
        house.leg(leg, .answered([]))
        house.happen(.media(.talking(port, true)))
        #expect(told().isEmpty)
        house.script(1, .handleMicStatus(UnitID(1), enabled: true), .handleMicStatus(UnitID(1), enabled: true))
        #expect(told() == [.micStatus(UnitID(1), active: true)])
        house.happen(.media(.talking(port, false)))
        house.script(1, .handleMicStatus(UnitID(1), enabled: false))
        house.happen(.media(.talking(port, true)))
        #expect(told() == [.micStatus(UnitID(1), active: true), .micStatus(UnitID(1), active: false)])
    }

    @Test func `media that stays away, comes back, and its quality are told to the script`() {
        let house = TestHouse()
        let leg = answered(house, 1)
        let port = leg.port ?? PortID(slot: 0, generation: 0)
        house.script(1, .answer(UnitID(1), headers: []), .detectBeep(UnitID(1), true))
        house.leg(leg, .answered([]))
        house.happen(.media(.firstAudio(port)))
        house.happen(.media(.flowing(port, false)))
        house.happen(.media(.flowing(port, true)))
        house.happen(.media(.beep(port, milliseconds: 400)))
        let events = house.host.told.map(\.event).suffix(4)
        #expect(
            events == [
                .audioQuality(UnitID(1), isHighDefinition: false), .mediaStopped(UnitID(1)), .mediaResumed(UnitID(1)),
                .beepDetected(UnitID(1), milliseconds: 400),
            ])
    }
}
