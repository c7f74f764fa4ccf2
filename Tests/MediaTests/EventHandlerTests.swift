// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Telephony
import Testing

@testable import Media

@Suite struct EventHandlerTests {
    @Test func `half a million events need no more stack than one`() {
        let handler = EventHandler()
        let count = Atomic<Int>(0)
        let port = PortID(slot: 1, generation: 1)
        handler.set { _ in count.wrappingAdd(1, ordering: .relaxed) }
        for _ in 0..<500_000 { handler.call(.firstAudio(port)) }
        #expect(count.load(ordering: .relaxed) == 500_000)
    }
}
