// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Lines

@Suite struct HookRelayTests {
    @Test func `a break ends by itself, and the relay is drawn again only where the line is still wanted`() {
        var relay = HookRelay()
        let before = relay.flash(milliseconds: 90, now: 0)
        #expect(!before, "a line that is not taken has nothing to be opened")
        let isDrawn = relay.seize(true)
        let isOpened = relay.flash(milliseconds: 90, now: 1_000)
        #expect(isDrawn && isOpened && relay.isInBreak && relay.deadline == 1_090)
        let drawnAgain = [Int64(1_089), 1_090, 1_200].map { relay.expire(now: $0) }
        #expect(drawnAgain == [false, true, false] && !relay.isInBreak && relay.deadline == nil)
        // Let go in the middle of it.
        let isOpenedOnceMore = relay.flash(milliseconds: 90, now: 2_000)
        let isStillDrawn = relay.seize(false)
        #expect(isOpenedOnceMore && !isStillDrawn && !relay.isInBreak)
        let late = relay.expire(now: 3_000)
        #expect(!late)
    }

    @Test(arguments: [(-5, 20), (0, 20), (1_500, 1_500), (Int.max, 1_500)])
    func `a break has bounds, whatever was asked for`(asked: Int, given: Int) {
        var relay = HookRelay()
        _ = relay.seize(true)
        _ = relay.flash(milliseconds: asked, now: 0)
        #expect(relay.deadline == Int64(given))
    }
}
