// SPDX-License-Identifier: Apache-2.0

import Scripting
import Telephony
import Testing

/// What scripts may write, old and new, and what it asks of the exchange.
@Suite(.serialized) struct APITests {
    struct Case: Sendable, CustomTestStringConvertible {
        var script: String
        var commands: [SessionCommand]
        var testDescription: String { script }

        init(_ script: String, _ commands: SessionCommand...) {
            self.script = script
            self.commands = commands
        }
    }

    private static let one = UnitID(-1)
    private static let two = UnitID(-2)

    private static func dial(
        _ unit: UnitID, _ target: SessionDial.Target, _ destination: String, _ number: String? = nil,
        _ name: String? = nil,
        _ headers: [HeaderField] = []
    ) -> SessionCommand {
        .dial(
            unit,
            SessionDial(
                target: target, destination: destination, callerNumber: number, callerName: name, headers: headers))
    }

    private static func say(_ words: String, _ language: String) -> SessionCommand {
        .startPlayback(.caller, .speech(words, language: language), loop: false)
    }

    static let atLoad: [Case] = [
        // Calls out
        Case("VoxEngine.callConference('conf_1')", dial(one, .conference, "conf_1")),
        Case("VoxEngine.callConference(4711, null, null, null)", dial(one, .conference, "4711")),
        Case(
            "VoxEngine.callConference('c', '7', 'Eve', {'X-A': 1})",
            dial(one, .conference, "c", "7", "Eve", [HeaderField("X-A", "1")])),
        Case("VoxEngine.callUser('ada', '7', 'Eve')", dial(one, .user, "ada", "7", "Eve")),
        Case(
            "VoxEngine.callUser({username: 'ada', callerid: '7', extraHeaders: {'X-A': 'b\\r\\nc'}})",
            dial(one, .user, "ada", "7", nil, [HeaderField("X-A", "b c")])),
        Case(
            "VoxEngine.callSIP('sip:a@b', '7', 'Eve', 'pw', 'user', {'X-A': 'b'})",
            dial(one, .sip, "sip:a@b", "7", "Eve", [HeaderField("X-A", "b")])),
        Case(
            "VoxEngine.callSIP('sip:a@b', {callerid: '7', headers: ['X-A: b:c', 'bad name: d']})",
            dial(one, .sip, "sip:a@b", "7", nil, [HeaderField("X-A", "b:c")])),
        Case("VoxEngine.callPSTN('0301234')", dial(one, .pstn, "0301234")),
        Case("VoxEngine.callPSTN('0301234', '7', {displayName: 'Eve'})", dial(one, .pstn, "0301234", "7", "Eve")),
        Case("VoxEngine.callConference('a\\ud800b')", dial(one, .conference, "a\u{FFFD}b")),
        // Conferences
        Case(
            "VoxEngine.createConference({hd_audio: true})",
            .createConference(one, conference { _ in })),
        Case(
            "require(Modules.Conference); require('conference'); require('Player'); require('nonsense'); require(); const c = VoxEngine.createConference(); VoxEngine.destroyConference(c)",
            .createConference(one, conference { _ in }), .stopConference(one)),
        Case(
            "const a = VoxEngine.createConference(), b = VoxEngine.createConference(); a.sendMediaTo(b); a.stopMediaTo(b); VoxEngine.sendMediaBetween(a, b); VoxEngine.stopMediaBetween(a, b)",
            .createConference(one, conference { _ in }), .createConference(two, conference { _ in }),
            .connect(from: one, to: two),
            .disconnect(from: one, to: two), .connect(from: one, to: two), .connect(from: two, to: one),
            .disconnect(from: one, to: two), .disconnect(from: two, to: one)),
        // Players
        Case(
            "VoxEngine.createURLPlayer('http://x/a.wav', true)", .createPlayer(one, .url("http://x/a.wav"), loop: true)),
        Case(
            "VoxEngine.createURLPlayer({url: 'a.wav'}, {loop: false, onPause: true}).resume()",
            .createPlayer(one, .url("a.wav"), loop: false),
            .pausePlayer(one, true), .pausePlayer(one, false)),
        Case(
            "VoxEngine.createTTSPlayer('hi', Language.RU_RUSSIAN_FEMALE).stop()",
            .createPlayer(one, .speech("hi", language: "RU_RUSSIAN_FEMALE"), loop: false), .stopPlayer(one)),
        Case(
            "VoxEngine.createTTSPlayer('hi', {voice: VoiceList.Amazon.en_US_Joanna})",
            .createPlayer(one, .speech("hi", language: "en_US_Joanna"), loop: false)),
        Case(
            "VoxEngine.createToneScriptPlayer('440@-19;*(1/1/1)', {loop: true})",
            .createPlayer(one, .toneScript("440@-19;*(1/1/1)"), loop: true)),
        Case(
            "VoxEngine.createToneScript('440@-19;*(1/1/1)')",
            .createPlayer(one, .toneScript("440@-19;*(1/1/1)"), loop: false)),
        // The session
        Case(
            "VoxEngine.terminate(); VoxEngine.terminate(); VoxEngine.callConference('x')", .terminate,
            dial(one, .conference, "x")),
        Case("JSession.close()", .terminate),
        Case(
            "VoxEngine.customData('a'); VoxEngine.callConference(VoxEngine.customData() + VoxEngine.customData().length)",
            dial(one, .conference, "a1")),
        // Helpers
        Case("setTimeout((a, b) => VoxEngine.callConference(a + b), 5, 'x', 1)", dial(one, .conference, "x1")),
        Case(
            "let n = 0; const t = setInterval(() => { if (++n === 3) { clearInterval(t); VoxEngine.callConference('3'); } }, 1)",
            dial(one, .conference, "3")),
        Case(
            "clearTimeout(setTimeout(() => VoxEngine.callConference('a'), 1)); setTimeout(() => VoxEngine.callConference('b'), 20)",
            dial(one, .conference, "b")),
        Case(
            "(async () => { await new Promise((r) => setTimeout(r, 5)); VoxEngine.callConference('late'); })()",
            dial(one, .conference, "late")),
        Case(
            "VoxEngine.callConference(base64_encode('Grüße') + base64_decode('R3LDvMOfZQ=='))",
            dial(one, .conference, "R3LDvMOfZQ==Grüße")),
        Case(
            "VoxEngine.callConference(String([bytes2hex(str2bytes('aé')), bytes2str(hex2bytes('61c3a9')), levenshtein_distance('kitten', 'sitting')]))",
            dial(one, .conference, "61c3a9,aé,3")),
        Case(
            "VoxEngine.callConference(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuidgen()) && uuidgen() !== uuidgen())",
            dial(one, .conference, "true")),
        Case(
            "VoxEngine.callConference(String([AppEvents.CallAlerting, CallEvents.ToneReceived, ConferenceEvents.Started, PlayerEvents.Created, Modules.ASR, Language.X]))",
            dial(one, .conference, "Application.CallAlerting,Call.ToneReceived,Conference.Started,Player.Created,asr,X")
        ),
    ]

