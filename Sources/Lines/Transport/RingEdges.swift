// SPDX-License-Identifier: Apache-2.0
// EN 300 001 / TBR 21: ringing of 15 to 68 Hz; a valid burst is longer than 100 ms.

/// Makes bursts of the edges of a ring detector, which gives one pulse a period (or two), or one level for the burst. Pure.
struct RingEdges: Sendable {
    private var edges: [Int64] = []
    private var isOn = false
    private(set) var isRinging = false
    /// Edges told of the burst that runs, not a level: it is over without them, whatever the last one's level was.
    private var isAlternating = false
    private var last: Int64 = 0

    private static let mostGapMilliseconds: Int64 = 150
    private static let envelopeMilliseconds: Int64 = 100
    private static let neededEdges = 6
    private static let windowMilliseconds: Int64 = 400
    /// Two edges a period, 15 to 68 Hz, rectified or not.
    private static let halfPeriods: ClosedRange<Int64> = 3...67

    /// When `expire` has something to decide.
    var deadline: Int64? {
        if isRinging { return isOn && !isAlternating ? nil : last &+ Self.mostGapMilliseconds }
        return isOn ? last &+ Self.envelopeMilliseconds : nil
    }

    /// Nil: nothing new.
    mutating func edge(rises: Bool, at time: Int64) -> Bool? {
        isOn = rises
        if let previous = edges.last, !Self.halfPeriods.contains(time &- previous) { edges.removeAll() }
        edges.append(time)
        edges.removeAll { time &- $0 > Self.windowMilliseconds }
        last = time
        guard !isRinging, edges.count >= Self.neededEdges else { return nil }
        isRinging = true
        isAlternating = true
        return true
    }

    mutating func expire(now: Int64) -> Bool? {
        guard let deadline, now >= deadline else { return nil }
        if isRinging {
            isRinging = false
            // A detector that was left at its upper level begins no burst.
            if isAlternating { isOn = false }
            isAlternating = false
            edges.removeAll()
            return false
        }
        isRinging = true
        return true
    }
}
