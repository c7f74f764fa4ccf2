// SPDX-License-Identifier: Apache-2.0

/// What can be heard in a mix: the far end of a port, or a player. Mix thread only, once it was handed over.
///
/// A source has a time line of samples at its own rate. A group asks how far it may read by a deadline, and pulls.
package class MixSource {
    /// Samples per second of its time line: 8000, 16000 or 48000.
    package final internal(set) var sampleRate: Int
    /// Gain of what it says, in 1/4096.
    final var talkGain: Int32 = 4096
    /// Nobody hears it.
    final var isMuted = false
    /// Sources and listeners with the same number (not 0) are in one acoustic room.
    final var neighbourhood: UInt32 = 0
    /// From the arrival of what it says to the deadline of the frame it leaves in, in nanoseconds: mean of about the last
    /// second, 0 while nobody reads it.
    private(set) final var standingDelay: Int64 = 0
    /// The mixes it is heard in.
    final var memberships: UnsafeMutablePointer<MembershipNode>?

    init(sampleRate: Int) {
        self.sampleRate = sampleRate
    }

    /// Takes one frame into account: what is read last of it has arrived at `arrival`.
    final func noteDelay(deadline: Int64, arrival: Int64) {
        let delay = max(0, min(1_000_000_000, deadline &- arrival))
        standingDelay = standingDelay == 0 ? delay : standingDelay &+ (delay &- standingDelay) / 8
    }

    /// Without a dynamic cast.
    var asPort: MixPort? { nil }
    /// Up to which position sound has arrived, or will have, at that time.
    func safeEnd(at timeNS: Int64) -> Int64 { 0 }
    /// One past the newest sample that is there.
    var arrivedEnd: Int64 { 0 }
    /// When the sound from `position` on is expected at the latest.
    func expectedTime(of position: Int64) -> Int64 { 0 }
    /// When the sample before `position` came in, ns; nil: no time is known.
    func arrivalTime(of position: Int64) -> Int64? { nil }
    /// Nothing worth hearing goes on: what is missing of it need not be made up in time.
    var isQuiet: Bool { false }
    /// What is missing before `position` can be made up from what came behind it: not worth waiting for.
    func canRepair(upTo position: Int64) -> Bool { false }
    /// Samples that come in at once (a packet); 0: they trickle.
    var grain: Int { 0 }
    /// Whether what it says now is speech or the like, hangover included: it counts when phases are chosen.
    var isTalking: Bool { false }
    /// Whether it can be steered behind (its sound comes in packets).
    var hasArrivals: Bool { false }
    /// Makes everything before `position` ready: decodes, and conceals what has not come.
    func prepare(upTo position: Int64, now: Int64) {}
    func isActive(from position: Int64, count: Int) -> Bool { false }
    func copy(from position: Int64, count: Int, into target: UnsafeMutablePointer<Int16>) {}
    /// The samples of this span are needed soon.
    func fetch(from position: Int64, count: Int) {}
}
