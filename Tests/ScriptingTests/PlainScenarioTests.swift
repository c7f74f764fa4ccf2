// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Scripting
import Telephony
import Testing

/// The two scripts that the project exists for, as plainly as people write them.
@Suite(.serialized) struct PlainScenarioTests {
    private static let folder = Folders.fixtures + "/scenarios"

    @Test func `the plain gateway greets, takes digits and calls the conference`() async throws {
        let box = try ScriptedBox(folder: Self.folder)
        let session = box.start(1, ["plain-gateway.js"])
        box.ring(session)
        #expect(try await box.exchange.next(session) == .answer(.caller, headers: []))

        box.tell(session, .connected(.caller, headers: []))
        let greeting = SessionSound.speech(
            "Hello. Type the number of your conference and the hash key.", language: "UK_ENGLISH_FEMALE")
        #expect(try await box.exchange.next(session) == .startPlayback(.caller, greeting, loop: false))

        box.tell(session, .playbackStarted(.caller, milliseconds: 3000))
        box.tell(session, .playbackFinished(.caller, error: nil))
        #expect(
            try await box.exchange.next(session)
                == .handleTones(.caller, enabled: true, sources: [.telephoneEvent, .info, .keys, .inBand]))

        box.press(session, "111#")
        let leg = UnitID(-1)
        #expect(try await box.exchange.next(session) == .dial(leg, Self.dial("conf_111")))

        box.tell(session, .connected(leg, headers: []))
        #expect(try await box.exchange.next(session) == .connect(from: .caller, to: leg))
        #expect(try await box.exchange.next(session) == .connect(from: leg, to: .caller))

        // Nobody in the script cares for the caller who hangs up; the house does, and ends the session.
        box.tell(session, .disconnected(.caller, headers: [], code: 200, reason: "Normal", seconds: 7))
        box.workers.end(session)
        #expect(try await box.exchange.end(of: session) == .init(session: session, reason: nil, orphaned: false))
    }

    @Test func `a hash with nothing typed calls the conference without a number`() async throws {
        let box = try ScriptedBox(folder: Self.folder)
        let session = box.start(1, ["plain-gateway.js"])
        box.ring(session)
        box.tell(session, .connected(.caller, headers: []))
        box.tell(session, .playbackStarted(.caller, milliseconds: 3000))
        _ = try await box.exchange.next(session)
        _ = try await box.exchange.next(session)
        box.tell(session, .playbackStarted(.caller, milliseconds: 3000))
        box.tell(session, .playbackFinished(.caller, error: nil))
        _ = try await box.exchange.next(session)
        box.press(session, "#")
        #expect(try await box.exchange.next(session) == .dial(UnitID(-1), Self.dial("conf_")))
    }

    @Test func `the plain conference makes its room first and takes everybody in`() async throws {
        let box = try ScriptedBox(folder: Self.folder)
        let session = box.start(1, ["plain-conference.js"], conference: "conf_111")
        let room = UnitID(-1)
        #expect(try await box.exchange.next(session) == .createConference(room, SessionConferenceOptions()))
        box.tell(session, .conferenceStarted(room))
        for unit in Int32(1)...3 {
            let guest = UnitID(unit)
            box.ring(session, unit: unit, to: "conf_111")
            #expect(try await box.exchange.next(session) == .answer(guest, headers: []))
            box.tell(session, .connected(guest, headers: []))
            #expect(try await box.exchange.next(session) == .connect(from: guest, to: room))
            #expect(try await box.exchange.next(session) == .connect(from: room, to: guest))
        }
    }

    private static func dial(_ destination: String) -> SessionDial {
        SessionDial(target: .conference, destination: destination, callerNumber: nil, callerName: nil, headers: [])
    }
}

enum Folders {
    /// The top of the repository.
    static let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let fixtures = top + "/Tests/Fixtures"
    static let shipped = top + "/etc/partyline/scenarios"
}
