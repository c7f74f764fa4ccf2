// SPDX-License-Identifier: Apache-2.0
import RealTime

// The sums of a group: each source is added at its own rate; the native sums are converted into the other rates once for
// the group, never a sum that was converted already.

extension MixGroup {
    /// Adds up what is heard, by rate, and makes the bus of every rate that somebody listens at.
    func sum(length8: Int, scratch: MixScratch) {
        var said = 0
        scratch.sums.0.update(repeating: 0, count: length8)
        scratch.sums.1.update(repeating: 0, count: length8 &* 2)
        scratch.sums.2.update(repeating: 0, count: length8 &* 6)
        var link = heard
        while let pull = link {
            link = pull.pointee.nextHeard
            guard let frame = pull.pointee.frame else { continue }
            let rate = BusRate(sampleRate: pull.pointee.source._withUnsafeGuaranteedRef { $0.sampleRate })
            said |= 1 << rate.rawValue
            MixKernels.add(frame, to: scratch.sum(rate), count: length8 &* rate.factor)
        }
        for index in 0..<3 {
            let rate = BusRate.all[index]
            guard hasListeners(at: rate) else { continue }
            let bus = scratch.bus(rate)
            bus.update(from: scratch.sum(rate), count: length8 &* rate.factor)
            for number in 0..<3 where number != index {
                let other = BusRate.all[number]
                convert(other, to: rate, isSaid: said & (1 << other.rawValue) != 0, length8: length8, scratch: scratch)
            }
        }
    }

    /// What this member hears, into `scratch.work`: the bus without its own voice and its neighbours', with its gain.
    func make(for member: MixPort, rate: BusRate, count: Int, length8: Int, scratch: MixScratch) {
        let work = scratch.work
        work.update(from: scratch.bus(rate), count: count)
        if member.neighbourhood == 0 {
            if let own = member.ownPull, own.pointee.isHeard { takeOut(own, of: work, rate: rate, count: count) }
        } else {
            var link = heard
            while let pull = link {
                link = pull.pointee.nextHeard
                let neighbourhood = pull.pointee.source._withUnsafeGuaranteedRef { $0.neighbourhood }
                if pull == member.ownPull || neighbourhood == member.neighbourhood {
                    takeOut(pull, of: work, rate: rate, count: count)
                }
            }
        }
        if member.listenGain != MixKernels.unity {
            for index in 0..<count {
                work[index] = Int32(truncatingIfNeeded: (Int64(work[index]) &* Int64(member.listenGain)) >> 12)
            }
        }
    }

    /// The frame for everybody of whom nothing has to be taken out.
    func limitShared(rate: BusRate, to samples: UnsafeMutablePointer<Int16>, count: Int, scratch: MixScratch) {
        limiters[rate.rawValue].limit(scratch.bus(rate), to: samples, count: count, sampleRate: rate.sampleRate)
    }

    private func takeOut(
        _ pull: UnsafeMutablePointer<Pull>, of work: UnsafeMutablePointer<Int32>, rate: BusRate, count: Int
    ) {
        guard let frame = pull.pointee.frame else { return }
        MixKernels.subtract(frame, from: work, count: count)
    }

    private func hasListeners(at rate: BusRate) -> Bool {
        switch rate {
        case .narrow: listeners8 > 0
        case .wide: listeners16 > 0
        case .full: listeners48 > 0
        }
    }

    private func convert(_ from: BusRate, to rate: BusRate, isSaid: Bool, length8: Int, scratch: MixScratch) {
    }
}
