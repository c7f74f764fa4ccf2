// SPDX-License-Identifier: Apache-2.0
import CRealTimeProbe
import RealTime
import Signals
import Telephony
import Testing

@testable import Media

/// Tones of the network in what a port says, at each rate a call can have.
@Suite(.serialized) struct ProgressWatchTests {
    static func plan() -> ProgressPlan {
        var plan = ProgressPlan()
        plan.dial = [ToneSegment(425, 0, levelDBm0: -13, milliseconds: 0)]
        plan.ringback = [ToneSegment(425, 0, levelDBm0: -13, milliseconds: 1000), .silence(4000)]
        plan.busy = [ToneSegment(425, 0, levelDBm0: -13, milliseconds: 480), .silence(480)]
        return plan
    }

    /// How often something new is heard in so many seconds of a tone, and what the watch allocates meanwhile.
    private func heard(_ tones: [ToneSegment], seconds: Int, rate: Int, _ watch: ProgressWatch) -> (Int, Int) {
        let track = SampleTrack(sampleRate: rate)
        let generator = ToneGenerator(tones.map(Tone.init), repeats: true, sampleRate: rate)
        let piece = rate / 50
        var samples = [Int16](repeating: 0, count: piece)
        var news = 0
        var allocations = 0
        for turn in 0..<(seconds * 50) {
            samples.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                _ = generator.fill(base, count: piece)
                track.write(at: Int64(turn * piece), count: piece, from: base)
            }
            partyline_probe_start()
            let isNew = watch.inspect(track)
            allocations += Int(partyline_probe_stop().allocations)
            if isNew { news += 1 }
        }
        return (news, allocations)
    }

    @Test(arguments: [8_000, 16_000, 48_000]) func `each tone is told once while it lasts`(rate: Int) {
        let plan = Self.plan()
        for tones in [plan.ringback, plan.busy, plan.dial] {
            let (news, allocations) = heard(tones, seconds: 12, rate: rate, ProgressWatch(plan))
            #expect(news == 1, "\(tones)")
            #if !DEBUG
                #expect(allocations == 0)
            #endif
        }
    }

    @Test(arguments: [(8_000, 48_000), (48_000, 8_000), (16_000, 16_000)])
    func `a tone is heard as well after the call has changed its codec`(before: Int, after: Int) {
        let plan = Self.plan()
        let watch = ProgressWatch(plan)
        // The track that follows begins anew: its positions are long behind those of the former one.
        #expect(heard([.silence(1000)], seconds: 20, rate: before, watch).0 == 0)
        #expect(heard(plan.busy, seconds: 4, rate: after, watch).0 == 1)
    }

    @Test func `a strange tone and noise are none`() {
        let plan = Self.plan()
        let other = [ToneSegment(1400, 0, levelDBm0: -13, milliseconds: 480), ToneSegment.silence(480)]
        #expect(heard(other, seconds: 6, rate: 8_000, ProgressWatch(plan)).0 == 0)
        #expect(heard([.silence(1000)], seconds: 6, rate: 8_000, ProgressWatch(plan)).0 == 0)
        #expect(heard(plan.busy, seconds: 6, rate: 8_000, ProgressWatch(ProgressPlan())).0 == 0, "no plan, no tones")
    }
}
