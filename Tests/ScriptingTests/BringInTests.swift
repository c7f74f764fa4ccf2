// SPDX-License-Identifier: Apache-2.0

import Scripting
import Telephony
import Testing

/// The example bring-in.js for a host from outside, on a box where calls out need the code.
@Suite(.serialized) struct BringInTests {
    private struct EveryNumber: DestinationPattern {
        func matchesWhole(_ destination: String) -> Bool { true }
    }

    @Test func `a host from outside is asked for the code in the middle of the meeting, and comes back`() async throws {
        let guest = ListeningLeg(7)
        let way = Callable(inside: [:], outside: ["0301234": guest])
        let fence = FenceOptions(
            allowed: [EveryNumber()], barred: [], hosts: [], minutesPerDay: 100, mostCalls: 5, code: "4829",
            ownNumbers: [], ownHosts: [])
        let house = try ExchangeOnWorkers(
            folder: Folders.shipped, gateway: "examples/bring-in.js", conference: "conference.js", workers: 1,
            drivers: [way], fence: fence)
        let host = house.call(1)
        try await house.wait("an answer") { host.asked == ["answer"] }
        house.tell(host, .answered([]))
        try await house.wait("the greeting") { house.media.heard(by: 1).first?.hasPrefix("Type the number") == true }
        let greeting = try #require(house.media.player(heardBy: 1))
        house.media(.playerStarted(greeting, milliseconds: 2000))
        house.media(.playerFinished(greeting, error: nil))
        let end = ContinuousClock.now + .milliseconds(500)
        try await house.wait("some time in the meeting") { ContinuousClock.now > end }
        #expect(house.media.heard(by: 1).isEmpty)

        house.press(host, "0301234#")
        try await house.wait("the question") { house.media.heard(by: 1).first?.contains("enter the code") == true }
        #expect(way.dialled == [])
        house.press(host, "4829#")
        try await house.wait("the call") { way.dialled.count == 1 }
        house.tell(guest, .ringing([]))
        house.tell(guest, .answered([]))
        try await house.wait("words for the guest") { house.media.heard(by: 7).first?.contains("Press 1") == true }
        house.press(guest, "1")
        try await house.wait("that they talk") {
            house.media.heard(by: 1) == ["7"] && house.media.heard(by: 7) == ["1"]
        }
    }
}
