// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lines
import PartylineTestKit
import Signals
import Telephony
import Testing

extension HouseTests {
    /// A landline on a voice modem (a fake one on a pseudo-terminal) at the real daemon, in real time.
    @Suite struct VoiceModemCallTests {
        private static func changes(_ modem: ModemBench, _ more: String = "") -> [String: String] {
            [
                "lines.d/modem.toml":
                    "name = \"modem\"\npreset = \"v253\"\ntty = \"\(modem.path)\"\nroute = \"welcome\"\n\(more)"
            ]
        }

        private static func busy(cycles: Int) -> [Int16] {
            let burst = HandsetSignals.tones([425], levelDBm0: -18, milliseconds: 480, sampleRate: 8_000)
            return (0..<cycles).flatMap { _ in burst + [Int16](repeating: 0, count: burst.count) }
        }

        /// What was dialled by tones.
        static func digits(in samples: [Int16]) -> String {
            let receiver = DigitReceiver(sampleRate: 8_000)
            var rest = samples
            var digits = ""
            rest.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                for start in stride(from: 0, to: buffer.count - 80, by: 80) {
                    let count = receiver?.process(base + start, count: 80, removes: false) ?? 0
                    for index in 0..<count where receiver?.event(index).hasBegun == true {
                        let code = receiver?.event(index).code ?? 0
                        digits.append(DTMFDigit(rawValue: code)?.character ?? "?")
                    }
                }
            }
            return digits
        }

        @Test(arguments: [FakeModem.Maker.conexant, .usRobotics])
        func `calls come in by the greeting with each digit once, voices go both ways, each cue releases`(
            maker: FakeModem.Maker
        ) async throws {
            let modem = try ModemBench(maker)
            defer { modem.stop() }
            let port: UInt16 = maker == .conexant ? 46_040 : 46_050
            try await House.open(port, changes: Self.changes(modem)) { house in
                #expect(await house.line("modem", is: "idle"))
                let cues: [(String, String)] = [
                    ("tone", "disconnect tone"), ("l", "polarity reversed"), ("P", "a phone of the house was lifted"),
                ]
                for (index, (cue, words)) in cues.enumerated() {
                    modem.ring(number: "030\(index)")
                    #expect(await LandlineCallTests.eventually(9) { modem.isDuplex }, "\(cue)")
                    #expect(await house.daemon.logs("from=030\(index)"), "\(cue)")
                    try await Task.sleep(nanoseconds: 600_000_000)
                    // Modems that let the tones through, or keep them; that tell of keys, or do not.
                    await modem.press("4711#", tones: index != 1, codes: index != 2)
                    #expect(await house.waits(for: 1, in: "4711"), "\(cue)")
                    if index == 0 {
                        try await Self.hearEachOther(house, modem)
                        // What the modem only believes releases nothing.
                        for code: Character in ["s", "b", "b", "b", "d", "q"] { modem.tell(code) }
                        try await Task.sleep(nanoseconds: 1_000_000_000)
                        #expect(modem.isDuplex)
                    }
                    if cue == "tone" {
                        modem.say(Self.busy(cycles: 6))
                    } else if let code = cue.first {
                        modem.tell(code)
                    }
                    #expect(await LandlineCallTests.eventually(5) { !modem.isOffHook }, "\(cue) does not release")
                    modem.fallSilent()
                    #expect(await house.daemon.logs("cause=\"\(words)\" line=modem"), "\(words)")
                    #expect(await house.waits(for: 0, in: "4711", seconds: 8))
                    // Until nothing more is heard of the other phone.
                    #expect(await house.line("modem", is: "idle", seconds: cue == "P" ? 14 : 5))
                }
                let report = try #require(house.line("modem"))
                print(
                    "modem \(maker): \(modem.starvation), box: \(report.underruns) under \(report.overruns) over, "
                        + "\(report.driftPPM) ppm, its own thread late by \(modem.lateness) ms at worst")
                #expect(abs(report.driftPPM) < 1_000)
            }
        }

