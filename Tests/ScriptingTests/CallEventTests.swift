// SPDX-License-Identifier: Apache-2.0

import Scripting
import Telephony
import Testing

/// What scripts hear, with which fields, and what they must not hear.
@Suite(.serialized) struct CallEventTests {
    /// Writes every event of the call to the log: "name field=value …".
    private static let listener = """
        const show = (e) => Logger.write(Object.entries(e).filter(([k]) => !['call', 'player', 'conference'].includes(k))
            .map(([k, v]) => `${k}=${typeof v === 'object' ? JSON.stringify(v) : v}`).join(' '));
        VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
            for (const name of Object.values(CallEvents)) call.addEventListener(name, show);
            call.handleMicStatus(true);
        });
        """

    private func lines(_ script: String, _ events: [SessionEvent], until last: String) async throws -> [String] {
        let box = try ScriptedBox(["a.js": script])
        let session = box.start(1, ["a.js"])
        box.ring(session)
        for event in events { box.tell(session, event) }
        _ = try await box.logLine(last)
        return box.exchange.logged.lines.filter { $0.hasPrefix("info name=") }
            .map { String($0.dropFirst(5).prefix { $0 != "\n" }.split(separator: " at=")[0]) }
    }

    @Test func `events carry the fields of the API`() async throws {
        let found = try await lines(
            Self.listener,
            [
                .connected(.caller, headers: [HeaderField("X-A", "1"), HeaderField("X-A", "2")]),
                .tone(.caller, "5", .inBand), .tone(.caller, "#", .info), .onHold(.caller), .offHold(.caller),
                .info(.caller, contentType: "a/b", body: "c", headers: []), .message(.caller, "hey"),
                .micStatus(.caller, active: true), .firstAudio(.caller),
                .disconnected(.caller, headers: [], code: 200, reason: "bye", seconds: 3),
            ], until: "Call.Disconnected")
        #expect(
            found == [
                "name=Call.StateChanged id=s1u1 oldState=ALERTING newState=CONNECTED",
                "name=Call.Connected id=s1u1 headers={\"X-A\":\"1, 2\"} customData=",
                "name=Call.ToneReceived id=s1u1 tone=5 type=2", "name=Call.ToneReceived id=s1u1 tone=# type=3",
                "name=Call.OnHold id=s1u1", "name=Call.OffHold id=s1u1",
                "name=Call.InfoReceived id=s1u1 mimeType=a/b body=c headers={}",
                "name=Call.MessageReceived id=s1u1 text=hey headers={}",
                "name=Call.MicStatusChange id=s1u1 active=true",
                "name=Call.FirstAudioPacketReceived id=s1u1",
                "name=Call.StateChanged id=s1u1 oldState=CONNECTED newState=TERMINATED",
                "name=Call.Disconnected id=s1u1 headers={} internalCode=200 reason=bye duration=3 cost=0 direction=Incoming",
            ])
    }

    @Test func `a playback that was stopped or replaced does not finish`() async throws {
        let script =
            Self.listener + """

                VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                    call.addEventListener(CallEvents.ToneReceived, ({ tone }) => {
                        if (tone === '1') call.say('one');
                        if (tone === '0') call.stopPlayback();
                    });
                });
                """
        let finished = SessionEvent.playbackFinished(.caller, error: nil)
        let started = SessionEvent.playbackStarted(.caller, milliseconds: 900)
        let found = try await lines(
            script,
            [
                finished,  // nothing was asked for
                .tone(.caller, "1", .info), started, .tone(.caller, "0", .info), finished,  // stopped
                .tone(.caller, "1", .info), started, .tone(.caller, "1", .info), finished,  // replaced
                started, finished, finished,  // the one that counts, once
                .tone(.caller, "1", .info), .playbackFinished(.caller, error: "no voice"), .onHold(.caller),
            ], until: "OnHold")
        let playback = found.filter { $0.contains("Playback") }
        let start = ["name=Call.PlaybackReady id=s1u1", "name=Call.PlaybackStarted id=s1u1 duration=900"]
        #expect(
            playback == start + start + start + [
                "name=Call.PlaybackFinished id=s1u1", "name=Call.PlaybackFinished id=s1u1 error=no voice",
            ])
    }

    @Test func `players and conferences tell of themselves`() async throws {
        let script =
            Self.listener + """

                const player = VoxEngine.createURLPlayer('a.wav');
                for (const name of Object.values(PlayerEvents)) player.addEventListener(name, show);
                player.addMarker(30); player.addMarker(-50);
                const conference = VoxEngine.createConference();
                for (const name of Object.values(ConferenceEvents)) conference.addEventListener(name, show);
                """
        let box = try ScriptedBox(["a.js": script])
        let session = box.start(1, ["a.js"])
        box.tell(session, .playbackStarted(UnitID(-1), milliseconds: 120))
        _ = try await box.logLine("offset=-50")
        box.tell(session, .playbackFinished(UnitID(-1), error: nil))
        box.tell(session, .conferenceStarted(UnitID(-2)))
        box.tell(session, .conferenceError(UnitID(-2), "full"))
        box.tell(session, .conferenceStopped(UnitID(-2)))
        _ = try await box.logLine("Conference.Stopped")
        let names = box.exchange.logged.lines.compactMap { $0.split(separator: " ").dropFirst().first }
        #expect(
            names == [
                "name=Player.Created", "name=Player.PlaybackReady", "name=Player.Started",
                "name=Player.PlaybackMarkerReached",
                "name=Player.PlaybackMarkerReached", "name=Player.PlaybackFinished", "name=Conference.Started",
                "name=Conference.ConferenceError", "name=Conference.Stopped",
            ])
    }

    @Test func `after terminate only the end is heard`() async throws {
        let script = """
            for (const name of Object.values(AppEvents)) VoxEngine.addEventListener(name, (e) => Logger.write('name=' + e.name));
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.addEventListener(CallEvents.Connected, () => Logger.write('name=never'));
                setTimeout(() => Logger.write('name=never'), 1);
                Promise.resolve().then(() => Logger.write('name=rest'));
                VoxEngine.terminate();
                call.hangup();
            });
            """
        let box = try ScriptedBox(["a.js": script])
        let session = box.start(1, ["a.js"])
        box.ring(session)
        box.tell(session, .connected(.caller, headers: []))
        #expect(try await box.exchange.next(session) == .terminate)
        #expect(try await box.exchange.next(session) == .hangUp(.caller, headers: []))
        box.workers.end(session)
        #expect(try await box.exchange.end(of: session).reason == nil)
        let names = box.exchange.logged.lines.compactMap { $0.split(separator: " ").dropFirst().first }
        #expect(
            names == [
                "name=Application.Started", "name=Application.CallAlerting", "name=rest",
                "name=Application.Terminating",
                "name=Application.Terminated",
            ])
    }

    @Test func `a session that ends while the box closes says its last words`() async throws {
        let script = "VoxEngine.addEventListener(AppEvents.Terminating, () => Logger.write('name=farewell'));"
        let box = try ScriptedBox(["a.js": script + "VoxEngine.createConference();"])
        let session = box.start(1, ["a.js"])
        _ = try await box.exchange.next(session)
        box.workers.end(session)
        box.workers.close()
        #expect(box.exchange.logged.lines.contains { $0.contains("name=farewell") })
        #expect(box.exchange.ends == [.init(session: session, reason: nil, orphaned: false)])
    }

    @Test func `removing a listener without naming it removes all of that event`() async throws {
        let script = """
            const a = () => Logger.write('name=a'), b = () => Logger.write('name=b');
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                for (const listener of [a, a, b]) call.addEventListener(CallEvents.OnHold, listener);
                call.removeEventListener(CallEvents.OnHold, b);
                call.addEventListener(CallEvents.OffHold, a);
                call.addEventListener(CallEvents.OffHold, b);
                call.removeEventListener(CallEvents.OffHold);
                call.addEventListener(CallEvents.NoSuchEvent, a);
                call.addEventListener(CallEvents.FirstAudioPacketReceived, () => Logger.write('name=end'));
            });
            """
        let found = try await lines(
            script, [.onHold(.caller), .offHold(.caller), .firstAudio(.caller)], until: "name=end")
        #expect(found == ["name=a", "name=end"])
    }
}