    @Test(arguments: atLoad) func `what a script asks at load`(example: Case) async throws {
        let box = try ScriptedBox(["a.js": example.script])
        let session = box.start(1, ["a.js"])
        for command in example.commands { #expect(try await box.exchange.next(session) == command) }
        box.workers.end(session)
        #expect(try await box.exchange.end(of: session).reason == nil)
        #expect(box.exchange.isQuiet(session))
    }

    static let onCall: [Case] = [
        Case("call.answer({'X-A': 'b'})", .answer(.caller, headers: [HeaderField("X-A", "b")])),
        Case("call.reject(486)", .reject(.caller, status: 486, headers: [])),
        Case("call.decline()", .reject(.caller, status: 603, headers: [])),
        Case(
            "call.ring(); call.startEarlyMedia()", .ring(.caller, headers: []), .startEarlyMedia(.caller, headers: [])),
        Case("call.hangup({'X-Why': 'so'})", .hangUp(.caller, headers: [HeaderField("X-Why", "so")])),
        Case("call.say('hi')", say("hi", "")),
        Case("call.say('hi', Language.UK_ENGLISH_FEMALE)", say("hi", "UK_ENGLISH_FEMALE")),
        Case("call.say('hi', {voice: VoiceList.Google.de_DE_Wavenet_A})", say("hi", "de_DE_Wavenet_A")),
        Case("call.say('hi', {language: 'de-DE'})", say("hi", "de-DE")),
        Case("call.say('x'.repeat(2000), VoiceList.A.b)", say(String(repeating: "x", count: 1500), "b")),
        Case(
            "call.startPlayback('a.wav', true); call.stopPlayback()",
            .startPlayback(.caller, .url("a.wav"), loop: true), .stopPlayback(.caller)),
        Case("call.startPlayback('a.wav', {loop: false})", .startPlayback(.caller, .url("a.wav"), loop: false)),
        Case(
            "call.handleTones(false)",
            .handleTones(.caller, enabled: false, sources: [.telephoneEvent, .info, .keys, .inBand])),
        Case("call.handleTones(true, DTMFType.IN_BAND)", .handleTones(.caller, enabled: true, sources: [.inBand])),
        Case(
            "call.sendDigits('12#'); call.sendMessage('hey')", .sendDigits(.caller, "12#"), .sendMessage(.caller, "hey")
        ),
        Case("call.sendInfo('text/plain', 'b')", .sendInfo(.caller, contentType: "text/plain", body: "b", headers: [])),
        Case(
            "const c = VoxEngine.createConference(); call.sendMediaTo(c); call.stopMediaTo(c)",
            .createConference(one, conference { _ in }),
            .connect(from: .caller, to: one), .disconnect(from: .caller, to: one)),
        Case(
            "VoxEngine.createConference().add({call, mode: 'MIX', direction: 'RECEIVE'})",
            .createConference(one, conference { _ in }),
            .disconnect(from: .caller, to: one), .connect(from: one, to: .caller)),
        Case(
            "VoxEngine.callConference(String([e.name, e.callerid, e.displayName, e.destination, e.fromURI, e.toURI, e.headers['X-A']]))",
            dial(one, .conference, "Application.CallAlerting,200,Ada,100,sip:200@box,sip:100@box,b")),
        Case(
            "VoxEngine.callConference(String([call.state(), call.number(), call.callerid(), call.displayName(), call.incoming(), call.clientType(), call.id(), call]))",
            dial(one, .conference, "ALERTING,100,200,Ada,true,sip,s1u1,Call s1u1 from 200")),
    ]

    @Test(arguments: onCall) func `what a script asks of a call`(example: Case) async throws {
        let box = try ScriptedBox([
            "a.js":
                "VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => { const call = e.call; \(example.script); });"
        ])
        let session = box.start(1, ["a.js"])
        box.ring(session, headers: [HeaderField("X-A", "b")])
        for command in example.commands { #expect(try await box.exchange.next(session) == command) }
        box.workers.end(session)
        #expect(try await box.exchange.end(of: session).reason == nil)
        #expect(box.exchange.isQuiet(session))
    }

    private static func conference(_ change: (inout SessionConferenceOptions) -> Void) -> SessionConferenceOptions {
        var options = SessionConferenceOptions()
        change(&options)
        return options
    }
}
