// SPDX-License-Identifier: Apache-2.0
import Telephony
import Testing

@testable import Media

/// A machine that stands still now and then, and the phones plugged into it.
@Suite struct CardReserveTests {
    private static let second: Int64 = 1_000_000_000

    @Test func `a phone on a machine that stands still seven milliseconds now and then crackles once, not for ever`() {
        var options = MixOptions()
        options.cardTick8 = 40
        options.cardFill = 5_000_000
        let rig = MixRig(options)
        let cards = (VirtualCard(sampleRate: 8000, ppm: 100), VirtualCard(sampleRate: 16000, ppm: -80))
        let mix = rig.makeMix()
        for card in [cards.0, cards.1] {
            card.voice = { Int16(truncatingIfNeeded: $0 % 77 * 100) }
            let port = rig.makeCard(card)
            rig.send(.add(.port(port), mix))
            rig.send(.listen(port, mix))
        }
        for _ in 0..<40 {
            rig.run(milliseconds: 1703)
            rig.run(milliseconds: 7, stall: true)
        }
        #expect((1...3).contains(cards.0.underruns))
        #expect((1...3).contains(cards.1.underruns))
    }

    @Test(arguments: [(30, 1), (60, 1), (200, 1)])
    func `one long stall is one gap, and leaves no delay behind`(milliseconds: Int, gaps: UInt32) throws {
        var options = MixOptions()
        options.cardTick8 = 40
        options.cardFill = 5_000_000
        let rig = MixRig(options)
        let card = VirtualCard(sampleRate: 8000)
        card.voice = { Int16(truncatingIfNeeded: $0 % 77 * 100) }
        let other = VirtualCard(sampleRate: 8000)
        other.voice = card.voice
        let mix = rig.makeMix()
        let ports = [rig.makeCard(card), rig.makeCard(other)]
        for port in ports {
            rig.send(.add(.port(port), mix))
            rig.send(.listen(port, mix))
        }
        rig.run(milliseconds: 5000)
        rig.run(milliseconds: milliseconds, stall: true)
        rig.run(milliseconds: 15_000)
        let line = try #require(rig.loop.ports[Int(ports[0].slot)]?.card)
        #expect(line.counters.underruns == gaps)
        // Queued just before a write, in samples: 5 ms, not more by what the stall was long.
        #expect(abs(line.counters.fill - 40) < 8, "\(line.counters.fill / 8) ms")
    }

    @Test func `a gap makes the reserve as long as the stall and a millisecond more`() {
        var reserve = CardReserve(base: 40, sampleRate: 8000)
        reserve.wrote(queued: 39, now: 0)
        #expect(reserve.fill == 40)
        reserve.ranDry(short: 16, now: Self.second)
        #expect(reserve.fill == 40 + 16 + 8)
    }

    @Test func `stalls that no reserve could bridge are not paid for with delay`() {
        var reserve = CardReserve(base: 40, sampleRate: 8000)
        reserve.ranDry(short: 1600, now: Self.second)
        #expect(reserve.fill == 40)
        for _ in 0..<20 { reserve.ranDry(short: 100, now: 2 * Self.second) }
        #expect(reserve.fill == 40 + 120)
        reserve.ranDry(short: .nan, now: 3 * Self.second)
        reserve.ranDry(short: .infinity, now: 3 * Self.second)
        #expect(reserve.fill == 160)
    }

    @Test func `what was not needed for ten minutes goes again, a millisecond at a time, slower than a crystal drifts`()
    {
        var reserve = CardReserve(base: 40, sampleRate: 8000)
        reserve.ranDry(short: 16, now: 0)
        var last = reserve.fill
        var steepest = 0.0
        var reached: Int?
        for tick in 1...(40 * 60 * 200) {
            reserve.wrote(queued: reserve.fill - 1, now: Int64(tick) * 5_000_000)
            steepest = max(steepest, last - reserve.fill)
            last = reserve.fill
            if reserve.fill == 40, reached == nil { reached = tick / 200 }
        }
        #expect(reserve.fill == 40)
        // 24 frames, 8 each ten minutes.
        #expect((1800...1900).contains(reached ?? 0))
        #expect(steepest <= 8000 * 0.0001 * 0.005 + 1e-9)
    }

    @Test func `a reserve that was nearly used up stays`() {
        var reserve = CardReserve(base: 40, sampleRate: 8000)
        reserve.ranDry(short: 16, now: 0)
        for tick in 1...(30 * 60 * 200) {
            // Once a minute the machine stands still for all but two milliseconds of it.
            reserve.wrote(queued: tick % 12000 == 0 ? 15 : reserve.fill, now: Int64(tick) * 5_000_000)
        }
        #expect(reserve.fill == 64)
    }
}
