// SPDX-License-Identifier: Apache-2.0
import Telephony
import Testing

@Suite struct RingPlanTests {
    private func words(_ plan: RingPlan, _ count: Int) -> [String] {
        var index = 0
        return (0..<count).map { number in
            if number > 0 { index = plan.step(after: index) }
            let step = plan.steps[index]
            return (step.tells ? "tell" : step.rings ? "ring" : "quiet") + (step.milliseconds.map { " \($0)" } ?? "")
        }
    }

    @Test func `a cadence is repeated`() {
        #expect(words(RingPlan(cadence: [1_000, 4_000]), 4) == ["ring 1000", "quiet 4000", "ring 1000", "quiet 4000"])
        let double = RingPlan(cadence: [400, 200, 400, 2_000])
        #expect(words(double, 5) == ["ring 400", "quiet 200", "ring 400", "quiet 2000", "ring 400"])
        // An odd cadence is a longer ring, not two without a pause.
        #expect(words(RingPlan(cadence: [500, 1_000, 250]), 3) == ["ring 750", "quiet 1000", "ring 750"])
    }

    @Test func `who calls is told in the first long pause, which waits for it`() {
        let american = RingPlan(cadence: [2_000, 4_000], telling: .afterFirstRing(milliseconds: 1_200))
        #expect(
            words(american, 7)
                == [
                    "ring 2000", "quiet 500", "tell 1200", "quiet 2300", "ring 2000", "quiet 4000", "ring 2000",
                ])
        let double = RingPlan(cadence: [400, 200, 400, 1_000], telling: .afterFirstRing(milliseconds: 1_200))
        #expect(
            words(double, 7)
                == ["ring 400", "quiet 200", "ring 400", "quiet 500", "tell 1200", "quiet 300", "ring 400"])
    }

    @Test func `or before the first ring`() {
        let british = RingPlan(cadence: [400, 200, 400, 2_000], telling: .beforeRing(milliseconds: 1_000))
        #expect(words(british, 4) == ["tell 1000", "quiet 300", "ring 400", "quiet 200"])
        #expect(british.step(after: british.steps.count - 1) == 2)
    }

    @Test func `a device that makes the cadence itself is told while it is at it`() {
        #expect(words(RingPlan(cadence: []), 2) == ["ring", "ring"])
        let plan = RingPlan(cadence: [1_000, 0], telling: .afterFirstRing(milliseconds: 900))
        #expect(words(plan, 4) == ["ring 2500", "tell 900", "ring", "ring"])
        #expect(plan.steps.allSatisfy { $0.rings })
    }
}
