// SPDX-License-Identifier: Apache-2.0

/// Slows down who guesses at the code for the outside lines: after a call in which it was wrong three times its source is not
/// asked for a while, twice as long each time. Pure; milliseconds of the owner's clock. Of the oldest sources nothing is kept
/// when there are too many.
package struct CodeGuard: Sendable {
    private struct Failures {
        var count = 0
        var until: Int64 = 0
    }

    private var sources: [String: Failures] = [:]
    package static let firstDelay: Int64 = 30_000
    package static let longestDelay: Int64 = 3_600_000
    package static let remembered = 256

    package init() {}

    /// How long this source is not asked; 0: it may try.
    package func wait(_ source: String, now: Int64) -> Int64 { max(0, (sources[source]?.until ?? 0) - now) }

    /// A call of it ended with wrong codes. Returns the milliseconds for which it is not asked.
    @discardableResult
    package mutating func failed(_ source: String, now: Int64) -> Int64 {
        var failures = sources[source] ?? Failures()
        if sources[source] == nil, sources.count >= Self.remembered,
            let oldest = sources.min(by: { $0.value.until < $1.value.until })?.key
        {
            sources[oldest] = nil
        }
        // Long ago is forgotten.
        if now - failures.until > 24 * Self.longestDelay { failures.count = 0 }
        failures.count = min(failures.count + 1, 24)
        let delay = min(Self.longestDelay, Self.firstDelay << (failures.count - 1))
        failures.until = now + delay
        sources[source] = failures
        return delay
    }

    package mutating func succeeded(_ source: String) { sources[source] = nil }
}
