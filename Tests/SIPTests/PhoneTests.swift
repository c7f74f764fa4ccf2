// SPDX-License-Identifier: Apache-2.0

import SDP
import SIP
import Telephony
import Testing

extension Conversations {
    /// Phones of the house: they register, call and are called.
    @Suite struct PhoneTests {
        /// A house that nobody enters without a password.
        private func house(_ phones: [PhoneAccount]? = nil) throws -> Exchange {
            try Exchange(
                allowed: try AddressList(["192.0.2.0/24"]),
                registrar: RegistrarOptions(
                    realm: "partyline", phones: phones ?? [RegistrarTests.anna, RegistrarTests.account("bert", "32")],
                    shortestExpiry: 60, longestExpiry: 600, hashes: [.sha256, .md5]))
        }

        /// Sends a request, is challenged, and sends it again with the password.
        private func ask(
            _ phone: TestPhone, _ method: String, to user: String = "", password: String = "secret",
            name: String = "anna", body: String = "", headers: [String] = []
        ) throws -> (status: Int, text: String) {
            phone.user = name
            phone.send(method, to: user, body: body, headers: headers)
            let (status, text) = phone.finalResponse(method)
            #expect(status == 401)
            let challenge = try #require(
                text.split(separator: "\r\n").filter { $0.hasPrefix("WWW-Authenticate: ") }
                    .compactMap { DigestChallenge(String($0.dropFirst(18))) }.last)
            let answer = challenge.answer(
                username: name, password: password, method: method, uri: phone.uri(user), count: 1, clientNonce: "x")
            phone.send(method, to: user, body: body, headers: headers + ["Authorization: \(answer.text)"])
            return phone.finalResponse(method)
        }

