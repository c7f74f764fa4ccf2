// SPDX-License-Identifier: Apache-2.0

import Foundation
import SDP
import SIP
import Synchronization
import Telephony
import Testing

extension Conversations {
    /// sipp as a provider that wants more than a plain call, and providers that want nothing.
    @Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sipp"), "sipp is not installed"))
    struct SippProviderTests {
        private func account(_ name: String, _ port: UInt16) -> TrunkAccount {
            var account = TrunkAccount(
                name: name, domain: "example.com", server: "127.0.0.1", transport: "udp", user: "anna",
                password: "secret")
            account.port = port
            account.registers = false
            account.pingInterval = 0
            account.patience = 1
            return account
        }

        private func provider(_ scenario: String, _ port: UInt16) throws -> Process {
            let file = GarbageTests.fixtures.appendingPathComponent("sipp/\(scenario).xml").path
            return try SippTests.sipp([
                "-sf", file, "-i", "127.0.0.1", "-p", "\(port)", "-m", "1", "-mp", "32980", "-timeout", "15",
                "-timeout_error",
            ])
        }

        private static func port() -> UInt16 { Exchange.lastPort.add(2, ordering: .relaxed).newValue }

        private func dial(_ exchange: Exchange) throws -> any Leg {
            var request = DialRequest(destination: "030", callerNumber: "31", callerName: "", headers: [])
            request.kind = .outside
            return try #require(SIPDriver(server: exchange.server).dial(request))
        }

        @Test func `a reliable 183 is acknowledged by PRACK, and UPDATE changes the codec before and after the answer`()
            async throws
        {
            let port = Self.port()
            let process = try provider("provider_reliable", port)
            let box = try Exchange(trunks: [account("provider", port)])
            try await Task.sleep(for: .milliseconds(300))
            _ = try dial(box)
            #expect(await box.switchboard.waits(for: "early media"))
            #expect(await box.switchboard.waits(for: "answered"))
            #expect(await box.switchboard.waits(for: "hung up normalClearing"))
            #expect(await SippTests.ended(process, seconds: 10) == 0)
            let encodings = box.ports.configurations.map(\.sending.encoding)
            #expect(encodings.first == .pcmu && encodings.last == .pcma, "\(encodings)")
        }

        @Test func `a session interval that is too short for the provider becomes the one that it wants`() async throws
        {
            let port = Self.port()
            let process = try provider("provider_422", port)
            var account = account("provider", port)
            account.sessionInterval = 90
            let box = try Exchange(trunks: [account])
            try await Task.sleep(for: .milliseconds(300))
            let leg = try dial(box)
            #expect(await box.switchboard.waits(for: "answered"))
            leg.hangUp(.normalClearing, [])
            #expect(await box.switchboard.waits(for: "hung up normalClearing"))
            #expect(await SippTests.ended(process, seconds: 10) == 0)
        }

        @Test func `a trunk that never answers is left for the next one after its patience`() async throws {
            // It listens, so no ICMP error tells that nobody is there.
            let silent = TestPhone(target: 0)
            let port = Self.port()
            let process = try SippTests.sipp([
                "-sn", "uas", "-i", "127.0.0.1", "-p", "\(port)", "-m", "1", "-mp", "32980", "-timeout", "15",
            ])
            let box = try Exchange(trunks: [account("silent", silent.port), account("good", port)])
            try await Task.sleep(for: .milliseconds(300))
            let start = ContinuousClock.now
            let leg = try dial(box)
            #expect(await box.switchboard.waits(for: "answered", seconds: 5))
            let waited = start.duration(to: .now)
            #expect(waited > .milliseconds(900) && waited < .milliseconds(2_500), "\(waited)")
            #expect(box.log.all.contains { $0.hasPrefix("sip trunk silent name=silent") })
            #expect(box.server.trunkReports().map(\.calls) == [0, 1])
            // It wakes up late: what it answers is taken back, and the call does not notice.
            silent.aim(at: box.port)
            let invite = try #require(silent.receive("INVITE"))
            silent.respond("200 OK", to: invite, body: silent.offer())
            #expect(silent.receive("ACK") != nil)
            #expect(silent.receive("BYE") != nil)
            #expect(!box.switchboard.events.contains { $0.hasPrefix("hung up") })
            leg.hangUp(.normalClearing, [])
            #expect(await SippTests.ended(process, seconds: 10) == 0)
        }

        @Test func `a provider that is at work on it has time`() async throws {
            let port = Self.port()
            let process = try provider("provider_slow", port)
            let box = try Exchange(trunks: [account("slow", port), account("other", Self.port())])
            try await Task.sleep(for: .milliseconds(300))
            let leg = try dial(box)
            #expect(await box.switchboard.waits(for: "answered", seconds: 8))
            #expect(box.server.trunkReports().map(\.calls) == [1, 0])
            leg.hangUp(.normalClearing, [])
            #expect(await SippTests.ended(process, seconds: 10) == 0)
        }

        @Test func `where the trunk's audio must be secured, an answer in clear ends the call, and so does an offer`()
            async throws
        {
            let phone = TestPhone(target: 0)
            var account = account("provider", phone.port)
            account.security = .required
            let box = try Exchange(takesKeysInClear: true, trunks: [account])
            _ = try dial(box)
            phone.aim(at: box.port)
            let invite = try #require(phone.receive("INVITE"))
            let offer = TestPhone.body(of: invite)
            #expect(offer.contains("RTP/SAVP ") && offer.contains("a=crypto:1 "))
            phone.respond("200 OK", to: invite, body: phone.offer())
            #expect(phone.receive("ACK") != nil)
            #expect(phone.receive("BYE") != nil)
            #expect(await box.switchboard.waits(for: "hung up incompatibleMedia"))
            #expect(box.ports.configurations.isEmpty, "not a packet went out")

            // Somebody calls by it in clear.
            phone.send("INVITE", to: "31", body: phone.offer())
            #expect(phone.finalResponse("INVITE").status == 488)
            #expect(box.switchboard.offers.isEmpty)
        }

        @Test func `where keys may not travel in clear, a trunk without TLS that must be secured makes no call`()
            async throws
        {
            let phone = TestPhone(target: 0)
            var account = account("provider", phone.port)
            account.security = .required
            let box = try Exchange(trunks: [account])
            _ = try dial(box)
            #expect(await box.switchboard.waits(for: "hung up bearerNotAvailable"))
            #expect(phone.receive("INVITE") == nil)
        }
    }
}
