// SPDX-License-Identifier: Apache-2.0

import SDP
import SIP
import Telephony
import Testing

extension Conversations {
    /// A box with a trunk; the provider is another box, or a test that writes the messages.
    @Suite struct TrunkTests {
        private func account(_ port: UInt16, _ transport: String = "udp") -> TrunkAccount {
            var account = TrunkAccount(
                name: "provider", domain: "example.com", server: "127.0.0.1", transport: transport, user: "anna",
                password: "secret")
            account.port = port
            account.pingInterval = 0
            return account
        }

        private func provider(_ hash: DigestAlgorithm, port: UInt16? = nil) throws -> Exchange {
            var anna = RegistrarTests.anna
            anna.hashes = [hash]
            return try Exchange(
                port: port, allowed: try AddressList(["192.0.2.0/24"]),
                registrar: RegistrarOptions(
                    realm: "provider", phones: [Self.withRealm(anna)], shortestExpiry: 60, longestExpiry: 600,
                    hashes: [hash]))
        }

        private static func withRealm(_ phone: PhoneAccount) -> PhoneAccount {
            var phone = phone
            phone.secret = DigestSecret(password: "secret", username: phone.name, realm: "provider")
            return phone
        }

        private func dial(_ exchange: Exchange, _ number: String) throws -> any Leg {
            var request = DialRequest(
                destination: number, callerNumber: "31", callerName: "Anna",
                headers: [HeaderField("P-Asserted-Identity", "<sip:forged@example.com>")])
            request.kind = .outside
            return try #require(SIPDriver(server: exchange.server).dial(request))
        }

        @Test(arguments: [("udp", DigestAlgorithm.md5), ("tcp", .sha256)])
        func `it registers with either hash, calls out with its password and is called by its registration`(
            _ transport: String, _ hash: DigestAlgorithm
        ) async throws {
            let provider = try provider(hash)
            let box = try Exchange(
                allowed: try AddressList(["192.0.2.0/24"]), trunks: [account(provider.port, transport)])
            #expect(
                await eventually(seconds: 3) { box.server.trunkReports().first?.state == "registered" },
                "\(box.server.trunkReports())")
            #expect(provider.server.phoneReports().first?.contacts.first?.transport == transport)

            let leg = try dial(box, "0301234567")
            #expect(await box.switchboard.waits(for: "answered"))
            let offer = try #require(provider.switchboard.offers.first)
            #expect(offer.destination == "0301234567" && offer.account == "anna")
            #expect(!offer.headers.contains { $0.value.contains("forged") })
            #expect(box.server.trunkReports().first?.calls == 1)
            leg.hangUp(.normalClearing, [])
            #expect(await provider.switchboard.waits(for: "hung up normalClearing"))
            #expect(await eventually(seconds: 2) { box.server.trunkReports().first?.calls == 0 })

