// SPDX-License-Identifier: Apache-2.0

import Telephony
import Testing

@testable import Media

/// A call from which no audio comes, in virtual time.
@Suite struct MediaTimeoutTests {
    private func timeouts(_ rig: MixRig) -> [PortID] {
        rig.events.compactMap { if case .mediaTimeout(let port) = $0 { port } else { nil } }
    }

    @Test func `it is told once after a minute, anew after audio has come, and never of who is on hold`() {
        let rig = MixRig()
        let mix = rig.makeMix()
        let never = rig.makePhone()
        let stops = rig.makePhone(phase: 3_000_000)
        let held = rig.makePhone(phase: 5_000_000, receives: false)
        let talks = rig.makePhone(phase: 7_000_000)
        rig.join([never, stops, held, talks], mix)
        never.isSending = false
        held.isSending = false
        rig.run(milliseconds: 30_000)
        stops.isSending = false
        rig.run(milliseconds: 29_500)
        #expect(timeouts(rig).isEmpty)
        rig.run(milliseconds: 1_500)
        #expect(timeouts(rig) == [never.id])
        rig.run(milliseconds: 30_000)
        #expect(timeouts(rig) == [never.id, stops.id])
        rig.run(milliseconds: 60_000)
        #expect(timeouts(rig) == [never.id, stops.id])
        never.isSending = true
        rig.run(milliseconds: 1_000)
        never.isSending = false
        rig.run(milliseconds: 61_000)
        #expect(timeouts(rig) == [never.id, stops.id, never.id])
    }
}
