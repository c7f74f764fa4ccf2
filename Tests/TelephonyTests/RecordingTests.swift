// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Telephony
import Testing

/// What is recorded of calls and rooms, through the real exchange with doubles around it.
@Suite struct RecordingTests {
    private func recorder(_ house: TestHouse) -> (id: RecorderID, book: BookkeepingMedia.Books.Recorder)? {
        house.media.books.withLock { books in
            books.recorders.max { $0.key.slot < $1.key.slot }.map { ($0.key, $0.value) }
        }
    }

    private func heard(_ house: TestHouse, _ mix: MixID?) -> Set<String> {
        house.media.books.withLock { books in
            Set(
                (mix.flatMap { books.mixes[$0] } ?? []).map { source in
                    switch source {
                    case .port(let port): "port \(port.slot)"
                    case .player: "player"
                    }
                })
        }
    }

    private func told(_ house: TestHouse, _ session: UInt64) -> [SessionEvent] {
        house.host.told.filter { $0.session.number == session }.map(\.event)
    }

    @Test func `a recorded caller in a room is recorded with everybody it hears, and without twice itself`() throws {
        let house = TestHouse()
        let legs = (1...3).map { ScriptedLeg($0) }
        for leg in legs { house.enter(leg, room: "111") }
        house.script(1, .startRecording(UnitID(1), SessionRecording()))
        let mono = try #require(recorder(house))
        #expect(mono.book.order.channels == 1)
        #expect(heard(house, mono.book.channels[0]).subtracting(["player"]) == ["port 1", "port 2", "port 3"])
        var wish = SessionRecording()
        wish.isStereo = true
        wish.format = .flac
        house.script(1, .startRecording(UnitID(1), wish))
        #expect(house.media.books.withLock { $0.recorders[mono.id]?.isStopped } == true)
        let stereo = try #require(recorder(house))
        #expect(heard(house, stereo.book.channels[0]) == ["port 1"])
        #expect(heard(house, stereo.book.channels[1]).subtracting(["player"]) == ["port 2", "port 3"])
        // Who comes later is recorded as well; who goes is not.
        house.leg(legs[2], .hungUp(.normalClearing, []))
        #expect(heard(house, stereo.book.channels[1]).subtracting(["player"]) == ["port 2"])
    }

    @Test func `the script is told of start and stop with the address, and the end of the call ends the recording`()
        throws
    {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.call(leg, "42")
        house.script(1, .answer(UnitID(1), headers: []))
        house.leg(leg, .answered([]))
        house.script(1, .startRecording(UnitID(1), SessionRecording()))
        let id = try #require(recorder(house)).id
        house.happen(.media(.recordingStarted(id, name: "x.mp3")))
        #expect(told(house, 1).last == .recordStarted(UnitID(1), url: "http://localhost/recordings/x.mp3"))
        house.leg(leg, .hungUp(.normalClearing, []))
        #expect(house.media.books.withLock { $0.recorders[id]?.isStopped } == true)
        #expect(house.media.books.withLock { $0.mixes.isEmpty })
        house.happen(.media(.recordingEnded(id, name: "x.mp3", seconds: 7, error: nil)))
        #expect(told(house, 1).last == .recordStopped(UnitID(1), url: "http://localhost/recordings/x.mp3", seconds: 7))
    }

    @Test func `a recorder that the disk ends tells the script why and what was kept`() throws {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.call(leg, "42")
        house.script(1, .answer(UnitID(1), headers: []), .createRecorder(UnitID(-1), SessionRecording()))
        house.leg(leg, .answered([]))
        house.script(1, .connect(from: UnitID(1), to: UnitID(-1)))
        let made = try #require(recorder(house))
        #expect(heard(house, made.book.channels[0]) == ["port 1"])
        house.script(1, .muteRecorder(UnitID(-1), true))
        #expect(recorder(house)?.book.mode == .silent)
        house.happen(.media(.recordingEnded(made.id, name: "y.mp3", seconds: 2, error: "the disk is full")))
        #expect(
            told(house, 1).suffix(2) == [
                .recordError(UnitID(-1), "the disk is full"),
                .recordStopped(UnitID(-1), url: "http://localhost/recordings/y.mp3", seconds: 2),
            ])
        #expect(house.media.books.withLock { books in made.book.channels.values.allSatisfy { books.mixes[$0] == nil } })
    }

    @Test func `a room is recorded by command, halted, goes on, ends with the last one inside; those inside are told`()
        throws
    {
        let house = TestHouse()
        let legs = (1...2).map { ScriptedLeg($0) }
        for leg in legs { house.enter(leg, room: "111") }
        #expect(house.exchange.perform(.record(room: "111", action: "pause"), now: 0) != .done)
        #expect(house.exchange.perform(.record(room: "111", action: "start"), now: 0) == .done)
        #expect(house.exchange.roomReport("111")?.recording == "on")
        #expect(house.media.heard(by: legs[0]).contains("This room is being recorded."))
        // Who comes later hears it as well, and the others do not hear it again.
        let late = ScriptedLeg(3)
        house.enter(late, room: "111")
        #expect(house.media.heard(by: late) == ["This room is being recorded."])
        house.leg(late, .hungUp(.normalClearing, []))
        #expect(house.exchange.perform(.record(room: "111", action: "pause"), now: 0) == .done)
        #expect(recorder(house)?.book.mode == .paused)
        house.enter(ScriptedLeg(4), room: "111")
        #expect(house.media.heard(by: ScriptedLeg(4)).contains("port 1"), "a recording that is halted is not told")
        house.leg(ScriptedLeg(4), .hungUp(.normalClearing, []))
        #expect(house.exchange.roomReport("111")?.recording == "paused")
        #expect(house.exchange.perform(.record(room: "111", action: "start"), now: 0) == .done)
        #expect(recorder(house)?.book.mode == .on)
        for leg in legs { house.leg(leg, .hungUp(.normalClearing, [])) }
        #expect(recorder(house)?.book.isStopped == true)
    }

    @Test func `star three, five and eight are for whoever is longest in the room`() {
        let house = TestHouse()
        let legs = (1...3).map { ScriptedLeg($0) }
        for leg in legs {
            house.enter(leg, room: "111")
            house.pass(milliseconds: 1000)
        }
        func press(_ leg: ScriptedLeg, _ digits: [DTMFDigit]) {
            for digit in digits {
                house.happen(.media(.digit(leg.port ?? PortID(slot: 0, generation: 0), digit, .telephoneEvent)))
            }
        }
        press(legs[1], [.star, .three])
        #expect(recorder(house) == nil)
        #expect(house.media.player(saying: "Only the host can do that.") != nil)
        press(legs[0], [.star, .three])
        #expect(house.exchange.roomReport("111")?.recording == "on")
        press(legs[0], [.star, .five])
        #expect(house.exchange.roomReport("111")?.isLocked == true)
        press(legs[0], [.star, .eight])
        #expect(legs[2].asked.last?.hasPrefix("hang up") == true)
        #expect(legs[1].asked.contains { $0.hasPrefix("hang up") } == false)
    }
}
