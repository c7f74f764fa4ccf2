// SPDX-License-Identifier: Apache-2.0
// RFC 3550 appendix A.1: numbers that wrap around, as numbers that do not.

/// Sequence numbers as counts that never wrap. The nearest count to the highest one so far is taken.
package struct SequenceUnwrapper: Sendable, BitwiseCopyable {
    /// The highest so far; starts one lap up, so that a reordered first packet is not negative.
    package private(set) var highest: Int64 = -1

    package init() {}

    /// The count of this number, without remembering it.
    package func peek(_ number: UInt16) -> Int64 {
        guard highest >= 0 else { return 65_536 &+ Int64(number) }
        let delta = Int16(bitPattern: number &- UInt16(truncatingIfNeeded: highest))
        return highest &+ Int64(delta)
    }

    package mutating func take(_ number: UInt16) -> Int64 {
        let count = peek(number)
        highest = max(highest, count)
        return count
    }
}

/// Time stamps as clock counts that never wrap.
package struct TimestampUnwrapper: Sendable, BitwiseCopyable {
    private var last: Int64 = -1

    package init() {}

    /// The count of this time stamp: the nearest to the newest taken so far.
    package func peek(_ stamp: UInt32) -> Int64 {
        guard last >= 0 else { return 1 << 32 &+ Int64(stamp) }
        return last &+ Int64(Int32(bitPattern: stamp &- UInt32(truncatingIfNeeded: last)))
    }

    package mutating func take(_ stamp: UInt32) -> Int64 {
        let count = peek(stamp)
        last = max(last, count)
        return count
    }
}
