// SPDX-License-Identifier: Apache-2.0
import Signals
import Telephony
import Testing

@testable import Media

/// A crowd is served in parts, each while those before it are being sent to.
@Suite struct CrowdTests {
    private let options = MixOptions()

    /// Groups of a room that have members, in the order of their parts.
    private func parts(_ rig: MixRig, _ mix: MixID) throws -> [MixGroup] {
        let room = try #require(rig.loop.find(mix))
        let groups = (0..<Mix.sharedCapacity).map { room.shared[$0] }
        return groups.filter { $0.memberCount > 0 }.sorted { $0.part < $1.part }
    }

    private func leave(_ rig: MixRig, _ phones: [Phone], _ mix: MixID) {
        for phone in phones {
            rig.send(.listen(phone.id, nil))
            rig.send(.remove(.port(phone.id), mix))
        }
        rig.run(milliseconds: 100)
    }

    @Test func `a crowd has groups of a size, each a little behind the one before, and everybody hears`() throws {
        let rig = MixRig(options, ports: 308)
        let mix = rig.makeMix()
        let phones = (0..<300).map { rig.makePhone(phase: Int64($0) * 66_000) }
        let voice = noise(7)
        phones[11].voice = { voice($0) / 4 }
        rig.join(Array(phones.prefix(45)), mix)
        rig.run(milliseconds: 200)
        #expect(try parts(rig, mix).map(\.memberCount) == [45])
        rig.join(Array(phones.dropFirst(45)), mix)
        rig.run(milliseconds: 4_000)
        let groups = try parts(rig, mix)
        #expect(groups.map(\.memberCount) == [50, 50, 50, 50, 50, 50])
        #expect(groups.map(\.part) == [0, 1, 2, 3, 4, 5])
        for (index, group) in groups.enumerated() {
            let behind = (group.deadline - groups[0].deadline + 200_000_000) % 20_000_000
            #expect(abs(behind - Int64(index) * options.partLag) <= 200_000, "\(index): \(behind) ns")
        }
        for phone in [0, 44, 130, 299] {
            let listener = phones[phone]
            let late = listener.addedDelay(of: phones[11], atPacket: listener.packets.count - 10) { voice($0) / 4 }
            #expect((late ?? 99) < 4, "\(phone): \(late ?? 99) ms")
        }
        // The own voice stays out, whichever part one is in.
        #expect(phones[11].heard.suffix(1_600).allSatisfy { abs($0) < 200 })
    }

    @Test func `no more parts than allowed, and one that was left empty is the next that is begun`() throws {
        let rig = MixRig(options, ports: 508)
        let mix = rig.makeMix()
        let phones = (0..<460).map { rig.makePhone(phase: Int64($0) * 43_000) }
        rig.join(phones, mix)
        rig.run(milliseconds: 200)
        var groups = try parts(rig, mix)
        #expect(groups.map(\.memberCount) == [58, 58, 58, 58, 57, 57, 57, 57])
        // Somebody speaks: behind him the parts find their places.
        let talker = try #require(phones.first { $0.port.group === groups[2] })
        let voice = noise(3)
        talker.voice = { voice($0) / 4 }
        let first = groups[0]
        let gone = phones.filter { $0.port.group === first }
        leave(rig, gone, mix)
        groups = try parts(rig, mix)
        #expect(groups.map(\.part) == [1, 2, 3, 4, 5, 6, 7])
        // Who comes goes where there is room, and with all parts full the first is begun again, without a lag.
        rig.join(Array(gone.prefix(54)), mix)
        rig.run(milliseconds: 4_000)
        groups = try parts(rig, mix)
        #expect(groups.map(\.part) == [0, 1, 2, 3, 4, 5, 6, 7])
        #expect(groups.map(\.memberCount) == [54, 58, 58, 58, 57, 57, 57, 57])
        let behind = (groups[1].deadline - groups[0].deadline + 200_000_000) % 20_000_000
        #expect(abs(behind - options.partLag) <= 200_000, "\(behind) ns")
        leave(rig, phones.filter { $0.port.group !== groups[2] }, mix)
        #expect(try parts(rig, mix).map(\.part) == [2])
    }
}
