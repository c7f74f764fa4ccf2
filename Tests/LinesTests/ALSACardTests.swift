// SPDX-License-Identifier: Apache-2.0
import CALSA
import CLinux
import CRealTimeProbe
import Glibc
import Media
import Testing

@testable import Lines

@Suite struct ALSACardTests {
    @Test(arguments: zip([8_000, 16_000, 48_000], [5, 5, 2.5]))
    func `a minute of virtual time goes both ways sample for sample`(rate: Int, period: Double) throws {
        let begun = partyline_thread_cpu()
        let line = try Laboratory.line(sampleRate: rate)
        let card = try Laboratory.card(on: line, periodMilliseconds: period)
        #expect(card.sampleRate == rate && card.periodMilliseconds == period)
        try card.start()
        let hand = HandTurnedCard(card)
        let frames = Int(Double(rate) * period / 1000)
        let start = line.capture.start
        #expect(line.playback.start == start)
        // Half a second ahead, so that the ring goes round several times.
        var injected = start
        var played = Int64(0)
        // One period ahead, as the mixer keeps it.
        let primed = Int64(frames)
        #expect(hand.play([Int16](repeating: 0, count: frames)) == frames)
        for tick in 0..<Int(60_000 / period) {
            while injected < line.frame + Int64(rate / 2) {
                line.inject(signature(injected..<injected + 160), at: injected)
                injected += 160
            }
            line.advance(frames: Int64(frames))
            let position = try #require(hand.capturePosition(now: Int64(tick)))
            #expect(position.queued == Int64(frames) && position.time_ns == Int64(tick))
            let captured = hand.capture(frames * 4)
            let at = start + Int64(tick * frames)
            #expect(captured.samples == signature(at..<at + Int64(frames)))
            #expect(hand.play(signature(played..<played + Int64(frames))) == frames)
            played += Int64(frames)
            if tick > 0 {
                let due = line.frame - Int64(frames)
                let first = due - start - primed
                #expect(
                    line.heard(due..<line.frame)
                        == (first < 0 ? [Int16](repeating: 0, count: frames) : signature(first..<first + Int64(frames)))
                )
            }
        }
        #expect(card.counters == (0, 0, 0))
        // A minute of audio costs a small part of five seconds, the test's own checks included.
        #expect(partyline_thread_cpu() - begun < 5_000_000_000)
    }

    @Test func `what comes too late is not played and what comes after it is in its place`() throws {
        let line = try Laboratory.line(sampleRate: 8_000)
        let card = try Laboratory.card(on: line)
        try card.start()
        let hand = HandTurnedCard(card)
        let start = line.playback.start
        #expect(hand.play([Int16](repeating: 100, count: 40)) == 40)
        // The next come 160 frames too late.
        line.advance(frames: 200)
        #expect(try #require(hand.playPosition()).queued == -160)
        #expect(hand.play([Int16](repeating: 200, count: 100)) == 100)
        #expect(hand.play([Int16](repeating: 300, count: 100)) == 100)
        line.advance(frames: 200)
        let heard = line.heard(start..<start + 400)
        #expect(heard[0..<40].allSatisfy { $0 == 100 })
        #expect(heard[40..<200].allSatisfy { $0 == 0 })
        #expect(heard[200..<240].allSatisfy { $0 == 300 })
        #expect(heard[240...].allSatisfy { $0 == 0 })
        #expect(card.counters.underruns >= 1)
        #expect(card.counters.restarts == 0)
    }

    @Test func `capture that was overrun comes as silence so that time stays true`() throws {
        let line = try Laboratory.line(sampleRate: 8_000)
        let card = try Laboratory.card(on: line)
        try card.start()
        let hand = HandTurnedCard(card)
        let start = line.capture.start
        line.inject(signature(start..<start + 8_000), at: start)
        line.advance(frames: 4_000)
        let before = try #require(hand.capturePosition())
        #expect(before.frames == 4_000)
        var captured: [Int16] = []
        while case let part = hand.capture(400), part.result > 0 { captured += part.samples }
        #expect(captured.count == 4_000)
        #expect(captured.first == 0)
        // Half of the 200 ms buffer is what was kept.
        #expect(Array(captured.suffix(800)) == signature(start + 3_200..<start + 4_000))
        #expect(card.counters.overruns == 1)
        #expect(try #require(hand.capturePosition()).frames == 4_000)
    }

    @Test func `a rate that the card does not know is replaced by one that it does`() throws {
        let line = try Laboratory.line(sampleRate: 48_000)
        #expect(try Laboratory.card(on: line, sampleRate: 16_000).sampleRate == 48_000)
    }

    @Test func `a device that is not there is an error that names it and says what to do`() throws {
        _ = try Laboratory.card.get()
        let error = #expect(throws: LineError.self) {
            try ALSACard(device: "vline:nowhere", sampleRate: 8_000, periodMilliseconds: 5, isVirtualTime: false)
        }
        #expect(error?.code == ENODEV)
        #expect(error?.description.contains("vline:nowhere") == true)
        #expect(error?.description.contains("aplay -L") == true)
    }

    @Test func `a crystal that is off and a card that stands still show in the position`() throws {
        let line = try Laboratory.line(sampleRate: 48_000, isManual: false)
        line.setPPM(50_000)
        let card = try Laboratory.card(on: line)
        try card.start()
        let hand = HandTurnedCard(card)
        let first = try #require(hand.capturePosition())
        usleep(100_000)
        let second = try #require(hand.capturePosition())
        let rate = Double(second.frames - first.frames) * 1e9 / Double(second.time_ns - first.time_ns)
        #expect(abs(rate / 48_000 - 1.05) < 0.002)
        line.stall(milliseconds: 200)
        let stalled = try #require(hand.capturePosition())
        usleep(20_000)
        #expect(try #require(hand.capturePosition()).frames == stalled.frames)
    }

    @Test func `restarted after it was stopped the stream begins at zero again`() throws {
        let line = try Laboratory.line(sampleRate: 8_000)
        let card = try Laboratory.card(on: line)
        try card.start()
        line.advance(frames: 400)
        let hand = HandTurnedCard(card)
        #expect(hand.capture(400).result == 400)
        card.stop()
        #expect(hand.capture(40).result < 0)
        try card.recover()
        #expect(try #require(hand.capturePosition()).frames == 0)
        line.advance(frames: 80)
        #expect(hand.capture(400).result == 80)
        #expect(card.counters.restarts == 1)
    }

    @Test func `the mix thread's four functions allocate nothing and take no lock, in xruns neither`() throws {
        let line = try Laboratory.line(sampleRate: 16_000)
        let card = try Laboratory.card(on: line)
        try card.start()
        let functions = card.functions
        let buffer = UnsafeMutablePointer<Int16>.allocate(capacity: 1_024)
        let position = UnsafeMutablePointer<CardPosition>.allocate(capacity: 1)
        buffer.initialize(repeating: 7, count: 1_024)
        position.initialize(to: CardPosition())
        defer {
            buffer.deallocate()
            position.deallocate()
        }
        var counted = partyline_probe()
        for tick in 0..<2_000 {
            // Every 500 ticks the card runs away for a second.
            line.advance(frames: tick % 500 == 499 ? 16_000 : 80)
            partyline_probe_start()
            _ = functions.capture(functions.context, buffer, 480)
            _ = functions.capturePosition(functions.context, 0, position)
            _ = functions.playPosition(functions.context, 0, position)
            _ = functions.play(functions.context, buffer, 80)
            let probe = partyline_probe_stop()
            guard tick > 0 else { continue }
            counted.allocations += probe.allocations
            counted.frees += probe.frees
            counted.locks += probe.locks
        }
        #expect(counted.allocations == 0 && counted.frees == 0 && counted.locks == 0)
        #expect(card.counters.overruns >= 3 && card.counters.underruns >= 3 && card.counters.restarts == 0)
    }
}
