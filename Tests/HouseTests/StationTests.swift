// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import Signals
import Testing

extension HouseTests {
    /// What a telephone on a line can do besides calling, through the real daemon and the virtual line card.
    @Suite struct StationTests {
        private static let three = [
            "lines.d/one.toml": PhoneTests.line("one", number: "21"),
            "lines.d/two.toml": PhoneTests.line("two", number: "22"),
            "lines.d/three.toml": PhoneTests.line("three", number: "23"),
        ]

        /// Whether the voice of the first is heard by the second, in dB of how loud it was.
        private func level(from speaker: VirtualHandset, at listener: VirtualHandset, _ voice: Int) async throws
            -> Double
        {
            var best = -99.0
            for _ in 0..<3 {
                let samples = Voice(voice).samples(seconds: 2, rate: speaker.rate)
                listener.forget()
                speaker.speak(samples)
                try await Task.sleep(nanoseconds: 2_300_000_000)
                let heard = AudioAnalysis.atTelephoneRate(listener.heard.samples, from: listener.rate)
                best = max(
                    best,
                    AudioAnalysis.presence(of: Voice(voice).samples(seconds: 2), in: heard, block: 6_400).levelDB)
                if best > -8 { break }
            }
            return best
        }

        @Test func `a flash asks a second party, makes three, and hanging up leaves the two together`() async throws {
            try await House.open(45_020, changes: Self.three) { house in
                let one = try await house.phone("one")
                let two = try await house.phone("two")
                let three = try await house.phone("three")
                try await one.dial("22#")
                #expect(await two.rings(within: 4))
                two.lift()
                try await Task.sleep(nanoseconds: 500_000_000)
                #expect(try await level(from: two, at: one, 4) > -8)
                try await one.flash()
                #expect(try await level(from: two, at: one, 4) < -30, "held")
                await one.press("23#")
                #expect(await three.rings(within: 4))
                three.lift()
                try await Task.sleep(nanoseconds: 500_000_000)
                #expect(try await level(from: three, at: one, 6) > -8)
                try await one.flash()
                for (speaker, listener, voice) in [(two, three, 4), (three, two, 6), (one, two, 1), (two, one, 4)] {
                    #expect(try await level(from: speaker, at: listener, voice) > -8)
                }
                one.hangUp()
                try await Task.sleep(nanoseconds: 1_200_000_000)
                #expect(try await level(from: two, at: three, 4) > -8)
                #expect(try await level(from: three, at: two, 6) > -8)
                two.hangUp()
                three.hangUp()
                try await Task.sleep(nanoseconds: 1_000_000_000)
                #expect(house.calls.isEmpty)
            }
        }

        @Test(arguments: [("bell202", 45_040), ("v23", 45_060), ("v23-reversal", 45_080), ("dtmf", 45_100)])
        func `a phone that rings hears who calls as data`(kind: String, port: Int) async throws {
            var changes = Self.three
            changes["lines.d/two.toml"] = PhoneTests.line("two", number: "22") + "caller_id = \"\(kind)\"\n"
            try await House.open(UInt16(port), changes: changes) { house in
                let one = try await house.phone("one")
                let two = try await house.phone("two")
                var found: CallerID?
                // In real time a machine that does something else as well may tear the data: then it is called once more.
                for attempt in 0..<3 where found?.number != "21" {
                    if attempt > 0 {
                        one.hangUp()
                        try await Task.sleep(nanoseconds: 1_500_000_000)
                    }
                    try await one.dial("22")
                    two.forget()
                    #expect(await two.rings(within: 8))
                    try await Task.sleep(nanoseconds: 5_000_000_000)
                    found = Self.data(in: two.heard.samples)
                }
                #expect(found?.number == "21")
                #expect(kind == "dtmf" || found?.name == "one")
                two.lift()
                try await Task.sleep(nanoseconds: 500_000_000)
                #expect(try await level(from: one, at: two, 1) > -8)
                one.hangUp()
                two.hangUp()
            }
        }

        private static func data(in samples: [Int16]) -> CallerID? {
            let receiver = CallerIDReceiver()
            var found: CallerID?
            samples.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                for start in stride(from: 0, to: buffer.count - 160, by: 160) {
                    found = receiver.process(base + start, count: 160) ?? found
                }
            }
            return found
        }

        @Test func `a wrong line is told with file and line, and the others work; test numbers answer`() async throws {
            var changes = Self.three
            changes["lines.d/wrong.toml"] = """
                name = "wrong"
                preset = "gpio-fxs"
                pcm = "hw:CARD=Nobody"
                gpio_hook = "slic-shk"

                """
            try await House.open(45_120, changes: changes) { house in
                #expect(await house.daemon.logs("lines.d/wrong.toml:4: line wrong", within: 5))
                #expect(await house.daemon.logs("slic-shk", within: 1))
                let one = try await house.phone("one")
                try await one.dial("*43")
                try await Task.sleep(nanoseconds: 1_000_000_000)
                #expect(try await level(from: one, at: one, 4) > -8, "an echo")
                one.hangUp()
                try await one.dial("*44")
                try await Task.sleep(nanoseconds: 1_000_000_000)
                let tail = one.heard.tail(seconds: 0.5)
                let level = AudioAnalysis.levelDBm0(tail[...])
                #expect(abs(level) < 0.3, "a milliwatt measures \(level) dBm0")
                one.hangUp()
            }
        }
    }
}

extension VirtualHandset {
    /// The recall key, and a moment until the second dial tone.
    func flash() async throws {
        hangUp()
        try await Task.sleep(nanoseconds: 120_000_000)
        lift()
        try await Task.sleep(nanoseconds: 700_000_000)
    }
}
