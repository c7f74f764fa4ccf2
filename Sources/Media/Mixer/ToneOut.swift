// SPDX-License-Identifier: Apache-2.0
// ITU-T Q.23 (frequencies), Q.24 (times that every receiver takes: 100 ms on, 100 ms off).
import RealTime
import Signals

/// Digits that wait to go out as tones on one port, and where the one that sounds is. At most 32 wait; more are dropped.
struct ToneOut: BitwiseCopyable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0
    private var count = 0
    /// In 0.125 ms since the first digit of the queue began.
    private var position8 = 0

    static let tone8 = 800
    static let cycle8 = 1600

    /// A digit sounds, or its pause is not over.
    var isSounding: Bool { count > 0 }

    mutating func enqueue(_ code: UInt8) {
        guard count < 32 else { return }
        if count < 16 {
            low |= UInt64(code & 15) << UInt64(count &* 4)
        } else {
            high |= UInt64(code & 15) << UInt64((count &- 16) &* 4)
        }
        count &+= 1
    }

    /// Adds what is due to a frame of `length8`, and moves on.
    mutating func add(to bus: UnsafeMutablePointer<Int32>, length8: Int, rate: BusRate, tones: DigitTones) {
        var done8 = 0
        while done8 < length8, count > 0 {
            let end8 = position8 < Self.tone8 ? Self.tone8 : Self.cycle8
            let step8 = min(length8 &- done8, end8 &- position8)
            if position8 < Self.tone8 {
                MixKernels.add(
                    tones.samples(UInt8(truncatingIfNeeded: low & 15), rate: rate) + position8 &* rate.factor,
                    to: bus + done8 &* rate.factor, count: step8 &* rate.factor)
            }
            done8 &+= step8
            position8 &+= step8
            guard position8 >= Self.cycle8 else { continue }
            position8 = 0
            low = low >> 4 | high << 60
            high >>= 4
            count &-= 1
        }
    }
}

/// 100 ms of each of the sixteen digits at each rate, made once at start (230 kB for all ports together).
final class DigitTones {
    private let all: UnsafeMutablePointer<Int16>
    /// Samples of one digit at all rates.
    private static let stride = ToneOut.tone8 * 9

    init() {
        all = .allocate(capacity: 16 * Self.stride)
        all.initialize(repeating: 0, count: 16 * Self.stride)
        for code in UInt8(0)..<16 {
            guard let tone = Tone.digit(code) else { continue }
            for index in 0..<3 {
                let rate = BusRate.all[index]
                let generator = ToneGenerator([tone], repeats: false, sampleRate: rate.sampleRate)
                _ = generator.fill(place(code, rate), count: ToneOut.tone8 * rate.factor)
            }
        }
    }

    deinit { all.deallocate() }

    func samples(_ code: UInt8, rate: BusRate) -> UnsafePointer<Int16> { UnsafePointer(place(code & 15, rate)) }

    private func place(_ code: UInt8, _ rate: BusRate) -> UnsafeMutablePointer<Int16> {
        let offset = rate == .narrow ? 0 : rate == .wide ? ToneOut.tone8 : ToneOut.tone8 * 3
        return all + (Int(code) &* Self.stride &+ offset)
    }
}
