// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit
import Testing

extension HouseTests {
    /// `partyline-bench attack`, shortened, against a house: what it takes 30 s a flood to measure is seen in three.
    @Suite struct AttackTests {
        private struct Outcome: Decodable {
            var attack: String
            var sent: Int
            var missingPercent: Double
            var voiceDB: Double
            var beforeKilobytes: Int
            var afterKilobytes: Int
            var unansweredOptions: Int
            var longestStandstill: Double
        }

        private static let seconds = 3
        /// Of the two callers' packets of an attack, in percent: three of them.
        private static let mostMissing = 1.0
        /// kB over all attacks.
        private static let mostGrowth = 2_048

        @Test func `floods of 3,000 requests a second cost no call its sound, and leave no memory behind`() async throws
        {
            try await House.open(34_680, changes: HostileTests.fenced) { house in
                let bench = DaemonProcess.binary?.deletingLastPathComponent().appendingPathComponent("partyline-bench")
                let table = house.daemon.state.appendingPathComponent("attack.json")
                let tool = try Tool.start(
                    bench,
                    [
                        "attack", "--sip", "\(house.daemon.sip)", "--pid", "\(house.daemon.processID)", "--user",
                        "desk",
                        "--password", "correct horse battery", "--seconds", "\(Self.seconds)", "--patience", "30",
                        "--json",
                    ], output: table)
                defer { tool.end() }
                #expect(await tool.exitCode(within: 240) != nil, "it goes on for ever")
                let outcomes = try JSONDecoder().decode([Outcome].self, from: Data(contentsOf: table))
                #expect(outcomes.count == 5)
                for outcome in outcomes {
                    print(
                        "\(outcome.attack): \(outcome.sent) sent, \(outcome.missingPercent) % missing, "
                            + "\(outcome.beforeKilobytes) kB before, \(outcome.afterKilobytes) after, "
                            + "machine still for \(outcome.longestStandstill) ms")
                    #expect(outcome.sent >= 1_500 * Self.seconds, "\(outcome.attack): that is no attack")
                    #expect(outcome.missingPercent <= Self.mostMissing, "\(outcome.attack)")
                    #expect(outcome.voiceDB > -3, "\(outcome.attack)")
                    #expect(outcome.unansweredOptions == 0, "\(outcome.attack)")
                }
                let growth = (outcomes.last?.afterKilobytes ?? 0) - (outcomes.first?.beforeKilobytes ?? 0)
                #expect(growth <= Self.mostGrowth, "\(growth) kB")
            }
        }
    }
}
