// SPDX-License-Identifier: Apache-2.0

/// Tells speech (and everything else worth hearing) from the steady noise of a quiet line, in blocks of 5 ms.
///
/// Data sheet: opens in the very block in which something rises 6 dB over the noise; stays open 300 ms after. Closed only
/// when it is proven that there is nothing: digital silence (peak at most 8, the idle code of A-law), or 1.5 s in which the
/// 20 ms levels stayed below -42 dBm0 and within 9 dB of each other. Speech pauses never are that steady for so long; louder
/// steady sounds (tones, music on hold, a modem) are never taken for noise.
package final class ActivityGate {
    /// Mean square of the noise that was proven, 0 while none was.
    package private(set) var noiseFloor: Float = 0
    /// Whether the newest complete block counts as heard, hangover included.
    package private(set) var isOpen = false
    /// Whether speech or the like goes on: louder than -45 dBm0 and 6 dB over the noise, with the same hangover.
    package private(set) var isTalking = false
    /// Smoothed mean square (100 ms) of the newest blocks.
    package private(set) var level: Float = 0

    private var hangover = 0
    private var talkHangover = 0
    private var quarter: Float = 0
    private var quarterBlocks = 0
    private var windowBlocks = 0
    private var windowMinimum = Float.greatestFiniteMagnitude
    private var windowMaximum: Float = 0
    private var windowSum: Float = 0

    private static let hangoverBlocks = 60
    private static let windowLength = 300
    private static let silencePeak: Int32 = 8
    /// -42 dBm0; 0 dBm0 is a sine of peak 22,840 (full scale +3.14 dBm0), mean square 2.6e8.
    private static let loudestNoise: Float = 1.65e4
    /// -45 dBm0.
    private static let quietestTalk: Float = 8.25e3

    package init(blockLength: Int) {}

    /// Judges one block. `isComplete` is true once per block, in order: only then the state moves on.
    package func judge(meanSquare: Float, peak: Int32, isComplete: Bool) -> Bool {
        let rises = peak > Self.silencePeak && meanSquare > noiseFloor * 4
        guard isComplete else { return rises || (hangover > 0 && peak > Self.silencePeak) }
        level += (meanSquare - level) * 0.05
        learn(meanSquare)
        if rises { hangover = Self.hangoverBlocks } else if hangover > 0 { hangover &-= 1 }
        if rises && meanSquare > Self.quietestTalk {
            talkHangover = Self.hangoverBlocks
        } else if talkHangover > 0 {
            talkHangover &-= 1
        }
        isOpen = hangover > 0
        isTalking = talkHangover > 0
        return isOpen && peak > Self.silencePeak
    }

    /// Nothing came in for a while: what was heard before is over.
    package func rest() {
        hangover = 0
        talkHangover = 0
        isOpen = false
        isTalking = false
        level = 0
    }

    private func learn(_ meanSquare: Float) {
        quarter += meanSquare * 0.25
        quarterBlocks &+= 1
        guard quarterBlocks == 4 else { return }
        windowMinimum = min(windowMinimum, quarter)
        windowMaximum = max(windowMaximum, quarter)
        windowSum += quarter
        quarter = 0
        quarterBlocks = 0
        windowBlocks &+= 4
        // A loud moment disproves noise at once: the window starts over behind it.
        if windowMaximum > Self.loudestNoise || windowMaximum > windowMinimum * 8 {
            restart()
        } else if windowBlocks >= Self.windowLength {
            noiseFloor = windowSum / Float(windowBlocks / 4)
            restart()
        }
    }

    private func restart() {
        windowBlocks = 0
        windowMinimum = .greatestFiniteMagnitude
        windowMaximum = 0
        windowSum = 0
    }
}
