// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import PartylineTestKit
import Telephony
import Testing

extension HouseTests {
    @Suite struct RecordingTests {
        private struct List: Decodable {
            struct File: Decodable { var name: String }
            var recordings: [File]
        }

        @Test func `a recorded room is a file with both voices, had over the control socket and complete at SIGTERM`()
            async throws
        {
            try await House.open(34900) { house in
                let people = [try await house.guest("anna", in: "8"), try await house.guest("bert", in: "8")]
                #expect(await house.waits(for: 2, in: "8"))
                let voices = [Voice(1).samples(seconds: 3), Voice(4).samples(seconds: 3)]
                _ = try house.daemon.control.post(
                    "/v1/rooms/8/record", Array(#"{"action": "start"}"#.utf8))
                #expect(house.room("8")?.recording == "on")
                // The announcement has its time first.
                try await Task.sleep(nanoseconds: 2_500_000_000)
                for (person, voice) in zip(people, voices) { person.speak(voice) }
                try await Task.sleep(nanoseconds: 3_200_000_000)
                _ = try house.daemon.control.post("/v1/rooms/8/record", Array(#"{"action": "stop"}"#.utf8))
                var name = ""
                for _ in 0..<40 where name.isEmpty {
                    try await Task.sleep(nanoseconds: 50_000_000)
                    name = try house.daemon.control.get("/v1/recordings", as: List.self).recordings.first?.name ?? ""
                }
                #expect(name.hasPrefix("room-8-") && name.hasSuffix(".wav"))
                let bytes = try house.daemon.control.get("/recordings/\(name)")
                let onDisk = try Data(contentsOf: house.daemon.state.appendingPathComponent("recordings/\(name)"))
                #expect(bytes == Array(onDisk))
                // 16 kHz, mono, 16 bits; 44 bytes in front.
                let samples = onDisk.dropFirst(44).withUnsafeBytes { raw in
                    (0..<raw.count / 2).map {
                        Int16(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 2, as: Int16.self))
                    }
                }
                #expect(abs(Double(samples.count) / 16_000 - 5.7) < 0.6)
                let heard = AudioAnalysis.atTelephoneRate(samples, from: 16_000)
                for voice in voices {
                    #expect(AudioAnalysis.presence(of: voice, in: heard, block: 6400).levelDB > -6)
                }
                // A second one is still running when the daemon is told to end.
                _ = try house.daemon.control.post("/v1/rooms/8/record", Array(#"{"action": "start"}"#.utf8))
                try await Task.sleep(nanoseconds: 1_000_000_000)
                house.daemon.terminate()
                let folder = house.daemon.state.appendingPathComponent("recordings")
                let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                #expect(files.count == 2)
                #expect(files.allSatisfy { $0.hasSuffix(".wav") })
            }
        }

        /// Records its caller on two channels, speaks, and is asked over HTTP.
        private static let script = """
            let call, records = [], fetched = 0;
            VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
                call = e.call;
                call.answer();
                call.addEventListener(CallEvents.Connected, () => {
                    call.record({ stereo: true, format: 'wav', name: 'both' });
                    call.say('This is the exchange, which speaks for a while.', Language.UK_ENGLISH_FEMALE);
                });
                call.addEventListener(CallEvents.RecordStopped, (r) => Net.httpRequest(r.url, (answer) => {
                    records.push(r.url);
                    fetched = answer.code === 200 ? answer.data.length : -1;
                }, { rawOutput: true }));
            });
            // Other files of the folder: a file of silence as text, and the length of one that is too long for a script.
            const other = (name, options) => Net.httpRequestAsync(records[0].replace('both', name), options);
            VoxEngine.addEventListener(AppEvents.HttpRequest, async (e) => {
                const answer = { method: e.method, path: e.path, records, fetched, text: 0, head: '' };
                if (e.path.endsWith('/others')) {
                    answer.text = (await other('silence')).code;
                    const head = await other('long', { method: 'HEAD' });
                    answer.head = `${head.code} ${head.headers.map((h) => h.value)} ${head.data.length}`;
                    answer.fetched = (await other('long')).code;
                }
                return answer;
            });
            """

        @Test func `a script records its caller left and its own words right, and is asked for the address over HTTP`()
            async throws
        {
            let rules = """
                [[rule]]
                name = "recorded"
                pattern = "777"
                scenarios = ["recorded.js"]

                """
            let shipped = try String(contentsOf: House.shipped.appendingPathComponent("rules.toml"), encoding: .utf8)
            let changes = ["rules.toml": rules + shipped, "scenarios/recorded.js": Self.script]
            try await House.open(34920, changes: changes) { house in
                let caller = try house.caller("anna")
                caller.call("777")
                try await caller.answered()
                let voice = Voice(1).samples(seconds: 3)
                caller.speak(voice)
                try await Task.sleep(nanoseconds: 3_500_000_000)
                struct Sessions: Decodable { var sessions: [SessionReport] }
                let session = try #require(
                    house.daemon.control.get("/v1/sessions", as: Sessions.self).sessions.first { $0.rule == "recorded" }
                )
                caller.hangUp()
                let path = "/sessions/" + (session.accessURL.split(separator: "/").last ?? "") + "/which?a=b"
                struct Answer: Decodable {
                    var method: String
                    var records: [String]
                    var fetched: Int
                    var text: Int
                    var head: String
                }
                var answer = Answer(method: "", records: [], fetched: 0, text: 0, head: "")
                for _ in 0..<60 where answer.records.isEmpty {
                    try await Task.sleep(nanoseconds: 50_000_000)
                    answer = try house.daemon.control.get(path, as: Answer.self)
                }
                #expect(answer.method == "GET")
                #expect(answer.records.first?.hasSuffix("/recordings/both.wav") == true)
                let bytes = try Data(contentsOf: house.daemon.state.appendingPathComponent("recordings/both.wav"))
                #expect(bytes[22] == 2)
                // The script had it by the address that it was told, and so has the command line.
                #expect(answer.fetched == bytes.count)
                var downloaded: [UInt8] = []
                try house.daemon.control.download("/v1/recordings/both.wav") { downloaded += $0 }
                #expect(downloaded == Array(bytes))
                let all = bytes.dropFirst(44).withUnsafeBytes { raw in
                    (0..<raw.count / 2).map {
                        Int16(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 2, as: Int16.self))
                    }
                }
                let left = stride(from: 0, to: all.count - 1, by: 2).map { all[$0] }
                let right = stride(from: 1, to: all.count, by: 2).map { all[$0] }
                #expect(AudioAnalysis.presence(of: voice, in: left, block: 6400).levelDB > -6)
                #expect(AudioAnalysis.presence(of: voice, in: right, block: 6400).levelDB < -20)
                #expect(right.contains { abs(Int($0)) > 1000 })
                let folder = house.daemon.state.appendingPathComponent("recordings")
                try Data(count: 300_000).write(to: folder.appendingPathComponent("silence.wav"))
                try Data(count: 600_000).write(to: folder.appendingPathComponent("long.wav"))
                let others = try house.daemon.control.get(
                    path.replacing("/which?a=b", with: "/others"), as: Answer.self)
                #expect(others.text == 7, "each of its bytes takes six in a message")
                #expect(others.head == "200 600000 0")
                #expect(others.fetched == 7)
                // The call is in the books.
                struct History: Decodable { var calls: [CallRecord] }
                let record = try house.daemon.control.get("/v1/history", as: History.self).calls.first
                #expect(record?.destination == "777")
                #expect(record?.rule == "recorded")
                #expect(record?.answered != nil)
            }
        }
    }
}
