// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Lines
import PartylineTestKit
import Signals
import Telephony
import Testing

extension HouseTests {
    /// What a landline's hardware tells of bell and other phones, or does not, at the real daemon.
    @Suite struct LandlineSenseCallTests {
        @Test(arguments: [
            ("alsa-fxo", "ring_control = \"None\"\n", "set ring_control"),
            ("gpio-fxo", "gpio_seize = \"fxo-oh\"\ngpio_loop = \"fxo-lcs\"\n", "gpio_ring is not set"),
        ])
        func `an interface without a ring detector hears its bell`(
            preset: String, keys: String, warning: String
        ) async throws {
            let town = try Town()
            let exchange = try await town.landline("landline", tellsOfBell: false)
            let bench = try preset == "gpio-fxo" ? GPIOBench(exchange.line) : nil
            defer { bench?.stop() }
            var environment = town.environment
            if let bench {
                environment.merge(bench.environment) { first, _ in first }
                // Its sound card passes the line's audio at any time.
                exchange.line.isHeardOnHook = true
            }
            let changes = Town.settings("landline", preset: preset, "route = \"welcome\"\n" + keys)
            try await House.open(46_220, changes: changes, environment: environment) { house in
                #expect(await house.line("landline", is: "idle"), "\(house.daemon.log.suffix(1_500))")
                #expect(await house.daemon.logs(warning))
                await exchange.call(from: "0307654321", name: "", by: .v23)
                let isTaken = await exchange.waits(isTaken: true, seconds: 9) != nil
                #expect(isTaken, "\(preset): \(house.daemon.log.suffix(1_500))")
                #expect(await house.daemon.logs("from=0307654321"))
                try await Task.sleep(nanoseconds: 500_000_000)
                await exchange.press("4711#")
                #expect(await house.waits(for: 1, in: "4711"))
                await exchange.hangUp(by: .busyTone)
                #expect(await exchange.waits(isTaken: false, seconds: 6) != nil)
                #expect(await house.waits(for: 0, in: "4711"))
                #expect(await house.line("landline", is: "idle"))
            }
        }

        @Test func `a line whose voltage says that another phone has it is not taken, and our own call is ours`()
            async throws
        {
            let town = try Town()
            let exchange = try await town.landline("landline")
            let phone = try town.phone("hall")
            let bench = try GPIOBench(exchange.line)
            defer { bench.stop() }
            let pins =
                "route = \"welcome\"\ngpio_seize = \"fxo-oh\"\ngpio_ring = \"fxo-ri\"\ngpio_loop = \"fxo-lcs\"\n"
                + "gpio_in_use = \"fxo-liu\"\n"
            let spare = "route = \"welcome\"\ngpio_seize = \"gpiochip0:40\"\n"
            let hall = "extension = \"21\"\n"
            let changes = [
                Town.settings("landline", preset: "gpio-fxo", pins), Town.settings("spare", preset: "gpio-fxo", spare),
                Town.settings("hall", preset: "alsa-fxs", hall),
            ].reduce(into: [String: String]()) { $0.merge($1) { first, _ in first } }
            let environment = town.environment.merging(bench.environment) { first, _ in first }
            try await House.open(46_240, changes: changes, environment: environment) { house in
                #expect(await house.line("landline", is: "idle"), "\(house.daemon.log.suffix(1_500))")
                #expect(await house.line("hall", is: "on-hook"))
                // A chip that is there without such a line.
                #expect(await house.daemon.logs("gpiochip0 has the lines 0 to 3"))

                bench.liftOther(true)
                #expect(await house.line("landline", is: "in use"))
                bench.liftOther(false)
                #expect(await house.line("landline", is: "idle"))

                // The voltage is low because of ourselves: nobody withdraws, and afterwards the line is free.
                await exchange.call(from: "0301", name: "", by: .v23)
                #expect(await exchange.waits(isTaken: true, seconds: 9) != nil, "\(house.daemon.log.suffix(1_500))")
                try await Task.sleep(nanoseconds: 500_000_000)
                await exchange.press("4711#")
                #expect(await house.waits(for: 1, in: "4711"))
                try await Task.sleep(nanoseconds: 2_500_000_000)
                #expect(house.room("4711")?.participants.count == 1, "\(house.daemon.log.suffix(1_500))")
                await exchange.hangUp(by: .loopDrop)
                #expect(await exchange.waits(isTaken: false, seconds: 6) != nil)
                #expect(await house.daemon.logs("cause=\"loop current dropped\" line=landline"))
                #expect(await house.line("landline", is: "idle"))

                // Somebody of the house answers first: the line is theirs.
                await exchange.call(from: "0302", name: "", by: .v23)
                #expect(await house.line("landline", is: "ringing"))
                bench.liftOther(true)
                // The bell is over, and what may come of it for six seconds.
                await exchange.hangUp()
                #expect(await house.line("landline", is: "in use", seconds: 10))
                #expect(!bench.isSeized)
                // An emergency has no other way: beside that phone.
                #expect(await phone.perform("dial", digits: "112") == .done)
                #expect(await exchange.waits(isTaken: true, seconds: 6) != nil, "\(house.daemon.log.suffix(1_500))")
                await phone.hangUp()
                bench.liftOther(false)
                #expect(await exchange.waits(isTaken: false, seconds: 6) != nil)
                #expect(await house.line("landline", is: "idle"))
            }
        }

