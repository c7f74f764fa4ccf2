// SPDX-License-Identifier: Apache-2.0
// ITU-T G.168 (line echo cancellers), by speexdsp's multi-delay block filter (foreground and background filter) with a
// quicker filter beside it.

import CSpeexDSP
import Glibc

/// Takes the echo of what is played out of what is captured on a two-wire line: hybrids, not rooms. No non-linear
/// processing: what the far end says while we speak stays as it is.
///
///     near, far --+--> careful filter (speexdsp) --+--> out
///                 +--> quick filter --------- if it leaves 10 dB less: the line has changed
///
/// Whoever talks at the near end is in what both leave, so nothing that he says lets the quick one be ten times better.
///
/// Data sheet: docs/datasheets/echo.md, made by EchoSheetTests.
///
/// Made and dropped on the control side; `process` is for one real-time thread and allocates nothing.
package final class EchoCanceller {
    package let sampleRate: Int
    /// Samples that are worked on at a time: 2.5 ms.
    package let block: Int
    private let state: OpaquePointer
    private let cleaned: UnsafeMutablePointer<Int16>
    /// Nil where it would cost too much (48 kHz, long tails).
    private let quick: QuickEchoFilter?
    private let quickLeft: UnsafeMutablePointer<Float>
    private var watch: FilterWatch
    /// Mean squares over some 15 ms of what each filter leaves.
    private var carefulLeft: Float = 0
    private var quickLeftPower: Float = 0
    private var isQuick = false
    /// 0: the careful filter is heard, 1: the quick one.
    private var blend: Float = 0
    private let blendStep: Float
    /// Mean squares over about a second: heard, left over, played.
    private var nearPower: Float = 0
    private var leftPower: Float = 0
    private var farPower: Float = 0

    /// Nil when the rate is none of 8000, 16000, 48000, or there is no memory. Tail: 8 … 256 ms.
    package init?(sampleRate: Int, tailMilliseconds: Int) {
        guard [8000, 16_000, 48_000].contains(sampleRate) else { return nil }
        self.sampleRate = sampleRate
        block = sampleRate / 400
        let tail = max(8, min(256, tailMilliseconds)) * sampleRate / 1000
        guard let state = speex_echo_state_init(Int32(block), Int32(tail)) else { return nil }
        self.state = state
        var rate = Int32(sampleRate)
        speex_echo_ctl(state, SPEEX_ECHO_SET_SAMPLING_RATE, &rate)
        cleaned = .allocate(capacity: block)
        cleaned.initialize(repeating: 0, count: block)
        let taps = tail / 8 * 8
        quick = taps <= QuickEchoFilter.mostTaps ? QuickEchoFilter(taps: taps) : nil
        quickLeft = .allocate(capacity: block)
        quickLeft.initialize(repeating: 0, count: block)
        blendStep = 400 / Float(sampleRate)
        watch = FilterWatch(sampleRate: sampleRate)
    }

    deinit {
        speex_echo_state_destroy(state)
        cleaned.deallocate()
        quickLeft.deallocate()
    }

    /// One block, in place. `far`: what was played when `near` was captured (but for what the tail reaches).
    package func process(_ near: UnsafeMutablePointer<Int16>, far: UnsafePointer<Int16>) {
        if watch.admits(near: near, far: far, block) {
            speex_echo_cancellation(state, near, far, cleaned)
            if watch.isAstray(near: near, left: cleaned, block) {
                speex_echo_state_reset(state)
                cleaned.update(from: near, count: block)
            }
        } else {
            cleaned.update(from: near, count: block)
        }
        if let quick {
            quick.process(near, far: far, into: quickLeft, count: block)
            choose()
        }
        let (heard, left, played) = (Self.power(near, block), Self.power(cleaned, block), Self.power(far, block))
        // Counted only while something is played that can be heard.
        if played > 3_000 {
            nearPower += (heard - nearPower) * 0.0025
            leftPower += (left - leftPower) * 0.0025
            farPower += (played - farPower) * 0.0025
        }
        near.update(from: cleaned, count: block)
    }

    /// Which of the two is heard, for one block.
    private func choose() {
        var left: Float = 0
        for index in 0..<block { left += quickLeft[index] * quickLeft[index] }
        carefulLeft += (Self.power(cleaned, block) - carefulLeft) * 0.15
        quickLeftPower += (left / Float(block) - quickLeftPower) * 0.15
        if isQuick {
            isQuick = quickLeftPower < carefulLeft * 0.9
        } else {
            isQuick = quickLeftPower < carefulLeft * 0.1
        }
        let target: Float = isQuick ? 1 : 0
        guard blend != target || isQuick else { return }
        for index in 0..<block {
            blend += (target - blend) * blendStep
            let careful = Float(cleaned[index])
            let mixed = careful + (quickLeft[index] - careful) * blend
            cleaned[index] = Int16(max(-32_768, min(32_767, mixed.rounded())))
        }
        if blend < 0.001 { blend = 0 }
    }

    /// How much of the echo is taken away, in dB (includes what the far end says meanwhile: only then it is too low).
    package var enhancementDB: Float { Self.ratio(nearPower, leftPower) }

    /// How much the line itself returns less than was played, in dB.
    package var returnLossDB: Float { Self.ratio(farPower, nearPower) }

    /// How often the careful filter had gone astray and began anew.
    package var resets: Int { watch.resets }

    /// As new.
    package func reset() {
        speex_echo_state_reset(state)
        watch.restart()
        quick?.reset()
        (carefulLeft, quickLeftPower, isQuick, blend) = (0, 0, false, 0)
        (nearPower, leftPower, farPower) = (0, 0, 0)
    }

    private static func ratio(_ above: Float, _ below: Float) -> Float {
        above > 0 ? 10 * log10f(above / max(0.01, below)) : 0
    }

    private static func power(_ samples: UnsafePointer<Int16>, _ count: Int) -> Float {
        var sum: Float = 0
        for index in 0..<count { sum += Float(samples[index]) * Float(samples[index]) }
        return sum / Float(count)
    }
}
