// SPDX-License-Identifier: Apache-2.0

extension MixLoop {
    /// Chooses the group's next deadline behind whom it hears: sets `nextLength8`, and shifts `deadline` by what is less
    /// than a sample (drift).
    func steer(_ group: MixGroup) {
        guard group.mix != nil, !group.isRigid else { return }
        if group.unmoved8 != 0 {
            group.nextLength8 = group.frame8 &+ group.goOnMoving()
            return
        }
        let arrivals = scratch.arrivals
        var count = gather(group, into: arrivals, talking: true)
        let talkers = count
        // Idle members count little, unless nobody talks: then the room is placed well for whoever begins.
        if group.isPersonal || talkers == 0 {
            count = gather(group, into: arrivals, talking: false, from: count, weight: talkers == 0 ? 1 : 0.25)
        }
        let nominal = group.deadline &+ nanoseconds(group.frame8)
        let shift = group.steering.shift(
            nominal: nominal, arrivals: arrivals, count: count, granularity: Int64(group.granularity8) &* 125_000)
        if shift > Steering.follow || shift < 0 &- Steering.follow {
            let length = Int((shift &+ (shift > 0 ? 62_500 : -62_500)) / 125_000)
            group.nextLength8 = group.frame8 &+ group.move(by: length)
            counters.moves &+= 1
        } else {
            group.deadline &+= shift
        }
    }

    private func gather(
        _ group: MixGroup, into arrivals: UnsafeMutablePointer<Arrival>, talking: Bool, from start: Int = 0,
        weight: Double = 1
    ) -> Int {
        var count = start
        var link = group.pulls
        while let pull = link, count < MixScratch.mostArrivals {
            link = pull.pointee.next
            pull.pointee.source._withUnsafeGuaranteedRef { source in
                guard source.hasArrivals, !source.isMuted, source.isTalking == talking else { return }
                if let member = group.onlyMember, group.isInaudible(source, to: member) { return }
                let factor = BusRate(sampleRate: source.sampleRate).factor
                let grain = source.grain
                guard grain > 0 else { return }
                let measure = commonMeasure(grain, group.frame8 &* factor)
                arrivals[count] = Arrival(
                    expected: source.expectedTime(of: source.safeEnd(at: group.deadline)),
                    measure: Int64(measure) &* 1_000_000_000 / Int64(source.sampleRate), weight: weight,
                    identity: UInt(bitPattern: pull.pointee.source.toOpaque()))
                count &+= 1
            }
        }
        return count
    }

    /// Whether all of the frame that will be due is there already: then nothing is won by waiting for its deadline.
    func isComplete(_ group: MixGroup) -> Bool {
        guard group.heldSince == 0 else { return false }
        var link = group.pulls
        while let pull = link {
            link = pull.pointee.next
            let isThere = pull.pointee.source._withUnsafeGuaranteedRef { source in
                if source.isMuted { return true }
                if let member = group.onlyMember, group.isInaudible(source, to: member) { return true }
                guard pull.pointee.isPrimed else { return false }
                let factor = BusRate(sampleRate: source.sampleRate).factor
                return source.arrivedEnd >= pull.pointee.position &+ Int64(group.nextLength8 &* factor)
            }
            guard isThere else { return false }
        }
        return true
    }

    /// Whether the frame that is due waits (up to `mostHold`) for the packet of somebody who is talking.
    func mustHold(_ group: MixGroup, now: Int64) -> Bool {
        guard !group.isCards, group.mix != nil else { return false }
        let begun = group.heldSince == 0 ? now : group.heldSince
        guard now &- group.deadline < options.mostHold else { return false }
        var isMissing = false
        var link = group.pulls
        while let pull = link, !isMissing {
            link = pull.pointee.next
            guard pull.pointee.isPrimed else { continue }
            pull.pointee.source._withUnsafeGuaranteedRef { source in
                guard source.hasArrivals, source.isTalking, !source.isMuted else { return }
                let factor = BusRate(sampleRate: source.sampleRate).factor
                let needed = pull.pointee.position &+ Int64(group.nextLength8 &* factor)
                // Only what was expected by now is worth waiting for; what is expected later is read later.
                isMissing =
                    source.arrivedEnd < needed && source.safeEnd(at: group.deadline) >= needed
                    && !source.canRepair(upTo: needed)
            }
        }
        guard isMissing else { return false }
        if group.heldSince == 0 { counters.holds &+= 1 }
        group.heldSince = begun
        // Beyond what this step looks at, or it would go on asking within one moment.
        deadlines.schedule(group, at: now &+ max(Self.holdStep, early(instant) &+ 1))
        return true
    }

    private static let holdStep: Int64 = 500_000
}