        private static func hearEachOther(_ house: House, _ modem: ModemBench) async throws {
            let guest = try await house.guest("guest", in: "4711")
            #expect(await house.waits(for: 2, in: "4711"))
            // Both at once. (Of two pure tones the echo filter may take one for an echo of the other: docs/lines.md.)
            let (inside, outside) = (Voice(2).samples(seconds: 5), Voice(9).samples(seconds: 5))
            guest.clearRecordings()
            let before = modem.spoken.count
            modem.say(outside)
            guest.speak(inside)
            try await Task.sleep(nanoseconds: 7_000_000_000)
            let (atGuest, atModem) = (guest.heard.samples, Array(modem.spoken[before...]))
            func level(_ voice: [Int16], _ samples: [Int16]) -> Double {
                AudioAnalysis.presence(of: voice, in: samples).levelDB
            }
            print(
                "modem: outside heard inside \(level(outside, atGuest)) dB, inside outside \(level(inside, atModem)) dB, "
                    + "itself \(level(outside, atModem)) dB, guest itself \(level(inside, atGuest)) dB")
            #expect(level(outside, atGuest) > -6)
            #expect(level(inside, atModem) > -6)
            #expect(level(outside, atModem) < -40)
            guest.hangUp()
            #expect(await house.waits(for: 1, in: "4711"))
        }

        /// The modem tells that another phone has the only way out.
        private static func emergency(_ house: House, _ modem: ModemBench, _ phone: VirtualPhone) async throws {
            modem.fallSilent()
            #expect(await house.line("modem", is: "idle", seconds: 5))
            modem.tell("P")
            #expect(await house.line("modem", is: "in use"))
            let before = modem.spoken.count
            #expect(await phone.perform("dial", digits: "112") == .done)
            #expect(await LandlineCallTests.eventually(5) { modem.isDuplex })
            #expect(await house.line("modem", is: "emergency"))
            modem.say(HandsetSignals.tones([425], levelDBm0: -14, milliseconds: 1_500, sampleRate: 8_000))
            #expect(await LandlineCallTests.eventually(8) { digits(in: Array(modem.spoken[before...])) == "112" })
            await phone.hangUp()
            #expect(await LandlineCallTests.eventually(4) { !modem.isOffHook })
        }

        @Test func `a call out takes the line, waits for dial tone, sends each digit once and tells of the answer`()
            async throws
        {
            let modem = try ModemBench(.usRobotics)
            defer { modem.stop() }
            let town = try Town()
            let phone = try town.phone("hall")
            let changes = Self.changes(modem)
                .merging(Town.settings("hall", preset: "alsa-fxs", "extension = \"21\"\n")) { first, _ in first }
                .merging(["partyline.toml": "[outside]\nallow = [\"030[0-9]+\"]\n"]) { first, _ in first }
            try await House.open(46_060, changes: changes, environment: town.environment) { house in
                #expect(await house.line("modem", is: "idle"))
                #expect(await house.line("hall", is: "on-hook"))
                #expect(await phone.perform("dial", digits: "0301223#") == .done)
                #expect(await LandlineCallTests.eventually(5) { modem.isDuplex })
                #expect(modem.spoken.isEmpty || Self.digits(in: modem.spoken).isEmpty, "dialled without dial tone")
                modem.say(HandsetSignals.tones([425], levelDBm0: -14, milliseconds: 1_500, sampleRate: 8_000))
                #expect(await house.line("modem", is: "calling", seconds: 8))
                #expect(Self.digits(in: modem.spoken) == "0301223")
                // Ringing tone, then a voice.
                modem.fallSilent()
                modem.say(
                    HandsetSignals.tones([425], levelDBm0: -18, milliseconds: 1_000, sampleRate: 8_000)
                        + [Int16](repeating: 0, count: 16_000) + Voice(1).samples(seconds: 3, rate: 8_000))
                #expect(await house.line("modem", is: "in call", seconds: 9))
                #expect(await house.daemon.logs("by=\"a voice was heard\" line=modem"))
                await phone.hangUp()
                #expect(await LandlineCallTests.eventually(4) { !modem.isOffHook })
                try await Self.emergency(house, modem, phone)
            }
        }
    }
}
