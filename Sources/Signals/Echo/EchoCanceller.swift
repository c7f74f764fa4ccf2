// SPDX-License-Identifier: Apache-2.0
// ITU-T G.168 (line echo cancellers), by speexdsp's multi-delay block filter (foreground and background filter) with a
// quicker filter beside it.

import CSpeexDSP
import Glibc

/// Takes the echo of what is played out of what is captured on a two-wire line: hybrids, not rooms. No non-linear
/// processing: what the far end says while we speak stays as it is.
///
///     near, far --+--> careful filter (speexdsp) --+--> settled filter --+--> out
///                 |                 unless the careful one leaves less   |
///                 +--> quick filter --------- if it leaves 10 dB less (of tones its witness, too): the line has changed
///
/// Whoever talks at the near end is in what both leave, so nothing that he says lets the quick one be ten times better, unless
/// both ends send tones: then the quick filter follows the near end's as well. A filter that stands still can not do that: so
/// a witness, the quick filter as it was up to 32 ms ago, must leave less than the careful one, too.
///
/// While tones are played, what is four times as loud as what came in is the filter's own: then what came in is heard.
///
/// Known weakness: a near tone that lies on a weak line of a played, coded one (600 Hz beside 1,400 through G.711) is an echo to the
/// careful filter, which makes that line 50 dB louder.
///
/// Data sheets: docs/datasheets/echo.md, echo-tones.md and echo-voice.md, made by EchoSheetTests, EchoToneSheetTests and
/// EchoVoiceSheetTests.
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
    /// What was known before somebody spoke.
    private let settled: SettledEchoFilter?
    private let notched: UnsafeMutablePointer<Float>
    private var watch: FilterWatch
    /// Mean squares over some 15 ms of what each filter leaves.
    private var carefulLeft: Float = 0
    private var quickLeftPower: Float = 0
    private var isQuick = false
    /// The witness's trial: blocks of tones so far, and the sums of what each filter left of them.
    private var trial: (blocks: Int, witness: Float, careful: Float) = (0, 0, 0)
    /// The last trial spoke for the quick filter.
    private var isProven = false
    /// 0: the careful filter is heard, 1: the quick one.
    private var blend: Float = 0
    private let blendStep: Float
    /// The filters add sound: 1, and what came in is heard as it is. Mean squares over some 15 ms of what came in and would go out.
    private var isAdding = false
    private var bypass: Float = 0
    private var cameIn: Float = 0
    private var wentOut: Float = 0
    /// 32.5 ms.
    private static let trialBlocks = 13
    /// Mean square of what is played from which on it can be heard.
    private static let audible: Float = 3_000
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
        quick = taps <= QuickEchoFilter.mostTaps ? QuickEchoFilter(taps: taps, sampleRate: sampleRate) : nil
        quickLeft = .allocate(capacity: block)
        quickLeft.initialize(repeating: 0, count: block)
        blendStep = 400 / Float(sampleRate)
        settled =
            quick == nil ? nil : SettledEchoFilter(of: state, taps: taps, block: block, blendStep: blendStep)
        notched = .allocate(capacity: block)
        notched.initialize(repeating: 0, count: block)
        watch = FilterWatch(sampleRate: sampleRate)
    }

    deinit {
        speex_echo_state_destroy(state)
        cleaned.deallocate()
        quickLeft.deallocate()
        notched.deallocate()
    }

    /// One block, in place. `far`: what was played when `near` was captured (but for what the tail reaches).
    package func process(_ near: UnsafeMutablePointer<Int16>, far: UnsafePointer<Int16>) {
        var isKnown = false
        if watch.admits(near: near, far: far, block) {
            speex_echo_cancellation(state, near, far, cleaned)
            isKnown = !watch.isAstray(near: near, left: cleaned, notched: notched, block)
            if !isKnown {
                speex_echo_state_reset(state)
                cleaned.update(from: near, count: block)
            }
        } else {
            cleaned.update(from: near, count: block)
        }
        let played = Self.power(far, block)
        if let quick {
            quick.process(near, far: far, into: quickLeft, count: block)
            if isKnown { settled?.hear(notched, cleaned, quick: quick, played: played, of: state) }
            let isToned = quick.isNarrowBand
            if isToned, played > Self.audible { judge(quick) }
            choose(isTrusted: !isToned || isProven)
        }
        let heard = Self.power(near, block)
        passWhatIsAddedTo(near, heard)
        let left = Self.power(cleaned, block)
        // Counted only while something is played that can be heard.
        if played > Self.audible {
            nearPower += (heard - nearPower) * 0.0025
            leftPower += (left - leftPower) * 0.0025
            farPower += (played - farPower) * 0.0025
        }
        near.update(from: cleaned, count: block)
    }

    /// One block of the witness's trial, before the quick filter is heard.
    private func judge(_ quick: QuickEchoFilter) {
        trial.blocks += 1
        trial.witness += quick.witnessLeft
        trial.careful += Self.power(cleaned, block)
        guard trial.blocks == Self.trialBlocks else { return }
        isProven = trial.witness < trial.careful * (isQuick ? 1.5 : 0.25)
        trial = (0, 0, 0)
        quick.callWitness()
    }

    /// Which of the two is heard, for one block.
    private func choose(isTrusted: Bool) {
        var left: Float = 0
        for index in 0..<block { left += quickLeft[index] * quickLeft[index] }
        carefulLeft += (Self.power(cleaned, block) - carefulLeft) * 0.15
        quickLeftPower += (left / Float(block) - quickLeftPower) * 0.15
        isQuick = isTrusted && quickLeftPower < carefulLeft * (isQuick ? 0.9 : 0.1)
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

    /// Echoes that come later than the tail reaches, and tones, can make a filter say what nobody has said.
    private func passWhatIsAddedTo(_ near: UnsafePointer<Int16>, _ heard: Float) {
        cameIn += (heard - cameIn) * 0.15
        wentOut += (Self.power(cleaned, block) - wentOut) * 0.15
        isAdding = quick?.isNarrowBand == true && wentOut > (cameIn + 100) * (isAdding ? 1.5 : 4)
        let target: Float = isAdding ? 1 : 0
        guard bypass != target || isAdding else { return }
        for index in 0..<block {
            bypass += (target - bypass) * blendStep
            let cleanedSample = Float(cleaned[index])
            let mixed = cleanedSample + (Float(near[index]) - cleanedSample) * bypass
            cleaned[index] = Int16(max(-32_768, min(32_767, mixed.rounded())))
        }
        if !isAdding, bypass < 0.001 { bypass = 0 }
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
        settled?.reset()
        (carefulLeft, quickLeftPower, isQuick, blend) = (0, 0, false, 0)
        (trial, isProven) = ((0, 0, 0), false)
        (isAdding, bypass, cameIn, wentOut) = (false, 0, 0, 0)
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
