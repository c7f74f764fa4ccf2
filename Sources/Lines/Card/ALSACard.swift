// SPDX-License-Identifier: Apache-2.0
import CLineCard
import CLinux
package import Media

/// A telephone's sound card: capture and playback of one ALSA PCM. Belongs to one thread at a time: the control thread
/// (`lines`), and between `start` and its release the mix thread, which calls nothing but the functions of `functions`.
package final class ALSACard: @unchecked Sendable {
    package let device: String
    package let sampleRate: Int
    package let periodMilliseconds: Double
    package let isLinked: Bool
    private let card: OpaquePointer

    /// Opens and sets up both directions; where the card does not know the rate, another of 8, 16 and 48 kHz is taken.
    /// `isVirtualTime`: a manual virtual line, whose positions are stamped with the engine's time.
    package init(
        device: String, sampleRate: Int, periodMilliseconds: Double, isVirtualTime: Bool
    ) throws(LineError) {
        line_card_prepare_process()
        var opened: OpaquePointer?
        var info = line_card_info()
        var stage: UnsafePointer<CChar>?
        let result = device.withCString { name in
            var request = line_card_request(
                pcm: name, sample_rate: Int32(clamping: sampleRate),
                period_us: Int32(clamping: Int(periodMilliseconds * 1000)),
                is_virtual_time: isVirtualTime ? 1 : 0)
            return line_card_open(&request, &opened, &info, &stage)
        }
        guard result >= 0, let opened else {
            let words = stage.map { String(cString: $0) } ?? "open it"
            throw .alsa(result, device: device, stage: words, list: "aplay -L")
        }
        card = opened
        self.device = device
        self.sampleRate = Int(info.sample_rate)
        self.periodMilliseconds = Double(info.capture_period_us) / 1000
        isLinked = info.is_linked != 0
    }

    deinit { line_card_close(card) }

    /// Prepares and starts both directions.
    package func start() throws(LineError) {
        let result = line_card_start(card)
        guard result >= 0 else { throw .alsa(result, device: device, stage: "start it", list: "aplay -L") }
    }

    package func stop() { line_card_stop(card) }

    /// After the mix thread gave up on it: starts again after an xrun; throws when the device is gone.
    package func recover() throws(LineError) {
        let result = line_card_recover(card)
        guard result >= 0 else { throw .alsa(result, device: device, stage: "start it again", list: "aplay -L") }
    }

    /// For the mix thread, valid as long as this object.
    package var functions: CardFunctions {
        CardFunctions(
            context: UnsafeMutableRawPointer(card), sampleRate: sampleRate, capture: Self.capture, play: Self.play,
            capturePosition: Self.capturePosition, playPosition: Self.playPosition)
    }

    package var counters: (overruns: Int, underruns: Int, restarts: Int) {
        let counters = line_card_counters(card)
        return (Int(counters.overruns), Int(counters.underruns), Int(counters.restarts))
    }

    private static let capture: @convention(c) (UnsafeMutableRawPointer, UnsafeMutablePointer<Int16>, Int32) -> Int32 =
        line_card_capture
    private static let play: @convention(c) (UnsafeMutableRawPointer, UnsafePointer<Int16>, Int32) -> Int32 =
        line_card_play
    private static let capturePosition:
        @convention(c) (UnsafeMutableRawPointer, Int64, UnsafeMutablePointer<CardPosition>) -> Int32 =
            line_card_capture_position
    private static let playPosition:
        @convention(c) (UnsafeMutableRawPointer, Int64, UnsafeMutablePointer<CardPosition>) -> Int32 =
            line_card_play_position
}
