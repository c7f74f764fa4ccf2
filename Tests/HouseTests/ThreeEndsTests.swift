// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import Glibc
import PartylineTestKit
import Signals
import Telephony
import Testing

extension HouseTests {
    /// A telephone of the box, baresip and sipp in one room, each with a voice of its own.
    @Suite(
        .enabled(if: Tool.baresip != nil, "baresip is not installed (apt-get install baresip-core)"),
        .enabled(if: Tool.sipp != nil, "sipp is not installed (apt-get install sip-tester)"),
        .enabled(if: getuid() == 0, "sipp sends recorded audio as root only"))
    struct ThreeEndsTests {
        private static let seconds = 12.0

        @Test func `a phone, baresip and sipp in one room hear each other and not themselves`() async throws {
            let names = ["the phone", "baresip", "sipp"]
            let voices = [1, 5, 9].map { Voice($0).samples(seconds: Self.seconds) }
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("partyline-three-49000")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer {
                try? FileManager.default.removeItem(at: folder)
                try? FileManager.default.removeItem(at: Baresip.folder(49_010))
            }
            try await House.open(49_000, changes: ["lines.d/one.toml": PhoneTests.line("one", number: "21")]) { house in
                let phone = try await house.phone("one")
                try await phone.dial("77#")
                #expect(await house.waits(for: 1, in: "77"))
                let baresip = try Baresip(
                    port: 49_010, audioPorts: "49012-49030", says: voices[1],
                    calls: "sip:conf_77@\(house.daemon.sip)")
                defer { baresip.end() }
                #expect(await house.waits(for: 2, in: "77", seconds: 6))
                let sipp = try talker(in: "77", of: house, says: voices[2], folder: folder)
                defer { sipp.end() }
                #expect(await house.waits(for: 3, in: "77"))
                phone.forget()
                phone.speak(voices[0])
                let call = try #require(house.calls.first { $0.peer.hasSuffix(":49040") })
                let daemon = house.daemon
                // What goes to sipp, which has no ear of its own.
                let trace = try await Task.detached {
                    try daemon.control.get("/v1/calls/\(call.id)/trace/8", as: TraceReport.self)
                }.value
                let atPhone = AudioAnalysis.atTelephoneRate(phone.heard.samples, from: phone.rate)
                baresip.end()
                let atBaresip = try #require(baresip.heard(), "baresip wrote no recording")
                let atSipp = try Self.audio(in: trace.file, toPort: 49_044)
                #expect(atSipp.count > 7 * 8000, "\(trace.mediaPackets) packets, \(atSipp.count) samples")
                var table = ""
                // Four voices lie evenly apart, and nobody has this one.
                let foreign = Voice(13).samples(seconds: Self.seconds)
                for (listener, heard) in [atPhone, atBaresip, atSipp].enumerated() {
                    let floor = AudioAnalysis.presence(of: foreign, in: heard, block: 24_576).levelDB
                    let limit = min(
                        Conversation.afterTriesDB, max(Conversation.silenceDB, floor + Conversation.aboveFloorDB))
                    for speaker in voices.indices {
                        let level =
                            speaker == listener
                            ? AudioAnalysis.presence(of: voices[speaker], in: heard, block: 24_576).levelDB
                            : OtherPhonesTests.best(of: voices[speaker], in: heard)
                        let isRight = speaker == listener ? level <= limit : level >= -6
                        #expect(isRight, "\(names[listener]) hears \(names[speaker]) at \(level) dB")
                        table += " \(Int(level.rounded()))"
                    }
                    table += " (nobody \(Int(floor.rounded())))"
                }
                print("three ends, levels in dB, listener by listener:\(table)")
            }
        }

        private func talker(in room: String, of house: House, says voice: [Int16], folder: URL) throws -> RunningTool {
            let capture = folder.appendingPathComponent("says.pcap")
            try GatewaySound(says: voice).file.write(to: capture)
            let fixture = House.shipped.appendingPathComponent("../../Tests/Fixtures/sipp/room_talker.xml")
            let scenario = folder.appendingPathComponent("talker.xml")
            try String(contentsOf: fixture.standardizedFileURL, encoding: .utf8)
                .replacingOccurrences(of: "@CAPTURE@", with: capture.path)
                .write(to: scenario, atomically: true, encoding: .utf8)
            return try Tool.start(
                Tool.sipp,
                [
                    "-sf", scenario.path, "-i", "127.0.0.1", "-p", "49040", "-mp", "49044", "-m", "1", "-nostdin",
                    "\(house.daemon.sip)", "-s", "conf_\(room)",
                ], output: folder.appendingPathComponent("sipp.log"))
        }

        /// The A-law audio that a capture (LINKTYPE_RAW, IPv4, UDP) has for a port, in the order in which it was sent.
        private static func audio(in file: String, toPort port: Int) throws -> [Int16] {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
            func little(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
            var samples: [Int16] = []
            var at = 24
            while at + 16 <= bytes.count {
                let count = little(at + 8)
                let packet = at + 16
                at = packet + count
                guard at <= bytes.count, count > 40, bytes[packet] == 0x45, bytes[packet + 9] == 17,
                    Int(bytes[packet + 22]) << 8 | Int(bytes[packet + 23]) == port, bytes[packet + 29] & 0x7F == 8
                else { continue }
                var piece = [Int16](repeating: 0, count: count - 40)
                G711.decode(Array(bytes[packet + 40..<at]), count: piece.count, law: .a, into: &piece)
                samples += piece
            }
            return samples
        }
    }
}
