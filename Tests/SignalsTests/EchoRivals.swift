// SPDX-License-Identifier: Apache-2.0
// The libraries' own echo cancellers, for the data sheet.

import CSpanDSP
import CSpeexDSP
import Glibc

@testable import Signals

/// A canceller that is measured: what it leaves of `near` while `far` is played, at 8 kHz.
enum EchoRival: String {
    case ours = "EchoCanceller"
    case speexdsp = "speexdsp, blocks of 10 ms"
    case spandsp = "spandsp, without suppressor"

    /// The careful filter alone, as ours uses it.
    case speexBlocks = "speexdsp, blocks of 2.5 ms"

    static let tailMilliseconds = 32
    /// Those of the data sheet.
    static let sheet: [EchoRival] = [.ours, .speexdsp, .speexBlocks, .spandsp]

    func cancel(far: [Int16], near: [Int16]) -> [Double] {
        switch self {
        case .ours: Self.ours(far, near)
        case .speexdsp: Self.speex(far, near, block: 80)
        case .speexBlocks: Self.speex(far, near, block: 20)
        case .spandsp: Self.span(far, near)
        }
    }

    private static func ours(_ far: [Int16], _ near: [Int16]) -> [Double] {
        guard let canceller = EchoCanceller(sampleRate: 8000, tailMilliseconds: tailMilliseconds) else { return [] }
        var left = near
        left.withUnsafeMutableBufferPointer { left in
            far.withUnsafeBufferPointer { far in
                guard let a = left.baseAddress, let b = far.baseAddress else { return }
                for start in stride(from: 0, through: near.count - canceller.block, by: canceller.block) {
                    canceller.process(a + start, far: b + start)
                }
            }
        }
        return left.map(Double.init)
    }

    private static func speex(_ far: [Int16], _ near: [Int16], block: Int) -> [Double] {
        guard let state = speex_echo_state_init(Int32(block), Int32(tailMilliseconds * 8)) else { return [] }
        defer { speex_echo_state_destroy(state) }
        var rate: Int32 = 8000
        speex_echo_ctl(state, SPEEX_ECHO_SET_SAMPLING_RATE, &rate)
        var left = near
        left.withUnsafeMutableBufferPointer { left in
            near.withUnsafeBufferPointer { near in
                far.withUnsafeBufferPointer { far in
                    guard let out = left.baseAddress, let a = near.baseAddress, let b = far.baseAddress else { return }
                    for start in stride(from: 0, through: near.count - block, by: block) {
                        speex_echo_cancellation(state, a + start, b + start, out + start)
                    }
                }
            }
        }
        return left.map(Double.init)
    }

    /// Debian's build prints a line for every sample, which goes nowhere meanwhile.
    private static func span(_ far: [Int16], _ near: [Int16]) -> [Double] {
        fflush(nil)
        let (kept, nowhere) = (dup(1), open("/dev/null", O_WRONLY))
        dup2(nowhere, 1)
        defer {
            fflush(nil)
            dup2(kept, 1)
            close(kept)
            close(nowhere)
        }
        guard let state = echo_can_init(Int32(tailMilliseconds * 8), Int32(ECHO_CAN_USE_ADAPTION)) else {
            return []
        }
        defer { echo_can_free(state) }
        return zip(far, near).map { Double(echo_can_update(state, $0, $1)) }
    }
}
