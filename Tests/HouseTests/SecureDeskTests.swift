// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import PartylineTestKit
import Telephony
import Testing

extension HouseTests {
    /// Phones by TLS, with audio that must be secured.
    @Suite(
        .enabled(
            if: !DeskPhoneCase.kinds.isEmpty && Tool.openssl != nil,
            "baresip or linphone, and openssl are wanted (apt-get install baresip-core linphone-cli openssl)"))
    struct SecureDeskTests {
        private typealias Desk = HouseTests.DeskPhoneTests

        private func settings(_ certificates: Certificates, key: String = "box.key") -> [String: String] {
            Desk.house.merging([
                "partyline.toml": """
                [sip]
                listen = ["127.0.0.1:5060", "127.0.0.1:5061 tls"]
                allow_without_password = ["127.0.0.5/32"]
                tls_certificate = "\(certificates.path("chain.pem"))"
                tls_key = "\(certificates.path(key))"

                """,
                "phones.d/anna.toml": "extension = \"31\"\npassword = \"a-secret-of-hers\"\nsrtp = \"required\"\n",
            ]) { $1 }
        }

        @Test(arguments: DeskPhoneCase.kinds)
        func `a phone registers by TLS, hears a room and is heard, secured, and is called`(_ kind: String) async throws
        {
            let certificates = try Certificates(kind)
            defer { certificates.remove() }
            try await House.open(Desk.base, changes: settings(certificates)) { house in
                // Whoever trusts the authority sees the whole chain.
                let shown = try certificates.openssl([
                    "s_client", "-connect", "127.0.0.1:\(Desk.base + 1)", "-CAfile", "ca.pem", "-verify_return_error",
                ])
                #expect(shown.contains("Verify return code: 0 (ok)"), "\(shown.prefix(1_500))")

                let trial = DeskPhoneCase(kind: kind, codec: "pcmu", isSecured: true, transport: "tls")
                var settings = Desk.anna(44_040, trial)
                settings.authority = certificates.path("ca.pem")
                settings.answersAtOnce = true
                let phone = try DeskPhoneCase.phone(kind, settings)
                defer {
                    phone.end()
                    try? FileManager.default.removeItem(at: settings.folder)
                }
                let contact = try #require(
                    await house.waitsForPhone("anna"), "it does not register: \(house.daemon.log)")
                #expect(contact.transport == "tls")
                let witness = try await house.guest("witness", in: "111", host: Desk.witnessHost)
                witness.speak(Voice(2).samples(seconds: 60))
                phone.call("111")
                try #require(await house.waits(for: 2, in: "111", seconds: 6), "\(house.daemon.log.suffix(1_500))")
                try await Task.sleep(nanoseconds: 1_000_000_000)
                let level = await house.level(of: settings.voice, at: witness)
                #expect(level >= Desk.heard, "heard at \(level) dB")
                let call = try #require(house.calls.first { $0.callerNumber == "31" })
                _ = try house.daemon.control.post("/v1/calls/\(call.id)/hangup")
                #expect(await house.waits(for: 1, in: "111"))

                // The house calls it on the connection that it has made.
                let other = try house.caller("other", host: Desk.witnessHost)
                other.speak(Voice(4).samples(seconds: 30))
                other.call("31")
                try await other.answered(within: 6)
                try await Task.sleep(nanoseconds: 700_000_000)
                let called = await house.level(of: settings.voice, at: other)
                #expect(called >= Desk.heard, "called, heard at \(called) dB")
                phone.end()
                let found = House.level(of: Voice(2), in: phone.heard())
                #expect(found >= Desk.heard, "it heard the room at \(found) dB")
                print("\(kind) by TLS: heard \(level) and \(called) dB, hears \(found) dB")
            }
        }

        @Test func `where audio must be secured, a phone that speaks in clear gets no call`() async throws {
            let certificates = try Certificates("clear")
            defer { certificates.remove() }
            try await House.open(Desk.base, changes: settings(certificates)) { house in
                let kind = DeskPhoneCase.kinds[0]
                var trial = DeskPhoneCase(kind: kind, codec: "pcmu", isSecured: false, transport: "tls")
                for transport in ["tls", "udp"] {
                    trial.transport = transport
                    var settings = Desk.anna(44_040, trial)
                    settings.authority = certificates.path("ca.pem")
                    let phone = try DeskPhoneCase.phone(kind, settings)
                    defer {
                        phone.end()
                        try? FileManager.default.removeItem(at: settings.folder)
                    }
                    try #require(await house.waitsForPhone("anna", by: transport) != nil)
                    phone.call("111")
                    let reason = transport == "tls" ? "clear-only" : "keys-in-clear"
                    #expect(await house.daemon.logs("reason=\(reason)", within: 5), "\(house.daemon.log.suffix(1_500))")
                    #expect(house.room("111") == nil)
                }
            }
        }

        @Test func `a key that is not the certificate's is told at the start`() async throws {
            let certificates = try Certificates("key")
            defer { certificates.remove() }
            let error = await #expect(throws: CallerError.self) {
                try await House.open(Desk.base, changes: settings(certificates, key: "other.key")) { _ in }
            }
            let words = "\(String(describing: error))"
            #expect(words.contains("its certificate is of no use") && words.contains("exit code 75"), "\(words)")
        }
    }
}
