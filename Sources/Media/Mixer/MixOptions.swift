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
    /// Deadlines are served on common instants so far apart, in nanoseconds, by the number of groups: up to `fewGroups`,
    /// up to `manyGroups`, more. A wake-up, here and at those who are sent to, costs as much as some frames, and what is
    /// done in one go finds caches warm; few groups cost nothing anyway. All of them divide the usual frames, so that each
    /// listener's frames leave as regularly as they are due.
    package var instants: (few: Int64, some: Int64, many: Int64) = (500_000, 1_250_000, 2_000_000)
    package var fewGroups = 24
    package var manyGroups = 80
    /// Groups of so many listeners are crowds: served on finer instants, their packets taken in twice before (nanoseconds).
    package var crowd = 24
    package var crowdInstant: Int64 = 100_000
    package var crowdLeads: (first: Int64, second: Int64) = (5_000_000, 1_500_000)
    /// A crowd is served in parts of at least so many listeners, no more than `parts` of them, each so much later than the
    /// one before (nanoseconds): about as long as it takes to send to that one, which would otherwise make it wait with
    /// what was read before.
    package var split = 50
    package var parts = 8
    package var partLag: Int64 = 350_000
    /// A frame whose sound is all there is served at the instant before its deadline when that is no more than this part
    /// (of 256) of the distance between instants early.
    package var earliness: Int64 = 100
    /// How long a frame is held for a missing packet, in nanoseconds.
    package var mostHold: Int64 = 5_000_000
    /// Without a packet for so long a port's far end counts as gone, in nanoseconds.
    package var mediaTimeout: Int64 = 60_000_000_000
    /// How Opus is sent, but for what a far end wishes.
    package var opus = OpusOptions()

    package init() {}
}
