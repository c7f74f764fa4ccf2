// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import Glibc
import Lines
import PartylineTestKit
import Telephony
import Testing

extension HouseTests {
    /// A gateway with a landline and a telephone (Grandstream HT813) at the real daemon, imitated by sipp with its habits; how a real
    /// one is set up stands in docs/lines.md.
    @Suite(
        .enabled(if: Tool.sipp != nil, "sipp is not installed (apt-get install sip-tester)"),
        .enabled(if: getuid() == 0, "sipp sends recorded audio as root only"))
    struct GatewayTests {
        /// Not an address of the box's own, which it would not call.
        private static let elsewhere = "127.0.0.2"

        /// A scenario with its blanks filled in, and what it plays.
        private final class Gateway {
            let folder: URL
            var tools: [RunningTool] = []

            init() throws {
                folder = FileManager.default.temporaryDirectory.appendingPathComponent(
                    "partyline-gateway-\(UInt32.random(in: 0 ... .max))")
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            }

            deinit {
                for tool in tools { tool.end() }
                try? FileManager.default.removeItem(at: folder)
            }

            func start(
                _ name: String, keys: String, at address: (host: String, port: Int), forwardsTo: Int = 0,
                isCalledAs user: String = "fxs", _ arguments: [String]
            ) throws -> RunningTool {
                let capture = folder.appendingPathComponent("\(name).pcap")
                try GatewaySound(keys: keys, lead: 200, tail: 1_000).file.write(to: capture)
                let fixture = House.shipped.appendingPathComponent("../../Tests/Fixtures/sipp/\(name).xml")
                let text = try String(contentsOf: fixture.standardizedFileURL, encoding: .utf8)
                    .replacingOccurrences(of: "@CAPTURE@", with: capture.path)
                    .replacingOccurrences(of: "@PORT@", with: "\(forwardsTo)")
                    .replacingOccurrences(of: "@NUMBER@", with: user)
                let scenario = folder.appendingPathComponent("\(name).xml")
                try text.write(to: scenario, atomically: true, encoding: .utf8)
                let tool = try Tool.start(
                    Tool.sipp,
                    [
                        "-sf", scenario.path, "-i", address.host, "-p", "\(address.port)", "-mp", "\(address.port + 2)",
                        "-m", "1",
                        "-nostdin",
                    ]
                        + arguments, output: folder.appendingPathComponent("\(name).log"))
                tools.append(tool)
                return tool
            }
        }

        @Test
        func `a call of the landline lands in the room with each digit once, and stays through a new negotiation`()
            async throws
        {
            let gateway = try Gateway()
            try await House.open(46_070) { house in
                let tool = try gateway.start(
                    "gateway_landline", keys: "4711#", at: ("127.0.0.1", 46_080), ["127.0.0.1:46070", "-s", "welcome"])
                // 4711 and nothing else: a digit that counts twice is another room.
                #expect(await house.waits(for: 1, in: "4711", seconds: 8))
                let caller = try #require(house.room("4711")?.participants.first)
                #expect(caller.number == "0301234567" && caller.name == "Erika")
                let guest = try await house.guest("guest", in: "4711")
                #expect(await house.waits(for: 2, in: "4711"))
                #expect(await tool.exitCode(within: 15) == 0)
                #expect(await house.waits(for: 1, in: "4711"))
                guest.hangUp()
            }
        }

