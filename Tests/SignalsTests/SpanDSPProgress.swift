// SPDX-License-Identifier: Apache-2.0

import CSpanDSP

@testable import Signals

/// spandsp's detector set to a plan.
final class SpanDSPProgress {
    private let descriptor: OpaquePointer?
    private let kinds: [ProgressTone]
    private let plan: PlannedTones

    init(_ plan: PlannedTones) {
        self.plan = plan
        descriptor = super_tone_rx_make_descriptor(nil)
        var kinds: [ProgressTone] = []
        let longest = plan.patterns.flatMap(\.pieces).map(\.on).max() ?? 0
        for pattern in plan.patterns where pattern.kind != .specialInformation {
            let tone = super_tone_rx_add_tone(descriptor)
            kinds.append(pattern.kind)
            for piece in pattern.pieces {
                let (one, two) = (Int32(piece.required[0]), piece.required[1] > 0 ? Int32(piece.required[1]) : 0)
                if piece.on == 0 {
                    super_tone_rx_add_element(descriptor, tone, one, two, Int32(max(1000, longest * 13 / 10)), 0)
                } else {
                    super_tone_rx_add_element(
                        descriptor, tone, one, two, Int32(piece.on * 9 / 10), Int32(piece.on * 11 / 10))
                    super_tone_rx_add_element(
                        descriptor, tone, 0, 0, Int32(piece.off * 9 / 10), Int32(piece.off * 11 / 10))
                }
            }
        }
        self.kinds = kinds
    }

    deinit { super_tone_rx_free_descriptor(descriptor) }

    private final class Box { var codes: [Int32] = [] }

    private static let report: @convention(c) (UnsafeMutableRawPointer?, Int32, Int32, Int32) -> Void = {
        box, code, _, _ in
        guard let box, code >= 0 else { return }
        Unmanaged<Box>.fromOpaque(box).takeUnretainedValue().codes.append(code)
    }

    /// Everything that it reports of a recording.
    func reports(_ samples: [Int16]) -> [ProgressTone] {
        let box = Box()
        guard let state = super_tone_rx_init(nil, descriptor, Self.report, Unmanaged.passUnretained(box).toOpaque())
        else { return [] }
        defer { super_tone_rx_free(state) }
        samples.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for start in stride(from: 0, to: buffer.count, by: 160) {
                _ = super_tone_rx(state, base + start, Int32(min(160, buffer.count - start)))
            }
        }
        return box.codes.map(Int.init).filter { kinds.indices.contains($0) }.map { kinds[$0] }
    }

    func isRight(_ kind: ProgressTone, _ samples: [Int16]) -> Bool {
        guard let last = reports(samples).last else { return false }
        func pieces(_ kind: ProgressTone) -> [ProgressPattern.Piece] {
            plan.patterns.first { $0.kind == kind }?.pieces ?? []
        }
        return last == kind || pieces(last) == pieces(kind)
    }
}
