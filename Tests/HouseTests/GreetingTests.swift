// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import Telephony
import Testing

extension HouseTests {
    @Suite struct GreetingTests {
        @Test func `a caller hears the greeting, types a number and '#', and is in the room`() async throws {
            try await House.open(34200) { house in
                let anna = try await house.guest("anna", in: "111")
                let bert = try house.caller("bert")
                bert.call("welcome")
                try await bert.answered()
                try await Task.sleep(nanoseconds: 2_500_000_000)
                #expect(AudioAnalysis.levelDBm0(bert.heard.tail(seconds: 1.5)[...]) > -35, "no greeting is heard")
                bert.press("111#")
                #expect(await house.waits(for: 2, in: "111"))
                try await Task.sleep(nanoseconds: 1_000_000_000)
                await Conversation.check([anna, bert])
            }
        }

        @Test func `digits by SIP INFO are taken, typed ahead of the greeting`() async throws {
            try await House.open(34220) { house in
                let bert = try house.caller("bert")
                bert.call("welcome")
                try await bert.answered()
                // Nobody is that quick; a digit that comes with the very answer may be lost.
                try await Task.sleep(nanoseconds: 150_000_000)
                for digit in "42#" {
                    bert.info(digit)
                    try await Task.sleep(nanoseconds: 200_000_000)
                }
                #expect(await house.waits(for: 1, in: "42"), "\(house.daemon.log)")
            }
        }

        @Test func `digits as tones in the audio are taken`() async throws {
            try await House.open(34240) { house in
                let bert = try house.caller("bert")
                bert.call("welcome")
                try await bert.answered()
                try await Task.sleep(nanoseconds: 500_000_000)
                bert.speak(VirtualHandset.tones("17#", rate: 8000))
                #expect(await house.waits(for: 1, in: "17"))
            }
        }

        @Test func `without '#' the number ends after four seconds`() async throws {
            try await House.open(34260) { house in
                let bert = try house.caller("bert")
                bert.call("welcome")
                try await bert.answered()
                bert.press("23")
                await bert.pressed()
                #expect(house.room("23")?.participants.isEmpty ?? true)
                #expect(await house.waits(for: 1, in: "23", seconds: 7))
            }
        }

        /// An emergency number, more digits than a room's number has, and more than anybody types: which words are said shows
        /// a speech program that has a voice for them and is silent otherwise.
        @Test func `a number that no room can have is told as such, and no room is made of it`() async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("partyline-words-49100")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let voice = Voice(5).samples(seconds: 2)
            try WaveFile.write(voice, rate: 8000, to: folder.appendingPathComponent("unknown.wav"))
            try WaveFile.write(
                [Int16](repeating: 0, count: 4000), rate: 8000, to: folder.appendingPathComponent("other.wav"))
            let settings = #"""
                [speech]
                command = [
                    "sh", "-c",
                    "case $0 in *'no conference with this number'*) w=unknown;; *) w=other;; esac; cp @/$w.wav $1",
                    "{text}", "{output}",
                ]

                """#.replacingOccurrences(of: "@", with: folder.path)
            try await House.open(49_100, changes: ["partyline.toml": settings]) { house in
                let bert = try house.caller("bert")
                bert.call("welcome")
                try await bert.answered()
                try await Task.sleep(nanoseconds: 1_500_000_000)
                #expect(AudioAnalysis.presence(of: voice, in: bert.heard.samples).levelDB < -30)
                for digits in ["112", "123456789", "123456789012345678901234"] {
                    bert.clearRecordings()
                    bert.press(digits + "#")
                    await bert.pressed()
                    try await Task.sleep(nanoseconds: 3_500_000_000)
                    let level = AudioAnalysis.presence(of: voice, in: bert.heard.samples).levelDB
                    #expect(level > -6, "after \(digits) the words are heard at \(level) dB")
                    #expect(house.rooms.isEmpty, "\(house.rooms)")
                }
            }
        }

        @Test func `who enters nothing three times is told so and the call ends`() async throws {
            try await House.open(34280) { house in
                let bert = try house.caller("bert")
                bert.call("welcome")
                try await bert.answered()
                for _ in 0..<3 {
                    bert.press("#")
                    await bert.pressed()
                    try await Task.sleep(nanoseconds: 700_000_000)
                }
                #expect(bert.phase == .up, "the last words were not said")
                #expect(await bert.wait(12) { if case .over(.hungUpByThem) = $0 { true } else { false } })
                #expect(AudioAnalysis.levelDBm0(bert.heard.samples[...]) > -45)
            }
        }
    }
}
