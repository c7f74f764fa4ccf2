// SPDX-License-Identifier: Apache-2.0
import Telephony
import Testing

@testable import Media

extension MixRig {
    func makeCard(_ card: VirtualCard) -> PortID {
        let id = PortID(slot: UInt32(200 + cards.count), generation: 1)
        cards.append(card)
        card.now = now
        let line = CardLine(card.functions, fill: options.cardFill) {}
        send(.openPort(.passRetained(MixPort(id: id, card: line, tick8: options.cardTick8))))
        return id
    }
}

@Suite struct CardTests {
    /// Milliseconds from capture to playback, measured on clicks; and whether anything slipped.
    private func clicks(
        _ ppm: (Double, Double), rates: (Int, Int), tick8: Int, seconds: Int, fill: Int64 = 2_000_000
    ) -> (delays: [Double], cards: (VirtualCard, VirtualCard)) {
        var options = MixOptions()
        options.cardTick8 = tick8
        options.cardFill = fill
        let rig = MixRig(options)
        let a = VirtualCard(sampleRate: rates.0, ppm: ppm.0)
        let b = VirtualCard(sampleRate: rates.1, ppm: ppm.1)
        // A click of 2 ms every 497 ms.
        let every = Int64(rates.0) * 497 / 1000
        let length = Int64(rates.0 / 500)
        a.voice = { $0 > 0 && $0 % every < length ? ($0 % every < length / 2 ? 16000 : -16000) : 0 }
        let mix = rig.makeMix()
        let ports = [rig.makeCard(a), rig.makeCard(b)]
        for port in ports {
            rig.send(.add(.port(port), mix))
            rig.send(.listen(port, mix))
        }
        for _ in 0..<seconds { rig.run(milliseconds: 1000) }
        var delays: [Double] = []
        var index = 0
        while index < b.played.count {
            if b.played[index] > 8000 {
                let time = Double(b.time(of: Int64(index)))
                let click = Int64(
                    ((time - Double(a.time(of: 0))) / 1e9 * Double(rates.0) * (1 + ppm.0 / 1e6)) / Double(every))
                delays.append((time - Double(a.time(of: click * every))) / 1e6)
                index += rates.1 / 10
            }
            index += 1
        }
        return (delays, (a, b))
    }

    @Test func `a phone hears the other one within fifteen milliseconds, nine at the fast tick`() {
        for (tick8, limit) in [(40, 15.0), (20, 9.0)] {
            for rates in [(8000, 8000), (48000, 48000), (16000, 8000), (48000, 8000)] {
                let (delays, cards) = clicks((0, 0), rates: rates, tick8: tick8, seconds: 2)
                #expect(delays.count >= 3)
                #expect(quantile(delays, 0.5) <= limit)
                #expect(cards.1.underruns == 0)
            }
        }
    }

    @Test func `cards of three hundred ppm either way neither slip nor drift apart in ten minutes`() {
        // Ten minutes take ten seconds in an optimised build, and three minutes in a debug build: there one has to do.
        #if DEBUG
            let seconds = 60
        #else
            let seconds = 600
        #endif
        let (delays, cards) = clicks((300, -300), rates: (8000, 8000), tick8: 40, seconds: seconds)
        let settled = delays.dropFirst(30)
        // No click lost, none twice.
        #expect(abs(delays.count - seconds * 1000 / 497) <= 1)
        #expect(cards.1.underruns == 0)
        #expect((settled.max() ?? 99) - (settled.min() ?? 0) < 2)
        #expect((settled.max() ?? 99) < 15)
    }
}
