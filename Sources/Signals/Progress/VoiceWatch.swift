// SPDX-License-Identifier: Apache-2.0

/// Says whether somebody speaks (or plays music) on a line, rather than the network: sound that is no steady tone.
/// Begins after 300 ms of it within half a second, ends after three seconds without (or so many steps). Steps of 10 ms.
package struct VoiceWatch: Sendable {
    package private(set) var isVoice = false
    private var level = 0
    private var quiet = 0

    private let quietSteps: Int

    package init(quietSteps: Int = 300) { self.quietSteps = quietSteps }

    /// One step of what `BurstTracker` hears; what changed, if anything.
    package mutating func step(levelDBm0: Float, isTone: Bool) -> Bool? {
        let isSound = levelDBm0 > -42 && !isTone
        level = max(0, min(50, level + (isSound ? 1 : -1)))
        quiet = isSound ? 0 : quiet + 1
        if !isVoice, level >= 30 {
            isVoice = true
            return true
        }
        if isVoice, quiet >= quietSteps {
            isVoice = false
            level = 0
            return false
        }
        return nil
    }
}
