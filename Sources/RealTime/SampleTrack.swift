// SPDX-License-Identifier: Apache-2.0

/// What one source has said: a ring of its newest samples on its own time line, with a loudness mark for every 5 ms.
///
/// Position 0 is where the source began; positions are absolute and never wrap (Int64 samples at `sampleRate`). The one
/// writer may write ahead (the gap becomes silence) or again into the past (a late packet); readers pull any span at any
/// time: what was never written, or is older than the ring, reads as silence. All of it lives on the mix thread.
///
///     ... | 5 ms | 5 ms | 5 ms | 5 ms |
///                 ^ begin             ^ end
package final class SampleTrack {
    /// Samples per second: 8000, 16000 or 48000.
    package let sampleRate: Int
    /// Samples that the ring holds, a power of two, at least the asked length.
    package let capacity: Int
    /// Samples in a block of 5 ms.
    package let blockLength: Int
    /// One past the newest sample.
    package private(set) var end: Int64 = 0
    /// The oldest position that was ever written, or is still there.
    package var begin: Int64 { max(start, blockEnd(end) &- Int64(capacity)) }
    /// Decides what of it is worth hearing.
    package let activity: ActivityGate

    private let samples: UnsafeMutablePointer<Int16>
    private let marks: UnsafeMutablePointer<BlockMark>
    private let mask: Int
    private let markMask: Int
    private var start: Int64 = 0
    private var isEmpty = true

    /// A track for at least `milliseconds` of sound.
    package init(sampleRate: Int, milliseconds: Int = 500) {
        self.sampleRate = sampleRate
        blockLength = max(1, sampleRate / 200)
        var size = 64
        while size < sampleRate * milliseconds / 1000 { size *= 2 }
        capacity = size
        mask = size - 1
        var blocks = 2
        while blocks < size / blockLength + 2 { blocks *= 2 }
        markMask = blocks - 1
        samples = .allocate(capacity: size)
        samples.initialize(repeating: 0, count: size)
        marks = .allocate(capacity: blocks)
        marks.initialize(repeating: BlockMark(), count: blocks)
        activity = ActivityGate(blockLength: blockLength)
    }

    deinit {
        samples.deallocate()
        marks.deallocate()
    }

    /// Stores `count` samples at `position`; a gap before them becomes silence, what is older than the ring is dropped.
    package func write(at position: Int64, count: Int, from source: UnsafePointer<Int16>) {
        guard count > 0, position >= 0, position < Int64.max / 2 else { return }
        var position = position
        var count = count
        var source = source
        if count > capacity {
            source += count &- capacity
            position &+= Int64(count &- capacity)
            count = capacity
        }
        if isEmpty {
            isEmpty = false
            start = position
            end = position
            clear(from: position &- position % Int64(blockLength), to: position)
        }
        if position > end {
            clear(from: max(end, position &- Int64(capacity)), to: position)
        }
        let oldest = blockEnd(end) &- Int64(capacity)
        if position < oldest {
            let gone = oldest &- position
            guard gone < Int64(count) else { return }
            source += Int(gone)
            count &-= Int(gone)
            position = oldest
        }
        if position < start { start = position }
        let index = Int(truncatingIfNeeded: position) & mask
        let first = min(count, capacity &- index)
        (samples + index).update(from: source, count: first)
        samples.update(from: source + first, count: count &- first)
        let newEnd = position &+ Int64(count)
        if newEnd > end {
            // The rest of a block that is begun reads as silence until it is written.
            clear(from: newEnd, to: blockEnd(newEnd))
            mark(from: position, to: newEnd, isNew: true)
            end = newEnd
        } else {
            mark(from: position, to: newEnd, isNew: false)
        }
    }

    /// Copies `count` samples from `position` on; what is not there is silence.
    package func copy(from position: Int64, count: Int, into target: UnsafeMutablePointer<Int16>) {
        let first = max(position, begin)
        let last = min(position &+ Int64(count), end)
        guard first < last else {
            target.update(repeating: 0, count: count)
            return
        }
        let before = Int(first &- position)
        let length = Int(last &- first)
        target.update(repeating: 0, count: before)
        let index = Int(truncatingIfNeeded: first) & mask
        let head = min(length, capacity &- index)
        (target + before).update(from: samples + index, count: head)
        (target + before + head).update(from: samples, count: length &- head)
        (target + before + length).update(repeating: 0, count: count &- before &- length)
    }

    /// Whether anything in the span is worth mixing (not silence, not the source's steady noise).
    @_noLocks
    package func isActive(from position: Int64, count: Int) -> Bool {
        guard let blocks = blocks(from: position, count: count) else { return false }
        for block in blocks.first...blocks.last
        where marks[Int(truncatingIfNeeded: block) & markMask].isActive(block) { return true }
        return false
    }

    /// Largest mean square of the 5 ms blocks in the span, 0 for silence.
    @_noLocks
    package func loudness(from position: Int64, count: Int) -> Float {
        guard let blocks = blocks(from: position, count: count) else { return 0 }
        var loudest: Float = 0
        for block in blocks.first...blocks.last {
            loudest = max(loudest, marks[Int(truncatingIfNeeded: block) & markMask].meanSquare(block))
        }
        return loudest
    }

    /// Where a position's sample, and its block's loudness, lie in memory: to be fetched ahead, not to be read.
    @_noLocks
    package func place(of position: Int64) -> UnsafeRawPointer {
        UnsafeRawPointer(samples + Int(truncatingIfNeeded: position) & mask)
    }

    @_noLocks
    package func mark(at position: Int64) -> UnsafeRawPointer {
        UnsafeRawPointer(marks + Int(truncatingIfNeeded: position / Int64(blockLength)) & markMask)
    }

    @_noLocks
    private func blocks(from position: Int64, count: Int) -> (first: Int64, last: Int64)? {
        let first = max(position, begin)
        let last = min(position &+ Int64(count), end)
        guard first < last else { return nil }
        return (first / Int64(blockLength), (last &- 1) / Int64(blockLength))
    }

    /// Where the block ends that holds the last sample before `position`: the ring is taken up to there.
    @_noLocks
    private func blockEnd(_ position: Int64) -> Int64 {
        let length = Int64(blockLength)
        return (position &+ length &- 1) / length &* length
    }

    @_noLocks
    private func clear(from first: Int64, to last: Int64) {
        guard first < last else { return }
        let count = min(Int(last &- first), capacity)
        let index = Int(truncatingIfNeeded: last &- Int64(count)) & mask
        let head = min(count, capacity &- index)
        (samples + index).update(repeating: 0, count: head)
        samples.update(repeating: 0, count: count &- head)
    }

    private func mark(from position: Int64, to newEnd: Int64, isNew: Bool) {
        let length = Int64(blockLength)
        for block in (position / length)...((newEnd &- 1) / length) {
            let index = Int(truncatingIfNeeded: block &* length) & mask
            let head = min(blockLength, capacity &- index)
            var (energy, peak) = MixKernels.loudness(samples + index, count: head)
            if head < blockLength {
                let rest = MixKernels.loudness(samples, count: blockLength &- head)
                energy += rest.energy
                peak = max(peak, rest.peak)
            }
            let meanSquare = energy / Float(blockLength)
            let isComplete = (block &+ 1) &* length <= newEnd
            let isActive = activity.judge(meanSquare: meanSquare, peak: peak, isComplete: isNew && isComplete)
            marks[Int(truncatingIfNeeded: block) & markMask] = BlockMark(
                block: block, meanSquare: meanSquare, active: isActive)
        }
    }
}

/// Loudness of one block of 5 ms.
private struct BlockMark: BitwiseCopyable {
    /// Low bits of the block's number: tells a mark from that of an earlier lap of the ring.
    private var stamp: UInt32 = .max
    private var level: Float = 0
    private var active = false

    init() {}

    init(block: Int64, meanSquare: Float, active: Bool) {
        stamp = UInt32(truncatingIfNeeded: block)
        level = meanSquare
        self.active = active
    }

    @_noLocks
    func isActive(_ block: Int64) -> Bool { active && stamp == UInt32(truncatingIfNeeded: block) }

    @_noLocks
    func meanSquare(_ block: Int64) -> Float { stamp == UInt32(truncatingIfNeeded: block) ? level : 0 }
}
