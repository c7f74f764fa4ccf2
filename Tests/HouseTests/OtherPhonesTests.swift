// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import Testing

extension HouseTests {
    /// Other people's telephones in the room.
    @Suite struct OtherPhonesTests {
        @Test(.enabled(if: Tool.baresip != nil, "baresip is not installed (apt-get install baresip-core)"))
        func `baresip in a room hears the others, is heard, and does not hear itself`() async throws {
            try await House.open(34500) { house in
                defer { try? FileManager.default.removeItem(at: Baresip.folder(34510)) }
                let anna = try await house.guest("anna", in: "12")
                let voice = Voice(9).samples(seconds: 12)
                let phone = try Baresip(
                    port: 34510, audioPorts: "34512-34530", says: voice, calls: "sip:conf_12@\(house.daemon.sip)")
                defer { phone.end() }
                #expect(await house.waits(for: 2, in: "12", seconds: 6))
                let annas = Voice(2).samples(seconds: 4)
                try await Task.sleep(nanoseconds: 500_000_000)
                anna.clearRecordings()
                anna.speak(annas)
                try await Task.sleep(nanoseconds: 4_000_000_000)
                let heardByAnna = anna.heard.samples
                phone.end()
                #expect(Self.best(of: voice, in: heardByAnna) >= -6)
                #expect(Self.best(of: annas, in: heardByAnna) <= -40)
                let heardByBaresip = try #require(phone.heard(), "baresip wrote no recording")
                #expect(Self.best(of: annas, in: heardByBaresip) >= -6)
                #expect(Self.best(of: voice, in: heardByBaresip) <= -40)
            }
        }

        @Test(.enabled(if: Tool.sipp != nil, "sipp is not installed (apt-get install sip-tester)"))
        func `forty calls by sipp come and go, and a conversation goes on`() async throws {
            try await House.open(34540) { house in
                let anna = try await house.guest("anna", in: "13")
                let bert = try await house.guest("bert", in: "13")
                let sipp = try Tool.start(
                    Tool.sipp,
                    [
                        "-sn", "uac", "\(house.daemon.sip)", "-s", "conf_13", "-i", "127.0.0.1", "-p", "34550", "-mp",
                        "34560",
                        "-m", "40", "-r", "20", "-d", "1000", "-l", "20", "-nostdin",
                    ])
                defer { sipp.end() }
                await Conversation.check([anna, bert])
                #expect(await sipp.exitCode(within: 10) == 0)
                #expect(await house.waits(for: 2, in: "13"))
            }
        }

        /// The level of a voice of which only a part is in the recording: the best of its seconds.
        static func best(of voice: [Int16], in recording: [Int16]) -> Double {
            stride(from: 0, through: max(0, voice.count - 8000), by: 8000).map { start in
                AudioAnalysis.presence(
                    of: Array(voice[start..<min(voice.count, start + 8000)]), in: recording, block: 8000
                ).levelDB
            }.max() ?? -120
        }
    }
}

/// baresip with a sound file for a mouth and another for an ear.
final class Baresip: Sendable {
    private let folder: URL
    private let tool: RunningTool

    init(port: UInt16, audioPorts: String, says: [Int16], calls address: String, account: String = "") throws {
        folder = Self.folder(port)
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try WaveFile.write(says, rate: 8000, to: folder.appendingPathComponent("says.wav"))
        let modules = ["stdio", "g711", "aufile", "aubridge", "sndfile", "srtp"].map { "module \($0).so\n" }.joined()
        let config = """
            sip_listen 127.0.0.1:\(port)
            module_path /usr/lib/baresip/modules
            audio_source aufile,\(folder.path)/says.wav
            audio_player aubridge,nobody
            audio_alert aubridge,nobody
            snd_path \(folder.path)
            rtp_ports \(audioPorts)
            \(modules)module_tmp account.so
            module_app menu.so

            """
        try config.write(to: folder.appendingPathComponent("config"), atomically: true, encoding: .utf8)
        try "<sip:bare@127.0.0.1>;regint=0;audio_codecs=pcmu\(account)\n"
            .write(to: folder.appendingPathComponent("accounts"), atomically: true, encoding: .utf8)
        try "".write(to: folder.appendingPathComponent("contacts"), atomically: true, encoding: .utf8)
        tool = try Tool.start(
            Tool.baresip, ["-f", folder.path, "-t", "12", "-e", "/dial \(address)"],
            output: folder.appendingPathComponent("log"))
    }

    static func folder(_ port: UInt16) -> URL {
        FileManager.default.temporaryDirectory.appendingPathComponent("partyline-baresip-\(port)")
    }

    func end() { tool.end() }

    /// What its sndfile module wrote down of the decoded audio.
    func heard() -> [Int16]? {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix("-dec.wav") }
            .compactMap { WaveFile.read(folder.appendingPathComponent($0)) }.first?.samples
    }
}
