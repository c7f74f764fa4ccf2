// SPDX-License-Identifier: Apache-2.0

import SDP
import SIP
import Telephony
import Testing

@Suite struct ForkedAnswersTests {
    private static func opened() throws -> OfferAnswer {
        var machine = OfferAnswer(
            preferences: AudioPreferences(encodings: [.pcma, .pcmu], packetTime: 20),
            endpoint: AudioEndpoint(address: try #require(IPAddress("192.0.2.1")), port: 40_000, rtcpPort: 40_001),
            sessionID: 1)
        _ = try machine.offer()
        return machine
    }

    private static func answer(_ format: Int, port: Int) throws -> SDPDescription {
        try SDPParser.parse(
            "v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n"
                + "m=audio \(port) RTP/AVP \(format)\r\n")
    }

    @Test func `each place has its own answer, and keeps it`() throws {
        let opened = try Self.opened()
        var forks = ForkedAnswers(opened)
        var current = forks.turn(to: "a", from: opened)
        _ = try current.accept(try Self.answer(8, port: 6_000), isFinal: true)
        // No tag, as in a 100: nothing changes.
        current = forks.turn(to: "", from: current)
        #expect(!current.isPending && current.current?.remotePort == 6_000 && forks.tag == "a")
        current = forks.turn(to: "b", from: current)
        #expect(current.isPending && current.current == nil)
        _ = try current.accept(try Self.answer(0, port: 7_000), isFinal: true)
        #expect(current.current?.remotePort == 7_000 && current.current?.sending.encoding == .pcmu)
        current = forks.turn(to: "a", from: current)
        #expect(!current.isPending && current.current?.remotePort == 6_000)
        current = forks.turn(to: "b", from: current)
        #expect(current.current?.remotePort == 7_000)
    }

    @Test func `a flood of tags does not fill the memory`() throws {
        let opened = try Self.opened()
        var forks = ForkedAnswers(opened)
        var current = opened
        for number in 0..<1_000 {
            current = forks.turn(to: "\(number)", from: current)
            #expect(current.isPending)
            _ = try current.accept(try Self.answer(8, port: 6_000 + number), isFinal: true)
        }
        // The first are remembered, those past the cap begin afresh.
        let first = forks.turn(to: "0", from: current)
        let late = forks.turn(to: "900", from: first)
        #expect(first.current?.remotePort == 6_000 && late.isPending)
    }
}

extension Conversations {
    @Suite struct ForkTests {
        private func dial(_ exchange: Exchange, _ phone: TestPhone) throws -> any Leg {
            var request = DialRequest(
                destination: "sip:bob@127.0.0.1:\(phone.port)", callerNumber: "111", callerName: "", headers: [])
            request.kind = .uri
            return try #require(SIPDriver(server: exchange.server).dial(request))
        }

        /// An answer that takes audio at a port of its own.
        private func answer(_ phone: TestPhone, _ format: Int, port: Int) -> String {
            phone.offer("\(format) 101").replacing("m=audio 41000", with: "m=audio \(port)")
        }

        private func respond(
            _ phone: TestPhone, _ status: String, to invite: String, tag: String, headers: [String] = [], body: String
        ) throws {
            let to = try #require(TestPhone.header("To", of: invite))
            phone.respond(
                status, to: invite.replacing("To: \(to)", with: "To: \(to);tag=\(tag)"), headers: headers, body: body)
        }

        @Test func `what one place agreed on does not bind another`() async throws {
            let exchange = try Exchange(security: .optional, takesKeysInClear: true)
            let phone = TestPhone(target: exchange.port)
            let leg = try dial(exchange, phone)
            let invite = try #require(phone.receive("INVITE"))
            let key = "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkw\r\n"
            try respond(
                phone, "183 Session Progress", to: invite, tag: "one", body: answer(phone, 8, port: 41_002) + key)
            #expect(await exchange.switchboard.waits(for: "early media"))
            let early = try #require(exchange.ports.configurations.last)
            #expect(early.remotePort == 41_002 && early.security != nil)
            try respond(phone, "200 OK", to: invite, tag: "two", body: answer(phone, 0, port: 41_004))
            let ack = try #require(phone.receive("ACK"))
            #expect(TestPhone.header("To", of: ack)?.contains("tag=two") ?? false)
            #expect(await exchange.switchboard.waits(for: "answered"))
            let audio = try #require(exchange.ports.configurations.last)
            #expect(audio.remotePort == 41_004 && audio.sending.encoding == .pcmu && audio.security == nil)
            leg.hangUp(.normalClearing, [])
            let bye = try #require(phone.receive("BYE"))
            #expect(TestPhone.header("To", of: bye)?.contains("tag=two") ?? false)
            phone.respond("200 OK", to: bye)
            #expect(await exchange.switchboard.waits(for: "hung up normalClearing"))
        }

