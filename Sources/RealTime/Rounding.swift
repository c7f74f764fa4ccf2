// SPDX-License-Identifier: Apache-2.0

/// To the nearest whole number, halves away from zero, within what the target holds. Vectorised, and nothing that `@_noLocks`
/// forbids, which `rounded()` is. Not for NaN.
enum Rounding {
    @inline(__always)
    static func sample(_ value: Float) -> Int16 {
        let held = max(-32_768, min(32_767, value))
        return Int16(truncatingIfNeeded: Int32(held + (held < 0 ? -0.5 : 0.5)))
    }

    @inline(__always)
    static func sum(_ value: Float) -> Int32 {
        let held = max(-2e9, min(2e9, value))
        return Int32(held + (held < 0 ? -0.5 : 0.5))
    }
}
