// SPDX-License-Identifier: Apache-2.0

/// An uninterrupted tone, as `BurstTracker` found it, and the pause before it.
package struct ToneBurst: BitwiseCopyable, Sendable, Hashable {
    /// The strongest frequencies in Hz, rising; 0: none.
    package var frequencies = SIMD4<Float>(repeating: 0)
    /// Since the tracker was made, in ms.
    package var start: Int64 = 0
    package var milliseconds: Int64 = 0
    /// Silence (or noise) between this burst and the one before it; a very long one for the first.
    package var pauseMilliseconds: Int64 = 0
    package var levelDBm0: Float = -99
    /// Part of the energy that is in the tone's frequencies, 0 … 1.
    package var purity: Float = 0
    /// How far the level wandered within the burst, in dB.
    package var wander: Float = 0
    /// How much louder (or softer) it became from begin to end, in dB: struck notes fade.
    package var drift: Float = 0
    /// How far its frequencies went from those of its first 256 ms, in Hz; looked at every 256 ms.
    package var glide: Float = 0
    /// It has overtones, as voices and instruments do.
    package var isRich = false
    /// Level of the pause before it, in dB below the burst.
    package var pauseDepth: Float = 0

    package init() {}

    /// The number of frequencies.
    package var count: Int {
        var count = 0
        for lane in 0..<4 where frequencies[lane] > 0 { count += 1 }
        return count
    }

    /// What an exchange sends without end: pure, on its frequencies and its level to the last.
    package var isSteady: Bool { purity > 0.85 && wander < 1.5 && glide < 8 && !isRich }

    /// A row and a column of the keypad (ITU-T Q.23).
    var isKey: Bool {
        guard count == 2 else { return false }
        let rows = SIMD4<Float>(697, 770, 852, 941)
        let columns = SIMD4<Float>(1209, 1336, 1477, 1633)
        var (isRow, isColumn) = (false, false)
        for lane in 0..<4 {
            if abs(frequencies[0] - rows[lane]) < rows[lane] * 0.025 { isRow = true }
            if abs(frequencies[1] - columns[lane]) < columns[lane] * 0.025 { isColumn = true }
        }
        return isRow && isColumn
    }

    /// Whether both bursts have the same frequencies, to within `tolerance` Hz.
    package func sounds(like other: ToneBurst, within tolerance: Float) -> Bool {
        guard count == other.count else { return false }
        for lane in 0..<4 where abs(frequencies[lane] - other.frequencies[lane]) > tolerance { return false }
        return true
    }
}
