// SPDX-License-Identifier: Apache-2.0

/// Buffers for packets that came too early, shared by all ports of a mix thread, so that a port itself stays small.
///
/// Made on the control side, used on the mix thread only. An empty pool is no error: the packet counts as lost.
package final class PacketPool {
    package static let bufferLength = 1500
    private let memory: UnsafeMutablePointer<UInt8>
    private let free: UnsafeMutablePointer<Int32>
    private var freeCount: Int
    package let capacity: Int

    package init(capacity: Int) {
        self.capacity = max(1, capacity)
        memory = .allocate(capacity: self.capacity * Self.bufferLength)
        free = .allocate(capacity: self.capacity)
        for index in 0..<self.capacity { free[index] = Int32(index) }
        freeCount = self.capacity
    }

    deinit {
        memory.deallocate()
        free.deallocate()
    }

    /// How many are left.
    package var available: Int { freeCount }

    package func take() -> Int32? {
        guard freeCount > 0 else { return nil }
        freeCount &-= 1
        return free[freeCount]
    }

    package func give(_ buffer: Int32) {
        guard buffer >= 0, Int(buffer) < capacity, freeCount < capacity else { return }
        free[freeCount] = buffer
        freeCount &+= 1
    }

    package func bytes(_ buffer: Int32) -> UnsafeMutablePointer<UInt8> {
        memory + Int(buffer) * Self.bufferLength
    }
}
