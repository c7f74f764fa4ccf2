// SPDX-License-Identifier: Apache-2.0

/// What the mix thread counts for everybody to read.
package struct MixCounters: BitwiseCopyable, Sendable {
    /// Wake-ups of the thread.
    package var steps: UInt64 = 0
    /// Frames made for groups.
    package var frames: UInt64 = 0
    /// Encodings; those that several listeners shared count once.
    package var encodings: UInt64 = 0
    /// Packets (and card frames) sent.
    package var framesSent: UInt64 = 0
    /// Deadlines that were missed by more than a frame and skipped.
    package var framesSkipped: UInt64 = 0
    /// Deadlines that were moved by steering.
    package var moves: UInt64 = 0
    /// Frames that were held for a missing packet.
    package var holds: UInt64 = 0
    /// Sources that were left out of a frame because memory for the turn was used up.
    package var sourcesLeftOut: UInt64 = 0
    /// Events lost because the queue was full.
    package var eventsLost: UInt64 = 0
    /// Commands that named something that is gone or were refused.
    package var commandsIgnored: UInt64 = 0
    /// The latest start of a step behind its deadline since the start, in nanoseconds.
    package var latestWake: Int64 = 0
    /// CPU time of the thread in nanoseconds.
    package var cpuNS: Int64 = 0

    package init() {}
}
