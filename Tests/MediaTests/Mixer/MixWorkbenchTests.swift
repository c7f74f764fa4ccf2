// SPDX-License-Identifier: Apache-2.0

import Signals
import Testing

@testable import Media

/// What `partyline-bench mix` measures is what it says: the mixer makes, frame after frame, the bytes of the plain way.
@Suite struct MixWorkbenchTests {
    private static let frame = MixWorkbench.frame

    @Test(arguments: [2, 4, 10, 40])
    func `everybody is sent the sum of all others, byte for byte`(people: Int) {
        G711.prepare()
        var state: UInt32 = 7
        let said = (0..<people * Self.frame).map { _ -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24) | 0x60
        }
        let bench = MixWorkbench(people: people, said: said)
        // What it held too much of at the beginning is gone by then.
        for _ in 0..<300 { _ = bench.pass() }
        var samples = [Int16](repeating: 0, count: said.count)
        G711.decode(said, count: said.count, law: .mu, into: &samples)
        for person in 0..<people {
            let sums = (0..<Self.frame).map { place in
                (0..<people).reduce(0) { $0 + ($1 == person ? 0 : Int(samples[$1 * Self.frame + place])) }
            }
            let others = sums.map { Int16(max(-32_768, min(32_767, $0))) }
            var wanted = [UInt8](repeating: 0, count: Self.frame)
            G711.encode(others, count: Self.frame, law: .mu, into: &wanted)
            let heard = bench.heard(by: person)
            // The mixer may cut its frames elsewhere than those who speak.
            let isThere = (0..<Self.frame).contains { turn in
                (0..<Self.frame).allSatisfy { heard[$0] == wanted[($0 + turn) % Self.frame] }
            }
            #expect(isThere, "\(person) of \(people)")
        }
    }
}
