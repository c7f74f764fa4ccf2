// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lines
import PartylineTestKit
import Telephony
import Testing

extension HouseTests {
    /// Calls out of a house whose landlines do not all work, at the real daemon, in real time.
    @Suite struct LandlineHuntCallTests {
        private static func modem(_ name: String, _ modem: ModemBench) -> [String: String] {
            [
                "lines.d/\(name).toml":
                    "name = \"\(name)\"\npreset = \"v253\"\ntty = \"\(modem.path)\"\nroute = \"welcome\"\n"
            ]
        }

        private static let hall = Town.settings("hall", preset: "alsa-fxs", "extension = \"21\"\n")

        private static var dialTone: [Int16] {
            HandsetSignals.tones([425], levelDBm0: -14, milliseconds: 1_500, sampleRate: 8_000)
        }

        @Test func `an emergency goes by the second modem when the first refuses or has no dial tone`()
            async throws
        {
            let (one, two) = (try ModemBench(.usRobotics), try ModemBench(.conexant))
            defer {
                one.stop()
                two.stop()
            }
            let town = try Town()
            let phone = try town.phone("hall")
            let changes = [Self.modem("one", one), Self.modem("two", two), Self.hall]
                .reduce(into: [String: String]()) { $0.merge($1) { first, _ in first } }
            try await House.open(43_100, changes: changes, environment: town.environment) { house in
                func allAreIdle() async {
                    await phone.hangUp()
                    for name in ["one", "two"] { #expect(await house.line(name, is: "idle", seconds: 8)) }
                    #expect(await house.line("hall", is: "on-hook"))
                }
                await allAreIdle()
                one.refuse("AT+VTR")
                let before = one.commands.count
                let begin = MonotonicClock.now
                #expect(await phone.perform("dial", digits: "112") == .done)
                #expect(await LandlineCallTests.eventually(6) { two.isDuplex }, "\(house.daemon.log.suffix(1_500))")
                print("112 was at the second modem after", Double(MonotonicClock.now - begin) / 1e9, "s")
                two.say(Self.dialTone)
                #expect(
                    await LandlineCallTests.eventually(6) {
                        VoiceModemCallTests.digits(in: two.spoken).hasSuffix("112")
                    })
                #expect(await house.daemon.logs("the device does not take the line"))
                #expect(!one.isOffHook && one.commands.count - before <= 8, "\(one.commands)")
                await allAreIdle()

                // No dial tone on the first one: nothing is dialled there.
                one.refuse()
                let (said, spoken) = (one.spoken.count, two.spoken.count)
                #expect(await phone.perform("dial", digits: "112") == .done)
                #expect(await LandlineCallTests.eventually(4) { one.isDuplex })
                #expect(await LandlineCallTests.eventually(8) { two.isDuplex && !one.isOffHook })
                two.say(Self.dialTone)
                #expect(
                    await LandlineCallTests.eventually(6) {
                        VoiceModemCallTests.digits(in: Array(two.spoken.dropFirst(spoken))) == "112"
                    })
                #expect(VoiceModemCallTests.digits(in: Array(one.spoken.dropFirst(said))) == "")
                #expect(await house.daemon.logs("cause=\"no dial tone\" line=one"))
                await allAreIdle()

                // None works: words, at once.
                one.refuse("AT+VTR")
                two.refuse("AT+VLS=1")
                #expect(await phone.perform("dial", digits: "112") == .done)
                #expect(await house.daemon.logs("outcome=\"no way out\""))
                try await Task.sleep(nanoseconds: 2_500_000_000)
                let told = await phone.heard().suffix(16_000)
                #expect(HandsetSignals.levelDBm0(told) > -35)
                #expect(!HandsetSignals.isSteadyTone(Array(told), sampleRate: 8_000))
            }
        }

        @Test func `a line without loop current is dead after a second, and the call goes by the next`() async throws {
            let town = try Town()
            let (dead, other) = (try await town.landline("one"), try await town.landline("two"))
            let phone = try town.phone("hall")
            let bench = try GPIOBench(dead.line, isDead: true)
            defer { bench.stop() }
            let pins = "gpio_seize = \"fxo-oh\"\ngpio_ring = \"fxo-ri\"\ngpio_loop = \"fxo-lcs\"\n"
            let changes = [Town.settings("one", preset: "gpio-fxo", pins), Town.landlineSettings("two"), Self.hall]
                .reduce(into: [String: String]()) { $0.merge($1) { first, _ in first } }
            let environment = town.environment.merging(bench.environment) { first, _ in first }
            try await House.open(43_120, changes: changes, environment: environment) { house in
                for name in ["one", "two"] { #expect(await house.line(name, is: "idle")) }
                #expect(await house.line("hall", is: "on-hook"))
                #expect(await phone.perform("dial", digits: "112") == .done)
                let isDialled = await LandlineCallTests.eventually(8) { await other.dialled == "112" }
                #expect(isDialled, "\(house.daemon.log.suffix(1_500))")
                #expect(await house.daemon.logs("cause=\"no loop current\" line=one"))
                #expect(!bench.isSeized)
                await phone.hangUp()
            }
        }

        @Test(arguments: [
            ("alsa-fxo", "pulse"), ("modem-ctl", "pulse"), ("modem-ctl", "dtmf"), ("gpio-fxo", "pulse"),
            ("gpio-fxo", "dtmf"), ("cm108-fxo", "pulse"), ("cm108-fxo", "dtmf"),
        ])
        func `what is dialled arrives at the exchange`(preset: String, way: String) async throws {
            let town = try Town()
            let exchange = try await town.landline("landline")
            let phone = try town.phone("hall")
            var more = "dialling = \"\(way)\"\n"
            var environment = town.environment
            let bench = try preset == "gpio-fxo" ? GPIOBench(exchange.line) : nil
            let stick = try preset == "cm108-fxo" ? StickBench(exchange.line) : nil
            defer {
                bench?.stop()
                stick?.stop()
            }
            if let stick { more += "hid = \"\(stick.path)\"\n" }
            if let bench {
                more += "gpio_seize = \"fxo-oh\"\ngpio_ring = \"fxo-ri\"\ngpio_loop = \"fxo-lcs\"\n"
                environment.merge(bench.environment) { first, _ in first }
            }
            let changes = Town.settings("landline", preset: preset, more).merging(Self.hall) { first, _ in first }
            try await House.open(43_140, changes: changes, environment: environment) { house in
                #expect(await house.line("landline", is: "idle"), "\(house.daemon.log.suffix(1_500))")
                #expect(await house.line("hall", is: "on-hook"))
                #expect(await phone.perform("dial", digits: "112") == .done)
                let isDialled = await LandlineCallTests.eventually(12) { await exchange.dialled == "112" }
                let dialled = await exchange.dialled
                #expect(isDialled, "\(preset) by \(way): \(dialled)")
                await exchange.answer()
                await exchange.speak(
                    HandsetSignals.tones([700], levelDBm0: -12, milliseconds: 1_500, sampleRate: 8_000))
                #expect(await house.line("landline", is: "emergency"))
                await phone.hangUp()
                #expect(await exchange.waits(isTaken: false, seconds: 3) != nil)
            }
        }
    }
}
