// SPDX-License-Identifier: Apache-2.0

import RTP
import RealTime

extension RTPReceiver {
    /// A packet that is further ahead of its line than this belongs to a new time line.
    private static let furthestAhead: Int64 = -250_000_000
    /// Packets that are this late, and do not catch up, belong to a new time line.
    private static let furthestBehind: Int64 = DelayEstimator.longestTarget + 2_000_000
    static let longestBurst: Int64 = 1_000_000_000
    private static let pause: Int64 = 1_000_000_000
    private static let sourceTakesOverAfter: Int64 = 100_000_000

    /// One packet of the believed source. `payload` has `header.payloadCount` bytes; `arrival` in ns.
    func take(_ header: RTPHeader, payload: UnsafePointer<UInt8>, arrival: Int64) {
        let entry = payloads[header.payloadType]
        guard entry.kind != .unknown, isFromCurrentSource(header, arrival) else { return }
        let highest = reception.highest
        let order = reception.take(header.sequence)
        switch order {
        case .duplicate:
            counters.duplicates &+= 1
            return
        case .restarted: beginAnew()
        case .next, .ahead, .behind: break
        }
        counters.packets &+= 1
        patience.take(order, missing: reception.highest &- highest &- 1, packet: time(newestLength))
        guard receives else { return }
        let isNewest = order != .behind
        switch entry.kind {
        case .event: takeEvent(header, entry, payload, isNewest: isNewest)
        case .comfortNoise:
            if header.payloadCount > 0, isNewest { noise.set(levelBelowOverload: payload[0] & 0x7F) }
        case .g711, .g722, .g726, .gsm, .opus: takeAudio(header, entry, payload, arrival, order)
        case .unknown: break
        }
    }

    private func takeAudio(
        _ header: RTPHeader, _ entry: PayloadTable.Entry, _ payload: UnsafePointer<UInt8>, _ arrival: Int64,
        _ order: ReceptionStatistics.Order
    ) {
        let ticks = entry.ticks(payload, count: header.payloadCount)
        guard ticks > 0, decoders.accepts(entry.decoder) else {
            counters.unusable &+= 1
            return
        }
        let clock = Int(entry.clockRate)
        if clock != clockRate {
            // Another codec with another clock: its time stamps tell nothing about where we were.
            clockRate = clock
            timestamps = TimestampUnwrapper()
            isAnchored = false
            reception.forgetTransit()
            presses = TelephoneEventReceiver()
        }
        let stamp = timestamps.take(header.timestamp)
        let length = Int64(ticks &* track.sampleRate / clock)
        let counted = stamp &* Int64(track.sampleRate) / Int64(clock)
        if !isAnchored { anchor(counted, length, arrival) }
        var position = counted &+ base
        let lateness = delay.lateness(arrival: arrival, endTime: time(position &+ length))
        if order != .behind, arrival &- newestArrival > Self.pause, lateness > delay.target, isStarted {
            // Behind a pause nobody waits for an old line: clocks drift apart, ways change.
            anchor(counted, length, arrival)
            position = counted &+ base
        } else if lateness < Self.furthestAhead || isStuckBehind(lateness, length, order) {
            counters.reanchored &+= 1
            anchor(counted, length, arrival)
            position = counted &+ base
            reception.forgetTransit()
            // Time stamps that jumped back would make every further press look old.
            if presses.isEnded { presses = TelephoneEventReceiver() }
        }
        guard affords(position, length, arrival) else {
            counters.tooFast &+= 1
            return
        }
        // One that was overtaken is late as well: that is why there is a target.
        delay.take(arrival: arrival, endTime: time(position &+ length), duration: time(length))
        if order != .behind {
            reception.takeTransit(arrival: SampleClock.samples(arrival, rate: clock), timestamp: stamp)
            newestEnd = position &+ length
            newestLength = length
            newestArrival = arrival
        }
        place(
            position, length, header, payload, followsSilence: order == .next)
    }

