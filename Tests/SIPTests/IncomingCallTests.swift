// SPDX-License-Identifier: Apache-2.0

import Foundation
import SDP
import SIP
import Telephony
import Testing

extension Conversations {
    @Suite struct IncomingCallTests {
        @Test func `a caller is answered, heard, and hangs up`() async throws {
            let exchange = try Exchange()
            let phone = TestPhone(target: exchange.port)
            phone.send("INVITE", to: "47%2311", body: phone.offer())
            #expect(phone.receive("SIP/2.0 100") != nil)
            let (status, text) = phone.finalResponse("INVITE")
            #expect(status == 200)
            let answer = try SDPParser.parse(TestPhone.body(of: text))
            #expect(answer.media.map(\.formats) == [["8", "0", "101"]])
            #expect(TestPhone.header("User-Agent", of: text) == "Partyline")
            #expect(TestPhone.header("Contact", of: text) == "<sip:127.0.0.1:\(exchange.port)>")
            #expect(await exchange.switchboard.waits(for: "answered"))
            let offer = try #require(exchange.switchboard.offers.first)
            #expect(offer.destination == "47#11")
            #expect(offer.callerNumber == "alice")
            #expect(offer.callerName == "Alice \"A\"")
            #expect(offer.origin == .phones)
            #expect(exchange.ports.configurations.first?.remotePort == 41_000)
            phone.send("BYE", headers: ["Reason: Q.850;cause=17;text=\"busy\""])
            #expect(phone.finalResponse("BYE").status == 200)
            #expect(await exchange.switchboard.waits(for: "hung up userBusy"))
            #expect(exchange.ports.openCount == 0)
        }

        @Test func `a caller who gives up before the answer gets 487`() async throws {
            let exchange = try Exchange { $0.leg.ring([HeaderField("X-Room", "lobby")]) }
            let phone = TestPhone(target: exchange.port)
            let branch = phone.send("INVITE", body: phone.offer())
            let ringing = try #require(phone.receive("SIP/2.0 180"))
            #expect(TestPhone.header("X-Room", of: ringing) == "lobby")
            phone.send("CANCEL", headers: ["Reason: SIP;cause=200;text=\"Call completed elsewhere\""], branch: branch)
            #expect(phone.receive("SIP/2.0 200") != nil)
            #expect(phone.finalResponse("INVITE").status == 487)
            #expect(await exchange.switchboard.waits(for: "hung up normalClearing"))
            #expect(exchange.ports.openCount == 0)
        }

        @Test func `a script refuses with its own status, a cause with the mapped one`() async throws {
            let exchange = try Exchange { offer in
                if offer.destination == "1" { offer.leg.reject(status: 603, [HeaderField("X-Why", "no")]) }
                if offer.destination == "2" { offer.leg.hangUp(.userBusy, []) }
            }
            let phone = TestPhone(target: exchange.port)
            phone.send("INVITE", to: "1", body: phone.offer())
            let declined = phone.finalResponse("INVITE")
            #expect(declined.status == 603)
            #expect(TestPhone.header("X-Why", of: declined.text) == "no")
            let other = TestPhone(target: exchange.port)
            other.send("INVITE", to: "2", body: other.offer())
            let busy = other.finalResponse("INVITE")
            #expect(busy.status == 486)
            #expect(TestPhone.header("Reason", of: busy.text)?.contains("cause=17") ?? false)
            #expect(await exchange.switchboard.waits(for: "hung up userBusy"))
            #expect(exchange.ports.openCount == 0)
        }

        @Test func `early media carries the description before the answer`() async throws {
            let exchange = try Exchange { $0.leg.startEarlyMedia([]) }
            let phone = TestPhone(target: exchange.port)
            phone.send("INVITE", body: phone.offer())
            let early = try #require(phone.receive("SIP/2.0 183"))
            #expect(TestPhone.body(of: early).contains("m=audio"))
            #expect(exchange.ports.configurations.count == 1)
            try exchange.leg.answer([])
            let (status, text) = phone.finalResponse("INVITE")
            #expect(status == 200)
            #expect(TestPhone.body(of: text) == TestPhone.body(of: early))
            #expect(await exchange.switchboard.waits(for: "answered"))
        }

        @Test func `a reliable 183 is confirmed by PRACK before the answer goes out`() async throws {
            let exchange = try Exchange {
                $0.leg.startEarlyMedia([])
                $0.leg.answer([])
            }
            let phone = TestPhone(target: exchange.port)
            phone.send("INVITE", body: phone.offer(), headers: ["Supported: 100rel"])
            let early = try #require(phone.receive("SIP/2.0 183"))
            let number = try #require(TestPhone.header("RSeq", of: early))
            phone.send("PRACK", headers: ["RAck: \(number) 1 INVITE"])
            #expect(phone.receive("SIP/2.0 200").flatMap { TestPhone.header("CSeq", of: $0) } == "2 PRACK")
            let final = try #require(phone.receive("SIP/2.0 200"))
            #expect(TestPhone.header("CSeq", of: final) == "1 INVITE")
        }

        @Test func `a call without an offer gets ours and its answer in the ACK`() async throws {
            let exchange = try Exchange()
            let phone = TestPhone(target: exchange.port)
            phone.send("INVITE")
            let (status, text) = phone.finalResponse("INVITE", acknowledge: false)
            #expect(status == 200)
            let ours = try SDPParser.parse(TestPhone.body(of: text))
            #expect(ours.media.first?.formats.contains("9") ?? false)
            #expect(exchange.ports.configurations.isEmpty)
            phone.send("ACK", body: phone.offer("9 101"))
            #expect(await exchange.switchboard.waits(for: "answered"))
            #expect(exchange.ports.configurations.map(\.sending.encoding) == [.g722])
        }

