// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Lines

@Suite struct BellLearnerTests {
    /// Bursts and pauses as they come; the last pause is left out.
    private func ring(_ learner: inout BellLearner, _ times: [Int64], from start: Int64 = 0) -> Int64 {
        var now = start
        for (index, time) in times.enumerated() {
            if index % 2 == 0 {
                learner.bell(true, now: now)
                learner.bell(false, now: now + time)
            }
            now += time
        }
        return now
    }

    /// So many bursts of a cadence, each time off by up to 45 ms.
    private func times(_ cadence: [Int64], bursts: Int) -> [Int64] {
        (0..<bursts * 2 - 1).map { cadence[$0 % cadence.count] + Int64([0, 45, -40, 30, -45][$0 % 5]) }
    }

    @Test(arguments: [[1_000, 4_000], [400, 200, 400, 2_000], [2_000, 4_000], [400, 200, 400, 200, 800, 4_000]])
    func `a cadence is known after two rounds and a burst, and not before`(cadence: [Int64]) throws {
        let bursts = cadence.count + 1
        var learner = BellLearner()
        _ = ring(&learner, times(cadence, bursts: bursts - 1))
        #expect(learner.cadence == nil)
        var all = BellLearner()
        _ = ring(&all, times(cadence, bursts: bursts))
        let heard = try #require(all.cadence)
        #expect(BellLearner.isAlike(heard, cadence.map(Int.init)), "\(heard)")
    }

    @Test func `a first burst that was cut short does not hinder, nor a cadence that is heard from its middle`() {
        var learner = BellLearner()
        _ = ring(&learner, [300, 4_000, 1_000, 4_000, 1_000, 4_000, 1_000])
        #expect(learner.cadence == [1_000, 4_000])
        var middle = BellLearner()
        _ = ring(&middle, [400, 2_000, 400, 200, 400, 2_000, 400, 200, 400])
        #expect(middle.cadence == [400, 200, 400, 2_000])
    }

    @Test func `clicks, a bell without a rule and two calls in turn teach nothing`() {
        var learner = BellLearner()
        var now = ring(&learner, [40, 500, 40, 500, 40, 500, 40])
        #expect(learner.cadence == nil)
        now = ring(&learner, [1_000, 4_000, 300, 900, 2_000, 2_500, 700], from: now + 20_000)
        #expect(learner.cadence == nil)
        for _ in 0..<3 { now = ring(&learner, [1_000, 4_000, 1_000], from: now + 20_000) }
        #expect(learner.cadence == nil)
    }

    @Test func `how who calls is told is known after two calls alike, that it is not after five`() {
        var learner = BellLearner()
        var now: Int64 = 0
        func call(_ told: String?, first: Bool) {
            now += 60_000
            if let told, first { learner.caller(told, now: now) }
            _ = ring(&learner, [1_000], from: now + 1_500)
            if let told, !first { learner.caller(told, now: now + 3_500) }
            learner.callEnded()
        }
        call("dtmf", first: true)
        #expect(learner.way == nil)
        call("dtmf", first: true)
        #expect(learner.way == BellLearner.Way(kind: "dtmf", comesFirst: true))
        call("v23", first: false)
        call(nil, first: false)
        call("v23", first: false)
        #expect(learner.way == BellLearner.Way(kind: "v23"))
        var silent = BellLearner()
        for index in 0..<5 {
            #expect(silent.way == nil)
            _ = ring(&silent, [1_000], from: Int64(index) * 60_000)
            silent.callEnded()
        }
        #expect(silent.way == BellLearner.Way.absent)
    }
}
