// SPDX-License-Identifier: Apache-2.0

import Scripting
import Telephony
import Testing

/// easyProcess and the one-line scenarios on top of it.
@Suite(.serialized) struct ForwardingTests {
    private static let leg = UnitID(-1)

    private func forwarded(_ script: String, to destination: String = "100") async throws -> (
        ScriptedBox, SessionID, SessionDial
    ) {
        let box = try ScriptedBox(["a.js": script])
        let session = box.start(1, ["a.js"])
        box.ring(session, to: destination, headers: [HeaderField("X-A", "1"), HeaderField("Via", "secret")])
        guard case .dial(Self.leg, let dial) = try await box.exchange.next(session) else {
            throw ScriptedExchange.Missing(description: "no dial")
        }
        return (box, session, dial)
    }

    private static let easy = """
        VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, destination }) =>
            VoxEngine.easyProcess(call, VoxEngine.callUser(destination, '7', 'Eve'), (a, b) => a.sendMessage('up ' + b.number())));
        """

    @Test func `easyProcess carries the progress of the second leg to the first`() async throws {
        let (box, session, _) = try await forwarded(Self.easy)
        box.tell(session, .ringing(Self.leg, headers: []))
        #expect(try await box.exchange.next(session) == .ring(.caller, headers: []))
        box.tell(session, .audioStarted(Self.leg, headers: []))
        #expect(try await box.exchange.next(session) == .startEarlyMedia(.caller, headers: []))
        #expect(try await box.exchange.next(session) == .connect(from: Self.leg, to: .caller))
        box.tell(session, .connected(Self.leg, headers: [HeaderField("X-B", "2"), HeaderField("Server", "s")]))
        #expect(try await box.exchange.next(session) == .answer(.caller, headers: [HeaderField("X-B", "2")]))
        #expect(try await box.exchange.next(session) == .connect(from: .caller, to: Self.leg))
        #expect(try await box.exchange.next(session) == .connect(from: Self.leg, to: .caller))
        box.tell(session, .connected(.caller, headers: []))
        #expect(try await box.exchange.next(session) == .sendMessage(.caller, "up 100"))
        box.tell(session, .message(.caller, "hi"))
        #expect(try await box.exchange.next(session) == .sendMessage(Self.leg, "hi"))
        box.tell(session, .info(Self.leg, contentType: "a/b", body: "c", headers: []))
        #expect(try await box.exchange.next(session) == .sendInfo(.caller, contentType: "a/b", body: "c", headers: []))
    }

    @Test(arguments: [
        SessionEvent.failed(leg, code: 486, reason: "busy", headers: []),
        .disconnected(leg, headers: [], code: 200, reason: "", seconds: 0),
        .disconnected(.caller, headers: [], code: 200, reason: "", seconds: 0),
    ])
    func `easyProcess closes the session when either leg goes`(event: SessionEvent) async throws {
        let (box, session, _) = try await forwarded(Self.easy)
        box.tell(session, event)
        #expect(try await box.exchange.next(session) == .terminate)
    }

    @Test(arguments: [
        ("VoxEngine.forwardCallToUser()", SessionDial.Target.user, "100", "200"),
        ("VoxEngine.forwardCallToUser((a, b) => {}, {callerid: '9'})", .user, "100", "9"),
        ("VoxEngine.forwardCallToUserDirect()", .user, "100", "200"),
        ("VoxEngine.forwardCallToSIP()", .sip, "100", "200"),
        ("VoxEngine.forwardCallToPSTN()", .pstn, "100", "200"),
        ("VoxEngine.forwardCallToPSTN((n) => '0' + n)", .pstn, "0100", "200"),
        ("VoxEngine.forwardCallToPSTN(null, () => {}, {callerid: '9'})", .pstn, "100", "9"),
    ])
    func `forwarding calls the destination`(
        script: String, target: SessionDial.Target, destination: String, number: String
    ) async throws {
        let (box, session, dial) = try await forwarded(script)
        #expect(dial.target == target && dial.destination == destination && dial.callerNumber == number)
        #expect(!dial.headers.contains { $0.name == "Via" })
        box.tell(session, .connected(Self.leg, headers: []))
        #expect(try await box.exchange.next(session) == .answer(.caller, headers: []))
    }

    @Test func `a sound and goodbye`() async throws {
        let box = try ScriptedBox(["a.js": "VoxEngine.playSoundAndHangup('a.wav');"])
        let session = box.start(1, ["a.js"])
        box.ring(session)
        #expect(try await box.exchange.next(session) == .answer(.caller, headers: []))
        box.tell(session, .connected(.caller, headers: []))
        #expect(try await box.exchange.next(session) == .startPlayback(.caller, .url("a.wav"), loop: false))
        box.tell(session, .playbackStarted(.caller, milliseconds: 10))
        box.tell(session, .playbackFinished(.caller, error: nil))
        #expect(try await box.exchange.next(session) == .hangUp(.caller, headers: []))
        box.tell(session, .disconnected(.caller, headers: [], code: 200, reason: "", seconds: 1))
        #expect(try await box.exchange.next(session) == .terminate)
    }
}
