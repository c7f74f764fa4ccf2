// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import PartylineTestKit
import Telephony
import Testing

extension HouseTests {
    /// Trunks with Kamailio as the provider.
    @Suite(
        .enabled(
            if: Tool.kamailio != nil && Tool.openssl != nil,
            "kamailio is not installed (apt-get install kamailio kamailio-tls-modules openssl)"))
    struct ProviderTests {
        private func trunks(_ house: House) -> [String: TrunkReport] {
            Dictionary(house.trunks.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        }

        private func waits(
            _ house: House, for state: String, of names: [String] = ["provider"], seconds: Double = 5
        ) async -> Double? {
            let begin = Date()
            while Date().timeIntervalSince(begin) < seconds {
                let reports = trunks(house)
                if names.allSatisfy({ reports[$0]?.state == state }) { return Date().timeIntervalSince(begin) }
                try? await Task.sleep(nanoseconds: 50_000_000)
            }
            return nil
        }

        private func trunk(_ port: Int, _ transport: String = "udp", _ further: String = "") -> String {
            """
            server = "\(transport == "tls" ? "localhost" : "127.0.0.1")"
            port = \(port)
            transport = "\(transport)"
            domain = "example.com"
            user = "4930"
            password = "secret77"
            expires = 60
            ping_seconds = 1
            \(further)

            """
        }

        @Test func `registers over UDP, TCP and TLS, and not with who has no certificate for the name`() async throws {
            let provider = try Kamailio(port: 25_820)
            defer { provider.remove() }
            try provider.start()
            try await House.open(
                25_800,
                changes: [
                    "trunks.d/udp.toml": trunk(25_820), "trunks.d/tcp.toml": trunk(25_820, "tcp"),
                    "trunks.d/tls.toml": trunk(25_821, "tls", "ca_file = \"\(provider.authority)\""),
                    "trunks.d/name.toml": trunk(25_822, "tls", "ca_file = \"\(provider.authority)\""),
                    "trunks.d/stranger.toml": trunk(25_821, "tls", "ca_file = \"\(provider.stranger)\""),
                ]
            ) { house in
                #expect(
                    await waits(house, for: "registered", of: ["udp", "tcp", "tls"]) != nil,
                    "\(trunks(house).mapValues(\.state))")
                try await Task.sleep(nanoseconds: 1_000_000_000)
                for name in ["name", "stranger"] { #expect(trunks(house)[name]?.state != "registered") }
            }
        }

        @Test func `calls go out and come in, and who is called into a room presses 1`() async throws {
            let provider = try Kamailio(port: 25_840)
            defer { provider.remove() }
            try provider.start()
            let callee = try Tool.start(
                Tool.sipp, ["-sn", "uas", "-i", "127.0.0.1", "-p", "25850", "-mp", "25860", "-m", "1", "-nostdin"])
            defer { callee.end() }
            try await House.open(
                25_830,
                changes: [
                    "trunks.d/provider.toml": trunk(25_840),
                    "partyline.toml": "[outside]\nallow = ['2[0-9]+']\n",
                ]
            ) { house in
                try #require(await waits(house, for: "registered") != nil)
                _ = try house.daemon.control.post("/v1/rooms/12/dial", Array(#"{"destination":"200"}"#.utf8))
                let answered = await house.daemon.logs("event=call.answered", within: 4)
                #expect(answered)
                #expect(house.room("12") == nil, "nobody pressed 1")
                #expect(throws: ControlFault.self) {
                    try house.daemon.control.post("/v1/rooms/12/dial", Array(#"{"destination":"900"}"#.utf8))
                }
                let refused = await house.daemon.logs("event=fence.refused")
                #expect(refused)

                let guest = try house.crew.caller("outsider", server: SocketAddress("127.0.0.1", 25_840))
                guest.call("4930")
                #expect(await house.daemon.logs("peer=\"trunk provider", within: 4))
                guest.hangUp()
            }
        }

        @Test func `a provider that was away is registered with within five seconds, and Retry-After is obeyed`()
            async throws
        {
            let provider = try Kamailio(port: 25_880)
            defer { provider.remove() }
            try provider.start()
            try await House.open(25_870, changes: ["trunks.d/provider.toml": trunk(25_880)]) { house in
                try #require(await waits(house, for: "registered") != nil)
                provider.stop()
                try #require(await waits(house, for: "unreachable", seconds: 12) != nil)
                try provider.start(retryAfter: 3)
                #expect(await house.daemon.logs("reason=503", within: 6))
                var longest = 0
                for _ in 0..<40 {
                    longest = max(longest, trunks(house)["provider"]?.retrySeconds ?? 0)
                    try await Task.sleep(nanoseconds: 50_000_000)
                }
                #expect(longest >= 2, "it waits as long as it was told")
                provider.stop()
                try provider.start()
                let seconds = try #require(await waits(house, for: "registered", seconds: 8))
                print("registered again \(seconds) s after the provider's return")
                #expect(seconds < 6)
            }
        }

        /// A restart forgets where we are, and says so to nobody.
        @Test(arguments: [("udp", UInt16(25_720)), ("tcp", UInt16(25_760))])
        func `calls come in within five seconds of a provider's return, on default settings`(
            _ transport: String, _ port: UInt16
        ) async throws {
            let provider = try Kamailio(port: Int(port))
            defer { provider.remove() }
            try provider.start()
            let settings = trunk(Int(port), transport).replacing("expires = 60\nping_seconds = 1\n", with: "")
            try await House.open(port - 10, changes: ["trunks.d/provider.toml": settings]) { house in
                try #require(await waits(house, for: "registered") != nil)
                provider.stop()
                try await Task.sleep(nanoseconds: 2_000_000_000)
                try provider.start()
                let begin = Date()
                var hasCome = false
                var number = 0
                while !hasCome, Date().timeIntervalSince(begin) < 8 {
                    number += 1
                    let guest = try house.crew.caller("outsider\(number)", server: SocketAddress("127.0.0.1", port))
                    guest.call("4930")
                    hasCome = await house.daemon.logs("peer=\"trunk provider", within: 0.4)
                    guest.hangUp()
                }
                let seconds = Date().timeIntervalSince(begin)
                print("a call by the provider \(seconds) s after its return, by \(transport)")
                #expect(hasCome && seconds < 5)
            }
        }
    }
}
