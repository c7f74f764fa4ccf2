// SPDX-License-Identifier: Apache-2.0

public import Synchronization

/// One plain value that the mix thread publishes and anybody reads, under a sequence lock: the writer never waits, a reader
/// tries again while a write is under way. The words are relaxed atomics, so that a torn read is detected, never undefined.
@frozen
public struct SequenceCell<Value: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
    @usableFromInline let words: UnsafeMutablePointer<Atomic<UInt64>>
    @usableFromInline let count: Int
    @usableFromInline let sequence = Atomic<Int>(0)

    @inlinable
    public init(_ value: Value) {
        count = (MemoryLayout<Value>.size &+ 7) / 8
        words = .allocate(capacity: count)
        for index in 0..<count { (words + index).initialize(to: Atomic(0)) }
        publish(value)
    }

    @inlinable
    deinit {
        words.deinitialize(count: count)
        words.deallocate()
    }

    /// Of the one writer.
    @inlinable
    public func publish(_ value: Value) {
        let turn = sequence.load(ordering: .relaxed)
        sequence.store(turn &+ 1, ordering: .relaxed)
        atomicMemoryFence(ordering: .releasing)
        var value = value
        let size = MemoryLayout<Value>.size
        withUnsafeBytes(of: &value) { bytes in
            for index in 0..<count {
                var word: UInt64 = 0
                let length = min(8, size &- index &* 8)
                withUnsafeMutableBytes(of: &word) {
                    $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[(index &* 8)..<(index &* 8 &+ length)]))
                }
                words[index].store(word, ordering: .relaxed)
            }
        }
        sequence.store(turn &+ 2, ordering: .releasing)
    }

    /// Of any thread; nil when the writer was always in the way (in practice: never twice).
    @inlinable
    public func read(attempts: Int = 100) -> Value? {
        let result = UnsafeMutablePointer<UInt64>.allocate(capacity: count &+ 1)
        defer { result.deallocate() }
        for _ in 0..<attempts {
            let before = sequence.load(ordering: .acquiring)
            guard before & 1 == 0 else { continue }
            for index in 0..<count { result[index] = words[index].load(ordering: .relaxed) }
            atomicMemoryFence(ordering: .acquiring)
            guard sequence.load(ordering: .relaxed) == before else { continue }
            return UnsafeRawPointer(result).loadUnaligned(as: Value.self)
        }
        return nil
    }
}