        @Test func `a phone registers with its password and is called where it is`() async throws {
            let exchange = try house()
            let phone = TestPhone(target: exchange.port)
            phone.recipient = "anna"
            let contact = "Contact: <sip:anna@desk.invalid>;expires=300"
            let (status, text) = try ask(phone, "REGISTER", headers: [contact, "Path: <sip:192.0.2.9;lr>"])
            #expect(status == 200)
            #expect(TestPhone.header("Contact", of: text) == "<sip:anna@desk.invalid>;expires=300")
            #expect(TestPhone.header("Path", of: text) == "<sip:192.0.2.9;lr>")
            #expect(exchange.server.phoneBook.reports().first?.contacts.first?.expiresSeconds ?? 0 >= 298)

            let driver = SIPDriver(server: exchange.server)
            #expect(driver.knows("31") && driver.knows("anna") && !driver.knows("33"))
            let leg = try #require(
                driver.dial(DialRequest(destination: "31", callerNumber: "32", callerName: "", headers: [])))
            // Where it came from, whatever its Contact says.
            let invite = try #require(phone.receive("INVITE sip:anna@desk.invalid"))
            #expect(TestPhone.header("Route", of: invite) == "<sip:192.0.2.9;lr>")
            phone.respond("200 OK", to: invite, body: phone.offer())
            #expect(phone.receive("ACK") != nil)
            #expect(await exchange.switchboard.waits(for: "answered"))
            leg.hangUp(.normalClearing, [])
            let bye = try #require(phone.receive("BYE"))
            phone.respond("200 OK", to: bye)
            #expect(await exchange.switchboard.waits(for: "hung up normalClearing"))
        }

        @Test func `a wrong password whose refusal was lost is refused again and counts once`() async throws {
            let exchange = try house()
            let phone = TestPhone(target: exchange.port)
            phone.recipient = "anna"
            phone.user = "anna"
            let wrong = { exchange.log.all.count { $0.hasSuffix("user=anna reason=wrong-password") } }
            #expect(try ask(phone, "REGISTER", password: "guess").status == 403)
            #expect(wrong() == 1)
            for _ in 0..<20 {
                phone.repeatLast()
                #expect(phone.finalResponse("REGISTER").status == 403)
            }
            #expect(wrong() == 1)
            #expect(try ask(phone, "REGISTER", password: "guess").status == 403)
            #expect(wrong() == 2)
            #expect(try ask(phone, "REGISTER").status == 200)
        }

        @Test func `a wrong password, a foreign name and a stranger get nowhere`() async throws {
            let exchange = try house()
            let phone = TestPhone(target: exchange.port)
            phone.recipient = "anna"
            let contact = ["Contact: <sip:anna@127.0.0.1>"]
            #expect(try ask(phone, "REGISTER", password: "guess", headers: contact).status == 403)
            #expect(exchange.log.all.last?.hasSuffix("method=REGISTER user=anna reason=wrong-password") ?? false)
            #expect(try ask(phone, "REGISTER", name: "nobody", headers: contact).status == 403)
            // Bert knows his password, and may not say where Anna is.
            #expect(try ask(phone, "REGISTER", name: "bert", headers: contact).status == 403)
            #expect(exchange.server.phoneBook.reports().allSatisfy { $0.contacts.isEmpty })
            let caller = TestPhone(target: exchange.port)
            #expect(try ask(caller, "INVITE", to: "31", password: "guess", body: caller.offer()).status == 403)
            #expect(exchange.switchboard.offers.isEmpty)
            #expect(exchange.ports.openCount == 0)
        }

        /// An old telephone with an old password stands behind the same address, where nobody is registered at the moment.
        @Test func `a right password is heard from a banned address and ends the ban, a wrong one gets silence`()
            async throws
        {
            let exchange = try house()
            let source = try #require(IPAddress("127.0.0.1"))
            for _ in 0..<BanList.failures { _ = exchange.server.bans.fail(source) }
            #expect(exchange.server.bans.isBanned(source))
            let phone = TestPhone(target: exchange.port)
            phone.recipient = "bert"
            #expect(try ask(phone, "REGISTER", password: "old", name: "bert").status == 0)
            #expect(try ask(phone, "REGISTER", password: "secret", name: "nobody").status == 0)
            #expect(exchange.server.bans.isBanned(source))
            let other = TestPhone(target: exchange.port)
            other.recipient = "anna"
            #expect(try ask(other, "REGISTER").status == 200)
            #expect(!exchange.server.bans.isBanned(source))
            #expect(exchange.log.all.contains("sip unbanned source=127.0.0.1 user=anna reason=password"))
            #expect(!exchange.log.all.contains { $0.contains("wrong-password") })
            #expect(try ask(phone, "REGISTER", password: "old", name: "bert").status == 403)
        }

        @Test func `a reload takes phones and addresses, and whoever is gone is out at once`() async throws {
            let exchange = try house()
            let phone = TestPhone(target: exchange.port)
            phone.recipient = "anna"
            let contact = ["Contact: <sip:anna@127.0.0.1>"]
            #expect(try ask(phone, "REGISTER", headers: contact).status == 200)
            let driver = SIPDriver(server: exchange.server)
            var options = exchange.server.options
            options.registrar.phones = [RegistrarTests.account("carl", "33")]
            exchange.server.adopt(options)
            for _ in 0..<300 where !driver.knows("33") { try await Task.sleep(for: .milliseconds(10)) }
            #expect(driver.knows("33") && !driver.knows("31"))
            #expect(exchange.server.phoneBook.reports().map(\.name) == ["carl"])
            let again = TestPhone(target: exchange.port)
            again.recipient = "anna"
            #expect(try ask(again, "REGISTER", headers: contact).status == 403)
            let other = TestPhone(target: exchange.port)
            other.recipient = "carl"
            #expect(
                try ask(other, "REGISTER", name: "carl", headers: ["Contact: <sip:carl@127.0.0.1>"]).status == 200)

            options.allowed = .loopback
            options.registrar.phones.append(RegistrarTests.anna)
            exchange.server.adopt(options)
            for _ in 0..<300 where !driver.knows("31") { try await Task.sleep(for: .milliseconds(10)) }
            // Nothing has changed for him; she has to register anew.
            #expect(exchange.server.phoneBook.reports().map(\.contacts.count) == [1, 0])
            let caller = TestPhone(target: exchange.port)
            caller.send("INVITE", body: caller.offer())
            #expect(caller.finalResponse("INVITE").status == 200)
        }

        @Test func `a phone that calls with its password is known by its own number`() async throws {
            let exchange = try house()
            let phone = TestPhone(target: exchange.port)
            #expect(try ask(phone, "INVITE", to: "111", body: phone.offer()).status == 200)
            let offer = try #require(exchange.switchboard.offers.first)
            #expect(offer.account == "anna")
            #expect(offer.callerNumber == "31")
            #expect(offer.isHousePhone && !offer.isOutside)
        }

        @Test func `a name in From makes nobody a phone of the house, where no password is asked either`() async throws
        {
            let registrar = RegistrarOptions(
                realm: "partyline", phones: [RegistrarTests.anna, RegistrarTests.account("bert", "32")],
                shortestExpiry: 60, longestExpiry: 600, hashes: [.sha256, .md5])
            let exchange = try Exchange(registrar: registrar)
            let phone = TestPhone(target: exchange.port)
            phone.recipient = "anna"
            #expect(try ask(phone, "REGISTER", headers: ["Contact: <sip:anna@127.0.0.1>"]).status == 200)
            for name in ["anna", "31", "bert"] {
                let gateway = TestPhone(target: exchange.port)
                gateway.user = name
                gateway.send("INVITE", to: "111", body: gateway.offer())
                #expect(gateway.finalResponse("INVITE").status == 200)
                #expect(exchange.switchboard.offers.last?.account == nil)
            }
            // Whoever registered from there is it.
            phone.toTag = ""
            phone.send("INVITE", to: "111", body: phone.offer())
            #expect(phone.finalResponse("INVITE").status == 200)
            #expect(exchange.switchboard.offers.last?.account == "anna")
            #expect(exchange.switchboard.offers.count == 4)
        }

        @Test func `where no password is asked, who shows one is a phone of the house wherever it is`() async throws {
            let registrar = RegistrarOptions(
                realm: "partyline", phones: [RegistrarTests.anna], shortestExpiry: 60, longestExpiry: 600,
                hashes: [.md5])
            let exchange = try Exchange(registrar: registrar)
            let phone = TestPhone(target: exchange.port)
            phone.recipient = "anna"
            phone.user = "anna"
            phone.send("REGISTER", to: "", headers: ["Contact: <sip:anna@127.0.0.1>"])
            let (status, text) = phone.finalResponse("REGISTER")
            #expect(status == 401)
            let header = try #require(TestPhone.header("WWW-Authenticate", of: text))
            let challenge = try #require(DigestChallenge(header))
            // It is registered nowhere: only what it shows speaks for it.
            for (password, expected) in [("guess", 403), ("secret", 200)] {
                let caller = TestPhone(target: exchange.port)
                caller.user = "anna"
                let answer = challenge.answer(
                    username: "anna", password: password, method: "INVITE", uri: caller.uri("111"), count: 1,
                    clientNonce: "x")
                caller.send("INVITE", to: "111", body: caller.offer(), headers: ["Authorization: \(answer.text)"])
                #expect(caller.finalResponse("INVITE").status == expected)
            }
            #expect(exchange.switchboard.offers.count == 1)
            let offer = try #require(exchange.switchboard.offers.first)
            #expect(offer.account == "anna" && offer.callerNumber == "31" && offer.isHousePhone)
        }

        @Test func `what was overheard cannot be sent once more, nor to another number`() async throws {
            let exchange = try house()
            let phone = TestPhone(target: exchange.port)
            phone.user = "anna"
            phone.send("INVITE", to: "111", body: phone.offer())
            let (_, text) = phone.finalResponse("INVITE")
            let header = try #require(TestPhone.header("WWW-Authenticate", of: text))
            let challenge = try #require(DigestChallenge(header))
            #expect(challenge.algorithm == .md5, "Anna's phone is asked for MD5 only")
            let answer = challenge.answer(
                username: "anna", password: "secret", method: "INVITE", uri: phone.uri("111"), count: 1,
                clientNonce: "x")
            phone.send("INVITE", to: "999", body: phone.offer(), headers: ["Authorization: \(answer.text)"])
            #expect(phone.finalResponse("INVITE").status == 403)
            phone.send("INVITE", to: "111", body: phone.offer(), headers: ["Authorization: \(answer.text)"])
            #expect(phone.finalResponse("INVITE").status == 200)
            let thief = TestPhone(target: exchange.port)
            thief.send("INVITE", to: "111", body: thief.offer(), headers: ["Authorization: \(answer.text)"])
            let (status, again) = thief.finalResponse("INVITE")
            #expect(status == 401)
            #expect(again.contains("stale=true"))
        }

        @Test func `who is asked for SHA-256 only is not let in by MD5`() async throws {
            var anna = RegistrarTests.anna
            anna.hashes = [.sha256]
            let exchange = try house([anna])
            let phone = TestPhone(target: exchange.port)
            phone.recipient = "anna"
            phone.user = "anna"
            let contact = ["Contact: <sip:anna@127.0.0.1>"]
            phone.send("REGISTER", to: "", headers: contact)
            let (_, text) = phone.finalResponse("REGISTER")
            let header = try #require(TestPhone.header("WWW-Authenticate", of: text))
            var challenge = try #require(DigestChallenge(header))
            #expect(challenge.algorithm == .sha256)
            for (algorithm, expected) in [(DigestAlgorithm.md5, 403), (.sha256, 200)] {
                challenge.algorithm = algorithm
                let answer = challenge.answer(
                    username: "anna", password: "secret", method: "REGISTER", uri: phone.uri(""), count: 1,
                    clientNonce: "x")
                phone.send("REGISTER", to: "", headers: contact + ["Authorization: \(answer.text)"])
                #expect(phone.finalResponse("REGISTER").status == expected)
            }
        }

        @Test func `all places ring and the others are told that it was answered elsewhere`() async throws {
            let exchange = try house()
            let phones = [TestPhone(target: exchange.port), TestPhone(target: exchange.port)]
            for phone in phones {
                phone.recipient = "anna"
                let contact = "Contact: <sip:anna@127.0.0.1:\(phone.port)>"
                #expect(try ask(phone, "REGISTER", headers: [contact]).status == 200)
            }
            let driver = SIPDriver(server: exchange.server)
            let leg = try #require(
                driver.dial(DialRequest(destination: "31", callerNumber: "32", callerName: "", headers: [])))
            let first = try #require(phones[0].receive("INVITE"))
            let second = try #require(phones[1].receive("INVITE"))
            phones[0].respond("180 Ringing", to: first)
            phones[1].respond("180 Ringing", to: second)
            #expect(await exchange.switchboard.waits(for: "ringing"))
            phones[1].respond("200 OK", to: second, body: phones[1].offer())
            #expect(phones[1].receive("ACK") != nil)
            #expect(await exchange.switchboard.waits(for: "answered"))
            let cancel = try #require(phones[0].receive("CANCEL"))
            #expect(TestPhone.header("Reason", of: cancel)?.contains("cause=26") ?? false)
            phones[0].respond("200 OK", to: cancel)
            phones[0].respond("487 Request Terminated", to: first)
            #expect(leg.port != nil)
            #expect(await eventually(seconds: 3) { exchange.ports.openCount == 1 })
            #expect(exchange.switchboard.events == ["ringing", "answered"])
            leg.hangUp(.normalClearing, [])
            #expect(phones[1].receive("BYE") != nil)
        }

        @Test func `a phone that is nowhere cannot be reached`() async throws {
            let exchange = try house()
            let driver = SIPDriver(server: exchange.server)
            _ = try #require(
                driver.dial(DialRequest(destination: "31", callerNumber: "32", callerName: "", headers: [])))
            #expect(await exchange.switchboard.waits(for: "hung up subscriberAbsent"))
            // RFC 3398 section 8.2.6.1: whoever is called is not there for now.
            #expect(HangupCause.subscriberAbsent.sipStatus == 480)
        }
    }
}
