// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Signals

@Suite struct VoiceWatchTests {
    /// What changed within so many steps of 10 ms.
    private func hear(_ level: Float, _ steps: Int, isTone: Bool = false, _ watch: inout VoiceWatch) -> [Bool] {
        var news: [Bool] = []
        for _ in 0..<steps {
            if let change = watch.step(levelDBm0: level, isTone: isTone) { news.append(change) }
        }
        return news
    }

    @Test(arguments: [100, 300]) func `a short sound is a voice for as long as is set, and not longer`(quiet: Int) {
        var watch = VoiceWatch(quietSteps: quiet)
        let begin = hear(-20, 40, &watch)
        let pause = hear(-70, quiet - 1, &watch)
        let end = hear(-70, 1, &watch)
        #expect(begin == [true] && pause.isEmpty && end == [false])
        // Tones are the network's, however long.
        let tones = hear(-10, 500, isTone: true, &watch)
        #expect(tones.isEmpty)
    }
}
