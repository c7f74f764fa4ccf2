// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Scripting
import Telephony
import Testing

/// The pair in etc/partyline/scenarios, with its pauses shortened where a test would wait for them.
@Suite(.serialized) struct ShippedScenarioTests {
    private static let greeting = "Welcome. Please enter the conference number, then press pound."
    private static let again = "Please enter the conference number, then press pound."
    private static let allSources: [DigitSource] = [.telephoneEvent, .info, .keys, .inBand]

    private func gateway(pauseAfterDigit: Int = 4000, pauseForFirstDigit: Int = 10000) throws -> ScriptedBox {
        var text = try String(contentsOf: URL(filePath: Folders.shipped + "/gateway.js"), encoding: .utf8)
        for (old, new) in [
            ("pauseAfterDigit: 4000", "pauseAfterDigit: \(pauseAfterDigit)"),
            ("pauseForFirstDigit: 10000", "pauseForFirstDigit: \(pauseForFirstDigit)"),
        ] {
            #expect(text.contains(old))
            text = text.replacing(old, with: new)
        }
        return try ScriptedBox(["gateway.js": text])
    }

    private func answered(_ box: ScriptedBox) async throws -> SessionID {
        let session = box.start(1, ["gateway.js"])
        box.ring(session)
        #expect(try await box.exchange.next(session) == .answer(.caller, headers: []))
        box.tell(session, .connected(.caller, headers: []))
        try await expectTones(box, session, true)
        return session
    }

    private func expectTones(_ box: ScriptedBox, _ session: SessionID, _ enabled: Bool) async throws {
        let sources = Self.allSources
        #expect(try await box.exchange.next(session) == .handleTones(.caller, enabled: enabled, sources: sources))
    }

    private func expectWords(_ box: ScriptedBox, _ session: SessionID, _ words: String) async throws {
        let sound = SessionSound.speech(words, language: "US_ENGLISH_FEMALE")
        #expect(try await box.exchange.next(session) == .startPlayback(.caller, sound, loop: false))
        box.tell(session, .playbackStarted(.caller, milliseconds: 2000))
    }

    private func expectQuestion(_ box: ScriptedBox, _ session: SessionID, _ words: String) async throws {
        try await expectTones(box, session, true)
        try await expectWords(box, session, words)
    }

    private func expectDial(_ box: ScriptedBox, _ session: SessionID, _ leg: UnitID, _ conference: String) async throws
    {
        try await expectTones(box, session, false)
        let dial = SessionDial(
            target: .conference, destination: conference, callerNumber: "200", callerName: "Ada", headers: [])
        #expect(try await box.exchange.next(session) == .dial(leg, dial))
    }

