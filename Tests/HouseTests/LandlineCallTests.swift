// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import Glibc
import Lines
import PartylineTestKit
import Signals
import Telephony
import Testing

extension HouseTests {
    /// Landlines at the real daemon, in real time; the network around it is the virtual line card's.
    @Suite struct LandlineCallTests {
        /// A burst and a pause of the busy tone.
        private static let cycle = 0.96
        /// What a loaded machine may add, and the thread that looks at the line every 20 ms.
        private static let slack = 0.5

        @Test
        func `a call with its caller in each way comes in by the greeting, and is released by each cue of the far end`()
            async throws
        {
            let town = try Town()
            let exchange = try await town.landline("landline")
            try await House.open(
                46_000, changes: Town.landlineSettings("landline"), environment: town.environment
            ) { house in
                #expect(await house.line("landline", is: "idle"))
                let plan: [(CallerIDSender.Way, VirtualExchange.Release, String)] = [
                    (.bell202, .busyTone, "disconnect tone"), (.v23, .loopDrop, "loop current dropped"),
                    (.v23Reversal, .polarity, "polarity reversed"), (.dtmf, .dialTone, "dial tone returned"),
                ]
                for (index, (way, release, words)) in plan.enumerated() {
                    let number = "030123456\(index)"
                    await exchange.call(from: number, name: "Erika", by: way)
                    #expect(await exchange.waits(isTaken: true, seconds: 9) != nil, "\(way)")
                    #expect(await house.daemon.logs("from=\(number)"), "\(way)")
                    try await Task.sleep(nanoseconds: 500_000_000)
                    // During the greeting; any digit that counts twice leads elsewhere.
                    await exchange.press("4711#")
                    #expect(await house.waits(for: 1, in: "4711"), "\(way)")
                    await exchange.hangUp(by: release)
                    let seconds = await exchange.waits(isTaken: false, seconds: 6)
                    print("\(way.rawValue), \(release.rawValue): on-hook after", seconds ?? -1, "s")
                    // By busy tone while the room still says that nobody else is there.
                    #expect(try #require(seconds) < 3 * Self.cycle + Self.slack)
                    #expect(await house.daemon.logs("cause=\"\(words)\" line=landline"), "\(words)")
                    #expect(await house.waits(for: 0, in: "4711"))
                    #expect(await house.line("landline", is: "idle"))
                }
            }
        }

        @Test func `in Japan who calls is told to the line before it rings`() async throws {
            let town = try Town()
            let exchange = try await town.landline("landline")
            try await House.open(
                46_000, changes: Town.landlineSettings("landline", "caller_id = \"v23-jp\"\n"),
                environment: town.environment
            ) { house in
                #expect(await house.line("landline", is: "idle"))
                await exchange.callJapanese(from: "0312345678")
                // Off-hook for the message, on-hook, and off-hook for the call.
                #expect(await exchange.waits(isTaken: true, seconds: 3) != nil)
                #expect(await exchange.waits(isTaken: false, seconds: 3) != nil)
                #expect(await exchange.isConnected == false)
                #expect(await exchange.waits(isTaken: true, seconds: 6) != nil)
                #expect(await house.daemon.logs("from=0312345678"))
                try await Task.sleep(nanoseconds: 500_000_000)
                await exchange.hangUp(by: .loopDrop)
                #expect(await exchange.waits(isTaken: false, seconds: 3) != nil)
            }
        }

        @Test func `two landlines that hang up together are both released, and one alone in a room with music`()
            async throws
        {
            let town = try Town()
            let (one, two) = (try await town.landline("one"), try await town.landline("two"))
            let changes = Town.landlineSettings("one").merging(Town.landlineSettings("two")) { first, _ in first }
                .merging(["prompts/README": "What rooms play.\n"]) { first, _ in first }
            try await House.open(46_010, changes: changes, environment: town.environment) { house in
                #expect(await house.line("one", is: "idle"))
                #expect(await house.line("two", is: "idle"))
                async let first = one.enter("111", from: "0301")
                async let second = two.enter("111", from: "0302")
                let areIn = (await first, await second)
                #expect(areIn.0 && areIn.1)
                #expect(await house.waits(for: 2, in: "111", seconds: 8))
                // Both hear the other's busy tone by way of the room as well.
                await one.hangUp(by: .busyTone)
                await two.hangUp(by: .busyTone)
                async let free = one.waits(isTaken: false, seconds: 9)
                async let other = two.waits(isTaken: false, seconds: 9)
                let seconds = (await free, await other)
                print("two that hang up together: on-hook after", seconds.0 ?? -1, seconds.1 ?? -1, "s")
                #expect(try #require(seconds.0) < 3 * Self.cycle + Self.slack)
                #expect(try #require(seconds.1) < 3 * Self.cycle + Self.slack)

                #expect(await house.line("one", is: "idle"))
                try Self.music(seconds: 40, at: house)
                #expect(await one.enter("111", from: "0301"))
                #expect(await house.waits(for: 1, in: "111", seconds: 8))
                _ = try house.daemon.control.post("/v1/rooms/111/play", Array("{\"file\":\"music.wav\"}".utf8))
                try await Task.sleep(nanoseconds: 4_000_000_000)
                let heard = await one.heard().suffix(8_000)
                #expect(HandsetSignals.levelDBm0(heard) > -30, "there is no music")
                await one.hangUp(by: .busyTone)
                let alone = await one.waits(isTaken: false, seconds: 9)
                print("alone with music: on-hook after", alone ?? -1, "s")
                #expect(try #require(alone) < 3 * Self.cycle + Self.slack)
            }
        }

