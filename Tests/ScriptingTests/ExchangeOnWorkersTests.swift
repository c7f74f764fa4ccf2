// SPDX-License-Identifier: Apache-2.0

import Glibc
import Scripting
import Telephony
import Testing

/// Scripts, workers and the exchange together: who hears whom in the end.
@Suite(.serialized) struct ExchangeOnWorkersTests {
    private static let greeting = "Welcome. Please enter the conference number, then press pound."

    private func enter(_ house: ExchangeOnWorkers, _ number: UInt32, _ room: String) async throws -> ListeningLeg {
        let leg = house.call(number)
        try await house.wait("an answer for \(number)") { leg.asked == ["answer"] }
        house.tell(leg, .answered([]))
        try await house.wait("the greeting for \(number)") { house.media.heard(by: number) == [Self.greeting] }
        house.press(leg, room + "#")
        return leg
    }

    private func house(workers: Int = 2) throws -> ExchangeOnWorkers {
        try ExchangeOnWorkers(
            folder: Folders.shipped, gateway: "gateway.js", conference: "conference.js", workers: workers)
    }

    @Test func `callers of one number meet, those of another do not`() async throws {
        let house = try house()
        let one = try await enter(house, 1, "111")
        _ = try await enter(house, 2, "111")
        _ = try await enter(house, 3, "222")
        try await house.wait("one hears two") {
            house.media.heard(by: 1) == ["2"] && house.media.heard(by: 2) == ["1"]
        }
        try await house.wait("three is alone") { house.media.heard(by: 3) == [] }
        house.tell(one, .hungUp(.normalClearing, []))
        try await house.wait("two is alone") { house.media.heard(by: 2) == [] }
    }

    @Test func `a killed worker is not heard, and the next caller meets those inside`() async throws {
        let house = try house()
        _ = try await enter(house, 1, "111")
        _ = try await enter(house, 2, "111")
        try await house.wait("one hears two") {
            house.media.heard(by: 1) == ["2"] && house.media.heard(by: 2) == ["1"]
        }
        let before = house.workers.reports.compactMap(WorkerLines.process)
        #expect(before.count == 2)
        for process in before { kill(process, SIGKILL) }
        var isCut = false
        try await house.wait("two new workers") {
            if house.media.heard(by: 1) != ["2"] || house.media.heard(by: 2) != ["1"] { isCut = true }
            let lines = house.workers.reports
            return lines.count == 2 && lines.allSatisfy { $0.contains("ready") }
                && Set(lines.compactMap(WorkerLines.process)).isDisjoint(with: before)
        }
        #expect(!isCut)
        let asked = ContinuousClock.now
        _ = try await enter(house, 3, "111")
        #expect(ContinuousClock.now - asked < .seconds(2))
        try await house.wait("all three hear each other") {
            house.media.heard(by: 1) == ["2", "3"] && house.media.heard(by: 2) == ["1", "3"]
                && house.media.heard(by: 3) == ["1", "2"]
        }
    }

    @Test func `a script that does not load refuses its callers`() async throws {
        let box = try ScriptedBox(["broken.js": "function {"])
        let house = try ExchangeOnWorkers(
            folder: box.folder, gateway: "broken.js", conference: "broken.js", workers: 1)
        let leg = house.call(1)
        try await house.wait("a refusal") { !leg.asked.isEmpty }
        #expect(leg.asked == ["reject 503"] || leg.asked == ["hang up"], "\(leg.asked)")
    }

    @Test func `the plain pair of scripts does the same`() async throws {
        let house = try ExchangeOnWorkers(
            folder: Folders.fixtures + "/scenarios", gateway: "plain-gateway.js", conference: "plain-conference.js",
            workers: 2)
        for number in UInt32(1)...2 {
            let leg = house.call(number)
            try await house.wait("an answer for \(number)") { leg.asked == ["answer"] }
            house.tell(leg, .answered([]))
            try await house.wait("words for \(number)") { house.media.heard(by: number).count == 1 }
            let player = try #require(house.media.player(heardBy: number))
            house.media(.playerStarted(player, milliseconds: 2000))
            house.media(.playerFinished(player, error: nil))
            // Tones are switched on by the script after its greeting; the digits come a little later.
            try await Task.sleep(for: .milliseconds(200))
            try await house.wait("silence for \(number)") { house.media.heard(by: number).isEmpty }
            house.press(leg, "111#")
        }
        try await house.wait("they meet") { house.media.heard(by: 1) == ["2"] && house.media.heard(by: 2) == ["1"] }
    }
}
