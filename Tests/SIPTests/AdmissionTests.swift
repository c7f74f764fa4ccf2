// SPDX-License-Identifier: Apache-2.0

import SDP
import SIP
import Telephony
import Testing

extension Conversations {
    /// Who may call, and what is refused how.
    @Suite struct AdmissionTests {
        @Test func `a stranger gets 403 and one line of fixed form`() async throws {
            let exchange = try Exchange(allowed: try AddressList(["192.0.2.0/24"]))
            let phone = TestPhone(target: exchange.port)
            phone.send("INVITE", to: "1%0d%0areason=ok;x=y", body: phone.offer())
            #expect(phone.finalResponse("INVITE").status == 403)
            #expect(exchange.switchboard.offers.isEmpty)
            #expect(exchange.ports.openCount == 0)
            let lines = exchange.log.all
            #expect(
                lines == ["sip refused source=127.0.0.1 method=INVITE user=1_0d_0areason_ok_x_y reason=not-allowed"])
        }

        @Test(arguments: [
            ("3 13 97", 488, "no-codec"), ("0 8 101", 200, ""),
        ])
        func `a codec in common is needed`(_ formats: String, _ expected: Int, _ reason: String) async throws {
            let exchange = try Exchange()
            let phone = TestPhone(target: exchange.port)
            phone.send("INVITE", body: phone.offer(formats))
            let (status, text) = phone.finalResponse("INVITE")
            #expect(status == expected)
            if status == 488 {
                #expect(TestPhone.header("Warning", of: text)?.hasPrefix("305 partyline") ?? false)
                #expect(exchange.log.all.first?.hasSuffix("reason=\(reason)") ?? false)
            }
        }

        @Test func `secured audio only is refused, garbage as description is a bad request`() async throws {
            let exchange = try Exchange()
            let phone = TestPhone(target: exchange.port)
            phone.send("INVITE", body: phone.offer().replacing("RTP/AVP", with: "RTP/SAVP"))
            #expect(phone.finalResponse("INVITE").status == 488)
            let other = TestPhone(target: exchange.port)
            other.send("INVITE", body: "hello")
            #expect(other.finalResponse("INVITE").status == 400)
            let text = TestPhone(target: exchange.port)
            text.send("INVITE", body: "hello", type: "text/plain")
            let (status, message) = text.finalResponse("INVITE")
            #expect(status == 415)
            #expect(TestPhone.header("Accept", of: message) == "application/sdp")
        }

        @Test func `a full house says 503 and when to try again`() async throws {
            let exchange = try Exchange(mostCalls: 1)
            let first = try await exchange.talking()
            let second = TestPhone(target: exchange.port)
            second.send("INVITE", body: second.offer())
            let (status, text) = second.finalResponse("INVITE")
            #expect(status == 503)
            #expect(TestPhone.header("Retry-After", of: text) == "10")
            first.send("BYE")
            #expect(first.finalResponse("BYE").status == 200)
            let third = TestPhone(target: exchange.port)
            third.send("INVITE", body: third.offer())
            #expect(third.finalResponse("INVITE").status == 200)

            let portless = try Exchange(mostPorts: 0)
            let fourth = TestPhone(target: portless.port)
            fourth.send("INVITE", body: fourth.offer())
            #expect(fourth.finalResponse("INVITE").status == 503)
        }

        @Test func `one source may leave 64 calls unanswered`() async throws {
            let exchange = try Exchange { $0.leg.ring([]) }
            var phones: [TestPhone] = []
            for _ in 0..<SourceLimits.mostPerSource {
                let phone = TestPhone(target: exchange.port)
                phone.send("INVITE", body: phone.offer())
                #expect(phone.receive("SIP/2.0 180") != nil)
                phones.append(phone)
            }
            let late = TestPhone(target: exchange.port)
            late.send("INVITE", body: late.offer())
            #expect(late.finalResponse("INVITE").status == 503)
            // One who is answered makes room.
            try exchange.leg.answer([])
            #expect(phones[0].finalResponse("INVITE").status == 200)
            let next = TestPhone(target: exchange.port)
            next.send("INVITE", body: next.offer())
            #expect(next.receive("SIP/2.0 180") != nil)
        }

