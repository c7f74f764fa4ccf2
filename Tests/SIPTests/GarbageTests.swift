// SPDX-License-Identifier: Apache-2.0
// RFC 4475 and RFC 5118 (torture messages).

import Foundation
import SDP
import SIP
import Telephony
import Testing

extension Conversations {
    /// PARTYLINE_FUZZ=N: that many mutilated messages of each kind.
    @Suite struct GarbageTests {
        static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures")
        static let wished = ProcessInfo.processInfo.environment["PARTYLINE_FUZZ"].flatMap { Int($0) }

        static func messages() throws -> [(String, [UInt8])] {
            try ["rfc4475", "rfc5118"].flatMap { folder in
                let url = fixtures.appendingPathComponent(folder)
                return try FileManager.default.contentsOfDirectory(atPath: url.path).sorted().map { name in
                    (name, [UInt8](try Data(contentsOf: url.appendingPathComponent(name))))
                }
            }
        }

        static func mutilated(_ message: [UInt8], using random: inout SystemRandomNumberGenerator) -> [UInt8] {
            var broken = message
            for _ in 0..<Int.random(in: 1...6, using: &random) where !broken.isEmpty {
                let index = Int.random(in: 0..<broken.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: broken[index] = UInt8.random(in: 0...255, using: &random)
                case 1: broken.remove(at: index)
                case 2: broken.removeSubrange(index...)
                case 3: broken.removeSubrange(index..<min(index + 30, broken.count))
                default: broken.insert(contentsOf: broken[0..<min(index, 200)], at: index)
                }
            }
            return Array(broken.prefix(60_000))
        }

        /// Repeated as a phone would: the socket may have been full.
        static func isServed(_ phone: TestPhone, _ method: String, body: String = "", type: String = "") -> Bool {
            for _ in 0..<4 {
                phone.send(method, body: body, type: type)
                if phone.finalResponse(method).status == 200 { return true }
            }
            return false
        }

        @Test func `torture messages and mutilated ones disturb nobody`() async throws {
            let exchange = try Exchange(mostCalls: 1_000_000)
            let phone = try await exchange.talking()
            let messages = try Self.messages()
            #expect(messages.count == 61)
            let attacker = TestPhone(target: exchange.port)
            var random = SystemRandomNumberGenerator()
            for (_, message) in messages {
                attacker.send(raw: message)
                for _ in 0..<(Self.wished ?? 20) { attacker.send(raw: Self.mutilated(message, using: &random)) }
                try await Task.sleep(for: .milliseconds(2))
            }
            attacker.send(raw: [UInt8](repeating: UInt8(ascii: "A"), count: 60_000))
            attacker.send(raw: [])
            // What was sent has been dealt with when this is answered.
            let start = ContinuousClock.now
            #expect(Self.isServed(TestPhone(target: exchange.port), "OPTIONS"))
            if Self.wished == nil { #expect(start.duration(to: .now) < .seconds(4), "the SIP thread stood still") }
            #expect(exchange.log.all.allSatisfy { !$0.contains("names") })
            // The running call and a new one work.
            #expect(Self.isServed(phone, "INFO", body: "7", type: "application/dtmf"))
            #expect(await exchange.switchboard.waits(for: "digit 7 info"))
            let next = TestPhone(target: exchange.port)
            next.send("INVITE", body: next.offer())
            #expect(next.finalResponse("INVITE").status == 200)
        }

        /// Requests of a call, nearly right, from somebody who may call; and what we sent comes back to us, broken.
        @Test func `calls with mutilated messages disturb nobody`() async throws {
            let exchange = try Exchange(mostCalls: 1_000_000) { offer in
                if offer.destination.hasSuffix("1") { offer.leg.startEarlyMedia([]) }
                offer.leg.answer([])
            }
            let steady = try await exchange.talking()
            var random = SystemRandomNumberGenerator()
            let phone = TestPhone(target: exchange.port)
            let methods = ["INVITE", "ACK", "INVITE", "ACK", "UPDATE", "INFO", "PRACK", "CANCEL", "BYE", "BYE"]
            for call in 0..<(Self.wished ?? 100) {
                var tag = ""
                for (step, method) in methods.enumerated() {
                    let text = Array(Self.request(call, step, method, tag: tag, phone, exchange.port).utf8)
                    let isRight = step == 0 || step == methods.count - 1 || Bool.random(using: &random)
                    phone.send(raw: isRight ? text : Self.mutilated(text, using: &random))
                    guard step == 0 else { continue }
                    // The tag of this call, from its 183 or 200.
                    for _ in 0..<60 where tag.isEmpty {
                        guard let reply = phone.receive("") else { break }
                        guard TestPhone.header("Call-ID", of: reply) == "fuzz\(call)", !reply.hasPrefix("SIP/2.0 100")
                        else {
                            phone.send(raw: Self.mutilated(Array(reply.utf8), using: &random))
                            continue
                        }
                        tag = TestPhone.header("To", of: reply)?.components(after: "tag=") ?? ""
                    }
                }
            }
            #expect(Self.isServed(steady, "INFO", body: "7", type: "application/dtmf"))
            #expect(await exchange.switchboard.waits(for: "digit 7 info"))
        }

        private static func request(
            _ call: Int, _ step: Int, _ method: String, tag: String, _ phone: TestPhone, _ port: UInt16
        ) -> String {
            let body =
                switch method {
                case "INFO": "Signal=1\r\n"
                case "INVITE", "UPDATE", "PRACK": phone.offer()
                default: ""
                }
            return """
                \(method) sip:47\(call)@127.0.0.1:\(port) SIP/2.0\r
                Via: SIP/2.0/UDP 127.0.0.1:\(phone.port);branch=z9hG4bK\(call)x\(step);rport\r
                From: <sip:alice@127.0.0.1>;tag=f\(call)\r
                To: <sip:4711@127.0.0.1>\(tag.isEmpty ? "" : ";tag=" + tag)\r
                Call-ID: fuzz\(call)\r
                CSeq: \(method == "ACK" ? step : step + 1) \(method)\r
                Contact: <sip:alice@127.0.0.1:\(phone.port)>\r
                Max-Forwards: 70\r
                Supported: 100rel, timer\r
                RAck: 1 1 INVITE\r
                Session-Expires: 300;refresher=uas\r
                Content-Type: \(method == "INFO" ? "application/dtmf-relay" : "application/sdp")\r
                Content-Length: \(body.utf8.count)\r
                \r
                \(body)
                """
        }
    }
}
