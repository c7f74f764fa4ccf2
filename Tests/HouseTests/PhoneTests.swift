// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import Testing

extension HouseTests {
    /// Analog phones on the virtual line card that the daemon carries in itself.
    @Suite struct PhoneTests {
        static func line(_ name: String, number: String) -> String {
            """
            name = "\(name)"
            preset = "alsa-fxs"
            pcm = "vline:\(name)"
            ctl = "vline:\(name)"
            extension = "\(number)"
            rate = 8000

            """
        }

        @Test func `a phone that dials a room and a SIP caller hear each other and not themselves`() async throws {
            try await House.open(34600, changes: ["lines.d/one.toml": Self.line("one", number: "21")]) { house in
                let anna = try await house.guest("anna", in: "111")
                let phone = try await house.phone("one")
                #expect(await house.waits(for: 1, in: "111"))
                try await phone.dial("111#")
                #expect(await house.waits(for: 2, in: "111"))
                try await Task.sleep(nanoseconds: 700_000_000)
                for attempt in 1...Conversation.tries {
                    let talk = try await talk(anna, phone)
                    #expect(talk.others.allSatisfy { $0 >= -6 }, "they hear each other at \(talk.others) dB")
                    let worst = talk.own.max() ?? 0
                    // See `Conversation.disturbedDB`.
                    if worst > Conversation.silenceDB, worst <= Conversation.disturbedDB, attempt < Conversation.tries {
                        continue
                    }
                    #expect(worst <= Conversation.silenceDB, "they hear themselves at \(talk.own) dB")
                    break
                }
                phone.hangUp()
                #expect(await house.waits(for: 1, in: "111"))
            }
        }

        /// How loud a SIP caller and a phone hear each other, and each himself, in dB.
        private func talk(_ anna: SIPCaller, _ phone: VirtualHandset) async throws -> (others: [Double], own: [Double])
        {
            let voices = [Voice(1).samples(seconds: 6), Voice(8).samples(seconds: 6)]
            anna.clearRecordings()
            phone.forget()
            anna.speak(voices[0])
            phone.speak(Voice(8).samples(seconds: 6, rate: phone.rate))
            try await Task.sleep(nanoseconds: 6_000_000_000)
            let atPhone = AudioAnalysis.atTelephoneRate(phone.heard.samples, from: phone.rate)
            let atAnna = anna.heard.samples
            return (
                [
                    AudioAnalysis.presence(of: voices[0], in: atPhone).levelDB,
                    AudioAnalysis.presence(of: voices[1], in: atAnna).levelDB,
                ],
                [
                    AudioAnalysis.presence(of: voices[1], in: atPhone, block: 16_384).levelDB,
                    AudioAnalysis.presence(of: voices[0], in: atAnna, block: 16_384).levelDB,
                ]
            )
        }

        @Test func `one phone calls another by its extension: it rings, they talk, one hangs up`() async throws {
            let changes = [
                "lines.d/one.toml": Self.line("one", number: "21"), "lines.d/two.toml": Self.line("two", number: "22"),
            ]
            try await House.open(34620, changes: changes) { house in
                let first = try await house.phone("one")
                let second = try await house.phone("two")
                try await first.dial("22#")
                #expect(await second.rings(within: 4))
                second.lift()
                try await Task.sleep(nanoseconds: 1_000_000_000)
                let voice = Voice(4).samples(seconds: 2, rate: first.rate)
                second.forget()
                first.speak(voice)
                try await Task.sleep(nanoseconds: 2_200_000_000)
                #expect(AudioAnalysis.presence(of: voice, in: second.heard.samples).levelDB >= -6)
                first.hangUp()
                try await Task.sleep(nanoseconds: 1_500_000_000)
                second.hangUp()
            }
        }

        /// Threads of a pool that come for a moment, for a sound or a file, rest for 5 s and go: they are printed, and what
        /// stays is counted.
        @Test func `with two phones and a caller in a room it has no more threads than cores and ten`() async throws {
            let changes = [
                "lines.d/one.toml": Self.line("one", number: "21"), "lines.d/two.toml": Self.line("two", number: "22"),
            ]
            try await House.open(34720, changes: changes) { house in
                let anna = try await house.guest("anna", in: "111")
                let phones = [try await house.phone("one"), try await house.phone("two")]
                for phone in phones { try await phone.dial("111#") }
                #expect(await house.waits(for: 3, in: "111"))
                var counts: [Int] = []
                for _ in 0..<50 {
                    counts.append(try Self.threads(of: house.daemon.processID).count)
                    try await Task.sleep(nanoseconds: 200_000_000)
                }
                let names = try Self.threads(of: house.daemon.processID)
                let allowed = ProcessInfo.processInfo.activeProcessorCount + 10
                let stay = counts.suffix(15).sorted()[7]
                print("threads: \(stay), at most \(counts.max() ?? 0) of \(allowed): \(names)")
                #expect(stay <= allowed, "\(names)")
                #expect(!names.contains("web-fetch"))
                for phone in phones { phone.hangUp() }
                anna.hangUp()
            }
        }

        /// The names of a process's threads.
        private static func threads(of process: Int32) throws -> [String] {
            let folder = "/proc/\(process)/task"
            // One may end meanwhile.
            return try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { thread in
                try? String(contentsOfFile: "\(folder)/\(thread)/comm", encoding: .utf8)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
            }
        }
    }
}

extension House {
    /// The telephone on a virtual line, once the box has opened it.
    func phone(_ name: String) async throws -> VirtualHandset {
        let path = daemon.state.appendingPathComponent("virtual/\(name)").path
        var last: (any Error)?
        for _ in 0..<40 {
            do { return try VirtualHandset(path: path) } catch { last = error }
            try await Task.sleep(nanoseconds: 50_000_000)
        }
        throw last ?? CallerError.daemon("no virtual line \(name)")
    }
}

extension VirtualHandset {
    /// Lifts, waits for dial tone, dials.
    func dial(_ digits: String) async throws {
        hangUp()
        try await Task.sleep(nanoseconds: 700_000_000)
        forget()
        lift()
        for _ in 0..<60 {
            try await Task.sleep(nanoseconds: 50_000_000)
            if AudioAnalysis.levelDBm0(heard.tail(seconds: 0.1)[...]) > -30 {
                // A person takes a moment before the first digit.
                try await Task.sleep(nanoseconds: 500_000_000)
                await press(digits)
                return
            }
        }
        throw CallerError.daemon("no dial tone within three seconds")
    }

    func rings(within seconds: Double) async -> Bool {
        for _ in 0..<Int(seconds * 50) {
            if isRinging { return true }
            try? await Task.sleep(nanoseconds: 20_000_000)
        }
        return false
    }
}
