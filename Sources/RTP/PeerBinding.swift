// SPDX-License-Identifier: Apache-2.0

/// Decides when a call's socket is tied to its peer alone (connect(2) of a UDP socket), and when it is open to all again.
///
///     open --one and the same latched source for a second, packets flowing--> bound
///     bound --300 ms without a packet, or the latch has moved---------------> open
///
/// A bound socket saves the kernel the search for the way of each packet, and strangers' packets never reach us. It must
/// be open before `SourceLatch` would believe another address (500 ms). A peer that pauses again and again, or whose
/// packets do not come through when bound, keeps an open socket from then on. The mix thread owns it; times in ns.
package struct PeerBinding: Sendable, BitwiseCopyable {
    package enum Step: Sendable, BitwiseCopyable, Equatable {
        case none
        case bind(TransportAddress)
        case open
    }

    package static let settled: Int64 = 1_000_000_000
    package static let silence: Int64 = 300_000_000
    private static let mostOpenings = 4

    package private(set) var isBound = false
    private var peer = TransportAddress.none
    private var since: Int64 = 0
    private var openings = 0
    /// What comes until so long after the socket was bound may have waited in it before.
    private static let queued: Int64 = 40_000_000

    package init() {}

    /// To be asked some times a second, and whenever the latch was told something.
    package mutating func review(_ latch: SourceLatch, lastHeard: Int64, now: Int64) -> Step {
        let source = latch.isCertain ? latch.latched ?? .none : .none
        if source != peer {
            peer = source
            since = now
            return release()
        }
        let isFlowing = now &- lastHeard < Self.silence
        if isBound {
            guard !isFlowing else { return .none }
            // Nothing came through at all: the peer sends to another of our addresses than the kernel chose.
            openings = lastHeard <= since &+ Self.queued ? Self.mostOpenings : openings &+ 1
            since = now
            return release()
        }
        guard isFlowing, !source.isUnusable, now &- since >= Self.settled, openings < Self.mostOpenings else {
            if !isFlowing { since = now }
            return .none
        }
        isBound = true
        since = now
        return .bind(source)
    }

    /// The kernel refused.
    package mutating func fail() {
        isBound = false
        openings = Self.mostOpenings
    }

    private mutating func release() -> Step {
        defer { isBound = false }
        return isBound ? .open : .none
    }
}
