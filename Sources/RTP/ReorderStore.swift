// SPDX-License-Identifier: Apache-2.0

/// Packets that came before something that is still missing, in the order of their positions.
///
/// At most sixteen (a third of a second of 20 ms packets); the rest is the sender's bad luck. Lives on the mix thread.
package struct ReorderStore: ~Copyable {
    package struct Entry: BitwiseCopyable {
        /// Of the first sample, on the track's time line.
        package var position: Int64 = 0
        /// In samples of the track.
        package var length: Int32 = 0
        package var count: Int32 = 0
        package var buffer: Int32 = -1
        package var payloadType: UInt8 = 0
        /// The packet before it was there: the gap is silence of the sender's, not loss.
        package var followsSilence = false
    }

    package static let capacity = 16
    private var entries: InlineArray<16, Entry> = .init(repeating: Entry())
    package private(set) var count = 0
    private let pool: PacketPool

    package init(pool: PacketPool) {
        self.pool = pool
    }

    deinit {
        for index in 0..<count { pool.give(entries[index].buffer) }
    }

    package var first: Entry? { count > 0 ? entries[0] : nil }
    /// One past the newest sample that is kept.
    package var end: Int64? { count > 0 ? entries[count &- 1].position &+ Int64(entries[count &- 1].length) : nil }

    package func payload(_ entry: Entry) -> UnsafePointer<UInt8> { UnsafePointer(pool.bytes(entry.buffer)) }

    /// Keeps a copy. False: it is there already, or there is no room.
    package mutating func insert(
        position: Int64, length: Int, payloadType: UInt8, followsSilence: Bool, payload: UnsafePointer<UInt8>,
        count byteCount: Int
    ) -> Bool {
        guard count < Self.capacity, byteCount <= PacketPool.bufferLength else { return false }
        var index = count
        while index > 0, entries[index &- 1].position >= position {
            if entries[index &- 1].position == position { return false }
            index &-= 1
        }
        guard let buffer = pool.take() else { return false }
        pool.bytes(buffer).update(from: payload, count: byteCount)
        var moved = count
        while moved > index {
            entries[moved] = entries[moved &- 1]
            moved &-= 1
        }
        entries[index] = Entry(
            position: position, length: Int32(truncatingIfNeeded: length),
            count: Int32(truncatingIfNeeded: byteCount), buffer: buffer, payloadType: payloadType,
            followsSilence: followsSilence)
        count &+= 1
        return true
    }

    package mutating func removeFirst() {
        guard count > 0 else { return }
        pool.give(entries[0].buffer)
        for index in 1..<max(1, count) { entries[index &- 1] = entries[index] }
        count &-= 1
    }

    package mutating func removeAll() {
        while count > 0 {
            count &-= 1
            pool.give(entries[count].buffer)
        }
    }

    /// The sender's time line was laid anew.
    package mutating func shift(by samples: Int64) {
        for index in 0..<count { entries[index].position &+= samples }
    }
}
