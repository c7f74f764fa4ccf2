// SPDX-License-Identifier: Apache-2.0

public import Synchronization

/// A bounded queue of plain values between exactly one writing and one reading thread; neither ever waits or allocates.
///
/// `push` belongs to the writer, `pop` to the reader. A full queue refuses (the caller counts and chooses what is lost).
/// Public and inlinable because generics that the mix thread uses must be specialised in its own module: without that the
/// first use allocates metadata.
@frozen
public struct SPSCQueue<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
    @usableFromInline let slots: UnsafeMutablePointer<Element>
    @usableFromInline let mask: Int
    /// Next slot to read; written by the reader only.
    @usableFromInline let head = Atomic<Int>(0)
    /// Next slot to write; written by the writer only.
    @usableFromInline let tail = Atomic<Int>(0)

    /// Room for at least `capacity` values (rounded up to a power of two).
    @inlinable
    public init(capacity: Int) {
        var size = 2
        while size < capacity { size &*= 2 }
        slots = .allocate(capacity: size)
        mask = size &- 1
    }

    @inlinable
    deinit { slots.deallocate() }

    /// False when the queue is full.
    @inlinable
    public func push(_ element: Element) -> Bool {
        let position = tail.load(ordering: .relaxed)
        guard position &- head.load(ordering: .acquiring) <= mask else { return false }
        (slots + (position & mask)).initialize(to: element)
        tail.store(position &+ 1, ordering: .releasing)
        return true
    }

    /// Nil when the queue is empty.
    @inlinable
    public func pop() -> Element? {
        let position = head.load(ordering: .relaxed)
        guard position != tail.load(ordering: .acquiring) else { return nil }
        let element = slots[position & mask]
        head.store(position &+ 1, ordering: .releasing)
        return element
    }

    /// Free places as the writer sees them; more may become free at any moment.
    @inlinable
    public var room: Int { mask &+ 1 &- (tail.load(ordering: .relaxed) &- head.load(ordering: .acquiring)) }

    @inlinable
    public var isEmpty: Bool { head.load(ordering: .acquiring) == tail.load(ordering: .acquiring) }
}
