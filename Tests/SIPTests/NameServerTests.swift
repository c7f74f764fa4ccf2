// SPDX-License-Identifier: Apache-2.0

import Foundation
import SDP
import SIP
import Synchronization
import Telephony
import Testing

extension Conversations {
    /// Where a trunk's server is, asked of somebody else's name server and STUN server on loopback.
    @Suite(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/sbin/dnsmasq"),
            "dnsmasq is not installed (apt-get install dnsmasq-base)"))
    struct NameServerTests {
        /// dnsmasq with records of its own and nothing above it.
        private final class NameServer: Sendable {
            private let process = Process()

            init(port: UInt16, _ records: [String]) throws {
                process.executableURL = URL(fileURLWithPath: "/usr/sbin/dnsmasq")
                process.arguments =
                    [
                        "--keep-in-foreground", "--no-resolv", "--no-hosts", "--no-daemon", "--conf-file=/dev/null",
                        "--port=\(port)", "--listen-address=127.0.0.1", "--bind-interfaces", "--local=/test/",
                        "--local-ttl=1", "--user=root", "--pid-file=",
                    ] + records.map { "--\($0)" }
                process.standardOutput = FileHandle.nullDevice
                process.standardError = FileHandle.nullDevice
                process.standardInput = FileHandle.nullDevice
                try process.run()
            }

            func stop() {
                guard process.isRunning else { return }
                // Who runs the tests may have SIGTERM blocked, and children inherit that.
                kill(process.processIdentifier, SIGKILL)
                for _ in 0..<200 where process.isRunning { usleep(10_000) }
            }

            deinit { stop() }
        }

        private func records(_ first: UInt16, _ second: UInt16) -> [String] {
            [
                "naptr-record=provider.test,10,10,s,SIP+D2U,,_phones._udp.provider.test",
                "srv-host=_phones._udp.provider.test,one.provider.test,\(first),10,0",
                "srv-host=_phones._udp.provider.test,two.provider.test,\(second),20,0",
                "host-record=one.provider.test,127.0.0.1", "host-record=two.provider.test,127.0.0.1,::1",
                "srv-host=_sips._tcp.provider.test,one.provider.test,5099,10,0",
            ]
        }

        private func account(_ transport: String = "udp") -> TrunkAccount {
            var account = TrunkAccount(
                name: "provider", domain: "provider.test", server: "provider.test", transport: transport, user: "anna",
                password: "secret")
            account.registers = false
            account.pingInterval = 0
            account.patience = 1
            return account
        }

        private static func port() -> UInt16 { Exchange.lastPort.add(2, ordering: .relaxed).newValue }

        /// As soon as the server answers.
        private func found(_ account: TrunkAccount, _ names: SystemNames) async -> ServerLocation.Found? {
            for _ in 0..<40 {
                if let found = ServerLocation.find(account, in: names) { return found }
                try? await Task.sleep(for: .milliseconds(50))
            }
            return nil
        }

        @Test func `NAPTR, SRV, A and AAAA of a real name server`() async throws {
            let port = Self.port()
            let server = try NameServer(port: port, records(5_070, 5_080))
            let names = SystemNames(server: "127.0.0.1", port: port)
            let udp = try #require(await found(account(), names))
            #expect(
                udp.addresses.map { "\($0.address):\($0.port)" } == ["127.0.0.1:5070", "127.0.0.1:5080", "::1:5080"])
            // Without a NAPTR for TLS its SRV is asked for by its usual name.
            let tls = try #require(await found(account("tls"), names))
            #expect(tls.addresses.map { "\($0.address):\($0.port)" } == ["127.0.0.1:5099"])
            #expect(names.services("_sip._udp.nobody.test") == [])
            server.stop()
            #expect(names.services("_phones._udp.provider.test") == nil)
            #expect(ServerLocation.find(account(), in: names) == nil)
        }

        @Test func `calls go where the name server said, also when it is dead, and elsewhere when it says so again`()
            async throws
        {
            let port = Self.port()
            let (first, second) = (TestPhone(target: 0), TestPhone(target: 0))
            let (one, other) = ("127.0.0.1:\(first.port)", "127.0.0.1:\(second.port)")
            let server = try NameServer(port: port, records(first.port, second.port))
            let names = SystemNames(server: "127.0.0.1", port: port)
            try #require(await found(account(), names) != nil, "it does not answer")
            let box = try Exchange(trunks: [account()], names: names)
            #expect(
                await eventually(seconds: 5) {
                    box.server.trunkReports().first?.address == one
                }, "\(box.server.trunkReports())")
            try answers(box, first, "1")
            server.stop()
            // It was asked again meanwhile, and did not answer.
            try await Task.sleep(for: .seconds(2.5))
            #expect(box.server.trunkReports().first?.address == one)
            try answers(box, first, "2")
            let later = try NameServer(port: port, records(second.port, second.port))
            #expect(
                await eventually(seconds: 20) {
                    box.server.trunkReports().first?.address == other
                })
            try answers(box, second, "3")
            later.stop()
        }

        private func answers(_ box: Exchange, _ phone: TestPhone, _ number: String) throws {
            var request = DialRequest(destination: number, callerNumber: "31", callerName: "", headers: [])
            request.kind = .outside
            _ = try #require(SIPDriver(server: box.server).dial(request))
            phone.aim(at: box.port)
            let invite = try #require(phone.receive("INVITE sip:\(number)@provider.test"))
            phone.respond("200 OK", to: invite, body: phone.offer())
            #expect(phone.receive("ACK") != nil)
        }

        @Test(
            .enabled(
                if: FileManager.default.isExecutableFile(atPath: "/usr/bin/turnserver"),
                "coturn is not installed (apt-get install coturn)"))
        func `coturn is asked for the address by STUN, and it stands in Contact and description`() async throws {
            let port = Self.port()
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/turnserver")
            process.arguments = [
                "-n", "--stun-only", "--no-tls", "--no-dtls", "--no-cli", "--no-tcp", "-L", "127.0.0.1", "-p",
                "\(port)",
                "--pidfile", "/dev/null", "--log-file", "/dev/null",
            ]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            defer {
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
            }
            try await Task.sleep(for: .milliseconds(500))
            let phone = TestPhone(target: 0)
            var account = account()
            account.server = "127.0.0.1"
            account.port = phone.port
            account.stunServer = "127.0.0.1:\(port)"
            let box = try Exchange(trunks: [account])
            // Loopback is what it sees of us there.
            #expect(
                await eventually(seconds: 5) { box.server.trunkReports().first?.externalAddress == "127.0.0.1" },
                "\(box.server.trunkReports())")
            try answers(box, phone, "4")
        }
    }
}
