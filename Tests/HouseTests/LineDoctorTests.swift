// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import Lines
import PartylineTestKit
import Signals
import Telephony
import Testing

extension HouseTests {
    /// What the daemon says of its lines when it is asked for `test`, `doctor` and `learn`.
    @Suite struct LineDoctorTests {
        private func ask(_ house: House, _ line: String, _ question: String) throws -> String {
            struct Told: Decodable { var text: String }
            let bytes = try house.daemon.control.post("/v1/lines/\(line)/\(question)")
            return try JSONDecoder().decode(Told.self, from: Data(bytes)).text
        }

        @Test func `a landline's test measures the echo of its exchange, its bell is learned, its gains are heard`()
            async throws
        {
            let town = try Town()
            let exchange = try await town.landline("landline")
            try await House.open(
                46_400, changes: Town.landlineSettings("landline", "rx_gain_db = 4\ntx_gain_db = -3\n"),
                environment: town.environment
            ) { house in
                #expect(await house.line("landline", is: "idle"))
                let words = try ask(house, "landline", "test")
                print(words)
                #expect(words.contains("dial tone: good"))
                // The exchange's hybrid has 12 dB, and answers 64 ms later; the card takes some time as well.
                let loss = try #require(number(in: words, behind: "echo return loss: "))
                #expect(abs(loss - 12) <= 1)
                let delay = try #require(number(in: words, behind: "out and back: "))
                #expect((64...150).contains(delay))
                // The dial tone is 4 dB louder than the exchange sends it.
                let level = try #require(number(in: words, behind: "Hz at "))
                #expect(abs(level - (TonePlan.standard.dial[0].levelDBm0 + 4)) <= 1.5)
                #expect(await house.line("landline", is: "idle"))
                #expect(try ask(house, "landline", "doctor").contains("went astray") == false)

                #expect(try ask(house, "landline", "learn").contains("left to ring"))
                await exchange.call(from: "0301234", name: "", by: .v23)
                // One second in five: the third burst tells.
                let seconds = try #require(await exchange.waits(isTaken: true, seconds: 16))
                #expect((9...14).contains(seconds))
                await exchange.hangUp(by: .loopDrop)
                #expect(await house.line("landline", is: "idle"))
                let heard = try ask(house, "landline", "learn")
                print(heard)
                #expect(heard.contains("heard: the bell: ") && heard.contains(" de,"), "\(heard)")
                #expect(try house.daemon.control.post("/v1/lines/landline/accept").isEmpty == false)
                #expect(try ask(house, "landline", "doctor").contains("caller-ID: told in 1 of 1 calls"))
            }
        }

        @Test func `a telephone's doctor tells of its card and its digits`() async throws {
            let settings = ["lines.d/one.toml": PhoneTests.line("one", number: "21")]
            try await House.open(46_420, changes: settings) { house in
                let one = try await house.phone("one")
                #expect(await house.line("one", is: "on-hook"))
                try await one.dial("111#")
                #expect(await house.waits(for: 1, in: "111"))
                let words = try ask(house, "one", "doctor")
                print(words)
                #expect(words.contains("line one: in call, extension 21") && words.contains("as tones"))
                #expect(words.contains("gaps: ") && words.contains("clock: "))
                #expect(throws: ControlFault.self) { try house.daemon.control.post("/v1/lines/one/learn") }
                one.hangUp()
            }
        }

        private func number(in words: String, behind mark: String) -> Double? {
            guard let range = words.range(of: mark) else { return nil }
            return Double(words[range.upperBound...].prefix { $0.isNumber || $0 == "-" || $0 == "." })
        }
    }
}
