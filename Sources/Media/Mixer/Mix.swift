// SPDX-License-Identifier: Apache-2.0
package import Telephony

/// Some sources that are heard together, and the ports that listen. Mix thread only, once it was handed over.
package final class Mix {
    package let id: MixID
    /// Sources, newest first.
    var sources: UnsafeMutablePointer<MembershipNode>?
    var sourceCount = 0
    /// Ports that listen, in no order.
    var firstListener: Unmanaged<MixPort>?
    var listenerCount = 0
    /// More listeners than `MixOptions.personalLimit`: they share groups.
    var isLarge = false
    /// Shared groups by frame length, several for a length that a crowd listens to; a slot without members is free for
    /// another length.
    let shared: UnsafeMutablePointer<MixGroup>
    static let sharedCapacity = 12

    package init(id: MixID) {
        self.id = id
        shared = .allocate(capacity: Self.sharedCapacity)
        for index in 0..<Self.sharedCapacity {
            (shared + index).initialize(to: MixGroup(frame8: 160, isPersonal: false))
        }
    }

    deinit {
        shared.deinitialize(count: Self.sharedCapacity)
        shared.deallocate()
    }

    func insertListener(_ port: MixPort) {
        port.nextListener = firstListener
        firstListener = .passUnretained(port)
        listenerCount &+= 1
        port.mix = self
    }

    func removeListener(_ port: MixPort) {
        var link = firstListener
        var before: MixPort?
        while let listener = link?.takeUnretainedValue() {
            if listener === port {
                if let before { before.nextListener = port.nextListener } else { firstListener = port.nextListener }
                listenerCount &-= 1
                break
            }
            before = listener
            link = listener.nextListener
        }
        port.nextListener = nil
        port.mix = nil
    }

    /// The shared group for one more listener with this frame length, a free one when there is none yet; nil: all taken by
    /// other lengths. The smallest of those of the length is taken; when even that has `split` members, up to `parts` of
    /// them are begun.
    func sharedGroup(frame8: Int, isCards: Bool, split: Int, parts: Int) -> MixGroup? {
        var free: MixGroup?
        var smallest: MixGroup?
        // A bit for each part that is there.
        var taken = 0
        for index in 0..<Self.sharedCapacity {
            let group = shared[index]
            if group.memberCount == 0 {
                if free == nil { free = group }
            } else if group.frame8 == frame8 && group.isCards == isCards {
                taken |= 1 &<< group.part
                if group.memberCount < smallest?.memberCount ?? .max { smallest = group }
            }
        }
        let part = (~taken).trailingZeroBitCount
        if let smallest, isCards || free == nil || part >= parts || smallest.memberCount < split { return smallest }
        if let free {
            free.part = part
            free.frame8 = frame8
            free.nextLength8 = frame8
            free.isCards = isCards
        }
        return free
    }
}

/// A source in a mix: a node in two lists, from a pool.
struct MembershipNode {
    var source: Unmanaged<MixSource>
    var mix: Unmanaged<Mix>
    var nextOfMix: UnsafeMutablePointer<MembershipNode>?
    var nextOfSource: UnsafeMutablePointer<MembershipNode>?
}