        @Test func `its telephone answers late and presses 1, and one that is forwarded is followed`() async throws {
            let gateway = try Gateway()
            let changes = ["partyline.toml": "[outside]\nhosts = [\"\(Self.elsewhere)\"]\n"]
            try await House.open(46_090, changes: changes) { house in
                let guest = try await house.guest("guest", in: "111")
                let late = try gateway.start("gateway_phone", keys: "1", at: (Self.elsewhere, 46_100), [])
                _ = try gateway.start(
                    "gateway_forwards", keys: "", at: (Self.elsewhere, 46_110), forwardsTo: 46_100, [])
                try await Task.sleep(nanoseconds: 300_000_000)
                _ = try house.daemon.control.post(
                    "/v1/rooms/111/dial", Array("{\"destination\":\"sip:fxs@\(Self.elsewhere):46110\"}".utf8))
                // While it rings nobody is in the room but the guest.
                try await Task.sleep(nanoseconds: 4_000_000_000)
                #expect(house.room("111")?.participants.count == 1)
                #expect(await house.waits(for: 2, in: "111", seconds: 9))
                let called = try #require(house.room("111")?.participants.first { $0.number != "guest" })
                _ = try house.daemon.control.post("/v1/calls/\(called.id)/hangup")
                #expect(await late.exitCode(within: 5) == 0)
                #expect(await house.waits(for: 1, in: "111"))
                guest.hangUp()
            }
        }

        // MARK: - By the files of the recipe

        /// The landline port is a trunk that does not register; its port tells it from the telephone beside it.
        private func recipe(_ port: Int) -> [String: String] {
            Town.settings("hall", preset: "alsa-fxs", "extension = \"21\"\n").merging([
                "partyline.toml": "[outside]\nallow = ['0[1-9][0-9]+']\n",
                "lines.d/gateway.toml": """
                preset = "sip-gw"
                host = "\(Self.elsewhere)"
                extension = "31"
                password = "a-long-and-random-text"
                landline_port = \(port)
                ping_seconds = 0

                """,
            ]) { first, _ in first }
        }

        @Test(arguments: ["0301234567", "112"])
        func `a telephone of the house calls out by its landline, which answers late`(number: String) async throws {
            let gateway = try Gateway()
            let town = try Town()
            let phone = try town.phone("hall")
            let base: UInt16 = number == "112" ? 46_260 : 46_230
            let port = Int(base) + 10
            try await House.open(base, changes: recipe(port), environment: town.environment) { house in
                #expect(await house.line("hall", is: "on-hook"))
                // Its two sockets are shown among the lines.
                #expect(house.line("gateway")?.preset == "sip-gw" && house.line("gateway")?.extension == "31")
                let called = try gateway.start(
                    "gateway_phone", keys: "1", at: (Self.elsewhere, port), isCalledAs: number, [])
                try await Task.sleep(nanoseconds: 300_000_000)
                #expect(await phone.perform("dial", digits: number == "112" ? number : number + "#") == .done)
                // Six seconds of ringing, and no other way is tried.
                try await Task.sleep(nanoseconds: 4_000_000_000)
                #expect(house.calls.count { $0.technology == "sip" && $0.state != "connected" } == 1, "\(house.calls)")
                let isAnswered = await LandlineCallTests.eventually(9) {
                    house.calls.contains { $0.technology == "sip" && $0.state == "connected" }
                }
                #expect(isAnswered, "\(house.daemon.log.suffix(1_500))")
                try await Task.sleep(nanoseconds: 3_000_000_000)
                await phone.hangUp()
                // The number in its INVITE was the one that was dialled, and it has got its BYE.
                #expect(await called.exitCode(within: 5) == 0)
            }
        }

        @Test func `a call of its landline is the trunk's, and is greeted`() async throws {
            let gateway = try Gateway()
            let town = try Town()
            _ = try town.phone("hall")
            try await House.open(46_290, changes: recipe(46_300), environment: town.environment) { house in
                let caller = try gateway.start(
                    "gateway_landline", keys: "4711#", at: (Self.elsewhere, 46_300),
                    ["127.0.0.1:46290", "-s", "welcome"])
                #expect(await house.waits(for: 1, in: "4711", seconds: 8))
                #expect(await house.daemon.logs("peer=\"trunk gateway"))
                #expect(house.room("4711")?.participants.first?.number == "0301234567")
                #expect(await caller.exitCode(within: 15) == 0)
            }
        }
    }
}