        @Test
        func `a landline on a sound stick rings, is answered, dialled on, released, and let go after a kill`()
            async throws
        {
            let town = try Town()
            let exchange = try await town.landline("landline")
            let bench = try StickBench(exchange.line)
            defer { bench.stop() }
            let keys = "route = \"welcome\"\nhid = \"\(bench.path)\"\n"
            let daemon = try await DaemonProcess.start(
                portBase: 46_250, shipped: House.shipped,
                changes: Town.settings("landline", preset: "cm108-fxo", keys), environment: town.environment)
            defer { daemon.stop() }
            #expect(await daemon.line("landline", is: "idle"), "\(daemon.log)")
            #expect(!bench.isSeized)
            bench.liftOther(true)
            #expect(await daemon.line("landline", is: "in use"))
            bench.liftOther(false)
            #expect(await daemon.line("landline", is: "idle"))

            await exchange.call(from: "0301", name: "", by: .v23)
            let isTaken = await exchange.waits(isTaken: true, seconds: 9) != nil
            #expect(isTaken, "\(daemon.log.suffix(1_500))")
            #expect(await daemon.logs("from=0301"), "\(daemon.log.suffix(2_500))")
            try await Task.sleep(nanoseconds: 500_000_000)
            await exchange.press("4711#")
            #expect(await daemon.waits(for: 1, in: "4711"))
            await exchange.hangUp(by: .busyTone)
            let seconds = await exchange.waits(isTaken: false, seconds: 6)
            print("cm108-fxo, busy tone: on-hook after", seconds ?? -1, "s")
            #expect(seconds != nil)
            #expect(await daemon.logs("cause=\"disconnect tone\" line=landline"))
            #expect(await daemon.line("landline", is: "idle"))

            await exchange.call(from: "0302", name: "", by: .v23)
            #expect(await exchange.waits(isTaken: true, seconds: 9) != nil)
            daemon.signal(SIGKILL)
            #expect(await LandlineCallTests.eventually(3) { !daemon.isRunning })
            #expect(bench.isSeized, "the relay lets go by itself?")
            let (code, said) = try daemon.runAgain(["--on-hook"], environment: town.environment)
            #expect(code == 0 && said.contains("line landline: on-hook"), "\(said)")
            #expect(await LandlineCallTests.eventually(1) { !bench.isSeized })
        }
    }
}
