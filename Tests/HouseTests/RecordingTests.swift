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
    }
}
