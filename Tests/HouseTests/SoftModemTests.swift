// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Lines
import PartylineTestKit
import Signals
import Telephony
import Testing

extension HouseTests {
    /// A laptop's soft modem (`modem-ctl`) at the real daemon: two mixer controls and the audio are all that it has, and on-hook that is
    /// silent unless the box asks for it.
    @Suite struct SoftModemTests {
        private static let cycle = 0.96
        private static let slack = 0.5

        private func settings() -> [String: String] {
            Town.settings("modem", preset: "modem-ctl", "route = \"welcome\"\n")
                .merging(Town.settings("hall", preset: "alsa-fxs", "extension = \"21\"\n")) { first, _ in first }
        }

        @Test func `its bell and who calls are heard in the audio, and what comes then lets it go`() async throws {
            let town = try Town()
            let exchange = try await town.landline("modem", tellsOfBell: false)
            _ = try town.phone("hall")
            try await House.open(46_200, changes: settings(), environment: town.environment) { house in
                #expect(await house.line("modem", is: "idle"))
                #expect(exchange.line.isHeardOnHook, "the box does not listen on-hook")
                let plan: [(CallerIDSender.Way, VirtualExchange.Release, String)] = [
                    (.bell202, .busyTone, "disconnect tone"), (.v23, .dialTone, "dial tone returned"),
                    (.dtmf, .busyTone, "disconnect tone"),
                ]
                for (index, (way, release, words)) in plan.enumerated() {
                    let number = "030765432\(index)"
                    await exchange.call(from: number, name: "Erika", by: way)
                    let isTaken = await exchange.waits(isTaken: true, seconds: 9) != nil
                    #expect(isTaken, "\(way): \(house.daemon.log.suffix(900))")
                    #expect(await house.daemon.logs("from=\(number)"), "\(way)")
                    #expect(!exchange.line.isHeardOnHook, "\(way)")
                    try await Task.sleep(nanoseconds: 500_000_000)
                    await exchange.press("4711#")
                    #expect(await house.waits(for: 1, in: "4711"), "\(way)")
                    await exchange.hangUp(by: release)
                    let seconds = await exchange.waits(isTaken: false, seconds: 6)
                    print("modem-ctl, \(way.rawValue), \(release.rawValue): on-hook after", seconds ?? -1, "s")
                    #expect(try #require(seconds) < 3 * Self.cycle + Self.slack)
                    #expect(await house.daemon.logs("cause=\"\(words)\" line=modem"), "\(words)")
                    #expect(await house.waits(for: 0, in: "4711"))
                    #expect(await house.line("modem", is: "idle"))
                    #expect(exchange.line.isHeardOnHook)
                }
            }
            #expect(!exchange.line.isHeardOnHook, "nobody listens any more")
        }

        @Test func `a telephone calls out by it, and after a kill the helper puts both controls back`() async throws {
            let town = try Town()
            let exchange = try await town.landline("modem", tellsOfBell: false)
            let phone = try town.phone("hall")
            let daemon = try await DaemonProcess.start(
                portBase: 46_210, shipped: House.shipped, changes: settings(), environment: town.environment)
            defer { daemon.stop() }
            #expect(await daemon.line("modem", is: "idle"), "\(daemon.log)")
            #expect(await daemon.line("hall", is: "on-hook"))
            #expect(await phone.perform("dial", digits: "112") == .done)
            #expect(await exchange.waits(isTaken: true, seconds: 6) != nil, "\(daemon.log.suffix(900))")
            #expect(!exchange.line.isHeardOnHook)
            let isDialled = await LandlineCallTests.eventually(8) { await exchange.dialled == "112" }
            #expect(isDialled, "112 is not dialled")
            await exchange.answer()
            try await Task.sleep(nanoseconds: 500_000_000)
            await exchange.speak(HandsetSignals.tones([700], levelDBm0: -12, milliseconds: 1_500, sampleRate: 8_000))
            try await Task.sleep(nanoseconds: 1_000_000_000)
            let heard = await phone.heard().suffix(4_000)
            #expect(HandsetSignals.levelDBm0(of: 700, in: heard, sampleRate: 8_000) > -30)

            daemon.signal(SIGKILL)
            #expect(await LandlineCallTests.eventually(3) { !daemon.isRunning })
            #expect(exchange.line.isOffHook, "the control lets go by itself?")
            let (code, said) = try daemon.runAgain(["--on-hook"], environment: town.environment)
            #expect(code == 0 && said.contains("line modem: on-hook"), "\(said)")
            #expect(!exchange.line.isOffHook)
            #expect(!exchange.line.isHeardOnHook)
        }
    }
}
