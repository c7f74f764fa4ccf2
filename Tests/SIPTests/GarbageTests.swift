// SPDX-License-Identifier: Apache-2.0
// RFC 4475 and RFC 5118 (torture messages).

import Foundation
import SDP
import SIP
import Telephony
import Testing

extension Conversations {
    @Suite struct GarbageTests {
        static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures")

        static func messages() throws -> [(String, [UInt8])] {
            try ["rfc4475", "rfc5118"].flatMap { folder in
                let url = fixtures.appendingPathComponent(folder)
                return try FileManager.default.contentsOfDirectory(atPath: url.path).sorted().map { name in
                    (name, [UInt8](try Data(contentsOf: url.appendingPathComponent(name))))
                }
            }
        }

        @Test func `torture messages and mutilated ones disturb nobody`() async throws {
            let exchange = try Exchange()
            let phone = try await exchange.talking()
            let messages = try Self.messages()
            #expect(messages.count == 61)
            let attacker = TestPhone(target: exchange.port)
            var random = SystemRandomNumberGenerator()
            for (_, message) in messages {
                attacker.send(raw: message)
                for _ in 0..<20 {
                    var broken = message
                    for _ in 0..<Int.random(in: 1...8, using: &random) where !broken.isEmpty {
                        let index = Int.random(in: 0..<broken.count, using: &random)
                        switch Int.random(in: 0..<4, using: &random) {
                        case 0: broken[index] = UInt8.random(in: 0...255, using: &random)
                        case 1: broken.remove(at: index)
                        case 2: broken.removeSubrange(index...)
                        default: broken.insert(contentsOf: broken[0..<min(index, 200)], at: index)
                        }
                    }
                    attacker.send(raw: Array(broken.prefix(60_000)))
                }
                try await Task.sleep(for: .milliseconds(2))
            }
            attacker.send(raw: [UInt8](repeating: UInt8(ascii: "A"), count: 60_000))
            attacker.send(raw: [])
            // What was sent has been dealt with when this is answered; it is repeated, since a full socket may lose it.
            let start = ContinuousClock.now
            var isAnswered = false
            while !isAnswered, start.duration(to: .now) < .seconds(8) {
                let prober = TestPhone(target: exchange.port)
                prober.send("OPTIONS")
                isAnswered = prober.finalResponse("OPTIONS").status == 200
            }
            #expect(isAnswered)
            #expect(start.duration(to: .now) < .seconds(4), "the SIP thread stood still")
            #expect(exchange.log.all.allSatisfy { !$0.contains("names") })
            // The running call and a new one work.
            phone.send("INFO", body: "7", type: "application/dtmf")
            #expect(phone.finalResponse("INFO").status == 200)
            #expect(await exchange.switchboard.waits(for: "digit 7 info"))
            let next = TestPhone(target: exchange.port)
            next.send("INVITE", body: next.offer())
            #expect(next.finalResponse("INVITE").status == 200)
        }
    }
}
