// SPDX-License-Identifier: Apache-2.0

import RTP
import Testing

struct SourceLatchTests {
    private let peer = TransportAddress(ipv4: 0x0A00_0001, port: 4000)
    private let natted = TransportAddress(ipv4: 0xCB00_7101, port: 61_000)
    private let stranger = TransportAddress(ipv4: 0xC633_6407, port: 4000)
    private let second: Int64 = 1_000_000_000

    @Test func `the address of the SDP is believed with its first packet`() {
        var latch = SourceLatch(expected: peer)
        #expect(latch.destination == peer)
        #expect(latch.judge(from: peer, ssrc: 1, sequence: 9, at: 0) == .accept)
        #expect(latch.latched == peer)
    }

    @Test func `behind a NAT the third packet in a row is believed`() {
        var latch = SourceLatch(expected: peer, signalling: natted.with(port: 9))
        #expect(latch.judge(from: natted, ssrc: 1, sequence: 65_534, at: 0) == .refuse)
        #expect(latch.judge(from: natted, ssrc: 1, sequence: 65_535, at: 20) == .refuse)
        #expect(latch.destination == peer)
        #expect(latch.judge(from: natted, ssrc: 1, sequence: 0, at: 40) == .acceptMoved)
        #expect(latch.destination == natted)
    }

    @Test func `a guess gives way to the address of the SDP`() {
        var latch = SourceLatch(expected: peer, signalling: stranger.with(port: 9))
        for sequence in 0..<3 as Range<UInt16> {
            _ = latch.judge(from: stranger, ssrc: 7, sequence: sequence, at: 0)
        }
        #expect(latch.destination == stranger)
        #expect(latch.judge(from: peer, ssrc: 1, sequence: 0, at: 1) == .acceptMoved)
        #expect(latch.destination == peer)
        for sequence in 3..<300 as Range<UInt16> {
            #expect(latch.judge(from: stranger, ssrc: 7, sequence: sequence, at: 2) == .refuse)
        }
        #expect(latch.destination == peer)
    }

    @Test func `a stranger who knows everything moves nothing while the peer talks`() {
        var latch = SourceLatch(expected: peer)
        for step in 0..<1000 as Range<UInt16> {
            let now = Int64(step) * 20_000_000
            #expect(latch.judge(from: peer, ssrc: 1, sequence: step, at: now) == .accept)
            #expect(latch.judge(from: stranger, ssrc: 1, sequence: step &+ 1, at: now + 1) == .refuse)
        }
        #expect(latch.destination == peer)
    }

    @Test func `a silent peer may reappear elsewhere only with its own source and sequence`() {
        var latch = SourceLatch(expected: peer)
        _ = latch.judge(from: peer, ssrc: 1, sequence: 100, at: 0)
        // Too early.
        for sequence in 101..<110 as Range<UInt16> {
            #expect(latch.judge(from: natted, ssrc: 1, sequence: sequence, at: second / 2 - 1) == .refuse)
        }
        // Another source, or an old sequence.
        for sequence in 110..<120 as Range<UInt16> {
            #expect(latch.judge(from: stranger, ssrc: 2, sequence: sequence, at: second) == .refuse)
        }
        for sequence in 90..<100 as Range<UInt16> {
            #expect(latch.judge(from: stranger, ssrc: 1, sequence: sequence, at: second) == .refuse)
        }
        #expect(latch.judge(from: natted, ssrc: 1, sequence: 126, at: second) == .refuse)
        #expect(latch.judge(from: natted, ssrc: 1, sequence: 127, at: second) == .refuse)
        #expect(latch.judge(from: natted, ssrc: 1, sequence: 128, at: second) == .acceptMoved)
        #expect(latch.destination == natted)
    }

    @Test func `only a new address in a re-INVITE opens the latch`() {
        var latch = SourceLatch(expected: peer)
        _ = latch.judge(from: peer, ssrc: 1, sequence: 0, at: 0)
        latch.expect(peer)
        #expect(latch.latched == peer)
        latch.expect(natted)
        #expect(latch.latched == nil)
        #expect(latch.destination == natted)
    }

    @Test func `before the call's own audio comes, only the host that signals may be somewhere else at once`() {
        let host = TransportAddress(ipv4: 0xCB00_7101, port: 9)
        var latch = SourceLatch(expected: peer, signalling: host)
        // 5,000 packets a second for almost two seconds.
        for number in 0..<9_900 {
            let verdict = latch.judge(
                from: stranger, ssrc: 7, sequence: UInt16(truncatingIfNeeded: number), at: 1 + Int64(number) * 200_000)
            #expect(verdict == .refuse)
        }
        for sequence in 0..<2 as Range<UInt16> {
            #expect(latch.judge(from: natted, ssrc: 1, sequence: sequence, at: second) == .refuse)
        }
        #expect(latch.judge(from: natted, ssrc: 1, sequence: 2, at: second) == .acceptMoved)
        #expect(latch.destination == natted)
    }

    @Test func `a host of which nobody spoke is never believed, however long the call is silent`() {
        for signalling in [TransportAddress(ipv4: 0xCB00_7101, port: 9), .none] {
            var latch = SourceLatch(expected: peer, signalling: signalling)
            for number in 0..<6_000 {
                let verdict = latch.judge(
                    from: stranger, ssrc: 7, sequence: UInt16(number), at: 1 + Int64(number) * 20_000_000)
                #expect(verdict == .refuse)
            }
            #expect(latch.destination == peer)
            // The call's own audio comes at last.
            #expect(latch.judge(from: peer, ssrc: 1, sequence: 0, at: 120 * second) == .accept)
        }
    }

    @Test func `where it is allowed, a media server elsewhere is believed after two seconds`() {
        let host = TransportAddress(ipv4: 0xCB00_7101, port: 9)
        var latch = SourceLatch(expected: peer, signalling: host, takesForeigners: true)
        var first: Int64?
        for number in 0..<150 {
            let now = 1 + Int64(number) * 20_000_000
            if latch.judge(from: stranger, ssrc: 7, sequence: UInt16(number), at: now) != .refuse {
                first = first ?? now
            }
        }
        #expect(first == 1 + SourceLatch.silenceBeforeForeigners)
        // Not any more after a re-INVITE that does not allow it.
        latch.expect(natted, signalling: host)
        for number in 150..<400 {
            let now = 1 + Int64(number) * 20_000_000
            #expect(latch.judge(from: stranger, ssrc: 7, sequence: UInt16(number), at: now) == .refuse)
        }
    }
}
