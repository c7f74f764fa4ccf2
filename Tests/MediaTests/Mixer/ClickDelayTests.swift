// SPDX-License-Identifier: Apache-2.0
import Signals
import Testing

@testable import Media

/// How late the first sound of somebody is who said nothing before: the load generator's click, in virtual time, with
/// phases of every kind.
@Suite struct ClickDelayTests {
    /// Two seconds: 1.3 s in which two of each room speak, silence, and after 1.567 s a tone of 4 ms from one of them.
    static let unit: Int64 = 16_000
    static let speech: Int64 = 10_400
    static let click: Int64 = 12_539

    /// Milliseconds from leaving a phone to leaving the mixer, sample for sample, of all clicks.
    private func clicks(
        rooms: Int, of size: Int, units: Int, jitter: Int64 = 300_000, seed: UInt64,
        _ options: MixOptions = MixOptions()
    ) -> [Double] {
        var random = seed &* 0x9E37_79B9_7F4A_7C15
        func chance(_ count: Int64) -> Int64 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64(random >> 33) % count
        }
        let rig = MixRig(options, ports: rooms * size + 8)
        let voice = noise(5)
        let faint = noise(6)
        var people: [[Phone]] = []
        for _ in 0..<rooms {
            let mix = rig.makeMix()
            let phones = (0..<size).map { _ in
                rig.makePhone(phase: chance(20_000_000), ppm: Double(chance(100) - 50), jitter: jitter)
            }
            for (place, phone) in phones.enumerated() {
                phone.voice = { sample in
                    let unit = sample / Self.unit
                    let at = sample % Self.unit
                    if Int(unit) % size == place, at >= Self.click, at < Self.click + 32 {
                        return at / 4 % 2 == 0 ? 24_000 : -24_000
                    }
                    let talks = (place - Int(unit) * 2 % size + size) % size < 2
                    return talks && at < Self.speech ? voice(sample) / 4 : faint(sample) / 1024
                }
            }
            rig.join(phones, mix)
            people.append(phones)
        }
        var delays: [Double] = []
        for unit in 0..<units {
            rig.run(milliseconds: 2000)
            guard unit > 1 else { continue }
            for phones in people {
                let wanted = Int64(unit - 1) * Self.unit + Self.click
                let talker = phones[(unit - 1) % size]
                guard
                    let sent = talker.arrivals.last(where: { $0.start <= wanted })
                else { continue }
                for listener in phones where listener !== talker {
                    let heard = listener.packets.lazy.filter {
                        $0.time >= sent.time && $0.time < sent.time + 300_000_000
                    }
                    for packet in heard {
                        let found = (0..<packet.count).first { abs(Int(listener.heard[packet.start + $0])) > 8000 }
                        guard let found else { continue }
                        let shift = Double(found) - Double(wanted - sent.start)
                        delays.append(Double(packet.time - sent.time) / 1e6 + shift / 8)
                        break
                    }
                }
            }
        }
        return delays
    }

    @Test(arguments: [(2, 40, [3.0, 6, 6]), (4, 50, [6.0, 18, 21]), (40, 5, [12.0, 20.5, 22])])
    func `the first sound of somebody new is there in time, in small rooms and in large ones`(
        size: Int, rooms: Int, wanted: [Double]
    ) {
        let delays = clicks(rooms: rooms, of: size, units: 12, seed: 1)
        // Everybody hears every one of them.
        #expect(delays.count >= rooms * (size - 1) * 10 * 99 / 100)
        for (quantity, limit) in zip([0.5, 0.95, 0.99], wanted) {
            #expect(
                quantile(delays, quantity) <= limit,
                "\(size): \(quantity) of them within \(quantile(delays, quantity)) ms")
        }
    }
}
