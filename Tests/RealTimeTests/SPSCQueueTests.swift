// SPDX-License-Identifier: Apache-2.0
import Foundation
import RealTime
import Testing

/// A noncopyable queue where two threads can reach it.
private final class Shared: Sendable {
    let queue = SPSCQueue<Int>(capacity: 64)
}

@Suite struct SPSCQueueTests {
    @Test func `a full queue refuses and keeps what it has`() {
        // The macro wants copies; a noncopyable queue gives its answers beforehand.
        let queue = SPSCQueue<Int>(capacity: 4)
        let taken = (0..<5).map { queue.push($0) }
        #expect(taken == [true, true, true, true, false])
        let room = queue.room
        #expect(room == 0)
        let given = (0..<5).map { _ in queue.pop() }
        #expect(given == [0, 1, 2, 3, nil])
        let isEmpty = queue.isEmpty
        #expect(isEmpty)
    }

    @Test func `between two threads everything arrives once and in order`() {
        let shared = Shared()
        let count = 200_000
        let writer = Thread {
            var value = 0
            while value < count { if shared.queue.push(value) { value += 1 } else { sched_yield() } }
        }
        writer.start()
        var expected = 0
        var isInOrder = true
        let deadline = Date().addingTimeInterval(20)
        while expected < count, Date() < deadline {
            guard let value = shared.queue.pop() else {
                sched_yield()
                continue
            }
            isInOrder = isInOrder && value == expected
            expected += 1
        }
        #expect(isInOrder)
        #expect(expected == count)
    }
}

@Suite struct SequenceCellTests {
    private struct Pair: BitwiseCopyable, Sendable {
        var a: Int64
        var filler: (Int64, Int64, Int64, Int32)
        var b: Int64
    }

    private final class Shared: Sendable {
        let cell = SequenceCell(Pair(a: 0, filler: (0, 0, 0, 0), b: 0))
    }

    @Test func `a reader never sees half of a value`() {
        let shared = Shared()
        let writer = Thread {
            for value in Int64(1)...100_000 {
                shared.cell.publish(Pair(a: value, filler: (value, value, value, Int32(value)), b: value))
            }
        }
        writer.start()
        var last: Int64 = 0
        var isWhole = true
        let deadline = Date().addingTimeInterval(20)
        while last < 100_000, Date() < deadline {
            guard let pair = shared.cell.read() else { continue }
            isWhole = isWhole && pair.a == pair.b && pair.filler.3 == Int32(pair.a) && pair.a >= last
            last = pair.a
        }
        #expect(isWhole)
        #expect(last == 100_000)
    }
}