        /// Chords that change, among the prompts of that house.
        private static func music(seconds: Int, at house: House) throws {
            let scale: [[Double]] = [[262, 330, 392], [294, 349, 440], [247, 294, 392], [220, 262, 330]]
            let samples = (0..<seconds * 2).flatMap { beat in
                HandsetSignals.tones(scale[beat % 4], levelDBm0: -22, milliseconds: 500, sampleRate: 8_000)
            }
            let folder = house.daemon.folder.appendingPathComponent("etc/prompts")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try WaveFile.write(samples, rate: 8_000, to: folder.appendingPathComponent("music.wav"))
        }

        @Test func `an emergency while the only line is in a room tells the room, drops the line and dials`()
            async throws
        {
            let town = try Town()
            let exchange = try await town.landline("landline")
            let phone = try town.phone("hall")
            let changes = Town.landlineSettings("landline")
                .merging(Town.settings("hall", preset: "alsa-fxs", "extension = \"21\"\n")) { first, _ in first }
            try await House.open(46_020, changes: changes, environment: town.environment) { house in
                #expect(await house.line("landline", is: "idle"))
                #expect(await house.line("hall", is: "on-hook"))
                #expect(await exchange.enter("111", from: "0301"))
                #expect(await house.waits(for: 1, in: "111", seconds: 8))
                let guest = try await house.guest("guest", in: "111")
                #expect(await house.waits(for: 2, in: "111"))
                #expect(await phone.perform("dial", digits: "112") == .done)
                #expect(await exchange.waits(isTaken: false, seconds: 4) != nil, "the line is not let go")
                guest.clearRecordings()
                #expect(await house.daemon.logs("cause=\"taken for an emergency call\" line=landline"))
                #expect(await exchange.waits(isTaken: true, seconds: 4) != nil, "the line is not taken again")
                let isDialled = await Self.eventually(6) { await exchange.dialled == "112" }
                #expect(isDialled, "112 is not dialled")
                // Words, not a tone: longer than two seconds.
                try await Task.sleep(nanoseconds: 1_500_000_000)
                let words = guest.heard.samples
                let loud = stride(from: 0, to: words.count - 160, by: 160).count {
                    HandsetSignals.levelDBm0(words[$0..<$0 + 160]) > -40
                }
                #expect(loud > 75, "the room hears \(loud * 20) ms of something")
                #expect(await house.waits(for: 1, in: "111"))
                await exchange.answer()
                try await Task.sleep(nanoseconds: 500_000_000)
                await exchange.speak(
                    HandsetSignals.tones([700], levelDBm0: -12, milliseconds: 1_500, sampleRate: 8_000))
                try await Task.sleep(nanoseconds: 1_000_000_000)
                let heard = await phone.heard().suffix(4_000)
                #expect(HandsetSignals.levelDBm0(of: 700, in: heard, sampleRate: 8_000) > -30)
                await phone.hangUp()
                #expect(await exchange.waits(isTaken: false, seconds: 3) != nil)

                // Now a telephone beside the box has the line: there is no other way, so it is lifted beside that one.
                #expect(await house.line("landline", is: "idle"))
                exchange.line.setInUse(true)
                #expect(await house.line("landline", is: "in use"))
                #expect(await phone.perform("dial", digits: "112") == .done)
                #expect(await exchange.waits(isTaken: true, seconds: 4) != nil, "\(house.daemon.log.suffix(900))")
                let isDialledBeside = await Self.eventually(8) { await exchange.dialled == "112" }
                #expect(isDialledBeside, "112 is not dialled beside the other phone")
                await phone.hangUp()
                #expect(await exchange.waits(isTaken: false, seconds: 3) != nil)
                #expect(await house.line("landline", is: "in use"))
            }
        }

