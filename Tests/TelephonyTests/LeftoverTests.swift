// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Telephony

@Suite struct CancelledTimerTests {
    @Test func `cancelled entries do not gather, and the order of the others stays`() {
        var queue = TimerQueue<Int>()
        for number in 0..<10 { queue.schedule(number, at: Int64(1000 - number)) }
        for number in 100..<10_000 {
            queue.schedule(number, at: 1_000_000)
            queue.cancel(number)
        }
        #expect(queue.count < 200)
        var order: [Int] = []
        while let next = queue.pop(now: 2000) { order.append(next) }
        #expect(order == Array((0..<10).reversed()))
        #expect(queue.nextDeadline == nil)
    }
}

@Suite struct WhisperTests {
    @Test func `whoever is spoken to over a room comes back to it when the end of the words is lost`() {
        let house = TestHouse()
        let legs = (1...2).map { ScriptedLeg($0) }
        for leg in legs { house.enter(leg, room: "111") }
        let port = legs[0].port ?? PortID(slot: 0, generation: 0)
        for digit in [DTMFDigit.star, .one] { house.happen(.media(.digit(port, digit, .telephoneEvent))) }
        #expect(house.media.heard(by: legs[0]) == ["There are 2 people here."])
        house.pass(milliseconds: 31_000)
        #expect(house.media.heard(by: legs[0]).contains("port 2"))
    }
}