        @Test func `a call without any description is ended after its ACK`() async throws {
            let exchange = try Exchange()
            let phone = TestPhone(target: exchange.port)
            phone.send("INVITE")
            #expect(phone.finalResponse("INVITE").status == 200)
            let bye = try #require(phone.receive("BYE"))
            #expect(TestPhone.header("Reason", of: bye)?.contains("cause=65") ?? false)
            phone.respond("200 OK", to: bye)
            #expect(await exchange.switchboard.waits(for: "hung up incompatibleMedia"))
        }

        @Test func `our BYE names its reason and waits for the ACK`() async throws {
            let exchange = try Exchange {
                $0.leg.answer([])
                $0.leg.hangUp(.recoveryOnTimerExpiry, [HeaderField("X-Note", "bye")])
            }
            let phone = TestPhone(target: exchange.port)
            phone.send("INVITE", body: phone.offer(), headers: ["Contact: <sip:alice@name.of.nobody.invalid>"])
            #expect(phone.finalResponse("INVITE", acknowledge: false).status == 200)
            #expect(await exchange.switchboard.waits(for: "hung up recoveryOnTimerExpiry"))
            #expect(exchange.ports.openCount == 0)
            phone.send("ACK")
            let bye = try #require(phone.receive("BYE"))
            #expect(TestPhone.header("Reason", of: bye)?.contains("Q.850;cause=102") ?? false)
            phone.respond("200 OK", to: bye)
        }

        @Test func `the body may be one part of several`() async throws {
            let exchange = try Exchange()
            let phone = TestPhone(target: exchange.port)
            let body =
                "--xyz\r\nContent-Type: application/isup\r\n\r\n\u{1}\u{2}\r\n--xyz\r\nContent-Type: application/sdp\r\n\r\n"
                + phone.offer() + "\r\n--xyz--\r\n"
            phone.send("INVITE", body: body, type: "multipart/mixed;boundary=\"xyz\"")
            #expect(phone.finalResponse("INVITE").status == 200)
            #expect(exchange.ports.configurations.first?.remotePort == 41_000)
        }

        @Test func `our offer in a reliable 183 is answered in its PRACK`() async throws {
            let exchange = try Exchange { $0.leg.startEarlyMedia([]) }
            let phone = TestPhone(target: exchange.port)
            phone.send("INVITE", headers: ["Supported: 100rel"])
            let early = try #require(phone.receive("SIP/2.0 183"))
            #expect(TestPhone.body(of: early).contains("m=audio"))
            let number = try #require(TestPhone.header("RSeq", of: early))
            phone.send("PRACK", body: phone.offer("0 101"), headers: ["RAck: \(number) 1 INVITE"])
            #expect(phone.receive("SIP/2.0 200").flatMap { TestPhone.header("CSeq", of: $0) } == "2 PRACK")
            #expect(await eventually(seconds: 2) { exchange.ports.configurations.last?.sending.encoding == .pcmu })
            try exchange.leg.answer([])
            let final = try #require(phone.receive("SIP/2.0 200"))
            #expect(TestPhone.body(of: final).isEmpty)
        }

        @Test func `the same request on two ways is one call`() async throws {
            let exchange = try Exchange { $0.leg.ring([]) }
            let phone = TestPhone(target: exchange.port)
            phone.send(raw: FloodTests.request(1, port: phone.port))
            #expect(phone.receive("SIP/2.0 180") != nil)
            let again = String(decoding: FloodTests.request(1, port: phone.port), as: UTF8.self)
            phone.send(raw: Array(again.replacing("z9hG4bK1", with: "z9hG4bKother").utf8))
            #expect(phone.receive("SIP/2.0 482") != nil)
            #expect(exchange.switchboard.offers.count == 1)
        }

        @Test func `a proxy's names are not looked up, requests go where the call came from`() async throws {
            let exchange = try Exchange()
            let phone = try await exchange.talking(
                headers: ["Record-Route: <sip:proxy.of.nobody.invalid;lr>", "Contact: <sip:x@phone.of.nobody.invalid>"])
            try exchange.leg.hangUp(.normalClearing, [])
            let bye = try #require(phone.receive("BYE"))
            #expect(TestPhone.header("Route", of: bye)?.contains("proxy.of.nobody.invalid") ?? false)
            phone.respond("200 OK", to: bye)
        }

        /// Takes 33 s, as RFC 3261 has it (PARTYLINE_MEASURE=1).
        @Test(.enabled(if: ProcessInfo.processInfo.environment["PARTYLINE_MEASURE"] != nil))
        func `an answer that nobody acknowledges ends the call`() async throws {
            let exchange = try Exchange()
            let phone = TestPhone(target: exchange.port)
            phone.send("INVITE", body: phone.offer())
            #expect(phone.finalResponse("INVITE", acknowledge: false).status == 200)
            #expect(await exchange.switchboard.waits(for: "hung up recoveryOnTimerExpiry", seconds: 40))
            #expect(exchange.ports.openCount == 0)
            var bye: String?
            for _ in 0..<40 where bye == nil { bye = phone.receive("BYE") }
            #expect(bye != nil)
        }
    }
}
