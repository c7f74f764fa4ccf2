// SPDX-License-Identifier: Apache-2.0
import Signals
import Testing

@testable import Media

@Suite struct SteeringTests {
    /// Delays of talker 0 as heard by the others, sampled over the second half; and frames concealed, per cent.
    private func delays(
        _ count: Int, isSteered: Bool, jitter: Int64 = 0, seed: Int, seconds: Int = 5
    ) -> [Double] {
        var options = MixOptions()
        options.isSteered = isSteered
        let rig = MixRig(options)
        let mix = rig.makeMix()
        let phones = (0..<count).map { index in
            rig.makePhone(
                phase: Int64((index * 7 + seed * 5 + index * index * 3) % 20) * 1_000_000 + 300_000, jitter: jitter)
        }
        rig.join(phones, mix)
        let voice = noise(7)
        phones[0].voice = voice
        rig.run(milliseconds: seconds * 1000)
        var result: [Double] = []
        for phone in phones.dropFirst() {
            for index in stride(from: phone.packets.count * 2 / 3, to: phone.packets.count, by: 16) {
                if let delay = phone.addedDelay(of: phones[0], atPacket: index, voice: voice) { result.append(delay) }
            }
        }
        return result
    }

    @Test func `an established talker is heard within two milliseconds in rooms of two and four`() {
        for count in [2, 4] {
            var steered: [Double] = []
            var fixed: [Double] = []
            for seed in 0..<3 {
                steered += delays(count, isSteered: true, seed: seed)
                fixed += delays(count, isSteered: false, seed: seed)
            }
            #expect(steered.count >= 6)
            #expect(quantile(steered, 0.5) < 2, "N=\(count): \(quantile(steered, 0.5)) ms")
            #expect(quantile(steered, 0.95) < 4, "N=\(count): \(quantile(steered, 0.95)) ms")
            // The switch works, and steering is worth it.
            #expect(quantile(fixed, 0.5) > quantile(steered, 0.5) + 2)
        }
    }

    @Test func `in a room of two the first word of a turn is as fast as any other`() {
        for seed in 0..<4 {
            let rig = MixRig()
            let mix = rig.makeMix()
            let phones = [
                rig.makePhone(phase: Int64(seed) * 4_700_000 + 300_000), rig.makePhone(phase: 11_000_000),
            ]
            rig.join(phones, mix)
            let voice = noise(7)
            // Silent for three seconds, then the first word.
            phones[0].voice = { $0 < 24_000 ? 0 : voice($0) }
            rig.run(milliseconds: 3300)
            let first = phones[1].packets.firstIndex { packet in
                phones[1].heard[packet.start..<(packet.start + packet.count)].contains { abs($0) > 500 }
            }
            let delay = first.flatMap { phones[1].addedDelay(of: phones[0], atPacket: $0 + 1, voice: voice) }
            #expect((delay ?? 99) < 3, "\(delay ?? 99) ms")
        }
    }

    private func arrival(_ phase: Int64, weight: Double = 1, identity: UInt) -> Arrival {
        Arrival(expected: phase, measure: 20_000_000, weight: weight, identity: identity)
    }

    @Test func `the deadline goes behind the talker, stays there, and follows its drift`() {
        var steering = Steering()
        var talker = arrival(7_000_000, identity: 1)
        var nominal: Int64 = 100_000_000
        for _ in 0..<5 {
            let shift = steering.shift(nominal: nominal, arrivals: [talker], count: 1, granularity: 125_000)
            nominal += 20_000_000 + shift / 125_000 * 125_000
        }
        let behind = (nominal - talker.expected) % 20_000_000
        #expect(behind >= Steering.margin - 200_000 && behind < Steering.margin + 200_000)
        // 100 ppm: 2 microseconds a packet.
        for _ in 0..<1000 {
            talker.expected += 20_002_000
            let shift = steering.shift(nominal: nominal, arrivals: [talker], count: 1, granularity: 125_000)
            #expect(abs(shift) <= Steering.follow)
            nominal += 20_000_000 + shift
        }
        let after = (nominal - talker.expected) % 20_000_000
        #expect(after >= 0 && after < 1_000_000)
    }

    @Test func `it goes over to another talker only for a gain, and at most once a second`() {
        var steering = Steering()
        let first = arrival(0, identity: 1)
        var nominal: Int64 = 100_600_000
        _ = steering.shift(nominal: nominal, arrivals: [first], count: 1, granularity: 125_000)
        // 2 ms to be had: not worth it.
        let near = arrival(18_000_000, identity: 2)
        nominal += 2_000_000_000
        #expect(
            abs(steering.shift(nominal: nominal, arrivals: [near, first], count: 2, granularity: 125_000))
                <= Steering.follow)
        // The first is silent now, 8 ms to be had: at once.
        let quiet = arrival(0, weight: 0.1, identity: 1)
        let far = arrival(12_000_000, identity: 3)
        let shift = steering.shift(nominal: nominal, arrivals: [quiet, far], count: 2, granularity: 125_000)
        #expect(shift < -7_000_000 && shift > -9_000_000)
        #expect(steering.primary == 3)
        // And back again: not within a second.
        let back = [arrival(0, identity: 1), arrival(12_000_000, weight: 0.1, identity: 3)]
        let soon = steering.shift(nominal: nominal + shift + 20_000_000, arrivals: back, count: 2, granularity: 125_000)
        #expect(abs(soon) <= Steering.follow)
    }

    @Test func `opus moves by whole multiples of two and a half milliseconds`() {
        for phase in stride(from: Int64(0), to: 20_000_000, by: 700_000) {
            var steering = Steering()
            let shift = steering.shift(
                nominal: 100_000_000, arrivals: [arrival(phase, identity: 1)], count: 1, granularity: 2_500_000)
            #expect(abs(shift) <= Steering.follow || shift % 2_500_000 == 0)
        }
    }

    @Test func `the heap gives groups in the order of their deadlines`() {
        var heap = DeadlineHeap(capacity: 200)
        let groups = (0..<100).map { _ in MixGroup(frame8: 160, isPersonal: true) }
        for (index, group) in groups.enumerated() {
            group.deadline = Int64((index * 7919) % 1000)
            heap.schedule(group)
        }
        for group in groups.prefix(30) { heap.remove(group) }
        for group in groups[30..<50] {
            group.deadline += 500
            heap.schedule(group)
        }
        var last = Int64.min
        var count = 0
        #expect(heap.takeDue(by: -1) == nil)
        withExtendedLifetime(groups) {
            while let first = heap.takeDue(by: .max) {
                let deadline = first._withUnsafeGuaranteedRef { $0.deadline }
                #expect(deadline >= last)
                last = deadline
                count += 1
            }
        }
        #expect(count == 70)
        #expect(heap.earliest == nil)
    }
}
