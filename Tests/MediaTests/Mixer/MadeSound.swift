// SPDX-License-Identifier: Apache-2.0

@testable import Media

extension PlayableSound {
    /// So many samples at 8 kHz that are not silence.
    static func made(_ count: Int) -> PlayableSound {
        guard let samples = SoundSamples(capacity: count, sampleRate: 8000, budget: SoundBudget(mostBytes: 2 * count))
        else { return PlayableSound([], loopStart: nil) }
        samples.append((0..<count).map { Int16($0 * 37 % 8000) }[...])
        return PlayableSound([samples], loopStart: nil)
    }
}
