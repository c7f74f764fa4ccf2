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
        turns &+= 1
        var link = pulls
        // Personal groups were fetched as a whole.
        var approached = isPersonal ? nil : pull(ahead: 8)
        var fetched = isPersonal ? nil : pull(ahead: 4)
        while let pull = link {
            link = pull.pointee.next
            if let next = approached {
                next.pointee.lines?.approach()
                approached = next.pointee.next
            }
            if let next = fetched {
                next.pointee.lines?.fetch()
                fetched = next.pointee.next
            }
            pull.pointee.source._withUnsafeGuaranteedRef { source in
                pullFrame(
                    pull, from: source, deadline: deadline, length8: length8, now: now, scratch: scratch,
                    counters: &counters)
            }
        }
    }

    private func pull(ahead count: Int) -> UnsafeMutablePointer<Pull>? {
        var pull = pulls
        for _ in 0..<count { pull = pull?.pointee.next }
        return pull
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
        // Most of a crowd says nothing: its place is looked at now and then, and as soon as there is something to hear.
        if !isPersonal, turns & 7 != 0, pull.pointee.isPrimed, !pull.pointee.isHeard, source.isQuiet,
            !source.isActive(from: pull.pointee.position, count: count)
        {
            pull.pointee.wasHeard = false
            pull.pointee.position &+= Int64(count)
            return
        }
        approach(pull, source: source, deadline: deadline, count: count, factor: factor)
        let wanted = pull.pointee.jump != 0 ? Int(pull.pointee.jump) : pull.pointee.shed
        let position = pull.pointee.position
        pull.pointee.wasHeard = pull.pointee.isHeard
        pull.pointee.isHeard = false
        let end = position &+ Int64(count &+ wanted)
        // Concealment of what nobody hears would cost more than the whole frame; the round declares it lost later.
        if !source.isQuiet || end <= source.arrivedEnd { source.prepare(upTo: end, now: now) }
        if turns & 7 == 0, !isTap, let arrival = source.arrivalTime(of: end) {
            source.noteDelay(deadline: deadline, arrival: arrival)
        }
        let span = count &+ abs(wanted)
        let isHeard = !source.isMuted && source.isActive(from: min(position, position &+ Int64(wanted)), count: span)
        guard isHeard, let frame = scratch.takeFrame(count) else {
            if isHeard { counters.sourcesLeftOut &+= 1 }
            // What is not heard is left out, or repeated, for nothing.
            pull.pointee.position = position &+ Int64(count &+ wanted)
            pull.pointee.jump = 0
            pull.pointee.shed = 0
            return
        }
        read(pull, from: source, wanted: wanted, into: frame, count: count, factor: factor, scratch: scratch)
        if source.talkGain != MixKernels.unity { MixKernels.scale(frame, count: count, gain: source.talkGain) }
        pull.pointee.frame = frame
        pull.pointee.isHeard = true
        pull.pointee.nextHeard = heard
        heard = pull
    }

    /// A member of its own group never pulls itself (but for an echo), nor those in the same acoustic room.
    func isInaudible(_ source: MixSource, to member: MixPort) -> Bool {
        source === member && !isEcho || (member.neighbourhood != 0 && member.neighbourhood == source.neighbourhood)
    }

    /// Decides how the read position comes nearer to the best one: at once where nothing is heard, by a jump with a
    /// crossfade where it must be, otherwise by time scaling.
    private func approach(
        _ pull: UnsafeMutablePointer<Pull>, source: MixSource, deadline: Int64, count: Int, factor: Int
    ) {
        let best = bestEnd(of: source, deadline: deadline, factor: factor) &- Int64(count)
        pull.pointee.jump = 0
        guard pull.pointee.isPrimed else {
            pull.pointee.isPrimed = true
            pull.pointee.position = best
            pull.pointee.startWindow(at: deadline)
            return
        }
        let lag = best &- pull.pointee.position
        guard lag != 0 else {
            pull.pointee.leastLag = 0
            pull.pointee.shed = 0
            pull.pointee.earlySince = 0
            return
        }
        let position = pull.pointee.position
        let most = Int64(Self.mostLag8 &* factor)
        let span = Int(min(abs(lag), 1 << 16)) &+ count
        if abs(lag) > 1 << 16 || !source.isActive(from: min(best, position), count: span) {
            pull.pointee.position = best
            pull.pointee.startWindow(at: deadline)
        } else if lag > most {
            // A stall: at most 60 ms are kept, and shed within the next quarter of a second.
            pull.pointee.jump = lag &- most
        } else if lag < 0 {
            if position &+ Int64(count) > source.arrivedEnd {
                // It is not there yet: say something again meanwhile.
                pull.pointee.jump = lag
                pull.pointee.startWindow(at: deadline)
                return
            }
            // It has come early. That is luck: soon one will not, so let more of it gather.
            pull.pointee.leastLag = .max
            if pull.pointee.earlySince == 0 { pull.pointee.earlySince = deadline }
            pull.pointee.shed = deadline &- pull.pointee.earlySince < Pull.luck ? 0 : Int(lag)
        } else {
            pull.pointee.earlySince = 0
            pull.pointee.shed = max(0, pull.pointee.shed)
            pull.pointee.leastLag = min(pull.pointee.leastLag, lag)
            guard deadline >= pull.pointee.windowEnd else { return }
            pull.pointee.shed = Int(pull.pointee.leastLag)
            if pull.pointee.shed == 0 { pull.pointee.refusals = 0 }
            pull.pointee.leastLag = .max
            pull.pointee.windowEnd = deadline &+ Pull.window
        }
    }

    /// Reads a frame, `wanted` samples more (or less) of the source than it is long.
    private func read(
        _ pull: UnsafeMutablePointer<Pull>, from source: MixSource, wanted: Int,
        into frame: UnsafeMutablePointer<Int16>,
        count: Int, factor: Int, scratch: MixScratch
    ) {
        let position = pull.pointee.position
        guard wanted != 0 else {
            source.copy(from: position, count: count, into: frame)
            pull.pointee.position = position &+ Int64(count)
            return
        }
        var moved = 0
        let scaler = scratch.scaler(factor)
        if pull.pointee.jump < 0, let missing = gatherable(wanted, count: count, factor: factor, scaler) {
            let behind = scaler.lookBehind(missing: missing)
            source.copy(from: position &- Int64(behind), count: behind &+ count, into: scratch.samples)
            moved = 0 &- scaler.gather(scratch.samples + behind, missing: missing, into: frame, count: count)
            pull.pointee.jump = 0
        } else if pull.pointee.jump == 0, wanted < 0 {
            let before = scaler.longestLag
            source.copy(from: position &- Int64(before), count: before &+ count, into: scratch.samples)
            moved = scaler.render(
                scratch.samples + before, before: before, available: count, wanted: wanted, into: frame, count: count)
        } else if pull.pointee.jump == 0 {
            let available = count &+ min(wanted, scaler.longestLag)
            source.copy(from: position, count: available, into: scratch.samples)
            moved = scaler.render(
                scratch.samples, before: 0, available: available, wanted: wanted, into: frame, count: count)
            pull.pointee.refusals = moved == 0 ? pull.pointee.refusals &+ count / factor : 0
        }
        if pull.pointee.jump != 0 || (moved == 0 && wanted > 0 && pull.pointee.refusals > Pull.mostRefusals8) {
            // Nothing resembles itself (noise, several voices): a crossfade is the least that can be heard.
            moved = wanted
            pull.pointee.refusals = 0
            crossfade(source, from: position, by: moved, into: frame, count: count, factor: factor, scratch: scratch)
        }
        pull.pointee.shed =
            pull.pointee.shed < 0
            ? min(0, pull.pointee.shed &- min(0, moved)) : max(0, pull.pointee.shed &- max(0, moved))
        pull.pointee.jump = 0
        pull.pointee.position = position &+ Int64(count &+ moved)
    }

    /// How much of a frame is missing, when it can be bridged by saying something again within what scratch can hold.
    private func gatherable(_ wanted: Int, count: Int, factor: Int, _ scaler: TimeScaler) -> Int? {
        let missing = 0 &- wanted
        return missing > 0 && scaler.lookBehind(missing: missing) &+ count <= 3 &* MixScratch.mostLength8 &* factor
            ? missing : nil
    }

    private func crossfade(
        _ source: MixSource, from position: Int64, by step: Int, into frame: UnsafeMutablePointer<Int16>, count: Int,
        factor: Int, scratch: MixScratch
    ) {
        let fade = min(count, Self.fade8 &* factor)
        source.copy(from: position &+ Int64(step), count: count, into: frame)
        source.copy(from: position, count: fade, into: scratch.samples)
        for index in 0..<fade {
            let share = Int32((index &* 2 &+ 1) &* 16_384 / fade)
            let mixed = Int32(scratch.samples[index]) &* (32_768 &- share) &+ Int32(frame[index]) &* share
            frame[index] = Int16(truncatingIfNeeded: mixed >> 15)
        }
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

    /// The most that is kept behind the best position: 60 ms.
    static let mostLag8 = 480
    /// A crossfade takes 5 ms.
    private static let fade8 = 40
}

/// Greatest common divisor of two frame lengths; the frame itself when they have almost nothing in common.
func commonMeasure(_ a: Int, _ b: Int) -> Int {
    var x = a
    var y = b
    while y != 0 { (x, y) = (y, x % y) }
    return max(1, x)
}
