// SPDX-License-Identifier: Apache-2.0

import RTP
import Testing

struct RTCPTests {
    private let block = ReportBlock(
        ssrc: 7, fractionLost: 12, cumulativeLost: -3, highestSequence: 0x0001_FFFF, jitter: 55, lastSR: 0xAABB_CCDD,
        delaySinceSR: 65_536)

    private func written(_ write: (inout RTCPWriter) -> Void) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: RTCPWriter.longest) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            var writer = RTCPWriter(base, capacity: RTCPWriter.longest)
            write(&writer)
            count = writer.count
        }
    }

    @Test func `a compound report with name and goodbye reads back`() {
        let bytes = written { writer in
            writer.senderReport(
                ssrc: 1, time: 0x0102_0304_0506_0708, timestamp: 9, packets: 10, bytes: 11, block: block)
            "partyline".utf8.withContiguousStorageIfAvailable { writer.canonicalName(ssrc: 1, $0) }
            writer.goodbye(ssrc: 1)
        }
        #expect(bytes.count == 28 + 24 + 20 + 8)
        var reader = RTCPReader(bytes, count: bytes.count)
        guard case .senderReport(1, 0x0102_0304_0506_0708, 9, 10, 11)? = reader.next() else {
            Issue.record("no sender report")
            return
        }
        guard case .block(let read)? = reader.next() else {
            Issue.record("no block")
            return
        }
        #expect(read == block)
        guard case .goodbye(1)? = reader.next() else {
            Issue.record("no goodbye")
            return
        }
        #expect(reader.next() == nil)
        #expect(!reader.isMalformed)
    }

    @Test func `a reduced-size packet is read`() {
        let bytes = written { $0.goodbye(ssrc: 5) }
        var reader = RTCPReader(bytes, count: bytes.count)
        guard case .goodbye(5)? = reader.next() else {
            Issue.record("no goodbye")
            return
        }
    }

    @Test func `every cut and every changed byte of a report is harmless`() {
        let bytes = written { writer in
            writer.receiverReport(ssrc: 1, block: block)
            "x".utf8.withContiguousStorageIfAvailable { writer.canonicalName(ssrc: 1, $0) }
        }
        for count in 0...bytes.count {
            var reader = RTCPReader(bytes, count: count)
            while reader.next() != nil {}
        }
        for place in bytes.indices {
            for value in 0...255 as ClosedRange<UInt8> {
                var copy = bytes
                copy[place] = value
                var reader = RTCPReader(copy, count: copy.count)
                var items = 0
                while reader.next() != nil { items += 1 }
                #expect(items <= copy.count)
            }
        }
    }

    @Test func `loss and duplicates are counted over the wrap`() {
        var statistics = ReceptionStatistics(ssrc: 7)
        for number in [65_533, 65_534, 65_535, 1, 2, 2, 0, 4] as [UInt16] { _ = statistics.take(number) }
        #expect(statistics.received == 7)
        #expect(statistics.duplicates == 1)
        #expect(statistics.expected == 8)
        #expect(statistics.lost == 1)
        let report = statistics.report(lastSR: 0, delaySinceSR: 0)
        #expect(report.cumulativeLost == 1)
        #expect(report.fractionLost == 32)
        #expect(statistics.report(lastSR: 0, delaySinceSR: 0).fractionLost == 0)
    }

    @Test func `a sender that counts anew is followed with its second packet`() {
        var statistics = ReceptionStatistics(ssrc: 7)
        for number in 0..<100 as Range<UInt16> { _ = statistics.take(number) }
        #expect(statistics.take(40_000) == .duplicate)
        #expect(statistics.take(40_001) == .restarted)
        #expect(statistics.take(40_002) == .next)
        #expect(statistics.lost == 0)
    }

    @Test func `jitter follows the formula of RFC 3550`() {
        var statistics = ReceptionStatistics(ssrc: 7)
        var expected = 0
        var last: Int64?
        var random = SystemSeed(3)
        for index in 0..<1000 as Range<Int64> {
            let arrival = index * 160 + Int64(random.next() % 40)
            statistics.takeTransit(arrival: arrival, timestamp: index * 160)
            let transit = arrival - index * 160
            if let last { expected += Int(abs(transit - last)) - ((expected + 8) >> 4) }
            last = transit
        }
        #expect(statistics.jitter == Int64(expected >> 4))
        #expect((8...20).contains(statistics.jitter))
    }
}
