// SPDX-License-Identifier: Apache-2.0

/// How much a session may write to the log: 200 lines at once, 20 a second in the long run.
struct LogBudget {
    private var lines = Self.burst
    private var updated: Int64
    private var dropped = 0

    private static let burst = 200.0
    private static let perSecond = 20.0

    init(now: Int64) { updated = now }

    /// Takes one line; the number of lines left out since the last one that was written, nil when this one is left out.
    mutating func spend(now: Int64) -> Int? {
        lines = min(lines + Double(now - updated) / 1e9 * Self.perSecond, Self.burst)
        updated = now
        guard lines >= 1 else {
            dropped += 1
            return nil
        }
        lines -= 1
        defer { dropped = 0 }
        return dropped
    }
}