        @Test func `after the daemon was killed the service manager's helper puts the line on-hook`() async throws {
            let town = try Town()
            let exchange = try await town.landline("landline")
            let modem = try ModemBench(.usRobotics)
            defer { modem.stop() }
            let changes = Town.landlineSettings("landline").merging([
                "lines.d/modem.toml":
                    "name = \"modem\"\npreset = \"v253\"\ntty = \"\(modem.path)\"\nroute = \"welcome\"\n"
            ]) { first, _ in first }
            let daemon = try await DaemonProcess.start(
                portBase: 46_030, shipped: House.shipped, changes: changes, environment: town.environment)
            defer { daemon.stop() }
            #expect(await Self.eventually(4) { modem.commands.contains("AT+VSM=?") })
            #expect(await daemon.line("landline", is: "idle"))
            #expect(await daemon.line("modem", is: "idle"))
            await exchange.call(from: "0301", name: "", by: .v23)
            modem.ring(number: "0302")
            #expect(await exchange.waits(isTaken: true, seconds: 9) != nil)
            #expect(await Self.eventually(9) { modem.isDuplex })
            daemon.signal(SIGKILL)
            #expect(await Self.eventually(3) { !daemon.isRunning })
            try await Task.sleep(nanoseconds: 300_000_000)
            // Neither driver nor modem lets go by itself.
            #expect(exchange.line.isOffHook)
            #expect(modem.isOffHook)
            let (code, words) = try daemon.runAgain(
                ["--on-hook"], environment: town.environment,
                launcher: Self.asMember(opening: [modem.path, town.card.folder, town.card.folder + "/landline"]))
            print(words)
            #expect(code == 0, "\(words)")
            #expect(words.contains("line landline: on-hook") && words.contains("line modem: on-hook"), "\(words)")
            #expect(!exchange.line.isOffHook)
            #expect(await Self.eventually(2) { !modem.isOffHook && !modem.isDuplex })
        }

        @Test
        func `a landline interface on GPIO lines rings, is answered, dialled on, released, and let go after a kill`()
            async throws
        {
            let town = try Town()
            let exchange = try await town.landline("landline")
            let bench = try GPIOBench(exchange.line)
            defer { bench.stop() }
            let pins =
                "route = \"welcome\"\ngpio_seize = \"fxo-oh\"\ngpio_ring = \"fxo-ri\"\ngpio_loop = \"gpiochip0:2\"\n"
            let environment = town.environment.merging(bench.environment) { first, _ in first }
            let daemon = try await DaemonProcess.start(
                portBase: 46_120, shipped: House.shipped,
                changes: Town.settings("landline", preset: "gpio-fxo", pins), environment: environment)
            defer { daemon.stop() }
            #expect(await daemon.line("landline", is: "idle"), "\(daemon.log)")
            #expect(!bench.isSeized)
            for (release, words) in [
                (VirtualExchange.Release.loopDrop, "loop current dropped"), (.busyTone, "disconnect tone"),
            ] {
                await exchange.call(from: "0301", name: "", by: .v23)
                let isTaken = await exchange.waits(isTaken: true, seconds: 9) != nil
                #expect(isTaken, "\(release.rawValue): \(daemon.log.suffix(1_500))")
                #expect(await daemon.logs("from=0301"), "\(daemon.log.suffix(2_500))")
                try await Task.sleep(nanoseconds: 500_000_000)
                await exchange.press("4711#")
                #expect(await daemon.waits(for: 1, in: "4711"), "\(release.rawValue)")
                await exchange.hangUp(by: release)
                let seconds = await exchange.waits(isTaken: false, seconds: 6)
                print("gpio-fxo, \(release.rawValue): on-hook after", seconds ?? -1, "s")
                #expect(try #require(seconds) < 3 * Self.cycle + Self.slack)
                #expect(await daemon.logs("cause=\"\(words)\" line=landline"))
                #expect(await daemon.line("landline", is: "idle"))
            }
            await exchange.call(from: "0302", name: "", by: .v23)
            #expect(await exchange.waits(isTaken: true, seconds: 9) != nil)
            daemon.signal(SIGKILL)
            #expect(await Self.eventually(3) { !daemon.isRunning })
            #expect(bench.isSeized, "the relay lets go by itself?")
            let (code, said) = try daemon.runAgain(["--on-hook"], environment: environment)
            #expect(code == 0 && said.contains("line landline: on-hook"), "\(said)")
            #expect(!bench.isSeized)
        }

        /// As the unit has it: another user, without any capability, in the group that udev's rules give the devices to. Empty
        /// (this process's own user) where this is not root or that user could not read the program.
        private static func asMember(opening paths: [String]) throws -> [String] {
            let group: gid_t = 46_123
            let launcher = [
                "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--groups=\(group)", "--bounding-set=-all",
                "--no-new-privs",
            ]
            guard getuid() == 0, let binary = DaemonProcess.binary,
                FileManager.default.isExecutableFile(atPath: launcher[0])
            else {
                print("SKIPPED: the helper as another user (root and setpriv are wanted)")
                return []
            }
            let probe = Process()
            probe.executableURL = URL(fileURLWithPath: launcher[0])
            probe.arguments = launcher.dropFirst() + ["/usr/bin/test", "-x", binary.path]
            try probe.run()
            probe.waitUntilExit()
            guard probe.terminationStatus == 0 else {
                print("SKIPPED: the helper as another user (it could not run \(binary.path))")
                return []
            }
            for path in paths {
                chown(path, 0, group)
                chmod(path, 0o770)
            }
            return launcher
        }

        static func eventually(_ seconds: Double, _ isTrue: () async -> Bool) async -> Bool {
            for _ in 0..<Int(seconds * 50) {
                if await isTrue() { return true }
                try? await Task.sleep(nanoseconds: 20_000_000)
            }
            return await isTrue()
        }
    }
}
