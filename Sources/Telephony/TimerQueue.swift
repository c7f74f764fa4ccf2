// SPDX-License-Identifier: Apache-2.0

/// Deadlines and what happens then, earliest first; pure, in milliseconds of whatever clock the owner uses.
package struct TimerQueue<Event: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var deadline: Int64
        var order: UInt64
        var event: Event
    }

    private var heap: [Entry] = []
    private var live: [Event: UInt64] = [:]
    private var orders: UInt64 = 0

    package init() {}

    /// A second deadline for the same event replaces the first.
    package mutating func schedule(_ event: Event, at deadline: Int64) {
        orders &+= 1
        live[event] = orders
        heap.append(Entry(deadline: deadline, order: orders, event: event))
        siftUp(heap.count - 1)
        if heap.count > 2 * live.count + 64 { dropAllCancelled() }
    }

    package mutating func cancel(_ event: Event) { live[event] = nil }

    /// Entries that are kept, cancelled ones among them.
    var count: Int { heap.count }

    /// What was cancelled long before its time would otherwise wait for it.
    private mutating func dropAllCancelled() {
        let all = heap
        heap = []
        for entry in all where live[entry.event] == entry.order {
            heap.append(entry)
            siftUp(heap.count - 1)
        }
    }

    package var nextDeadline: Int64? {
        mutating get {
            dropCancelled()
            return heap.first?.deadline
        }
    }

    /// The next event that is due, or nil.
    package mutating func pop(now: Int64) -> Event? {
        dropCancelled()
        guard let first = heap.first, first.deadline <= now else { return nil }
        removeFirst()
        live[first.event] = nil
        return first.event
    }

    private mutating func dropCancelled() {
        while let first = heap.first, live[first.event] != first.order { removeFirst() }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && isEarlier(child, least) {
                least = child
            }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private mutating func siftUp(_ index: Int) {
        var child = index
        while child > 0, isEarlier(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private func isEarlier(_ a: Int, _ b: Int) -> Bool {
        (heap[a].deadline, heap[a].order) < (heap[b].deadline, heap[b].order)
    }
}
