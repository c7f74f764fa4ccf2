// SPDX-License-Identifier: Apache-2.0

import RTP
import Testing

struct ReorderStoreTests {
    private let payload: [UInt8] = [1, 2, 3]

    @Test func `packets come out in the order of their positions`() {
        let pool = PacketPool(capacity: 32)
        var store = ReorderStore(pool: pool)
        for position in [320, 0, 480, 160] as [Int64] {
            let isKept = store.insert(
                position: position, length: 160, payloadType: 0, followsSilence: false, payload: payload, count: 3)
            #expect(isKept)
        }
        let isKeptTwice = store.insert(
            position: 160, length: 160, payloadType: 0, followsSilence: false, payload: payload, count: 3)
        #expect(!isKeptTwice)
        let end = store.end
        #expect(end == 640)
        var positions: [Int64] = []
        while let first = store.first {
            positions.append(first.position)
            let last = store.payload(first)[2]
            #expect(last == 3)
            store.removeFirst()
        }
        #expect(positions == [0, 160, 320, 480])
        #expect(pool.available == 32)
    }

    @Test func `a full store and an empty pool refuse, and all buffers come back`() {
        let pool = PacketPool(capacity: 20)
        do {
            var first = ReorderStore(pool: pool)
            var second = ReorderStore(pool: pool)
            var kept = 0
            for index in 0..<20 as Range<Int64> {
                if first.insert(
                    position: index, length: 1, payloadType: 0, followsSilence: false, payload: payload, count: 3)
                {
                    kept += 1
                }
            }
            #expect(kept == ReorderStore.capacity)
            for index in 0..<20 as Range<Int64> {
                if second.insert(
                    position: index, length: 1, payloadType: 0, followsSilence: false, payload: payload, count: 3)
                {
                    kept += 1
                }
            }
            #expect(kept == 20)
            #expect(pool.available == 0)
            second.removeAll()
            #expect(pool.available == 4)
        }
        #expect(pool.available == 20)
    }
}
