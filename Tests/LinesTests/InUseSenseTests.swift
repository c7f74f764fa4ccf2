// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Lines

@Suite struct InUseSenseTests {
    /// A detector with its clock.
    private final class Detector {
        var sense = InUseSense()

        /// What is told from `start` to `end`, with its time.
        func told(_ start: Int64, _ end: Int64) -> [String] {
            var news: [String] = []
            for now in start...end {
                guard let deadline = sense.deadline, now >= deadline else { continue }
                if let isInUse = sense.expire(now: now) { news.append("\(now) \(isInUse)") }
            }
            return news
        }
    }

    @Test func `another phone is told when it has been there for 100 ms, and when it has gone`() {
        let line = Detector()
        line.sense.see(true, now: 1_000)
        #expect(line.told(1_000, 1_400) == ["1100 true"])
        line.sense.see(true, now: 1_400)
        #expect(line.told(1_400, 1_900) == [])
        line.sense.see(false, now: 2_000)
        #expect(line.told(2_000, 2_400) == ["2100 false"])
        #expect(InUseSense(isOn: true).isOn && !line.sense.isOn)
    }

    @Test func `the bell's alternating voltage and a reversal are no phone`() {
        let line = Detector()
        var all: [String] = []
        for half in Int64(0)..<100 {
            line.sense.see(half % 2 == 0, now: half * 20)
            all += line.told(half * 20, half * 20 + 19)
        }
        #expect(all == [])
        line.sense.see(true, now: 5_000)
        line.sense.see(false, now: 5_060)
        #expect(line.told(5_000, 6_000) == [])
    }

    @Test func `a detector of voltage tells of ourselves as long as the line is ours, and is asked again afterwards`() {
        let line = Detector()
        line.sense.seize(true, now: 0)
        line.sense.see(true, now: 30)
        #expect(line.told(0, 5_000) == [])
        // A flash, and a number by pulses.
        line.sense.flash(milliseconds: 100, now: 5_000)
        line.sense.see(false, now: 5_010)
        line.sense.see(true, now: 5_110)
        #expect(line.told(5_000, 8_000) == [])
        for pulse in Int64(0)..<10 {
            let start = 8_000 + pulse * 100
            line.sense.flash(milliseconds: 60, now: start)
            line.sense.see(false, now: start + 10)
            #expect(line.told(start, start + 69) == [])
            line.sense.see(true, now: start + 70)
            #expect(line.told(start + 70, start + 99) == [])
        }
        // The exchange breaks the loop.
        #expect(line.told(9_000, 11_999) == [])
        line.sense.see(false, now: 12_000)
        #expect(line.told(12_000, 12_299) == [])
        line.sense.see(true, now: 12_300)
        #expect(line.told(12_300, 15_000) == [])
        line.sense.seize(false, now: 20_000)
        line.sense.see(false, now: 20_050)
        #expect(line.told(20_000, 22_000) == ["20500 false"])
        line.sense.see(true, now: 23_000)
        #expect(line.told(23_000, 24_000) == ["23100 true"])
        // It was there before us, and still is when we have gone.
        line.sense.seize(true, now: 30_000)
        #expect(line.told(30_000, 33_000) == [])
        line.sense.seize(false, now: 33_000)
        #expect(line.told(33_000, 35_000) == ["33500 true"])
    }

    @Test func `a detector of parallel phones is listened to in the call`() {
        let line = Detector()
        line.sense.seize(true, now: 0)
        #expect(line.told(0, 2_000) == [])
        line.sense.see(true, now: 3_000)
        #expect(line.told(3_000, 4_000) == ["3100 true"])
        line.sense.see(false, now: 4_000)
        #expect(line.told(4_000, 5_000) == ["4100 false"])
        line.sense.flash(milliseconds: 100, now: 5_000)
        #expect(line.told(5_000, 7_000) == [])
        line.sense.see(true, now: 7_000)
        line.sense.seize(false, now: 7_050)
        #expect(line.told(7_050, 9_000) == ["7550 true"])
    }

    @Test func `any order of events ends with what the detector says once the line is free`() {
        for seed in UInt64(0)..<200 {
            var generator = SplitMix(state: seed)
            var sense = InUseSense(isOn: seed % 2 == 0)
            var (now, said): (Int64, Bool?) = (0, nil)
            for _ in 0..<60 {
                now += Int64.random(in: 0...700, using: &generator)
                if let news = sense.expire(now: now) { said = news }
                switch Int.random(in: 0...3, using: &generator) {
                case 0: sense.seize(Bool.random(using: &generator), now: now)
                case 1: sense.flash(milliseconds: 60, now: now)
                default: sense.see(Bool.random(using: &generator), now: now)
                }
            }
            let isOn = Bool.random(using: &generator)
            sense.see(isOn, now: now)
            sense.seize(false, now: now)
            for later in stride(from: now, through: now + 1_000, by: 10) {
                if let news = sense.expire(now: later) { said = news }
            }
            #expect(said == isOn && sense.isOn == isOn && sense.deadline == nil)
        }
    }
}
