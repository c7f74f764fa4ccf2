// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Rehearsal
import Scripting
import Telephony
import Testing

/// A session that was recorded, played to the script that it was recorded of and to a changed one.
@Suite(.serialized) struct ReplayTests {
    private static let script = """
        VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
            call.addEventListener(CallEvents.Connected, () => setTimeout(() => call.say('Hello.'), 300));
            call.addEventListener(CallEvents.PlaybackFinished, () => call.hangup());
            call.answer();
        });
        """

    /// What was recorded: events with their times, and the commands of the script above.
    private static func recording(
        epoch: Double? = Stage.noon, answers: [RecordedTrace] = []
    ) throws -> String {
        let caller = UnitID(1)
        let info = SessionCallInfo(
            callerNumber: "200", callerName: "", destination: "100", fromURI: "", toURI: "", headers: [],
            clientType: "sip",
            customData: "")
        let start = SessionStart(
            session: SessionID(7), rule: "test", scenarios: ["a.js"], conferenceName: nil, customData: "")
        let speech = SessionSound.speech("Hello.", language: "")
        var traces = [
            RecordedTrace(time: 0, start: start, epoch: epoch),
            RecordedTrace(time: 0, event: .callAlerting(caller, info)),
            RecordedTrace(time: 0.001, command: .answer(caller, headers: [])),
            RecordedTrace(time: 0.01, event: .connected(caller, headers: [])),
            RecordedTrace(time: 0.311, command: .startPlayback(caller, speech, loop: false)),
            RecordedTrace(time: 0.32, event: .playbackStarted(caller, milliseconds: 500)),
            RecordedTrace(time: 0.82, event: .playbackFinished(caller, error: nil)),
            RecordedTrace(time: 0.821, command: .hangUp(caller, headers: [])),
            RecordedTrace(
                time: 0.83, event: .disconnected(caller, headers: [], code: 200, reason: "", seconds: 0)),
            RecordedTrace(time: 60.9, ended: true),
        ]
        traces += answers
        traces.sort { $0.time < $1.time }
        return try traces.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }.joined(separator: "\n")
    }

    private func replay(_ script: String, _ recording: String) throws -> Replay {
        let folder = FileManager.default.temporaryDirectory.path + "/partyline-replay-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(script.utf8).write(to: URL(filePath: folder + "/a.js"))
        return try Replay(
            recording: recording, scenarioFolder: folder,
            executable: ScenarioWorkerOptions.executableBesideThisProgram(), now: Stage.noon)
    }

    @Test func `the same script does the same`() throws {
        let replay = try replay(Self.script, Self.recording())
        #expect(replay.isSame && replay.lines.count == 3, "\(replay.lines)")
        #expect(replay.notes == [])
    }

    @Test func `a script that asks the storage or the web is told to have had no answer`() throws {
        let asking = "ApplicationStorage.get('a'); ApplicationStorage.get('b'); Net.httpRequestAsync('http://x');\n"
        let replay = try replay(asking + Self.script, Self.recording())
        #expect(replay.notes.count == 2, "\(replay.notes)")
        #expect(replay.notes.first?.hasPrefix("what the storage answered then is not in the recording") == true)
        #expect(replay.notes.last?.hasPrefix("what the web answered then") == true)
    }

    @Test func `what web and storage answered then they answer now, at the same moments`() throws {
        let asking = """
            VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
                call.addEventListener(CallEvents.PlaybackFinished, () => call.hangup());
                const [name, page] = [await ApplicationStorage.get('name'), await Net.httpRequestAsync('http://x/y')];
                if (name.value === 'Ada' && page.text === 'open') call.answer();
                call.addEventListener(CallEvents.Connected, () => setTimeout(() => call.say('Hello.'), 300));
            });
            """
        var response = ScriptHTTPResponse()
        response.code = 200
        response.body = "open"
        var request = ScriptHTTPRequest(url: "http://x/y")
        request.headers = [HeaderField("Authorization", "secret")]
        let ada = StoredValue(key: "name", value: "Ada", expires: nil)
        let answers = [
            RecordedTrace(
                time: 0.0004, answer: NotedAnswer(.storageGet(id: 9, key: "name"), .storageValue(id: 9, ada))),
            RecordedTrace(time: 0.0006, answer: NotedAnswer(.http(id: 4, request), .http(id: 4, response))),
        ]
        let recording = try Self.recording(answers: answers)
        #expect(!recording.contains("secret"))
        let same = try replay(asking, recording)
        #expect(same.isSame && same.notes == [], "\(same)")
        // Without them the script takes the other way.
        let other = try replay(asking, Self.recording())
        #expect(!other.isSame && other.notes.count == 2)
    }

    @Test func `the time of day is that of the recording`() throws {
        let asking = """
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.addEventListener(CallEvents.Connected, () => setTimeout(() => call.say('Hello.'), 300));
                call.addEventListener(CallEvents.PlaybackFinished, () => call.hangup());
                if (new Date().getUTCFullYear() === 2001) call.answer();
            });
            """
        #expect(try replay(asking, Self.recording(epoch: 1_000_000_000_000)).isSame)
        #expect(try !replay(asking, Self.recording()).isSame)
        let old = try replay(Self.script, Self.recording(epoch: nil))
        #expect(old.isSame && old.notes.first?.contains("time of day") == true)
    }

    @Test func `a changed script shows what it does differently`() throws {
        let replay = try replay(Self.script.replacing("Hello.", with: "Good day."), Self.recording())
        #expect(!replay.isSame && replay.faults == [])
        #expect(replay.lines.count == 4)
        #expect(replay.lines.contains { if case .missing(let words) = $0 { words.contains("Hello.") } else { false } })
        #expect(replay.lines.first == .same("answer(1, headers: [])"), "\(replay.lines)")
        #expect(!replay.lines.contains { $0.description.contains("_0") || $0.description.contains("{") })
        #expect(replay.lines.contains { if case .added(let words) = $0 { words.contains("Good day.") } else { false } })
    }

    @Test func `a script that fails now is told`() throws {
        let replay = try replay(Self.script.replacing("call.answer()", with: "call.anser()"), Self.recording())
        #expect(replay.faults.first?.hasPrefix("a.js:4: TypeError") == true, "\(replay.faults)")
    }

    @Test(arguments: ["", "{}", "{\"time\":1}", "{\"time\":-1}", "[", "{\"time\":1e300}"])
    func `what is no recording is refused`(text: String) {
        #expect(throws: Replay.Fault.self) { try replay(Self.script, text) }
    }
}