        /// A limit of the library: see `ForkedAnswers`.
        @Test func `after a reliable 183 the call belongs to that place, and a 200 of another is ended`() async throws {
            let exchange = try Exchange()
            let phone = TestPhone(target: exchange.port)
            _ = try dial(exchange, phone)
            let invite = try #require(phone.receive("INVITE"))
            try respond(
                phone, "183 Session Progress", to: invite, tag: "one", headers: ["Require: 100rel", "RSeq: 1"],
                body: answer(phone, 8, port: 41_002))
            let acknowledgement = try #require(phone.receive("PRACK"))
            #expect(TestPhone.header("To", of: acknowledgement)?.contains("tag=one") ?? false)
            phone.respond("200 OK", to: acknowledgement)
            #expect(await exchange.switchboard.waits(for: "early media"))
            try respond(phone, "200 OK", to: invite, tag: "two", body: answer(phone, 0, port: 41_004))
            let bye = try #require(phone.receive("BYE"))
            #expect(TestPhone.header("To", of: bye)?.contains("tag=two") ?? false)
            phone.respond("200 OK", to: bye)
            try respond(phone, "200 OK", to: invite, tag: "one", body: "")
            let ack = try #require(phone.receive("ACK"))
            #expect(TestPhone.header("To", of: ack)?.contains("tag=one") ?? false)
            #expect(await exchange.switchboard.waits(for: "answered"))
            #expect(exchange.ports.configurations.last?.remotePort == 41_002)
        }

        @Test func `without reliable responses a trunk's early place does not keep the answer of another out`()
            async throws
        {
            let provider = TestPhone(target: 9)
            var account = TrunkAccount(
                name: "provider", domain: "example.com", server: "127.0.0.1", transport: "udp", user: "anna",
                password: "secret")
            account.port = provider.port
            account.registers = false
            account.pingInterval = 0
            account.takesReliable = false
            let exchange = try Exchange(trunks: [account])
            provider.aim(at: exchange.port)
            var request = DialRequest(destination: "030", callerNumber: "31", callerName: "", headers: [])
            request.kind = .outside
            _ = try #require(SIPDriver(server: exchange.server).dial(request))
            let invite = try #require(provider.receive("INVITE"))
            #expect(TestPhone.header("Supported", of: invite) == "timer, replaces")
            try respond(
                provider, "183 Session Progress", to: invite, tag: "one", body: answer(provider, 8, port: 41_002))
            #expect(await exchange.switchboard.waits(for: "early media"))
            try respond(provider, "200 OK", to: invite, tag: "two", body: answer(provider, 0, port: 41_004))
            let ack = try #require(provider.receive("ACK"))
            #expect(TestPhone.header("To", of: ack)?.contains("tag=two") ?? false)
            #expect(await exchange.switchboard.waits(for: "answered"))
            #expect(exchange.ports.configurations.last?.remotePort == 41_004)
        }

        @Test func `a 200 with another tag and no answer goes on with what there was`() async throws {
            let exchange = try Exchange()
            let phone = TestPhone(target: exchange.port)
            _ = try dial(exchange, phone)
            let invite = try #require(phone.receive("INVITE"))
            try respond(
                phone, "183 Session Progress", to: invite, tag: "one", body: answer(phone, 8, port: 41_002))
            #expect(await exchange.switchboard.waits(for: "early media"))
            try respond(phone, "200 OK", to: invite, tag: "two", body: "")
            #expect(phone.receive("ACK") != nil)
            #expect(await exchange.switchboard.waits(for: "answered"))
            #expect(exchange.ports.configurations.last?.remotePort == 41_002)
        }
    }
}
