// SPDX-License-Identifier: Apache-2.0
import RealTime

// The sums of a group: each source is added at its own rate; the native sums are converted into the other rates once for
// the group, never a sum that was converted already.

extension MixGroup {
    /// Adds up what is heard, by rate, and makes the bus of every rate that somebody listens at.
    func sum(length8: Int, scratch: MixScratch) {
        var said = 0
        var link = heard
        while let pull = link {
            link = pull.pointee.nextHeard
            guard let frame = pull.pointee.frame else { continue }
            let rate = BusRate(sampleRate: pull.pointee.source._withUnsafeGuaranteedRef { $0.sampleRate })
            if said & (1 << rate.rawValue) == 0 {
                said |= 1 << rate.rawValue
                scratch.sum(rate).update(repeating: 0, count: length8 &* rate.factor)
            }
            MixKernels.add(frame, to: scratch.sum(rate), count: length8 &* rate.factor)
        }
        for index in 0..<3 {
            let rate = BusRate.all[index]
            guard hasListeners(at: rate) else { continue }
            let bus = scratch.bus(rate)
            if said & (1 << index) != 0 {
                bus.update(from: scratch.sum(rate), count: length8 &* rate.factor)
            } else {
                bus.update(repeating: 0, count: length8 &* rate.factor)
            }
            for number in 0..<3 where number != index {
                let other = BusRate.all[number]
                convert(other, to: rate, isSaid: said & (1 << other.rawValue) != 0, length8: length8, scratch: scratch)
            }
        }
    }

    /// What this member hears, into `scratch.work`: the bus without its own voice, with its gain.
    func make(for member: MixPort, rate: BusRate, count: Int, scratch: MixScratch) {
        let work = scratch.work
        work.update(from: scratch.bus(rate), count: count)
        // A port talks and listens at one rate: what is taken out is exactly what was added.
        if !isEcho, let own = member.ownPull, own.pointee.isHeard, let frame = own.pointee.frame {
            MixKernels.subtract(frame, from: work, count: count)
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

    private func hasListeners(at rate: BusRate) -> Bool {
        switch rate {
        case .narrow: listeners8 > 0
        case .wide: listeners16 > 0
        case .full: listeners48 > 0
        }
    }

    /// Adds the sum of another rate, converted by the converters of a member that listens at `rate`. They run on over
    /// silence until nothing of what was said is left in them.
    private func convert(_ from: BusRate, to rate: BusRate, isSaid: Bool, length8: Int, scratch: MixScratch) {
        guard let lender = converterLenders[rate.rawValue]?.takeUnretainedValue(),
            let converter = lender.converter(from: from)
        else { return }
        if isSaid {
            lender.converterTail[from.rawValue] = Self.converterTail8
        } else if lender.converterTail[from.rawValue] > 0 {
            lender.converterTail[from.rawValue] &-= length8
            scratch.sum(from).update(repeating: 0, count: length8 &* from.factor)
        } else {
            return
        }
        let count = converter.convert(scratch.sum(from), count: length8 &* from.factor, into: scratch.work)
        MixKernels.add(scratch.work, to: scratch.bus(rate), count: min(count, length8 &* rate.factor))
    }

    /// Longer than a converter remembers (3 ms): 5 ms.
    private static let converterTail8 = 40
}