    private func place(
        _ position: Int64, _ length: Int64, _ header: RTPHeader, _ payload: UnsafePointer<UInt8>,
        followsSilence: Bool
    ) {
        if position &+ length <= end {
            counters.late &+= 1
            return
        }
        if followsSilence, store.count == 0, position >= end { forgiveConcealment() }
        if followsSilence, position > end, store.count == 0 {
            // Nothing was lost: the sender had nothing to say.
            fill(to: position, .silence)
        }
        if position <= end {
            decode(payload, header.payloadCount, header.payloadType, position)
            drainStore()
            return
        }
        if store.count == ReorderStore.capacity, let first = store.first {
            // Nobody has asked for what is missing, and no more can wait: it is lost.
            fill(to: first.position, first.followsSilence ? .silence : .loss)
            drainStore()
        }
        let isKept = store.insert(
            position: position, length: Int(length), payloadType: header.payloadType, followsSilence: followsSilence,
            payload: payload, count: header.payloadCount)
        if !isKept { counters.late &+= 1 }
    }

    /// What was taken for loss at the time was a pause of the sender's (DTX): it counts as nothing.
    private func forgiveConcealment() {
        counters.concealedSamples &-= min(counters.concealedSamples, UInt64(max(0, concealedRun)))
        concealedRun = 0
    }

    /// Decodes what waited and fits now.
    func drainStore() {
        while let first = store.first, first.position <= end {
            if first.position &+ Int64(first.length) > end {
                decode(store.payload(first), Int(first.count), first.payloadType, first.position)
            } else {
                counters.late &+= 1
            }
            store.removeFirst()
        }
    }

    /// Nobody speaks faster than time goes: a second may come in one burst, not more.
    private func affords(_ position: Int64, _ length: Int64, _ arrival: Int64) -> Bool {
        if allowanceTime == 0 { allowanceTime = arrival }
        allowance = min(Self.longestBurst, allowance &+ max(0, arrival &- allowanceTime) &* 17 / 16)
        allowanceTime = max(allowanceTime, arrival)
        // What is late anyway is free: behind a long stall the newest packets count, not the first.
        guard position &+ length > end else { return true }
        guard allowance >= time(length) else { return false }
        allowance &-= time(length)
        return true
    }

    // MARK: Sources and time lines

    /// A new SSRC is believed when the old one is silent, or after two packets in a row (RFC 3550 appendix A.1).
    private func isFromCurrentSource(_ header: RTPHeader, _ arrival: Int64) -> Bool {
        if isStarted || reception.received > 0, header.ssrc == reception.ssrc { return true }
        let isFirst = reception.received == 0
        let continues = header.ssrc == nextSource && header.sequence == nextSourceSequence &+ 1
        nextSource = header.ssrc
        nextSourceSequence = header.sequence
        guard isFirst || continues || arrival &- newestArrival > Self.sourceTakesOverAfter else { return false }
        counters.lostBefore &+= UInt64(max(0, reception.lost))
        reception = ReceptionStatistics(ssrc: header.ssrc)
        beginAnew()
        return true
    }

    private func beginAnew() {
        timestamps = TimestampUnwrapper()
        isAnchored = false
        reception.forgetTransit()
        presses = TelephoneEventReceiver()
        mutedUpTo = end
    }

    /// Late by more than the longest target, three times in a row, and not catching up as behind a stall.
    private func isStuckBehind(_ lateness: Int64, _ length: Int64, _ order: ReceptionStatistics.Order) -> Bool {
        guard order != .behind else { return false }
        let catchesUp = lateness < lastLateness &- time(length) / 2
        lateRun = lateness > Self.furthestBehind && !catchesUp ? lateRun &+ 1 : 0
        lastLateness = lateness
        guard lateRun >= 3 else { return false }
        lateRun = 0
        return true
    }

    /// Lays the time line so that this packet is in time, and nothing that was heard is overwritten.
    func anchor(_ counted: Int64, _ length: Int64, _ arrival: Int64) {
        var position = max(end, Int64(track.sampleRate))
        if isStarted {
            position = max(position, SampleClock.samples(arrival &- delay.line, rate: track.sampleRate) &- length)
            position = max(position, store.end ?? 0)
        } else {
            isStarted = true
            end = position
        }
        let oldBase = base
        base = position &- counted
        if !isAnchored || oldBase != base { timestampsMoved() }
        isAnchored = true
        lateRun = 0
        lastLateness = 0
    }

    private func timestampsMoved() {
        // Digits are placed by time stamps as well: what was muted on the old line stays so, nothing more.
        mutedUpTo = min(mutedUpTo, end)
    }

    func time(_ samples: Int64) -> Int64 { SampleClock.nanoseconds(samples, rate: track.sampleRate) }
}
