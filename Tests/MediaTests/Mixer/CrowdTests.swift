// SPDX-License-Identifier: Apache-2.0
import Signals
import Telephony
import Testing

@testable import Media

/// A crowd is served in two halves, the second while the first is being sent to.
@Suite struct CrowdTests {
    @Test func `a crowd has two groups of a size, the second a little behind the first, and everybody hears`() throws {
        let options = MixOptions()
        let rig = MixRig(options, ports: 308)
        let mix = rig.makeMix()
        let phones = (0..<300).map { rig.makePhone(phase: Int64($0) * 66_000) }
        let voice = noise(7)
        phones[11].voice = { voice($0) / 4 }
        rig.join(Array(phones.prefix(100)), mix)
        rig.run(milliseconds: 200)
        let room = try #require(rig.loop.find(mix))
        #expect((0..<Mix.sharedCapacity).map { room.shared[$0].memberCount }.filter { $0 > 0 } == [100])
        rig.join(Array(phones.dropFirst(100)), mix)
        rig.run(milliseconds: 4_000)
        let groups = (0..<Mix.sharedCapacity).map { room.shared[$0] }.filter { $0.memberCount > 0 }
        #expect(groups.map(\.memberCount) == [150, 150])
        #expect(groups.map(\.isSecond) == [false, true])
        let behind = (groups[1].deadline - groups[0].deadline + 200_000_000) % 20_000_000
        #expect(abs(behind - options.splitLag) <= 200_000, "\(behind) ns")
        for phone in [0, 99, 130, 299] {
            let listener = phones[phone]
            let late = listener.addedDelay(of: phones[11], atPacket: listener.packets.count - 10) { voice($0) / 4 }
            #expect((late ?? 99) < 3, "\(phone): \(late ?? 99) ms")
        }
        // The own voice stays out, whichever half one is in.
        #expect(phones[11].heard.suffix(1_600).allSatisfy { abs($0) < 200 })
        // Cut down to the first half and less: one group is left for who comes next.
        for phone in phones where phone.port.group === groups[1] {
            rig.send(.listen(phone.id, nil))
            rig.send(.remove(.port(phone.id), mix))
        }
        rig.run(milliseconds: 100)
        #expect(groups.map(\.memberCount) == [150, 0])
    }
}
