// SPDX-License-Identifier: Apache-2.0

import RTP
import Telephony
import Testing

@testable import Lines
@testable import Media

/// Virtual lines whose clocks drift, in the real mixer, through ALSA and in virtual time.
@Suite struct VirtualDriftTests {
    private let ppm = [300.0, -300]
    private let begin: Int64 = 1_000_000_000

    /// Milliseconds from capture on the first line to playback on the second, of a click each 497 ms.
    private func clicks(_ rates: [Int], seconds: Int) throws -> (delays: [Double], underruns: [Int]) {
        let lines = try rates.map { try Laboratory.line(sampleRate: $0) }
        let cards = try lines.map { try Laboratory.card(on: $0) }
        for card in cards { try card.start() }
        var options = MixOptions()
        options.ports = 8
        options.mixes = 8
        options.players = 8
        let memory = MemoryNetwork(capacity: 16, ports: 4)
        let queues = MixQueues(capacity: 64)
        let loop = MixLoop(
            options: options, queues: queues,
            network: MixNetwork(inlet: PacketInlet(memory: memory), batch: SendBatch(memory: memory)))
        let mix = MixID(slot: 0, generation: 1)
        _ = queues.send(.openMix(.passRetained(Mix(id: mix))))
        for (index, card) in cards.enumerated() {
            let id = PortID(slot: UInt32(index + 1), generation: 1)
            let line = CardLine(card.functions, fill: options.cardFill) {}
            _ = queues.send(.openPort(.passRetained(MixPort(id: id, card: line, tick8: options.cardTick8))))
            _ = queues.send(.add(.port(id), mix))
            _ = queues.send(.listen(id, mix))
        }
        let starts = lines.map(\.frame)
        let every = Int64(rates[0]) * 497 / 1000
        let half = Int64(rates[0] / 1000)
        let click = [Int16](repeating: 16_000, count: Int(half)) + [Int16](repeating: -16_000, count: Int(half))
        var delays: [Double] = []
        var ticks: [Int64] = [0, 0]
        var injected: Int64 = 1
        var read = starts[1]
        var now = begin
        let end = begin + Int64(seconds) * 1_000_000_000
        while now < end {
            while starts[0] + injected * every < lines[0].frame + Int64(rates[0]) {
                lines[0].inject(click, at: starts[0] + injected * every)
                injected += 1
            }
            let next = max(now + 100_000, loop.step(now: now))
            now = next
            // From the beginning, so that no part of a tick is lost.
            for (index, line) in lines.enumerated() {
                let due = Int64(Double(now - begin) * 0.048 * (1 + ppm[index] * 1e-6))
                line.advance(ticks: due - ticks[index])
                ticks[index] = due
            }
            guard lines[1].frame - read > Int64(rates[1]) || now >= end else { continue }
            let heard = lines[1].heard(read..<lines[1].frame)
            var index = 0
            while index < heard.count {
                if heard[index] > 8000 {
                    let played = time(ofFrames: read + Int64(index) - starts[1], rates[1], ppm[1])
                    let number = (played / time(ofFrames: every, rates[0], ppm[0])).rounded(.down)
                    delays.append((played - number * time(ofFrames: every, rates[0], ppm[0])) * 1000)
                    index += rates[1] / 10
                }
                index += 1
            }
            read += Int64(heard.count)
        }
        while queues.nextEvent() != nil {}
        return withExtendedLifetime((cards, loop)) { (delays, cards.map { Int($0.counters.underruns) }) }
    }

    private func time(ofFrames frames: Int64, _ rate: Int, _ ppm: Double) -> Double {
        Double(frames) / (Double(rate) * (1 + ppm / 1e6))
    }

    @Test(arguments: [[8_000, 8_000], [16_000, 48_000]])
    func `three hundred ppm either way neither slip nor grow a delay in ten minutes`(_ rates: [Int]) throws {
        #if DEBUG
            let seconds = 60
        #else
            let seconds = 600
        #endif
        let (delays, underruns) = try clicks(rates, seconds: seconds)
        let settled = delays.dropFirst(30)
        // No click lost, none twice.
        #expect(abs(delays.count - seconds * 1000 / 497) <= 1)
        #expect(underruns == [0, 0])
        #expect((settled.max() ?? 99) - (settled.min() ?? 0) < 2)
        #expect((settled.max() ?? 99) < 15)
    }
}
