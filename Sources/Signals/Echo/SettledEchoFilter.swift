// SPDX-License-Identifier: Apache-2.0
// ITU-T G.168 test 3 (double talk): what the near end says must not be learned.

import CSpeexDSP

/// What the careful filter had learned before somebody spoke at the near end, standing still.
///
/// A filter that goes on learning takes a part of the near voice for echo and leaves echo in it; the one that stood still
/// does neither. As long as the line stays the same both leave about as much, since the voice is in both: so it is heard until
/// the careful one leaves less where there is nothing but echo, or half as much under a voice (the line has changed, or the
/// careful one has learned more).
///
///     careful filter's response --100 ms of nothing but echo--> candidate --100 ms more, and it holds--> settled
///
/// Data sheets: docs/datasheets/echo.md and echo-voice.md (EchoSheetTests, EchoVoiceSheetTests).
///
/// Made and dropped on the control side; `hear` is for one real-time thread and allocates nothing. Cost: two products a tap and
/// sample.
final class SettledEchoFilter {
    /// 0: the careful filter is heard, 1: this one.
    private(set) var blend: Float = 0
    private var isHeard = false
    /// Some response has been learned.
    private var isKnown = false
    private var hasCandidate = false
    /// Blocks of nothing but echo, and what the candidate and this filter left of them.
    private var good: (blocks: Int, tried: Float, settled: Float) = (0, 0, 0)
    /// Mean squares over some 15 ms: what came in, what the careful filter leaves, and this one.
    private var cameIn: Float = 0
    private var leftNow: Float = 0
    private var settledLeft: Float = 0

    private let taps: Int
    private let block: Int
    private let blendStep: Float
    /// The oldest tap first, as `QuickEchoFilter` wants it.
    private let weights: UnsafeMutablePointer<Float>
    private let candidate: UnsafeMutablePointer<Float>
    private let left: UnsafeMutablePointer<Float>
    private let response: UnsafeMutablePointer<Int32>
    private let scale: Float

    /// 100 ms.
    private static let enoughBlocks = 40
    /// Nothing but echo: 15 dB of it are taken away.
    private static let clean: Float = 0.03
    private static let audible: Float = 3_000
    /// Under a voice (or a digit) the careful filter takes some of that away: what it leaves less than this one is no merit.
    private static let mostUnderVoice: Float = 2

    /// `taps`: those of the quick filter, not more than the careful one has.
    init?(of state: OpaquePointer, taps: Int, block: Int, blendStep: Float) {
        var size: Int32 = 0
        guard speex_echo_ctl(state, SPEEX_ECHO_GET_IMPULSE_RESPONSE_SIZE, &size) == 0, Int(size) >= taps else {
            return nil
        }
        self.taps = taps
        self.block = block
        self.blendStep = blendStep
        // The library's response is that of its transform over two blocks, in units of 1/32767.
        scale = 1 / (32_767 * Float(block * 2))
        weights = .allocate(capacity: taps)
        weights.initialize(repeating: 0, count: taps)
        candidate = .allocate(capacity: taps)
        candidate.initialize(repeating: 0, count: taps)
        left = .allocate(capacity: block)
        left.initialize(repeating: 0, count: block)
        response = .allocate(capacity: Int(size))
        response.initialize(repeating: 0, count: Int(size))
    }

    deinit {
        weights.deallocate()
        candidate.deallocate()
        left.deallocate()
        response.deallocate()
    }

    func reset() {
        (isKnown, hasCandidate, isHeard, blend, good) = (false, false, false, 0, (0, 0, 0))
        weights.initialize(repeating: 0, count: taps)
        (cameIn, leftNow, settledLeft) = (0, 0, 0)
    }

    /// One block: `near` without its direct current, and what the careful filter left of it, which becomes what is heard.
    func hear(
        _ near: UnsafePointer<Float>, _ cleaned: UnsafeMutablePointer<Int16>, quick: QuickEchoFilter, played: Float,
        of state: OpaquePointer
    ) {
        var (heard, careful): (Float, Float) = (0, 0)
        for index in 0..<block {
            heard += near[index] * near[index]
            careful += Float(cleaned[index]) * Float(cleaned[index])
        }
        let share = 1 / Float(block)
        cameIn += (heard * share - cameIn) * 0.15
        leftNow += (careful * share - leftNow) * 0.15
        let tried = hasCandidate ? leave(near, candidate, quick) : 0
        let settled = leave(near, weights, quick)
        if played > Self.audible { learn(tried, settled, isToned: quick.isNarrowBand, of: state) }
        settledLeft += (settled * share - settledLeft) * 0.15
        guard isKnown else { return }
        let most = leftNow < cameIn * Self.clean ? 1 : Self.mostUnderVoice
        isHeard = settledLeft < leftNow * most * (isHeard ? 1.2 : 1.1)
        let target: Float = isHeard ? 1 : 0
        guard blend != target || isHeard else { return }
        for index in 0..<block {
            blend += (target - blend) * blendStep
            let careful = Float(cleaned[index])
            let mixed = careful + (left[index] - careful) * blend
            cleaned[index] = Int16(max(-32_768, min(32_767, mixed.rounded())))
        }
        if !isHeard, blend < 0.001 { blend = 0 }
    }

    /// What some weights leave of this block, in `left`; its energy.
    private func leave(
        _ near: UnsafePointer<Float>, _ weights: UnsafeMutablePointer<Float>, _ quick: QuickEchoFilter
    ) -> Float {
        quick.echo(by: weights, into: left, count: block)
        var energy: Float = 0
        for index in 0..<block {
            left[index] = near[index] - left[index]
            energy += left[index] * left[index]
        }
        return energy
    }

    /// Takes over what the careful filter knew 100 ms ago when nothing but echo came in since, and it holds: what both left of this
    /// block. One that is about as good is averaged in, which takes away what each has learned of noise.
    private func learn(_ tried: Float, _ settled: Float, isToned: Bool, of state: OpaquePointer) {
        guard !isToned, leftNow < cameIn * Self.clean else {
            hasCandidate = false
            good = (0, 0, 0)
            return
        }
        good = (good.blocks + 1, good.tried + tried, good.settled + settled)
        guard good.blocks >= Self.enoughBlocks else { return }
        if hasCandidate, good.tried < good.settled * 1.5 {
            let share: Float = good.tried < good.settled * 0.5 ? 1 : 0.25
            for tap in 0..<taps { weights[tap] += (candidate[tap] - weights[tap]) * share }
            isKnown = true
        }
        good = (0, 0, 0)
        guard speex_echo_ctl(state, SPEEX_ECHO_GET_IMPULSE_RESPONSE, response) == 0 else { return }
        for tap in 0..<taps { candidate[taps - 1 - tap] = Float(response[tap]) * scale }
        hasCandidate = true
    }
}
