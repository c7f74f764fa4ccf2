// SPDX-License-Identifier: Apache-2.0

package import Signals

/// How the mixer is set up. The values stand for Settings, which documents them.
package struct MixOptions: Sendable {
    package var ports = 2048
    package var mixes = 1024
    package var players = 1024
    /// The tick of local cards in 0.125 ms: 40 (5 ms) or 20 (2.5 ms).
    package var cardTick8 = 40
    /// What is queued in a card beyond the period, in nanoseconds: 1 to 5 ms.
    package var cardFill: Int64 = 2_000_000
    /// Deadlines follow the talkers; otherwise every group keeps the phase in which it began.
    package var isSteered = true
    /// Mixes with more listeners than this share groups.
    package var personalLimit = 8
    /// Deadlines of many groups are served on common instants so far apart, in nanoseconds: a wake-up costs as much as
    /// three frames, and the delay grows by half of this. With few groups it is half of it.
    package var together: Int64 = 1_000_000
    /// So many groups are few.
    package var fewGroups = 24
    /// How long a frame is held for a missing packet, in nanoseconds.
    package var mostHold: Int64 = 5_000_000
    /// Without a packet for so long a port's far end counts as gone, in nanoseconds.
    package var mediaTimeout: Int64 = 60_000_000_000
    /// How Opus is sent, but for what a far end wishes.
    package var opus = OpusOptions()

    package init() {}
}
