// SPDX-License-Identifier: Apache-2.0
import RealTime

// Which group a listener is in, and which sources a group pulls.
//
//     mix of up to 8 listeners:   each network listener its own group (steered behind whom it hears)
//     larger:                     one group for each frame length; back to own groups at 6
//     crowds:                     up to eight for each frame length: each reads what came while those before it were sent to

extension MixLoop {
    /// Puts a port that is in no group into the one where it belongs.
    func place(_ port: MixPort, now: Int64) {
        guard port.group == nil, port.isListening else { return }
        var group = port.personal
        // Who has neighbours in its acoustic room hears a mix of its own; rigid frames would keep a group from moving.
        if let mix = port.mix, mix.isLarge, port.neighbourhood == 0, !port.hasRigidFrames,
            let shared = mix.sharedGroup(
                frame8: port.frame8, isCards: port.card != nil, split: options.split, parts: options.parts)
        {
            group = shared
        }
        if group.memberCount == 0 { activate(group, for: port, now: now) }
        group.insert(port)
        port.join(deadline: group.deadline, length8: group.nextLength8)
    }

    func leaveGroup(_ port: MixPort) {
        guard let group = port.group else { return }
        group.remove(port)
        if group.memberCount == 0 { deactivate(group) }
    }

    /// Own groups or shared ones, as the number of listeners wants it.
    func reshape(_ mix: Mix, now: Int64) {
        let isLarge =
            mix.listenerCount > options.personalLimit
            || (mix.isLarge && mix.listenerCount > options.personalLimit - 2)
        if isLarge != mix.isLarge {
            mix.isLarge = isLarge
            var link = mix.firstListener
            while let listener = link?.takeUnretainedValue() {
                link = listener.nextListener
                leaveGroup(listener)
            }
        }
        var link = mix.firstListener
        while let listener = link?.takeUnretainedValue() {
            link = listener.nextListener
            place(listener, now: now)
        }
    }

    private func activate(_ group: MixGroup, for port: MixPort, now: Int64) {
        group.mix = port.mix
        group.frame8 = port.frame8
        group.nextLength8 = port.frame8
        group.isCards = port.card != nil
        group.heldSince = 0
        group.restart(lag: Int64(group.part) &* options.partLag)
        var node = port.mix?.sources
        while let membership = node {
            addPull(membership.pointee.source.takeUnretainedValue(), to: group)
            node = membership.pointee.nextOfMix
        }
        if group.isCards {
            group.deadline = nextCardTick
        } else {
            // Whoever changes the group keeps its phase where it can.
            let kept = port.nextDeadline
            group.deadline =
                kept > now && kept <= now &+ nanoseconds(port.frame8) ? kept : now &+ nanoseconds(port.frame8)
            deadlines.schedule(group)
        }
    }

    private func deactivate(_ group: MixGroup) {
        deadlines.remove(group)
        while let pull = group.pulls {
            group.pulls = pull.pointee.next
            pulls.give(pull)
        }
        group.heard = nil
        group.hotPullCount = 0
        group.mix = nil
    }

    func addPull(_ source: MixSource, to group: MixGroup) {
        guard group.pull(of: source) == nil else { return }
        guard
            let pull = pulls.take(
                Pull(source: .passUnretained(source), next: group.pulls, lines: source.asPort?.sourceLines))
        else {
            counters.sourcesLeftOut &+= 1
            return
        }
        group.pulls = pull
        group.findHotPulls()
        if let port = source.asPort, port.group === group { port.ownPull = pull }
    }

    func removePull(_ source: MixSource, from group: MixGroup) {
        guard let pull = group.unlinkPull(of: source) else { return }
        group.findHotPulls()
        group.heard = nil
        if let port = source.asPort, port.ownPull == pull { port.ownPull = nil }
        pulls.give(pull)
    }

    /// The source's time line is a new one: every group finds its place in it again.
    func restartPulls(of source: MixSource) {
        var node = source.memberships
        while let membership = node {
            node = membership.pointee.nextOfSource
            membership.pointee.mix._withUnsafeGuaranteedRef { mix in
                mix.forEachGroup { $0.pull(of: source)?.pointee.isPrimed = false }
            }
        }
    }
}

extension Mix {
    /// Every group that has members, once. The closure does not escape, and changes no membership of groups.
    @inline(__always)
    func forEachGroup(_ body: (MixGroup) -> Void) {
        for index in 0..<Self.sharedCapacity where shared[index].memberCount > 0 { body(shared[index]) }
        var link = firstListener
        while let listener = link?.takeUnretainedValue() {
            link = listener.nextListener
            if let group = listener.group, group.isPersonal { body(group) }
        }
    }

    func hasSource(_ source: MixSource) -> Bool {
        var node = source.memberships
        while let membership = node {
            if membership.pointee.mix.toOpaque() == Unmanaged.passUnretained(self).toOpaque() { return true }
            node = membership.pointee.nextOfSource
        }
        return false
    }

    /// Takes the node out of this mix's list.
    func unlink(_ source: MixSource) -> UnsafeMutablePointer<MembershipNode>? {
        let wanted = Unmanaged.passUnretained(source).toOpaque()
        var before: UnsafeMutablePointer<MembershipNode>?
        var link = sources
        while let node = link {
            if node.pointee.source.toOpaque() == wanted {
                if let before {
                    before.pointee.nextOfMix = node.pointee.nextOfMix
                } else {
                    sources = node.pointee.nextOfMix
                }
                sourceCount &-= 1
                return node
            }
            before = node
            link = node.pointee.nextOfMix
        }
        return nil
    }
}

extension MixSource {
    func unlink(_ node: UnsafeMutablePointer<MembershipNode>) {
        var before: UnsafeMutablePointer<MembershipNode>?
        var link = memberships
        while let this = link {
            if this == node {
                if let before {
                    before.pointee.nextOfSource = this.pointee.nextOfSource
                } else {
                    memberships = this.pointee.nextOfSource
                }
                return
            }
            before = this
            link = this.pointee.nextOfSource
        }
    }
}

extension MixGroup {
    func unlinkPull(of source: MixSource) -> UnsafeMutablePointer<Pull>? {
        let wanted = Unmanaged.passUnretained(source).toOpaque()
        var before: UnsafeMutablePointer<Pull>?
        var link = pulls
        while let pull = link {
            if pull.pointee.source.toOpaque() == wanted {
                if let before { before.pointee.next = pull.pointee.next } else { pulls = pull.pointee.next }
                return pull
            }
            before = pull
            link = pull.pointee.next
        }
        return nil
    }

    /// Nothing of the last mix stays. `lag`: how much further behind the talkers it is (nanoseconds).
    func restart(lag: Int64) {
        heard = nil
        steering = Steering(lag: lag)
        forgetMoves()
        sharedRates = 0
        for rate in 0..<3 { limiters[rate] = Limiter() }
        for codec in 0..<Self.codecCapacity { shared[codec] = SharedFrame() }
    }
}