    /// Every digit stops what is being said.
    private func press(_ box: ScriptedBox, _ session: SessionID, _ digits: String) async throws {
        box.press(session, digits)
        for _ in digits { #expect(try await box.exchange.next(session) == .stopPlayback(.caller)) }
    }

    @Test func `a caller is greeted after 300 ms and led into the conference`() async throws {
        let box = try gateway()
        let connected = ContinuousClock.now
        let session = try await answered(box)
        try await expectQuestion(box, session, Self.greeting)
        #expect(ContinuousClock.now - connected > .milliseconds(250))
        box.tell(session, .playbackFinished(.caller, error: nil))
        try await press(box, session, "111#")
        let leg = UnitID(-1)
        try await expectDial(box, session, leg, "conf_111")
        box.tell(session, .connected(leg, headers: []))
        #expect(try await box.exchange.next(session) == .connect(from: .caller, to: leg))
        #expect(try await box.exchange.next(session) == .connect(from: leg, to: .caller))

        box.tell(session, .disconnected(.caller, headers: [], code: 200, reason: "bye", seconds: 9))
        #expect(try await box.exchange.next(session) == .hangUp(leg, headers: []))
        #expect(try await box.exchange.next(session) == .terminate)
        box.workers.end(session)
        #expect(try await box.exchange.end(of: session).reason == nil)
    }

    @Test func `the number may be typed before and during the greeting`() async throws {
        let box = try gateway()
        let session = try await answered(box)
        // Before it: there is no greeting at all.
        try await press(box, session, "42#")
        try await expectDial(box, session, UnitID(-1), "conf_42")
        box.tell(session, .failed(UnitID(-1), code: 404, reason: "no", headers: []))
        try await expectQuestion(box, session, "There is no conference with this number. \(Self.again)")
        // During it: it stops, and the end of it that was on its way is not the script's business.
        try await press(box, session, "4")
        box.tell(session, .playbackFinished(.caller, error: nil))
        try await press(box, session, "3#")
        try await expectDial(box, session, UnitID(-2), "conf_43")
    }

    @Test func `a number ends some seconds after its last digit, and a star starts over`() async throws {
        let box = try gateway(pauseAfterDigit: 150)
        let session = try await answered(box)
        try await expectQuestion(box, session, Self.greeting)
        try await press(box, session, "99*12")
        try await expectDial(box, session, UnitID(-1), "conf_12")
    }

    @Test func `three failures in words, then goodbye`() async throws {
        let box = try gateway()
        let session = try await answered(box)
        try await expectQuestion(box, session, Self.greeting)
        try await press(box, session, "#")
        try await expectQuestion(box, session, "No number was entered. \(Self.again)")
        try await press(box, session, "7#")
        try await expectDial(box, session, UnitID(-1), "conf_7")
        box.tell(session, .failed(UnitID(-1), code: 486, reason: "locked", headers: []))
        try await expectQuestion(box, session, "You can not enter this conference. \(Self.again)")
        try await press(box, session, "8#")
        try await expectDial(box, session, UnitID(-2), "conf_8")
        box.tell(session, .failed(UnitID(-2), code: 503, reason: "full", headers: []))
        try await expectWords(box, session, "This conference can not be reached now. Goodbye.")
        // Too late for another try.
        box.press(session, "9#")
        box.tell(session, .playbackFinished(.caller, error: nil))
        #expect(try await box.exchange.next(session) == .hangUp(.caller, headers: []))
    }

    @Test func `somebody who types nothing is asked again and then let go`() async throws {
        let box = try gateway(pauseForFirstDigit: 60)
        let session = try await answered(box)
        try await expectQuestion(box, session, Self.greeting)
        box.tell(session, .playbackFinished(.caller, error: nil))
        try await expectQuestion(box, session, "No number was entered. \(Self.again)")
        box.tell(session, .playbackFinished(.caller, error: nil))
        try await expectQuestion(box, session, "No number was entered. \(Self.again)")
        // The speech fails: that must not leave the caller hanging.
        box.tell(session, .playbackFinished(.caller, error: "no speech program"))
        try await expectWords(box, session, "No number was entered. Goodbye.")
        box.tell(session, .playbackFinished(.caller, error: nil))
        #expect(try await box.exchange.next(session) == .hangUp(.caller, headers: []))
    }

    @Test func `a conference that ends hangs the caller up`() async throws {
        let box = try gateway()
        let session = try await answered(box)
        try await press(box, session, "5#")
        try await expectDial(box, session, UnitID(-1), "conf_5")
        box.tell(session, .connected(UnitID(-1), headers: []))
        _ = try await box.exchange.next(session)
        _ = try await box.exchange.next(session)
        box.tell(session, .disconnected(UnitID(-1), headers: [], code: 200, reason: "over", seconds: 1))
        #expect(try await box.exchange.next(session) == .hangUp(.caller, headers: []))
    }

    @Test func `the shipped conference has keys and tones and takes everybody in`() async throws {
        let box = try ScriptedBox(folder: Folders.shipped)
        let session = box.start(1, ["conference.js"], conference: "conf_111")
        let room = UnitID(-1)
        var options = SessionConferenceOptions()
        options.roomKeys = true
        options.joinTones = true
        #expect(try await box.exchange.next(session) == .createConference(room, options))
        for unit in Int32(1)...2 {
            box.ring(session, unit: unit, to: "conf_111")
            #expect(try await box.exchange.next(session) == .answer(UnitID(unit), headers: []))
            box.tell(session, .connected(UnitID(unit), headers: []))
            #expect(try await box.exchange.next(session) == .connect(from: UnitID(unit), to: room))
            #expect(try await box.exchange.next(session) == .connect(from: room, to: UnitID(unit)))
        }
        box.tell(session, .conferenceError(room, "the mixer is full"))
        #expect(try await box.exchange.next(session) == .terminate)
    }
}
