// SPDX-License-Identifier: Apache-2.0

import Scripting
import Telephony
import Testing

/// The module IVR: menus as states.
@Suite(.serialized) struct IVRTests {
    private static let script = """
        require(Modules.IVR);
        VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
            const pin = new IVRState('pin', {
                type: 'inputunknown', prompt: { say: 'PIN', lang: Language.UK_ENGLISH_FEMALE }, terminateOn: '#', timeout: 60,
            }, (input) => call.sendMessage(`pin ${input}`), (input) => call.sendMessage(`late ${input}`));
            const menu = new IVRState('menu', {
                type: 'select', prompt: { play: 'menu.wav' }, nextStates: { 1: pin },
            }, (input) => call.sendMessage(`chose ${input}`));
            call.addEventListener(CallEvents.Connected, () => menu.enter(call));
        });
        """

    private func atMenu() async throws -> (ScriptedBox, SessionID) {
        let box = try ScriptedBox(["a.js": Self.script])
        let session = box.start(1, ["a.js"])
        box.ring(session)
        box.tell(session, .connected(.caller, headers: []))
        try await expectPrompt(box, session, .url("menu.wav"))
        return (box, session)
    }

    private func expectPrompt(_ box: ScriptedBox, _ session: SessionID, _ sound: SessionSound) async throws {
        let sources: [DigitSource] = [.telephoneEvent, .info, .keys, .inBand]
        #expect(try await box.exchange.next(session) == .handleTones(.caller, enabled: true, sources: sources))
        #expect(try await box.exchange.next(session) == .startPlayback(.caller, sound, loop: false))
    }

    @Test func `a choice leads on, and the terminator is part of the input`() async throws {
        let (box, session) = try await atMenu()
        box.press(session, "1")
        #expect(try await box.exchange.next(session) == .stopPlayback(.caller))
        #expect(try await box.exchange.next(session) == .sendMessage(.caller, "chose 1"))
        try await expectPrompt(box, session, .speech("PIN", language: "UK_ENGLISH_FEMALE"))
        box.press(session, "42#")
        #expect(try await box.exchange.next(session) == .stopPlayback(.caller))
        #expect(try await box.exchange.next(session) == .sendMessage(.caller, "pin 42#"))
    }

    @Test func `no more digits is a timeout with what there was`() async throws {
        let (box, session) = try await atMenu()
        box.press(session, "1")
        for _ in 0..<4 { _ = try await box.exchange.next(session) }
        box.press(session, "4")
        #expect(try await box.exchange.next(session) == .stopPlayback(.caller))
        #expect(try await box.exchange.next(session) == .sendMessage(.caller, "late 4"))
    }
}
