// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Hears the bell of a line in the audio of an interface that does not tell of it: 15 … 68 Hz, strong. 8 kHz.
///
/// Data sheet (RingDetectorTests): from -22 dBm0 (none at -26), 16 … 68 Hz (none from 90 Hz on); begins 55 … 135 ms after the burst,
/// ends 70 … 150 ms after it; an hour of speech and music, the tones of the network and caller-ID are none. Known weakness: hum
/// of the mains as loud as that is a bell.
///
/// Used by one thread; allocates nothing.
package struct RingDetector: Sendable {
    package private(set) var isRinging = false
    private static let frame = 400
    /// -24.3 dBm0: of the cycle or two that 50 ms hold some are weaker.
    private static let level: Float = 32_768 * 0.03
    private var count = 0
    private var crossings = 0
    private var square: Float = 0
    /// Energy of the difference: low for low frequencies.
    private var edge: Float = 0
    private var last: Float = 0
    private var slow: Float = 0
    private var sign = false
    private var hits = 0
    private var misses = 0

    package init() {}

    /// A burst began (true) or ended (false) within these samples; nil: nothing new.
    package mutating func process(_ samples: UnsafePointer<Int16>, count length: Int) -> Bool? {
        var change: Bool?
        for index in 0..<length {
            let sample = Float(samples[index])
            square += sample * sample
            edge += (sample - last) * (sample - last)
            last = sample
            slow += (sample - slow) * 0.1
            if sign ? slow < -400 : slow > 400 {
                sign.toggle()
                crossings += 1
            }
            count += 1
            if count == Self.frame, let news = judge() { change = news }
        }
        return change
    }

    /// Every 50 ms: 16 … 68 Hz cross zero one to eight times.
    private mutating func judge() -> Bool? {
        let mean = square / Float(Self.frame)
        // A sine of 68 Hz has (2 pi 68 / 8000)^2 = 0.0029 of its energy in the difference.
        let isLow = edge < square * 0.008
        let fits = mean.squareRoot() > Self.level && isLow && (1...8).contains(crossings)
        count = 0
        crossings = 0
        square = 0
        edge = 0
        hits = fits ? hits + 1 : 0
        misses = fits ? 0 : misses + 1
        if !isRinging, hits >= 2 {
            isRinging = true
            return true
        }
        if isRinging, misses >= 2 {
            isRinging = false
            return false
        }
        return nil
    }
}
