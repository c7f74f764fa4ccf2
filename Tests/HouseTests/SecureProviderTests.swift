// SPDX-License-Identifier: Apache-2.0
// RFC 3711 and RFC 4568: the provider's server is Kamailio, reached by TLS; SRTP is that of baresip, registered there.

import ControlClient
import Foundation
import PartylineTestKit
import Telephony
import Testing

extension HouseTests {
    /// A trunk on which nothing goes in clear. (sipp can do neither SRTP nor Opus, so it is no far end here.)
    @Suite(
        .enabled(
            if: Tool.kamailio != nil && Tool.openssl != nil && Tool.baresip != nil && Tool.sipp != nil,
            "kamailio, openssl, baresip and sipp are wanted (apt-get install kamailio kamailio-tls-modules baresip-core sip-tester)"
        ))
    struct SecureProviderTests {
        /// A call of the trunk goes into room 12 without being asked for its number.
        private static let direct = """
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
                call.addEventListener(CallEvents.Connected, () => {
                    const leg = VoxEngine.callConference('conf_12', call.callerid(), '');
                    leg.addEventListener(CallEvents.Connected, () => VoxEngine.sendMediaBetween(call, leg));
                });
                call.answer();
            });

            """

        private static let out = """
            VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, destination }) => {
                VoxEngine.easyProcess(call, VoxEngine.callPSTN(destination, '4930'));
            });

            """

        private static func house(_ provider: Kamailio) throws -> [String: String] {
            let rules =
                "[[rule]]\nname = \"in\"\npattern = '4930'\nfrom = \"trunks\"\nscenarios = [\"direct.js\"]\n\n"
                + "[[rule]]\nname = \"out\"\npattern = '2[0-9]+'\nfrom = \"phones\"\nscenarios = [\"out.js\"]\n\n"
            let shipped = try String(contentsOf: House.shipped.appendingPathComponent("rules.toml"), encoding: .utf8)
            return [
                "rules.toml": rules + shipped, "scenarios/direct.js": direct, "scenarios/out.js": out,
                "partyline.toml": "[outside]\nallow = ['2[0-9]+']\n",
                "trunks.d/provider.toml": """
                server = "localhost"
                port = \(provider.port + 1)
                transport = "tls"
                domain = "example.com"
                user = "4930"
                password = "secret77"
                expires = 60
                ca_file = "\(provider.authority)"
                srtp = "required"

                """,
            ]
        }

        private func isRegistered(_ house: House) async -> Bool {
            for _ in 0..<120 {
                if house.trunks.first?.state == "registered" { return true }
                try? await Task.sleep(nanoseconds: 50_000_000)
            }
            return false
        }

        private func farEnd(_ provider: Kamailio, isSecured: Bool = true) throws -> (BaresipPhone, DeskPhoneSettings) {
            var settings = DeskPhoneSettings(
                name: "2001", password: "", port: 25_940, house: UInt16(provider.port))
            settings.transport = "tls"
            settings.isSecured = isSecured
            settings.answersAtOnce = true
            return (try BaresipPhone(settings), settings)
        }

        @Test func `by TLS and SRTP calls go out and come in, with sound both ways`() async throws {
            let provider = try Kamailio(port: 25_920)
            defer { provider.remove() }
            try provider.start()
            try await House.open(25_900, changes: try Self.house(provider)) { house in
                try #require(await isRegistered(house), "\(house.daemon.log.suffix(2_000))")
                let (far, settings) = try farEnd(provider)
                defer {
                    far.end()
                    try? FileManager.default.removeItem(at: settings.folder)
                }
                try #require(await far.logs("200 OK"), "\(far.log)")
                // Out.
                let desk = try house.caller("desk")
                desk.speak(Voice(2).samples(seconds: 60))
                desk.call("2001")
                try await desk.answered(within: 6)
                try await Task.sleep(nanoseconds: 700_000_000)
                let out = await house.level(of: settings.voice, at: desk)
                #expect(out >= HouseTests.DeskPhoneTests.heard, "heard at \(out) dB")
                desk.hangUp()
                #expect(await desk.wait(3) { $0.isOver })
                try await Task.sleep(nanoseconds: 500_000_000)
                // In.
                let witness = try await house.guest("witness", in: "12")
                witness.speak(Voice(4).samples(seconds: 60))
                far.call("4930")
                try #require(await house.waits(for: 2, in: "12", seconds: 6), "\(house.daemon.log.suffix(2_000))")
                try await Task.sleep(nanoseconds: 700_000_000)
                let incoming = await house.level(of: settings.voice, at: witness)
                #expect(incoming >= HouseTests.DeskPhoneTests.heard, "heard at \(incoming) dB")
                let call = try #require(house.calls.first { $0.peer.hasPrefix("trunk provider") })
                let trace = try house.daemon.control.get("/v1/calls/\(call.id)/trace/1", as: TraceReport.self)
                #expect(!trace.steps.isEmpty && trace.steps.allSatisfy { $0.peer.hasSuffix(" tls") }, "\(trace.steps)")
                far.end()
                let all = far.recordings()
                let (desks, witnesses) = (
                    all.map { House.level(of: Voice(2), in: $0) }.max() ?? -120,
                    all.map { House.level(of: Voice(4), in: $0) }.max() ?? -120
                )
                #expect(desks >= HouseTests.DeskPhoneTests.heard, "it heard whom it was called by at \(desks) dB")
                #expect(witnesses >= HouseTests.DeskPhoneTests.heard, "it heard the room at \(witnesses) dB")
                print("TLS trunk with SRTP: out \(out) and \(desks) dB, in \(incoming) and \(witnesses) dB")
                #expect(await house.waits(for: 1, in: "12"))
            }
        }

        @Test func `who speaks in clear is not talked with`() async throws {
            let provider = try Kamailio(port: 25_920)
            defer { provider.remove() }
            try provider.start()
            let clear = try Tool.start(
                Tool.sipp, ["-sn", "uas", "-i", "127.0.0.1", "-p", "25930", "-mp", "25936", "-nostdin"])
            defer { clear.end() }
            try await House.open(25_900, changes: try Self.house(provider)) { house in
                try #require(await isRegistered(house), "\(house.daemon.log.suffix(2_000))")
                // Out, to one who answers in clear all the same.
                let desk = try house.caller("desk")
                desk.call("2999")
                #expect(await desk.wait(6) { $0.isOver })
                #expect(!desk.answers.isEmpty && desk.answers.allSatisfy { $0 >= 300 }, "\(desk.answers)")
                // In, without a key.
                let (far, settings) = try farEnd(provider, isSecured: false)
                defer {
                    far.end()
                    try? FileManager.default.removeItem(at: settings.folder)
                }
                try #require(await far.logs("200 OK"), "\(far.log)")
                far.call("4930")
                #expect(await house.daemon.logs("reason=clear-only", within: 5), "\(house.daemon.log.suffix(2_000))")
                #expect(house.room("12") == nil)
            }
        }
    }
}
