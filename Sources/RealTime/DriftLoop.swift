// SPDX-License-Identifier: Apache-2.0

/// Keeps one direction of a sound card in step with the mix clock: turns the measured error of time into the ratio of the
/// resampler, as a loop of second order.
///
/// The longer it has listened, the narrower it becomes: quick at first, and then hardly moved by what is not known of the
/// pointer. When the fill strays all the same (another crystal temperature, a jump) it is quick again.
///
/// Data sheet: docs/datasheets/drift.md, made by DriftSheetTests; limited to +-1500 ppm.
package struct DriftLoop: BitwiseCopyable {
    /// What one input sample becomes in output samples, relative to the nominal rates.
    package private(set) var ratio = 1.0
    /// The card's clock against the mix clock as learnt so far, in ppm (slow part of the ratio).
    package var driftPPM: Double { integral * 1e6 }
    private var integral = 0.0
    private var filtered = 0.0
    private var elapsed = 0.0

    private static let most = 1500e-6
    /// From how many seconds on which bandwidth, in Hz.
    private static let gears: (second: Double, third: Double, fourth: Double) = (4, 20, 45)
    private static let bandwidths: (Double, Double, Double, Double) = (0.5, 0.08, 0.03, 0.0045)
    /// So far astray, in seconds, a narrow loop is too slow.
    private static let lost = 0.6e-3

    package init() {}

    /// `error`: by how many seconds there is too little (positive) of what the resampler makes; `interval`: seconds since
    /// the last update.
    @_noLocks
    package mutating func update(error: Double, interval: Double) {
        guard error.isFinite, interval > 0 else { return }
        elapsed += interval
        if elapsed > Self.gears.third, abs(filtered) > Self.lost { elapsed = Self.gears.second }
        let omega = 2 * Double.pi * bandwidth
        // One pole well above the loop takes the edge off stepped pointers.
        filtered += (error - filtered) * min(1, interval * omega * 8)
        integral = max(-Self.most, min(Self.most, integral + filtered * omega * omega * interval))
        ratio = 1 + max(-Self.most, min(Self.most, integral + filtered * omega * 1.6))
    }

    private var bandwidth: Double {
        if elapsed < Self.gears.second { return Self.bandwidths.0 }
        if elapsed < Self.gears.third { return Self.bandwidths.1 }
        return elapsed < Self.gears.fourth ? Self.bandwidths.2 : Self.bandwidths.3
    }

    /// The card started again: its phase is new, its crystal is not.
    @_noLocks
    package mutating func restart() {
        filtered = 0
        elapsed = 0
        ratio = 1 + integral
    }
}
