// SPDX-License-Identifier: Apache-2.0
import RealTime

// How a group reads its sources.
//
//     source's time line   ....|packet|packet|packet|         (grain: samples that arrive at once)
//     read by this group       ^ position    ^ safe end at the deadline
//                              |---frame---| lag |            lag = best position - position
//
// The best position is the newest that can be kept up at all coming deadlines: safe end - (ceil(r / g) - 1) g, where r is
// the time until the next packet is safe and g the common measure of packet and frame. A lag is shed at once where
// nothing is heard, otherwise only when it has lasted for a window.

extension MixGroup {
    /// Pulls the frame that is due from every source into `scratch`'s arena and sums; leaves the list `heard`.
    func pullSources(deadline: Int64, length8: Int, now: Int64, scratch: MixScratch, counters: inout MixCounters) {
        heard = nil
        var link = pulls
        while let pull = link {
            link = pull.pointee.next
            pull.pointee.source._withUnsafeGuaranteedRef { source in
                pullFrame(
                    pull, from: source, deadline: deadline, length8: length8, now: now, scratch: scratch,
                    counters: &counters)
            }
        }
    }

    private func pullFrame(
        _ pull: UnsafeMutablePointer<Pull>, from source: MixSource, deadline: Int64, length8: Int, now: Int64,
        scratch: MixScratch, counters: inout MixCounters
    ) {
        let factor = BusRate(sampleRate: source.sampleRate).factor
        let count = length8 &* factor
        if isPersonal, let member = firstMember?.takeUnretainedValue(), isInaudible(source, to: member) {
            // Nobody but this member pulls it, perhaps: its digits count all the same.
            pull.pointee.isHeard = false
            pull.pointee.isPrimed = false
            source.prepare(upTo: bestEnd(of: source, deadline: deadline, factor: factor), now: now)
            return
        }
        approach(pull, source: source, deadline: deadline, count: count, factor: factor)
        let position = pull.pointee.position
        source.prepare(upTo: position &+ Int64(count), now: now)
        pull.pointee.position = position &+ Int64(count)
        pull.pointee.wasHeard = pull.pointee.isHeard
        pull.pointee.isHeard = false
        guard !source.isMuted, source.isActive(from: position, count: count) else { return }
        guard let frame = scratch.takeFrame(count) else {
            counters.sourcesLeftOut &+= 1
            return
        }
        source.copy(from: position, count: count, into: frame)
        if source.talkGain != MixKernels.unity { MixKernels.scale(frame, count: count, gain: source.talkGain) }
        pull.pointee.frame = frame
        pull.pointee.isHeard = true
        pull.pointee.nextHeard = heard
        heard = pull
    }

    /// A member of its own group never pulls itself, nor those in the same acoustic room.
    func isInaudible(_ source: MixSource, to member: MixPort) -> Bool {
        source === member || (member.neighbourhood != 0 && member.neighbourhood == source.neighbourhood)
    }

    /// Brings the read position towards the best one.
    private func approach(
        _ pull: UnsafeMutablePointer<Pull>, source: MixSource, deadline: Int64, count: Int, factor: Int
    ) {
        let best = bestEnd(of: source, deadline: deadline, factor: factor) &- Int64(count)
        guard pull.pointee.isPrimed else {
            pull.pointee.isPrimed = true
            pull.pointee.position = best
            pull.pointee.leastLag = .max
            pull.pointee.windowEnd = deadline &+ Self.window
            return
        }
        let lag = best &- pull.pointee.position
        guard lag != 0 else {
            pull.pointee.leastLag = 0
            return
        }
        let span = Int(min(abs(lag), 1 << 20)) &+ count
        let most = Int64(Self.mostLag8 &* factor)
        // Where neither what is skipped (or said again) nor the frame itself is heard, moving is free.
        if lag > most || lag < -most || !source.isActive(from: min(best, pull.pointee.position), count: span) {
            pull.pointee.position = lag > most ? best &- min(most, lag &- most) : best
            pull.pointee.leastLag = .max
            pull.pointee.windowEnd = deadline &+ Self.window
            return
        }
        pull.pointee.leastLag = min(pull.pointee.leastLag, lag)
        guard deadline >= pull.pointee.windowEnd else { return }
        pull.pointee.windowEnd = deadline &+ Self.window
        pull.pointee.leastLag = .max
    }

    /// One past the newest sample that this group can take at `deadline`, and keep up with.
    func bestEnd(of source: MixSource, deadline: Int64, factor: Int) -> Int64 {
        let end = source.safeEnd(at: deadline)
        let grain = source.grain
        guard grain > 0 else { return end }
        let measure = Int64(commonMeasure(grain, frame8 &* factor))
        let rest = (source.expectedTime(of: end) &- deadline) &* Int64(source.sampleRate) / 1_000_000_000
        guard rest > measure else { return end }
        return end &- ((rest &+ measure &- 1) / measure &- 1) &* measure
    }

    /// How long a lag has to last before it is shed in the middle of speech.
    static let window: Int64 = 200_000_000
    /// The most that is kept behind the best position: 60 ms.
    static let mostLag8 = 480
}

/// Greatest common divisor of two frame lengths; the frame itself when they have almost nothing in common.
func commonMeasure(_ a: Int, _ b: Int) -> Int {
    var x = a
    var y = b
    while y != 0 { (x, y) = (y, x % y) }
    return max(1, x)
}
