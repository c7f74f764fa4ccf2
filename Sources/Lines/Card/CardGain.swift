// SPDX-License-Identifier: Apache-2.0
import Glibc
import Media

/// A card whose samples are made louder or softer in both directions: what a line is set to (`rx_gain_db`, `tx_gain_db`).
///
///     line --capture--> rx --> mix thread --> tx --play--> line
///
/// `functions` are the mix thread's: they neither allocate nor lock, and what is too loud is limited. 8192 frames at most are
/// taken at once. The object must outlive the use of the card. Unchecked: `scaled` is the mix thread's alone, all else never changes.
final class CardGain: @unchecked Sendable {
    private let card: CardFunctions
    private let rx: Int32
    private let tx: Int32
    private let scaled: UnsafeMutablePointer<Int16>
    private static let most = 8_192
    private static let unity = 4_096.0

    /// In dB; -24 ... 24.
    init(_ card: CardFunctions, rxDB: Double, txDB: Double) {
        self.card = card
        func factor(_ decibels: Double) -> Int32 {
            Int32((pow(10, max(-24, min(24, decibels)) / 20) * Self.unity).rounded())
        }
        rx = factor(rxDB)
        tx = factor(txDB)
        scaled = .allocate(capacity: Self.most)
        scaled.initialize(repeating: 0, count: Self.most)
    }

    deinit { scaled.deallocate() }

    /// Valid as long as this object.
    var functions: CardFunctions {
        CardFunctions(
            context: Unmanaged.passUnretained(self).toOpaque(), sampleRate: card.sampleRate, capture: Self.capture,
            play: Self.play, capturePosition: Self.capturePosition, playPosition: Self.playPosition)
    }

    private static func of(_ context: UnsafeMutableRawPointer) -> CardGain {
        Unmanaged<CardGain>.fromOpaque(context).takeUnretainedValue()
    }

    private static func scale(_ sample: Int16, _ factor: Int32) -> Int16 {
        Int16(truncatingIfNeeded: max(-32_768, min(32_767, (Int32(sample) &* factor &+ 2_048) >> 12)))
    }

    private static let capture: @convention(c) (UnsafeMutableRawPointer, UnsafeMutablePointer<Int16>, Int32) -> Int32 =
        { context, samples, count in
            let gain = of(context)
            let taken = gain.card.capture(gain.card.context, samples, count)
            guard taken > 0 else { return taken }
            for index in 0..<Int(taken) { samples[index] = scale(samples[index], gain.rx) }
            return taken
        }

    private static let play: @convention(c) (UnsafeMutableRawPointer, UnsafePointer<Int16>, Int32) -> Int32 =
        { context, samples, count in
            let gain = of(context)
            let piece = min(Int(count), most)
            guard piece > 0 else { return 0 }
            for index in 0..<piece { gain.scaled[index] = scale(samples[index], gain.tx) }
            return gain.card.play(gain.card.context, gain.scaled, Int32(truncatingIfNeeded: piece))
        }

    private static let capturePosition:
        @convention(c) (UnsafeMutableRawPointer, Int64, UnsafeMutablePointer<CardPosition>) -> Int32 = {
            context, now, position in
            let card = of(context).card
            return card.capturePosition(card.context, now, position)
        }

    private static let playPosition:
        @convention(c) (UnsafeMutableRawPointer, Int64, UnsafeMutablePointer<CardPosition>) -> Int32 = {
            context, now, position in
            let card = of(context).card
            return card.playPosition(card.context, now, position)
        }
}