        @Test func `capabilities are told, and only what is handled is allowed`() async throws {
            let exchange = try Exchange()
            let phone = TestPhone(target: exchange.port)
            phone.send("OPTIONS")
            let (status, text) = phone.finalResponse("OPTIONS")
            #expect(status == 200)
            let allowed = Set(
                TestPhone.header("Allow", of: text)?.split(separator: ",").map { $0.filter { $0 != " " } } ?? [])
            #expect(
                allowed == [
                    "INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "INFO", "UPDATE", "MESSAGE", "PRACK", "REGISTER",
                    "REFER",
                ])
            #expect(TestPhone.header("Supported", of: text)?.contains("100rel") ?? false)
            for (method, expected) in [
                ("REFER", 405), ("SUBSCRIBE", 405), ("NOTIFY", 405), ("REGISTER", 405), ("PUBLISH", 405),
                ("DANCE", 501),
                ("BYE", 481), ("UPDATE", 481), ("INFO", 481), ("MESSAGE", 405),
            ] {
                let stranger = TestPhone(target: exchange.port)
                stranger.send(method, body: method == "MESSAGE" ? "x" : "", type: "text/plain")
                #expect(stranger.finalResponse(method).status == expected, "\(method)")
            }
        }

        @Test func `what is required and not known gets 420, a last hop 483`() async throws {
            let exchange = try Exchange()
            let phone = TestPhone(target: exchange.port)
            phone.send("INVITE", body: phone.offer(), headers: ["Require: precondition, teleport"])
            let (status, text) = phone.finalResponse("INVITE")
            #expect(status == 420)
            #expect(TestPhone.header("Unsupported", of: text)?.contains("teleport") ?? false)
            let tired = TestPhone(target: exchange.port)
            let request =
                "INVITE sip:1@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:\(tired.port);branch=z9hG4bK77;rport\r\n"
                + "From: <sip:a@b>;tag=1\r\nTo: <sip:1@127.0.0.1>\r\nCall-ID: tired\r\nCSeq: 1 INVITE\r\nMax-Forwards: 0\r\n"
                + "Contact: <sip:a@127.0.0.1:\(tired.port)>\r\nContent-Length: 0\r\n\r\n"
            tired.send(raw: Array(request.utf8))
            #expect(tired.finalResponse("INVITE", acknowledge: false).status == 483)
        }

        @Test func `too many headers are refused`() async throws {
            let exchange = try Exchange()
            let phone = TestPhone(target: exchange.port)
            phone.send("INVITE", body: phone.offer(), headers: (0..<150).map { "X-\($0): y" })
            #expect(phone.finalResponse("INVITE").status == 513)
        }

        @Test func `a port that is taken is named`() throws {
            let exchange = try Exchange()
            let address = try #require(IPAddress("127.0.0.1"))
            for transports in [SIPListenAddress.Transports.udp, .tcp, .both] {
                let listen = SIPListenAddress(address: address, port: exchange.port, transports: transports)
                var options = exchange.server.options
                options.listen = [listen]
                let second = SIPServer(
                    options: options, ports: exchange.ports, sink: exchange.switchboard, logger: exchange.log.logger)
                #expect(throws: SIPError.portInUse(listen)) { try second.start() }
            }
            let nowhere = SIPListenAddress(
                address: try #require(IPAddress("192.0.2.1")), port: exchange.port, transports: .both)
            var options = exchange.server.options
            options.listen = [nowhere]
            let second = SIPServer(
                options: options, ports: exchange.ports, sink: exchange.switchboard, logger: exchange.log.logger)
            #expect(throws: SIPError.noSuchAddress(nowhere)) { try second.start() }
        }
    }
}
