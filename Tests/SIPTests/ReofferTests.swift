// SPDX-License-Identifier: Apache-2.0

import SDP
import SIP
import Telephony
import Testing

extension Conversations {
    /// What happens to a running call.
    @Suite struct ReofferTests {
        @Test(arguments: ["INVITE", "UPDATE"])
        func `hold mutes the holder and resume brings it back`(_ method: String) async throws {
            let exchange = try Exchange()
            let phone = try await exchange.talking()
            phone.send(method, body: phone.offer(direction: "sendonly", version: 2))
            let held = phone.finalResponse(method)
            #expect(held.status == 200)
            #expect(TestPhone.body(of: held.text).contains("a=recvonly"))
            #expect(await exchange.switchboard.waits(for: "held"))
            #expect(exchange.ports.configurations.last?.receives == false)
            phone.send(method, body: phone.offer(version: 3))
            let resumed = phone.finalResponse(method)
            #expect(TestPhone.body(of: resumed.text).contains("a=sendrecv"))
            #expect(await exchange.switchboard.waits(for: "resumed"))
            #expect(exchange.ports.configurations.last?.receives == true)
            let versions = try [held.text, resumed.text].map { text in
                let origin = try SDPParser.parse(TestPhone.body(of: text)).origin
                return try #require(origin.flatMap { UInt64($0.version) })
            }
            #expect(versions[1] == versions[0] + 1)
            let news = exchange.switchboard.events.filter { $0.hasPrefix("re-INVITE") }
            #expect(news == (method == "INVITE" ? ["re-INVITE received", "re-INVITE received"] : []))
        }

        @Test func `the old hold by 0_0_0_0 is a hold`() async throws {
            let exchange = try Exchange()
            let phone = try await exchange.talking()
            phone.send("INVITE", body: phone.offer(address: "0.0.0.0", version: 2))
            #expect(phone.finalResponse("INVITE").status == 200)
            #expect(await exchange.switchboard.waits(for: "held"))
            #expect(exchange.ports.configurations.last?.sends == false)
        }

        @Test func `the codec changes within the call`() async throws {
            let exchange = try Exchange()
            let phone = try await exchange.talking()
            #expect(exchange.ports.configurations.last?.sending.encoding == .pcma)
            phone.send("INVITE", body: phone.offer("9 101", version: 2))
            #expect(phone.finalResponse("INVITE").status == 200)
            #expect(exchange.ports.configurations.last?.sending.encoding == .g722)
        }

