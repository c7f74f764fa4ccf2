// SPDX-License-Identifier: Apache-2.0

import Telephony
import Testing

/// A telephone that is in a room turns to another call and comes back.
@Suite struct RoomHoldTests {
    private func press(_ keys: String, _ leg: ScriptedLeg, _ house: TestHouse) {
        guard let port = leg.port else { return }
        for digit in keys.compactMap({ DTMFDigit($0) }) {
            house.happen(.media(.digit(port, digit, .telephoneEvent)))
        }
    }

    private func turnAway(_ leg: ScriptedLeg, _ house: TestHouse) {
        leg.has(nil)
        house.leg(leg, .held(true))
    }

    private func comeBack(_ leg: ScriptedLeg, _ house: TestHouse) {
        leg.has(PortID(slot: UInt32(leg.id.number), generation: 2))
        house.leg(leg, .held(false))
    }

    @Test func `whoever holds a room by a flash is still in it, since when he came, and its host`() {
        let house = TestHouse()
        let legs = (1...2).map { ScriptedLeg($0) }
        for leg in legs {
            house.enter(leg, room: "111")
            house.pass(milliseconds: 1_000)
        }
        turnAway(legs[0], house)
        #expect(house.exchange.roomReport("111")?.participants.map(\.isOnHold) == [true, false])
        #expect(house.media.heard(by: legs[1]).isDisjoint(with: ["port 1"]))
        press("*5", legs[1], house)
        #expect(house.exchange.roomReport("111")?.isLocked == false)
        house.pass(milliseconds: 5_000)
        comeBack(legs[0], house)
        let inside = house.exchange.roomReport("111")?.participants
        #expect(inside?.map(\.isOnHold) == [false, false])
        #expect(inside?.map(\.secondsInRoom) == [7, 6])
        press("*5", legs[1], house)
        #expect(house.exchange.roomReport("111")?.isLocked == false)
        press("*5", legs[0], house)
        #expect(house.exchange.roomReport("111")?.isLocked == true)
    }

    @Test func `a locked room that its only one holds stays locked until he hangs up`() {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.enter(leg, room: "111")
        press("*5", leg, house)
        turnAway(leg, house)
        #expect(house.exchange.roomReports().map(\.isLocked) == [true])
        #expect(house.exchange.status().rooms == 1)
        house.leg(leg, .hungUp(.normalClearing, []))
        #expect(house.exchange.roomReport("111")?.isLocked == false)
    }

    @Test func `a room that everybody has left is in no list, though it stays for a while`() {
        let house = TestHouse()
        let leg = ScriptedLeg(1)
        house.enter(leg, room: "111")
        #expect(house.exchange.roomReports().map(\.name) == ["111"] && house.exchange.status().rooms == 1)
        house.leg(leg, .hungUp(.normalClearing, []))
        #expect(house.exchange.roomReports().isEmpty && house.exchange.status().rooms == 0)
        #expect(house.exchange.roomReport("111") != nil)
    }
}
