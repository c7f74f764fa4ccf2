// SPDX-License-Identifier: Apache-2.0

/// Digits that wait to go out as tones, and the one that is sounding.
struct ToneOut: BitwiseCopyable {
    var isSounding: Bool { false }
    mutating func enqueue(_ code: UInt8) {}
}