        @Test func `fax gets 488 and the call goes on`() async throws {
            let exchange = try Exchange()
            let phone = try await exchange.talking()
            phone.send(
                "INVITE",
                body: "v=0\r\no=alice 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                    + "m=image 41002 udptl t38\r\na=T38FaxVersion:0\r\n")
            #expect(phone.finalResponse("INVITE").status == 488)
            phone.send("INFO", body: "Signal=5\r\nDuration=160\r\n", type: "application/dtmf-relay")
            #expect(phone.finalResponse("INFO").status == 200)
            #expect(await exchange.switchboard.waits(for: "digit 5 info"))
            #expect(exchange.ports.openCount == 1)
        }

        @Test func `a re-INVITE without an offer gets the one we gave before`() async throws {
            let exchange = try Exchange()
            let phone = try await exchange.talking()
            phone.send("INVITE")
            let (status, text) = phone.finalResponse("INVITE", acknowledge: false)
            #expect(status == 200)
            #expect(TestPhone.body(of: text).contains("m=audio 4"))
            phone.send("ACK", body: phone.offer("0 101"))
            #expect(await eventually(seconds: 2) { exchange.ports.configurations.last?.sending.encoding == .pcmu })
            // And one whose ACK brings nothing leaves all as it was.
            phone.send("INVITE")
            #expect(phone.finalResponse("INVITE").status == 200)
            phone.send("UPDATE", body: phone.offer(version: 3))
            #expect(phone.finalResponse("UPDATE").status == 200)
        }

        @Test func `an UPDATE without description is a refresh`() async throws {
            let exchange = try Exchange()
            let phone = try await exchange.talking()
            phone.send("UPDATE")
            let (status, text) = phone.finalResponse("UPDATE")
            #expect(status == 200)
            #expect(TestPhone.body(of: text).isEmpty)
        }

        @Test func `two offers at once get 491 and ours comes again`() async throws {
            let exchange = try Exchange()
            let phone = try await exchange.talking()
            (try exchange.leg as? SIPLeg)?.renegotiate()
            let first = try #require(phone.receive("INVITE"))
            phone.send("INVITE", body: phone.offer(version: 2))
            #expect(phone.finalResponse("INVITE").status == 491)
            phone.respond("491 Request Pending", to: first)
            _ = phone.receive("ACK")
            let again = try #require(phone.receive("INVITE"))
            phone.respond("200 OK", to: again, body: phone.offer("0 101", version: 3))
            #expect(phone.receive("ACK") != nil)
            #expect(exchange.ports.configurations.last?.sending.encoding == .pcmu)
            #expect(await exchange.switchboard.waits(for: "re-INVITE accepted"))
            #expect(exchange.switchboard.events.contains("re-INVITE rejected"))
            phone.send("BYE")
            #expect(phone.finalResponse("BYE").status == 200)
        }

        @Test func `digits, notes and messages within the call`() async throws {
            let exchange = try Exchange()
            let phone = try await exchange.talking()
            for (body, type) in [("Signal= #\nDuration= 100", "application/dtmf-relay"), ("10", "application/dtmf")] {
                phone.send("INFO", body: body, type: type)
                #expect(phone.finalResponse("INFO").status == 200)
            }
            phone.send("INFO", body: "Signal=flash", type: "application/dtmf-relay")
            #expect(phone.finalResponse("INFO").status == 400)
            phone.send("INFO", body: "<x/>", type: "application/media_control+xml")
            #expect(phone.finalResponse("INFO").status == 200)
            phone.send("MESSAGE", body: "hello", type: "text/plain")
            #expect(phone.finalResponse("MESSAGE").status == 200)
            #expect(await exchange.switchboard.waits(for: "message hello"))
            #expect(
                exchange.switchboard.events == [
                    "answered", "digit # info", "digit * info", "info application/media_control+xml <x/>",
                    "message hello",
                ])
            try exchange.leg.sendInfo(contentType: "text/x", body: "room 5", [HeaderField("X-A", "b")])
            let info = try #require(phone.receive("INFO"))
            #expect(TestPhone.body(of: info) == "room 5")
            #expect(TestPhone.header("X-A", of: info) == "b")
            phone.respond("200 OK", to: info)
            try exchange.leg.sendMessage("you there")
            #expect(phone.receive("MESSAGE").map(TestPhone.body) == "you there")
        }

        @Test func `a session that nobody refreshes ends, one that we refresh goes on`() async throws {
            let exchange = try Exchange(leastSessionSeconds: 2)
            let lazy = try await exchange.talking(headers: ["Supported: timer", "Session-Expires: 2;refresher=uac"])
            let bye = try #require(lazy.receive("BYE") ?? lazy.receive("BYE"))
            lazy.respond("200 OK", to: bye)
            #expect(await exchange.switchboard.waits(for: "hung up recoveryOnTimerExpiry"))

            let plain = TestPhone(target: exchange.port)
            plain.send(
                "INVITE", body: plain.offer(), headers: ["Supported: timer", "Session-Expires: 4;refresher=uas"])
            let (status, text) = plain.finalResponse("INVITE")
            #expect(status == 200)
            #expect(TestPhone.header("Session-Expires", of: text)?.contains("refresher=uas") ?? false)
            let refresh = try #require(plain.receive("INVITE") ?? plain.receive("INVITE"))
            plain.respond(
                "200 OK", to: refresh, headers: ["Session-Expires: 4;refresher=uac", "Require: timer"],
                body: plain.offer(version: 2))
            let ack = try #require(plain.receive("ACK"))
            #expect(TestPhone.body(of: ack).contains("m=audio"))

            let modern = TestPhone(target: exchange.port)
            modern.send(
                "INVITE", body: modern.offer(),
                headers: ["Supported: timer", "Allow: INVITE, ACK, BYE, UPDATE", "Session-Expires: 4;refresher=uas"])
            #expect(modern.finalResponse("INVITE").status == 200)
            let update = try #require(modern.receive("UPDATE") ?? modern.receive("UPDATE"))
            modern.respond("200 OK", to: update)
            modern.send("BYE")
            #expect(modern.finalResponse("BYE").status == 200)
        }
    }
}
