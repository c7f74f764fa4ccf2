// SPDX-License-Identifier: Apache-2.0

/// How late packets were, newer ones weighing more, and the 99 % quantile of it.
///
/// 256 bins of a quarter millisecond; the last one stands for everything later. Instead of scaling all bins down for each
/// packet, the weight of the newest packet is scaled up, and all are brought down once in some thousand packets.
struct LatenessHistogram: ~Copyable {
    private static let binLength: Int64 = 250_000
    private static let growth: Float = 1 / 0.998
    private static let outside: Float = 0.01

    private var bins: InlineArray<256, Float> = .init(repeating: 0)
    private var total: Float = 0
    private var weight: Float = 1
    private var top = 0

    init() { reset() }

    /// Forgets everything. One packet of weight stands at 4 ms until more is known: it is gone after about two seconds.
    mutating func reset() {
        for bin in bins.indices { bins[bin] = 0 }
        bins[16] = 1
        total = 1
        weight = 1
        top = 16
    }

    mutating func take(_ lateness: Int64) {
        weight *= Self.growth
        let bin = Int(min(255, max(0, lateness) / Self.binLength))
        bins[bin] += weight
        total += weight
        top = max(top, bin)
        if weight > 1e6 { rescale() }
    }

    /// Upper edge of the bin that holds the quantile, ns.
    var quantile: Int64 {
        var above: Float = 0
        var bin = top
        while bin > 0 {
            above += bins[bin]
            if above > total * Self.outside { break }
            bin &-= 1
        }
        return Int64(bin &+ 1) &* Self.binLength
    }

    /// The line that lateness is measured from has moved: by `steps` bins, to the future when positive.
    mutating func shift(by steps: Int) {
        guard steps != 0 else { return }
        var moved: InlineArray<256, Float> = .init(repeating: 0)
        top = 0
        for bin in bins.indices where bins[bin] > 0 {
            let target = min(255, max(0, bin &- min(256, max(-256, steps))))
            moved[target] += bins[bin]
            top = max(top, target)
        }
        bins = moved
    }

    /// Upper edge of the bin that holds this lateness.
    static func edge(_ lateness: Int64) -> Int64 { (max(0, lateness) / binLength &+ 1) &* binLength }

    static func length(_ steps: Int) -> Int64 { Int64(steps) &* binLength }

    static func bins(_ nanoseconds: Int64) -> Int { Int(clamping: nanoseconds / binLength) }

    private mutating func rescale() {
        let factor = 1 / weight
        total = 0
        for bin in bins.indices {
            bins[bin] = bins[bin] * factor < 1e-6 ? 0 : bins[bin] * factor
            total += bins[bin]
            if bins[bin] > 0 { top = bin }
        }
        weight = 1
    }
}
