// SPDX-License-Identifier: Apache-2.0

import SDP
import SIP
import Telephony
import Testing

extension Conversations {
    @Suite struct OutgoingCallTests {
        private static func request(_ destination: String) -> DialRequest {
            var request = DialRequest(
                destination: destination, callerNumber: "111", callerName: "Room \"111\"",
                headers: [HeaderField("X-Room", "111")])
            request.kind = .uri
            return request
        }

        private func dial(_ exchange: Exchange, _ destination: String) -> (any Leg)? {
            SIPDriver(server: exchange.server).dial(
                Self.request(destination))
        }

        @Test func `the far end rings, answers, talks and hangs up`() async throws {
            let exchange = try Exchange()
            let phone = TestPhone(target: exchange.port)
            let leg = try #require(dial(exchange, "sip:bob%231@127.0.0.1:\(phone.port)"))
            let invite = try #require(phone.receive("INVITE sip:bob%231@127.0.0.1:\(phone.port)"))
            #expect(TestPhone.header("X-Room", of: invite) == "111")
            #expect(TestPhone.header("From", of: invite)?.hasPrefix("\"Room 111\" <sip:111@127.0.0.1>") ?? false)
            let offer = try SDPParser.parse(TestPhone.body(of: invite))
            #expect(offer.media.first?.formats == ["9", "8", "0", "96", "101", "100"])
            phone.respond("180 Ringing", to: invite)
            #expect(await exchange.switchboard.waits(for: "ringing"))
            phone.respond("183 Session Progress", to: invite, body: phone.offer("8 101"))
            #expect(await exchange.switchboard.waits(for: "early media"))
            phone.respond("200 OK", to: invite, body: phone.offer("8 101"))
            #expect(phone.receive("ACK") != nil)
            #expect(await exchange.switchboard.waits(for: "answered"))
            #expect(leg.port != nil)
            #expect(exchange.ports.configurations.last?.sending.encoding == .pcma)
            leg.hangUp(.normalClearing, [])
            let bye = try #require(phone.receive("BYE"))
            #expect(TestPhone.header("Reason", of: bye)?.contains("cause=16") ?? false)
            phone.respond("200 OK", to: bye)
            #expect(await exchange.switchboard.waits(for: "hung up normalClearing"))
            #expect(exchange.ports.openCount == 0)
        }

        @Test func `giving up before the answer cancels`() async throws {
            let exchange = try Exchange()
            let phone = TestPhone(target: exchange.port)
            let leg = try #require(dial(exchange, "sip:bob@127.0.0.1:\(phone.port)"))
            let invite = try #require(phone.receive("INVITE"))
            phone.respond("180 Ringing", to: invite)
            #expect(await exchange.switchboard.waits(for: "ringing"))
            leg.hangUp(.noAnswer, [])
            let cancel = try #require(phone.receive("CANCEL"))
            phone.respond("200 OK", to: cancel)
            phone.respond("487 Request Terminated", to: invite)
            #expect(phone.receive("ACK") != nil)
            #expect(await exchange.switchboard.waits(for: "hung up noAnswer"))
            #expect(exchange.ports.openCount == 0)
        }

        @Test(arguments: [("486 Busy Here", HangupCause.userBusy), ("302 Moved Temporarily", .interworking)])
        func `refusals and redirections end the call`(_ status: String, _ cause: HangupCause) async throws {
            let exchange = try Exchange()
            let phone = TestPhone(target: exchange.port)
            _ = try #require(dial(exchange, "sip:bob@127.0.0.1:\(phone.port)"))
            let invite = try #require(phone.receive("INVITE"))
            phone.respond(status, to: invite)
            #expect(phone.receive("ACK") != nil)
            #expect(await exchange.switchboard.waits(for: "hung up \(cause)"))
            #expect(exchange.ports.openCount == 0)
        }

        @Test func `an answer without a codec of ours is acknowledged and ended`() async throws {
            let exchange = try Exchange()
            let phone = TestPhone(target: exchange.port)
            _ = try #require(dial(exchange, "sip:bob@127.0.0.1:\(phone.port)"))
            let invite = try #require(phone.receive("INVITE"))
            phone.respond("200 OK", to: invite, body: phone.offer("3"))
            #expect(phone.receive("ACK") != nil)
            #expect(phone.receive("BYE") != nil)
            #expect(await exchange.switchboard.waits(for: "hung up incompatibleMedia"))
        }

        @Test func `only numeric hosts are called`() async throws {
            let exchange = try Exchange()
            #expect(dial(exchange, "tel:123") == nil)
            #expect(dial(exchange, "4711") == nil)
            #expect(dial(exchange, "sip:bob@name.invalid") != nil)
            #expect(await exchange.switchboard.waits(for: "hung up noRouteToDestination"))
        }

        @Test(arguments: ["127.0.0.1", "[::1]"], ["udp", "tcp"])
        func `one box calls another`(_ host: String, _ transport: String) async throws {
            let callee = try Exchange()
            let caller = try Exchange()
            let leg = try #require(dial(caller, "sip:4711@\(host):\(callee.port);transport=\(transport)"))
            #expect(await caller.switchboard.waits(for: "answered"))
            #expect(await callee.switchboard.waits(for: "answered"))
            #expect(callee.switchboard.offers.first?.callerNumber == "111")
            let audio = try #require(callee.ports.configurations.first)
            #expect(audio.remoteAddress == IPAddress(host))
            #expect(audio.sending.encoding == .g722)
            #expect(audio.sendingEvents?.clockRate == 8_000)
            leg.hangUp(.userBusy, [])
            #expect(await callee.switchboard.waits(for: "hung up userBusy"))
            // And from the other side.
            _ = try #require(dial(caller, "sip:4712@\(host):\(callee.port);transport=\(transport)"))
            #expect(await caller.switchboard.waits(for: "answered", count: 2))
            try #require(callee.switchboard.offers.last).leg.hangUp(.normalClearing, [])
            #expect(await caller.switchboard.waits(for: "hung up normalClearing"))
            #expect(callee.ports.openCount == 0 && caller.ports.openCount == 0)
        }
    }
}
