// SPDX-License-Identifier: Apache-2.0

import PartylineTestKit
import SIP
import Testing

extension Conversations {
    @Suite struct TortureTests {
        @Test func `torture messages get the answers that their documents name`() async throws {
            let exchange = try Exchange()
            let phone = try await exchange.talking()
            let sender = try TortureSender(
                server: SocketAddress("127.0.0.1", exchange.port), folder: GarbageTests.fixtures)
            #expect(TortureCase.all.count == 61)
            var strictly = 0
            for test in TortureCase.all {
                let outcome = try sender.run(test)
                #expect(outcome.isRight, "\(test.name): \(outcome.answers.map { $0.prefix(60) })")
                if outcome.isStrictlyRight {
                    strictly += 1
                } else {
                    print("not strictly: \(test.name) \(outcome.status ?? 0)")
                }
                if test.name == "bext01" {
                    #expect(outcome.answers.first?.contains("nothingSupportsThisEither") ?? false)
                }
            }
            #expect(strictly >= 61, "\(strictly) of 61")
            #expect(GarbageTests.isServed(phone, "INFO", body: "7", type: "application/dtmf"))
        }
    }
}
