// SPDX-License-Identifier: Apache-2.0

/// When the relay that takes a landline is drawn: while the line is wanted, but for a flash or the breaks of dialled pulses. A
/// pure value; milliseconds of the owner's clock.
struct HookRelay: Sendable {
    private(set) var isSeized = false
    private var breakEnds: Int64?

    /// A flash or a pulse goes on: what the loop tells meanwhile is our own doing.
    var isInBreak: Bool { breakEnds != nil }
    var deadline: Int64? { breakEnds }

    /// The line is taken or let go; returns whether the relay is drawn now.
    mutating func seize(_ takes: Bool) -> Bool {
        isSeized = takes
        breakEnds = nil
        return takes
    }

    /// The loop is opened for so long (20 to 1500 ms). True: the relay is let go now; false: the line is not taken.
    mutating func flash(milliseconds: Int, now: Int64) -> Bool {
        guard isSeized else { return false }
        breakEnds = now &+ Int64(max(20, min(1_500, milliseconds)))
        return true
    }

    /// True: the break is over, and the relay is drawn again.
    mutating func expire(now: Int64) -> Bool {
        guard let end = breakEnds, now >= end else { return false }
        breakEnds = nil
        return isSeized
    }
}
