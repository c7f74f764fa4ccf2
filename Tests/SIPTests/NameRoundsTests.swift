// SPDX-License-Identifier: Apache-2.0

import SIP
import Testing

@Suite struct NameRoundsTests {
    @Test func `a name that is not found is asked for again after ten seconds, and told once`() {
        var rounds = NameRounds()
        #expect(rounds.isDue("door.example", now: 0))
        #expect(rounds.note("door.example", lasts: nil, now: 0) == .notFound)
        #expect(!rounds.isDue("door.example", now: 9_999) && rounds.isDue("door.example", now: 10_000))
        #expect(rounds.note("door.example", lasts: nil, now: 10_000) == nil)
        #expect(rounds.note("door.example", lasts: 300_000, now: 20_000) == .foundAgain)
        #expect(!rounds.isDue("door.example", now: 319_999) && rounds.isDue("door.example", now: 320_000))
        #expect(rounds.note("door.example", lasts: 300_000, now: 320_000) == nil)
        #expect(rounds.note("door.example", lasts: nil, now: 620_000) == .notFound)
        #expect(!rounds.isDue("door.example", now: 629_999) && rounds.isDue("door.example", now: 630_000))
        #expect(rounds.isDue("other.example", now: 0))
    }

    @Test func `no time overflows`() {
        var rounds = NameRounds()
        for lasts in [Int64.max, .min, 0] { _ = rounds.note("a", lasts: lasts, now: 1_000_000) }
        #expect(rounds.isDue("a", now: 1_000_000))
    }
}

extension Conversations {
    @Suite struct MissingNameTests {
        /// Nobody answers there.
        @Test func `a host without an address is told of in the log, once`() async throws {
            let exchange = try Exchange(names: SystemNames(server: "127.0.0.1", port: 9), hosts: ["door.invalid"])
            #expect(
                await eventually(seconds: 12) {
                    exchange.log.all.contains("sip name not found name=door.invalid again=10s")
                }, "\(exchange.log.all)")
        }
    }
}
