// SPDX-License-Identifier: Apache-2.0

package import CLinux

/// Where a sound card's pointer was, and when: see `CLinux/include/card.h`.
package typealias CardPosition = partyline_card_position

/// A sound card as the mix thread sees it: a ready, running PCM that never blocks. `Lines` opens, prepares and starts it
/// on a control thread, hands it over with `MediaEngine.openCardPort`, and takes it back when it fails or is closed.
///
/// All functions are called on the mix thread only, once a wheel tick (5 or 2.5 ms); they must not block, allocate or lock.
/// Samples are mono Int16 at `sampleRate`. A negative return (an errno of ALSA, negated) retires the card: none of its
/// functions is called any more, the port stays silent, and a `portFailed` event tells the control side.
package struct CardFunctions: @unchecked Sendable {
    /// Handed to every function; owned by `Lines`, valid until the engine has given the card back.
    package var context: UnsafeMutableRawPointer
    /// 8000, 16000 or 48000.
    package var sampleRate: Int
    /// Reads up to `count` captured frames that are there now; number read, 0 when there are none, negative: failed.
    package var capture: @convention(c) (UnsafeMutableRawPointer, UnsafeMutablePointer<Int16>, Int32) -> Int32
    /// Writes `count` frames to be played; number taken (fewer when the buffer is full), negative: failed.
    package var play: @convention(c) (UnsafeMutableRawPointer, UnsafePointer<Int16>, Int32) -> Int32
    /// Fills in where capture is (`now` is the engine's time, for cards whose clock is virtual); 0, or negative: failed.
    package var capturePosition:
        @convention(c) (UnsafeMutableRawPointer, Int64, UnsafeMutablePointer<CardPosition>) -> Int32
    /// The same for playback.
    package var playPosition:
        @convention(c) (UnsafeMutableRawPointer, Int64, UnsafeMutablePointer<CardPosition>) -> Int32

    package init(
        context: UnsafeMutableRawPointer,
        sampleRate: Int,
        capture: @escaping @convention(c) (UnsafeMutableRawPointer, UnsafeMutablePointer<Int16>, Int32) -> Int32,
        play: @escaping @convention(c) (UnsafeMutableRawPointer, UnsafePointer<Int16>, Int32) -> Int32,
        capturePosition:
            @escaping @convention(c) (UnsafeMutableRawPointer, Int64, UnsafeMutablePointer<CardPosition>) -> Int32,
        playPosition:
            @escaping @convention(c) (UnsafeMutableRawPointer, Int64, UnsafeMutablePointer<CardPosition>) -> Int32
    ) {
        self.context = context
        self.sampleRate = sampleRate
        self.capture = capture
        self.play = play
        self.capturePosition = capturePosition
        self.playPosition = playPosition
    }
}
