// SPDX-License-Identifier: Apache-2.0

/// How much a card has queued for playback just before each write: the reserve from which it plays while the mix thread
/// is late. It starts small, for the lowest delay; on a machine that stands still now and then (a virtual one whose host
/// is busy) every gap makes it as long as that stall, so that the next one is not heard. A pure value; times in ns of the
/// mix clock, amounts in frames of the card.
///
///     gap, short by s ───► reserve + s + 1 ms            at most 15 ms above the base
///     10 minutes without: what was never needed, 1 ms at most, goes again, 0.1 ms a second
///
/// A stall of more than 15 ms is no reason: nothing but delay would come of it.
struct CardReserve: BitwiseCopyable {
    static let most = 0.015
    static let margin = 0.001
    /// What stays beyond the longest stall of the last window.
    static let slack = 0.002
    static let windowNanoseconds: Int64 = 600_000_000_000
    static let slewPerSecond = 0.0001

    private let rate: Double
    private let base: Double
    private var extra = 0.0
    private var falling = 0.0
    private var lowest = Double.infinity
    private var windowEnd: Int64 = 0
    private var updated: Int64 = 0

    /// `base`: frames queued on a machine that is never late.
    init(base: Double, sampleRate: Int) {
        self.base = base
        rate = Double(sampleRate)
    }

    /// Frames to be queued just before each write.
    var fill: Double { base + extra }

    /// The card ran dry; `short`: frames that it should have played since.
    mutating func ranDry(short: Double, now: Int64) {
        lowest = .infinity
        windowEnd = now &+ Self.windowNanoseconds
        falling = 0
        guard short.isFinite, short >= 0, short <= Self.most * rate else { return }
        extra = min(Self.most * rate, extra + short + Self.margin * rate)
    }

    /// A write in time; `queued`: frames left just before it.
    mutating func wrote(queued: Double, now: Int64) {
        let seconds = Double(max(0, min(1_000_000_000, now &- updated))) / 1e9
        updated = now
        if falling > 0 {
            let step = min(falling, Self.slewPerSecond * rate * seconds)
            falling -= step
            extra = max(0, extra - step)
        }
        lowest = min(lowest, queued)
        guard now >= windowEnd else { return }
        if windowEnd != 0 { falling = min(extra, Self.margin * rate, max(0, lowest - Self.slack * rate)) }
        lowest = .infinity
        windowEnd = now &+ Self.windowNanoseconds
    }
}
