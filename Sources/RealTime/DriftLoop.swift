// SPDX-License-Identifier: Apache-2.0

/// Keeps one direction of a sound card in step with the mix clock: turns the measured error of time into the ratio of the
/// resampler, as a loop of second order.
///
/// Data sheet: bandwidth 0.5 Hz for the first seconds, then 0.08 Hz; a step of 300 ppm moves the fill by at most 0.6 ms and
/// is gone after 10 s; the ratio moves by less than 10 ppm once settled; limited to +-1500 ppm.
package struct DriftLoop: BitwiseCopyable {
    /// What one input sample becomes in output samples, relative to the nominal rates.
    package private(set) var ratio = 1.0
    /// The card's clock against the mix clock as learnt so far, in ppm (slow part of the ratio).
    package var driftPPM: Double { integral * 1e6 }
    private var integral = 0.0
    private var filtered = 0.0
    private var elapsed = 0.0

    private static let most = 1500e-6

    package init() {}

    /// `error`: by how many seconds there is too little (positive) of what the resampler makes; `interval`: seconds since
    /// the last update.
    package mutating func update(error: Double, interval: Double) {
        guard error.isFinite, interval > 0 else { return }
        elapsed += interval
        let bandwidth = elapsed < 4 ? 0.5 : 0.08
        let omega = 2 * Double.pi * bandwidth
        // One pole well above the loop takes the edge off stepped pointers.
        filtered += (error - filtered) * min(1, interval * omega * 8)
        integral = max(-Self.most, min(Self.most, integral + filtered * omega * omega * interval))
        ratio = 1 + max(-Self.most, min(Self.most, integral + filtered * omega * 1.6))
    }

    /// The card started again: its phase is new, its crystal is not.
    package mutating func restart() {
        filtered = 0
        elapsed = 0
        ratio = 1 + integral
    }
}
