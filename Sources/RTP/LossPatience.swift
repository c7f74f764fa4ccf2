// SPDX-License-Identifier: Apache-2.0

/// Decides when it pays to wait one packet longer than the jitter asks for: while packets get lost, so that a missing one
/// can be made up from its neighbours (or, Opus, from the copy in the next). A plain value of the mix thread.
///
/// Data sheet: switches on when two of a hundred packets are missing, weighed over the last 128 or so, within two seconds at
/// a loss of 5 %; off below six of a thousand, some five seconds after the last loss. Gaps of more than three packets (an
/// outage) can not be made up and do not count; nor do packets that were only overtaken. Costs one packet of delay.
package struct LossPatience: Sendable, BitwiseCopyable {
    private static let memory: Float = 1 / 128
    private static let on: Float = 0.02
    private static let off: Float = 0.006
    private static let most: Float = 0.06
    private static let longestGap: Int64 = 3

    /// What is to be added to the jitter buffer's target, ns: 0, or the length of a packet.
    package private(set) var time: Int64 = 0
    package var isOn: Bool { time > 0 }
    /// Share of packets that lack their predecessor.
    package private(set) var rate: Float = 0

    package init() {}

    /// A packet came in; `missing` before it (only meaningful when it is the newest). `packet`: its length in ns.
    package mutating func take(_ order: ReceptionStatistics.Order, missing: Int64, packet: Int64) {
        switch order {
        case .next: rate -= rate * Self.memory
        case .ahead: rate += ((missing > 0 && missing <= Self.longestGap ? 1 : 0) - rate) * Self.memory
        // It was not lost after all.
        case .behind: rate = max(0, rate - Self.memory)
        case .duplicate, .restarted: return
        }
        // However bad it was: it is forgotten in the same time.
        rate = min(rate, Self.most)
        if rate > Self.on {
            time = min(60_000_000, max(0, packet))
        } else if rate < Self.off {
            time = 0
        }
    }
}
