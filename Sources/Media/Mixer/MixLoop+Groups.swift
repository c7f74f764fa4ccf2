// SPDX-License-Identifier: Apache-2.0
import RealTime

// A group's turn: pull, sum, convert, take each member's own voice out, limit, encode, send.

extension MixLoop {
    /// Serves a group whose deadline has come, and schedules it again.
    func serve(_ group: MixGroup, now: Int64) {
        if skipMissed(group, now: now) { return }
        if options.isSteered && !group.isTap && mustHold(group, now: now) { return }
        group.heldSince = 0
        let deadline = group.deadline
        let length8 = group.nextLength8
        scratch.startTurn()
        counters.frames &+= 1
        let lag = group.isTap ? MixGroup.tapLag : group.isEcho ? MixGroup.echoLag : 0
        let readTime = deadline &- lag
        group.pullSources(deadline: readTime, length8: length8, now: now, scratch: scratch, counters: &counters)
        group.sum(length8: length8, scratch: scratch)
        arrangeSharing(group)
        var link = group.firstMember
        while let next = link {
            link = next._withUnsafeGuaranteedRef { member in
                send(to: member, of: group, length8: length8, now: now)
                return member.nextInGroup
            }
        }
        group.nextLength8 = group.frame8
        if options.isSteered && !group.isCards && !group.isTap { steer(group) }
        group.deadline = deadline &+ nanoseconds(group.nextLength8)
        if !group.isCards { deadlines.schedule(group) }
    }

    /// After a stall the missed frames are gone: sending them late in a heap would only move the delay to the listeners.
    private func skipMissed(_ group: MixGroup, now: Int64) -> Bool {
        let frame = nanoseconds(group.frame8)
        let late = now &- group.deadline
        guard late > frame, !group.isCards else { return false }
        let missed = late / frame
        group.deadline &+= missed &* frame
        counters.framesSkipped &+= UInt64(missed)
        var link = group.firstMember
        while let member = link?.takeUnretainedValue() {
            member.skip(length8: Int(missed) &* group.frame8)
            link = member.nextInGroup
        }
        guard group.deadline > now else { return false }
        deadlines.schedule(group)
        return true
    }

    private func send(to member: MixPort, of group: MixGroup, length8: Int, now: Int64) {
        member.nextDeadline = group.deadline &+ nanoseconds(group.frame8)
        counters.framesSent &+= 1
        let rate = BusRate(sampleRate: member.listenRate)
        let count = length8 &* rate.factor
        if member.takesComfortNoise,
            member.sendsComfortNoise(
                isSilent: isSilent(member, in: group), length8: length8, batch: network.batch, now: now)
        {
            return
        }
        if member.shares {
            sendShared(to: member, of: group, rate: rate, count: count, now: now)
        } else if (member.isDeaf || group.mix == nil) && !member.toneOut.isSounding {
            member.emit(
                scratch.silence, count: count, payload: scratch.payload, counters: &counters, batch: network.batch,
                now: now)
        } else {
            if member.isDeaf || group.mix == nil {
                scratch.work.update(repeating: 0, count: count)
            } else {
                group.make(for: member, rate: rate, count: count, scratch: scratch)
            }
            if member.toneOut.isSounding {
                member.toneOut.add(to: scratch.work, length8: length8, rate: rate, tones: scratch.digitTones)
            }
            member.limiter.limit(scratch.work, to: scratch.samples, count: count, sampleRate: rate.sampleRate)
            member.emit(
                scratch.samples, count: count, payload: scratch.payload, counters: &counters, batch: network.batch,
                now: now)
        }
    }

    /// Nobody but, at most, itself is heard in this frame.
    private func isSilent(_ member: MixPort, in group: MixGroup) -> Bool {
        if member.toneOut.isSounding { return false }
        if member.isDeaf || group.mix == nil { return true }
        guard let heard = group.heard else { return true }
        return heard == member.ownPull && heard.pointee.nextHeard == nil && !group.isEcho
    }

    private func sendShared(to member: MixPort, of group: MixGroup, rate: BusRate, count: Int, now: Int64) {
        let codec = member.codecNumber
        if codec >= 0, group.shared[codec].byteCount > 0 {
            member.send(
                scratch.sharedPayload(codec), byteCount: group.shared[codec].byteCount, count: count,
                batch: network.batch, now: now)
            return
        }
        let samples = scratch.shared(rate)
        if group.sharedRates & (1 << rate.rawValue) == 0 {
            group.sharedRates |= 1 << rate.rawValue
            group.limitShared(rate: rate, to: samples, count: count, scratch: scratch)
        }
        guard codec >= 0 else {
            member.emit(
                samples, count: count, payload: scratch.payload, counters: &counters, batch: network.batch, now: now)
            return
        }
        group.shared[codec].byteCount = member.emit(
            samples, count: count, payload: scratch.sharedPayload(codec), counters: &counters, batch: network.batch,
            now: now)
    }

    /// Decides who shares a frame with the others this time, and keeps the encoders' states in step: whoever leaves
    /// the shared stream, or takes it over, goes on from the state in which its last frame left the listener's decoder.
    private func arrangeSharing(_ group: MixGroup) {
        group.sharedRates = 0
        if let member = group.onlyMember {
            // Alone it has an encoder of its own anyway.
            member.shares = false
            return
        }
        var link = group.firstMember
        while let member = link?.takeUnretainedValue() {
            link = member.nextInGroup
            let shared = member.shares
            member.shares = hearsLikeAll(member, in: group)
            let codec = member.codecNumber
            guard codec >= 0 else { continue }
            group.shared[codec].byteCount = 0
            if member.shares {
                group.shared[codec].lossPercent = max(group.shared[codec].lossPercent, member.watch.lossPercent)
            }
            guard member.encoderHasState else { continue }
            if shared && !member.shares, let lender = group.shared[codec].lender?.takeUnretainedValue(),
                lender !== member
            {
                member.continueEncoding(of: lender)
            } else if !shared && member.shares {
                group.shared[codec].hasNewcomers = true
            }
        }
        chooseLenders(group)
    }

    private func chooseLenders(_ group: MixGroup) {
        var link = group.firstMember
        while let member = link?.takeUnretainedValue() {
            link = member.nextInGroup
            let codec = member.codecNumber
            guard member.shares, codec >= 0, member.encoderHasState else { continue }
            // The first one that shares encodes for all.
            guard !group.shared[codec].isChosen else { continue }
            group.shared[codec].isChosen = true
            if let lender = group.shared[codec].lender?.takeUnretainedValue(), lender !== member {
                member.continueEncoding(of: lender)
            }
            group.shared[codec].lender = .passUnretained(member)
            if group.shared[codec].hasNewcomers { member.encodeNextFrameIndependently() }
            group.shared[codec].hasNewcomers = false
            member.protectSharedFrames(percent: group.shared[codec].lossPercent)
        }
        for codec in 0..<MixGroup.codecCapacity {
            group.shared[codec].isChosen = false
            group.shared[codec].lossPercent = 0
        }
    }

    /// Whether nothing of what is heard has to be taken out for this member: then it hears what all silent ones hear.
    /// Not whether it talks: whether its own part of this very frame is nothing.
    private func hearsLikeAll(_ member: MixPort, in group: MixGroup) -> Bool {
        if member.isDeaf || group.mix == nil { return false }
        if member.listenGain != MixKernels.unity { return false }
        if let own = member.ownPull, own.pointee.isHeard { return false }
        return !member.toneOut.isSounding
    }

    @inline(__always)
    func nanoseconds(_ length8: Int) -> Int64 { Int64(length8) &* 125_000 }
}
