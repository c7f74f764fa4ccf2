// SPDX-License-Identifier: Apache-2.0
import Signals
import Telephony
import Testing

@testable import Media

@Suite struct MembershipTests {
    private struct Random {
        var state: UInt64
        mutating func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
    }

    /// What was asked for, kept naively.
    private struct Model {
        var sources: [Set<Int>]
        var listens: [Int?]
    }

    private func check(_ rig: MixRig, _ mixes: [MixID], _ phones: [Phone], _ model: Model) {
        for (index, id) in mixes.enumerated() {
            guard let mix = rig.loop.find(id) else {
                Issue.record("mix \(index) is gone")
                continue
            }
            #expect(mix.sourceCount == model.sources[index].count)
            #expect(mix.listenerCount == model.listens.filter { $0 == index }.count)
            for (number, phone) in phones.enumerated() {
                #expect(mix.hasSource(phone.port) == model.sources[index].contains(number))
                guard model.listens[number] == index else { continue }
                #expect(phone.port.mix === mix)
                guard let group = phone.port.group else {
                    Issue.record("listener \(number) is in no group")
                    continue
                }
                #expect(group.isPersonal == !mix.isLarge)
                // The group pulls exactly the mix's sources.
                var count = 0
                var pull = group.pulls
                while let this = pull {
                    count += 1
                    pull = this.pointee.next
                }
                #expect(count == mix.sourceCount)
                #expect((phone.port.ownPull != nil) == model.sources[index].contains(number))
            }
        }
    }

    @Test func `in a storm of joins and leaves the members are those who were asked for`() {
        let rig = MixRig()
        let mixes = (0..<3).map { _ in rig.makeMix() }
        let phones = (0..<24).map { rig.makePhone(phase: Int64($0 % 20) * 1_000_000) }
        phones[0].voice = noise(1)
        phones[5].voice = noise(2)
        var model = Model(sources: [[], [], []], listens: [Int?](repeating: nil, count: 24))
        var random = Random(state: 4711)
        for step in 0..<600 {
            let phone = random.next(24)
            // Two of three go to the first mix: it becomes large, and small again.
            let mix = (step / 150) % 2 == 0 ? min(random.next(4), 2) % 3 : random.next(3)
            switch random.next(5) {
            case 0, 1:
                rig.send(.add(.port(phones[phone].id), mixes[mix]))
                model.sources[mix].insert(phone)
            case 2:
                rig.send(.remove(.port(phones[phone].id), mixes[mix]))
                model.sources[mix].remove(phone)
            case 3:
                rig.send(.listen(phones[phone].id, mixes[mix]))
                model.listens[phone] = mix
            default:
                let leaves = random.next(3) == 0
                rig.send(.listen(phones[phone].id, leaves ? nil : mixes[0]))
                model.listens[phone] = leaves ? nil : 0
            }
            if step % 7 == 0 { rig.run(milliseconds: 5) }
            if step % 50 == 49 {
                rig.run(milliseconds: 1)
                check(rig, mixes, phones, model)
            }
        }
        for id in mixes { rig.send(.closeMix(id)) }
        for phone in phones { rig.send(.closePort(phone.id)) }
        rig.run(milliseconds: 50)
        #expect(rig.loop.ports.count == 0)
        #expect(rig.loop.mixes.count == 0)
        #expect(rig.loop.pulls.taken == 0)
        #expect(rig.loop.memberships.taken == 0)
        #expect(rig.loop.deadlines.count == 0)
    }

    @Test func `who says nothing shares one encoded frame with the others`() {
        let rig = MixRig()
        let mix = rig.makeMix()
        let phones = (0..<20).map { rig.makePhone($0 < 10 ? .pcmu : .g722, phase: Int64($0 % 20) * 1_000_000) }
        rig.join(phones, mix)
        phones[0].voice = noise(1, amplitude: 2000)
        rig.run(milliseconds: 1000)
        let before = rig.counters()
        rig.run(milliseconds: 1000)
        let after = rig.counters()
        // 50 frames a second, each: the talker's own, one for all others of its codec, one for the other codec.
        #expect((after.framesSent - before.framesSent) / 50 == 20)
        #expect((after.encodings - before.encodings + 25) / 50 == 3)
    }

    @Test func `nobody in the same acoustic room is heard, all others are`() {
        let rig = MixRig()
        let mix = rig.makeMix()
        let phones = (0..<3).map { rig.makePhone(phase: Int64($0) * 5_000_000) }
        rig.join(phones, mix)
        for phone in phones.prefix(2) { rig.send(.neighbourhood(phone.id, 9)) }
        phones[0].voice = tone(500, rate: 8000)
        phones[2].voice = tone(900, rate: 8000)
        rig.run(milliseconds: 1500)
        let neighbour = phones[1].heard.suffix(4000)
        #expect(amplitude(neighbour, 500, rate: 8000) < 80)
        #expect(amplitude(neighbour, 900, rate: 8000) > 7000)
        #expect(amplitude(phones[2].heard.suffix(4000), 500, rate: 8000) > 7000)
    }

    @Test func `muted ports are not heard and deaf ones hear nothing`() {
        let rig = MixRig()
        let mix = rig.makeMix()
        let phones = (0..<3).map { rig.makePhone(phase: Int64($0) * 5_000_000) }
        rig.join(phones, mix)
        rig.send(.mute(phones[0].id, true))
        rig.send(.deafen(phones[1].id, true))
        phones[0].voice = tone(500, rate: 8000)
        phones[2].voice = tone(900, rate: 8000)
        rig.run(milliseconds: 1000)
        #expect(amplitude(phones[2].heard.suffix(4000), 500, rate: 8000) < 10)
        #expect(amplitude(phones[1].heard.suffix(4000), 900, rate: 8000) < 10)
        #expect(amplitude(phones[0].heard.suffix(4000), 900, rate: 8000) > 7000)
    }
}
