// SPDX-License-Identifier: Apache-2.0

import RTP
import Testing

struct RTPHeaderTests {
    @Test func `a written header reads back`() throws {
        var bytes = [UInt8](repeating: 0x55, count: 172)
        let header = RTPHeader(
            payloadType: 101, marker: true, sequence: 0xFFFE, timestamp: 0xFFFF_FF60, ssrc: 0xDEAD_BEEF)
        bytes.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            header.write(to: base)
        }
        let read = try #require(RTPHeader(bytes, count: bytes.count))
        #expect(read.payloadType == 101)
        #expect(read.marker)
        #expect(read.sequence == 0xFFFE)
        #expect(read.timestamp == 0xFFFF_FF60)
        #expect(read.ssrc == 0xDEAD_BEEF)
        #expect(read.payloadOffset == 12)
        #expect(read.payloadCount == 160)
    }

    @Test func `contributing sources, extension and padding are stepped over`() throws {
        var bytes: [UInt8] = [0xB2, 0x00, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]
        bytes += [UInt8](repeating: 9, count: 8)
        bytes += [0xBE, 0xDE, 0x00, 0x01, 1, 2, 3, 4]
        bytes += [10, 11, 12, 13, 14]
        bytes += [0, 0, 3]
        let read = try #require(RTPHeader(bytes, count: bytes.count))
        #expect(read.payloadOffset == 28)
        #expect(read.payloadCount == 5)
    }

    @Test(
        arguments: [
            [0x80, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0],
            [0x40, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3],
            [0x8F, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3],
            [0x90, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3],
            [0x90, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0xFF, 0xFF],
            [0xA0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0],
            [0xA0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 7],
        ] as [[UInt8]])
    func `lengths that contradict each other are refused`(bytes: [UInt8]) {
        #expect(RTPHeader(bytes, count: bytes.count) == nil)
    }

    @Test func `an Opus packet tells how long it plays`() {
        #expect(OpusPacket.samples([0x78], count: 1) == 960)
        #expect(OpusPacket.samples([0xFC, 0], count: 2) == 960)
        #expect(OpusPacket.samples([0xE0], count: 1) == 120)
        #expect(OpusPacket.samples([0x19], count: 1) == 5760)
        #expect(OpusPacket.samples([0x1B, 3], count: 2) == 0)
        #expect(OpusPacket.samples([0x03], count: 1) == 0)
        #expect(OpusPacket.samples([], count: 0) == 0)
    }

    @Test func `sequence numbers and time stamps go on over their wrap`() {
        var sequence = SequenceUnwrapper()
        let first = sequence.take(65_534)
        #expect(sequence.take(1) - first == 3)
        #expect(sequence.take(65_535) - first == 1)
        #expect(sequence.highest - first == 3)
        var stamps = TimestampUnwrapper()
        let begin = stamps.take(0xFFFF_FF60)
        #expect(stamps.take(0) - begin == 160)
        #expect(stamps.take(0xFFFF_FFFF) - begin == 159)
    }

    @Test func `IPv4 and its mapped IPv6 spelling are one address`() {
        let plain = TransportAddress(ipv4: 0x7F00_0001, port: 5004)
        #expect(plain.isIPv4)
        #expect(plain == TransportAddress(high: 0, low: 0xFFFF_7F00_0001, port: 5004))
        #expect(TransportAddress(ipv4: 0, port: 5).isUnusable)
        #expect(TransportAddress.none.isUnusable)
        #expect(!plain.isUnusable)
    }

    @Test func `nanoseconds and samples agree over years`() {
        for rate in [8000, 16_000, 48_000] {
            for samples in [0, 1, 159, 12_345_678_901_234] as [Int64] {
                let time = SampleClock.nanoseconds(samples, rate: rate)
                #expect(abs(SampleClock.samples(time, rate: rate) - samples) <= 1)
            }
            #expect(SampleClock.samples(-1, rate: rate) == -1)
        }
    }
}