            _ = try #require(
                SIPDriver(server: provider.server).dial(
                    DialRequest(destination: "anna", callerNumber: "0177", callerName: "Bert", headers: [])))
            #expect(await box.switchboard.waits(for: "answered", count: 2))
            let incoming = try #require(box.switchboard.offers.first)
            #expect(incoming.origin == .trunks && incoming.isOutside && incoming.account == "provider")
            #expect(incoming.destination == "anna" && incoming.callerNumber == "0177")
        }

        @Test func `a wrong password is tried once and then rarely`() async throws {
            let provider = try provider(.md5)
            var wrong = account(provider.port)
            wrong.password = "guess"
            let box = try Exchange(trunks: [wrong])
            #expect(await eventually(seconds: 3) { box.server.trunkReports().first?.state == "refused" })
            let report = try #require(box.server.trunkReports().first)
            #expect(report.lastStatus == 403 && report.retrySeconds > 50)
            _ = try dial(box, "1")
            #expect(await box.switchboard.waits(for: "hung up noCircuitAvailable"), "no calls by it meanwhile")
        }

        /// RFC 3261 section 8.1.1.2: no tag outside of a dialog; 10.2: one Call-ID for all of them.
        @Test func `a renewed registration carries no tag of the answer before, and the same Call-ID`() throws {
            let registrar = TestPhone(target: 0)
            let box = try Exchange(trunks: [account(registrar.port)])
            registrar.aim(at: box.port)
            var before = (callID: "", sequence: 0)
            for number in 0..<3 {
                let request = try #require(registrar.receive("REGISTER"))
                let recipient = try #require(TestPhone.header("To", of: request))
                #expect(!recipient.contains("tag="), "\(recipient)")
                let callID = try #require(TestPhone.header("Call-ID", of: request))
                let sequence = try #require(
                    TestPhone.header("CSeq", of: request)?.split(separator: " ").first.flatMap { Int($0) })
                if number > 0 { #expect(callID == before.callID && sequence > before.sequence) }
                before = (callID, sequence)
                let contact = try #require(TestPhone.header("Contact", of: request))
                // Answers have a tag; a registration of 3 s is renewed after 2.
                registrar.respond("200 OK", to: request, headers: ["Contact: \(contact);expires=3"])
            }
            #expect(box.server.trunkReports().first?.state == "registered")
        }

        /// Both traps of one number: it is multiplied, and what comes of it is added to the time.
        @Test(arguments: ["9223372036854775807", "9223372036854775", "-9223372036854775808", "99999999999999999999"])
        func `a registrar that grants an endless registration is believed for a day at most`(
            _ seconds: String
        ) async throws {
            for isParameter in seconds == "9223372036854775807" ? [true, false] : [true] {
                let registrar = TestPhone(target: 0)
                let box = try Exchange(trunks: [account(registrar.port)])
                registrar.aim(at: box.port)
                let request = try #require(registrar.receive("REGISTER"))
                let contact = try #require(TestPhone.header("Contact", of: request))
                registrar.respond(
                    "200 OK", to: request,
                    headers: isParameter ? ["Contact: \(contact);expires=\(seconds)"] : ["Expires: \(seconds)"])
                let phone = TestPhone(target: box.port)
                phone.send("OPTIONS")
                #expect(phone.finalResponse("OPTIONS").status == 200)
                #expect(await eventually(seconds: 2) { box.server.trunkReports().first?.state == "registered" })
                let report = try #require(box.server.trunkReports().first)
                #expect((0...86_400).contains(report.expiresSeconds))
            }
        }

        /// Default settings. A provider that was restarted has forgotten us, and is silent until it is asked.
        @Test(arguments: ["udp", "tcp"])
        func `a provider that was away for two seconds and has forgotten us is registered with within five`(
            _ transport: String
        ) async throws {
            var account = account(0, transport)
            account.pingInterval =
                TrunkAccount(
                    name: "", domain: "", server: "", transport: "", user: "", password: ""
                ).pingInterval
            var provider: Exchange? = try provider(.md5)
            let port = try #require(provider?.port)
            account.port = port
            let box = try Exchange(allowed: try AddressList(["192.0.2.0/24"]), trunks: [account])
            #expect(await eventually(seconds: 3) { box.server.trunkReports().first?.state == "registered" })
            try await Task.sleep(for: .milliseconds(500))
            provider = nil
            try await Task.sleep(for: .seconds(2))
            let again = try self.provider(.md5, port: port)
            let begin = ContinuousClock.now
            #expect(await eventually(seconds: 8) { again.server.phoneReports().first?.contacts.isEmpty == false })
            let seconds = begin.duration(to: .now) / .seconds(1)
            print("registered again \(seconds) s after the provider's return, by \(transport)")
            #expect(seconds < 5)
            #expect(await eventually(seconds: 1) { box.server.trunkReports().first?.state == "registered" })
        }

        /// The mark in our Contact is what a provider's other servers show; there are phones, so strangers are challenged.
        @Test func `a call to our registration from another address of the provider's is taken, others are challenged`()
            async throws
        {
            let registrar = TestPhone(target: 0)
            let box = try Exchange(
                allowed: try AddressList(["192.0.2.0/24"]),
                registrar: RegistrarOptions(
                    realm: "partyline", phones: [RegistrarTests.anna], shortestExpiry: 60, longestExpiry: 600,
                    hashes: [.md5]), trunks: [account(registrar.port)])
            registrar.aim(at: box.port)
            let request = try #require(registrar.receive("REGISTER"))
            let contact = try #require(TestPhone.header("Contact", of: request))
            registrar.respond("200 OK", to: request, headers: ["Contact: \(contact);expires=300"])
            let mark = try #require(contact.components(after: ";line="))
            for (text, expected) in [(mark, 200), (String(mark.dropLast()), 401), (mark + "0", 401)] {
                let other = TestPhone(target: box.port, host: "127.0.0.2")
                other.parameters = ";line=\(text)"
                other.send("INVITE", to: "anna", body: other.offer())
                #expect(other.finalResponse("INVITE").status == expected)
            }
            #expect(await box.switchboard.waits(for: "answered"))
            let offer = try #require(box.switchboard.offers.first)
            #expect(offer.account == "provider" && offer.origin == .trunks)
        }

        @Test func `who calls is told as the account says, and a redirection is told and not followed`() async throws {
            for identity in TrunkAccount.Identity.allCases {
                let phone = TestPhone(target: 0)
                var account = account(phone.port)
                account.registers = false
                account.number = "+4930123"
                account.displayName = "Club"
                account.identity = identity
                account.hidesCaller = identity == .asserted
                account.sessionInterval = 1_800
                let box = try Exchange(trunks: [account])
                _ = try dial(box, "0301")
                phone.aim(at: box.port)
                let invite = try #require(phone.receive("INVITE sip:0301@example.com"))
                let from = try #require(TestPhone.header("From", of: invite))
                switch identity {
                case .from: #expect(from.hasPrefix("\"Club\" <sip:+4930123@example.com>"))
                case .asserted:
                    #expect(from.contains("anonymous@anonymous.invalid"))
                    #expect(TestPhone.header("Privacy", of: invite) == "id")
                    #expect(
                        TestPhone.header("P-Asserted-Identity", of: invite) == "\"Club\" <sip:+4930123@example.com>")
                case .preferred:
                    #expect(from.contains("<sip:anna@example.com>"))
                    #expect(TestPhone.header("P-Preferred-Identity", of: invite)?.contains("+4930123") ?? false)
                case .remoteParty:
                    #expect(TestPhone.header("Remote-Party-ID", of: invite)?.contains("party=calling") ?? false)
                }
                #expect(TestPhone.header("Session-Expires", of: invite)?.hasPrefix("1800") ?? false)
                phone.respond(
                    "302 Moved", to: invite, headers: ["Contact: <sip:b@127.0.0.1:9>;q=0.1, <sip:a@192.0.2.1>"])
                #expect(await box.switchboard.waits(for: "hung up interworking"))
                let told = try #require(box.switchboard.events.first)
                #expect(told.hasPrefix("redirected sip:a@192.0.2.1 ") && told.hasSuffix(" sip:b@127.0.0.1:9"))
            }
        }

        @Test func `a challenge is answered to one's own trunk only, and once`() async throws {
            let phone = TestPhone(target: 0)
            var account = account(phone.port)
            account.registers = false
            let box = try Exchange(trunks: [account])
            phone.aim(at: box.port)
            let challenge = "WWW-Authenticate: Digest realm=\"x\", nonce=\"1\", algorithm=MD5, qop=\"auth\""
            _ = try dial(box, "0301")
            let first = try #require(phone.receive("INVITE"))
            phone.respond("401 Unauthorized", to: first, headers: [challenge])
            let second = try #require(phone.receive("INVITE"))
            #expect(TestPhone.header("Authorization", of: second)?.contains("username=\"anna\"") ?? false)
            #expect(TestPhone.header("Call-ID", of: second) == TestPhone.header("Call-ID", of: first))
            phone.respond("401 Unauthorized", to: second, headers: [challenge])
            #expect(await box.switchboard.waits(for: "hung up notPermitted"))
            // Somebody whom a script calls by his address asks as well, and gets nothing.
            var request = DialRequest(
                destination: "sip:x@127.0.0.1:\(phone.port)", callerNumber: "", callerName: "", headers: [])
            request.kind = .uri
            _ = SIPDriver(server: box.server).dial(request)
            let other = try #require(phone.receive("INVITE sip:x@"))
            phone.respond("401 Unauthorized", to: other, headers: [challenge])
            #expect(await box.switchboard.waits(for: "hung up notPermitted", count: 2))
        }

        @Test func `503 with Retry-After goes on to the next trunk`() async throws {
            let busy = TestPhone(target: 0)
            let good = TestPhone(target: 0)
            var accounts = [account(busy.port), account(good.port)]
            accounts[1].name = "second"
            for index in accounts.indices { accounts[index].registers = false }
            let box = try Exchange(trunks: accounts)
            busy.aim(at: box.port)
            good.aim(at: box.port)
            let leg = try dial(box, "0301")
            let first = try #require(busy.receive("INVITE"))
            busy.respond("503 Busy", to: first, headers: ["Retry-After: 5"])
            let second = try #require(good.receive("INVITE"))
            good.respond("200 OK", to: second, body: good.offer())
            #expect(await box.switchboard.waits(for: "answered"))
            leg.hangUp(.normalClearing, [])
            #expect(good.receive("BYE") != nil)
        }

        @Test func `a call that comes back to the box is refused`() async throws {
            let phone = TestPhone(target: 0)
            var account = account(phone.port)
            account.registers = false
            let box = try Exchange(trunks: [account])
            phone.aim(at: box.port)
            _ = try dial(box, "0301")
            let invite = try #require(phone.receive("INVITE"))
            let mark = try #require(TestPhone.header("X-Partyline", of: invite))
            phone.send("INVITE", to: "anna", body: phone.offer(), headers: ["X-Partyline: \(mark)"])
            #expect(phone.finalResponse("INVITE").status == 482)
        }

        @Test func `a phone asks for a transfer and hears what becomes of it, a trunk may not`() async throws {
            let box = try Exchange()
            let phone = try await box.talking()
            phone.send("REFER", headers: ["Refer-To: <sip:33@127.0.0.1>"])
            #expect(phone.finalResponse("REFER").status == 202)
            #expect(await box.switchboard.waits(for: "transfer sip:33@127.0.0.1"))
            try box.leg.tellTransfer(status: 180, isLast: false)
            let progress = try #require(phone.receive("NOTIFY"))
            #expect(TestPhone.body(of: progress) == "SIP/2.0 180 Ringing\r\n")
            #expect(TestPhone.header("Subscription-State", of: progress)?.hasPrefix("active") ?? false)
            phone.respond("200 OK", to: progress)
            try box.leg.tellTransfer(status: 200, isLast: true)
            let done = try #require(phone.receive("NOTIFY"))
            #expect(TestPhone.body(of: done) == "SIP/2.0 200 OK\r\n")
            #expect(TestPhone.header("Subscription-State", of: done)?.hasPrefix("terminated") ?? false)
            phone.respond("200 OK", to: done)
            phone.send("REFER", headers: ["Refer-To: <sip:33@127.0.0.1?Replaces=nobody%3Bto-tag%3Da%3Bfrom-tag%3Db>"])
            #expect(phone.finalResponse("REFER").status == 481)
            phone.send("BYE")
            #expect(phone.finalResponse("BYE").status == 200)
            #expect(await box.switchboard.waits(for: "hung up normalClearing"))
        }
    }
}
