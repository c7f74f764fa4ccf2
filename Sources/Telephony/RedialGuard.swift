// SPDX-License-Identifier: Apache-2.0

/// Keeps the pauses that networks ask for between calls in vain to one number. Pure; milliseconds of the owner's clock.
package struct RedialGuard: Sendable {
    private struct Attempts {
        var count = 0
        var last: Int64 = 0
    }

    private var failed: [String: Attempts] = [:]
    private let pause: Int64
    private let most: Int
    /// After the last attempt that is allowed.
    private let rest: Int64
    private static let remembered = 64

    package init(pause: Int64, attempts: Int, rest: Int64) {
        self.pause = max(0, pause)
        self.rest = max(0, rest)
        most = max(1, attempts)
    }

    /// How long this number has to wait; 0: it can be dialled now.
    package func wait(_ number: String, now: Int64) -> Int64 {
        guard let attempts = failed[number] else { return 0 }
        return max(0, attempts.last &+ (attempts.count >= most ? rest : pause) &- now)
    }

    package mutating func failed(_ number: String, now: Int64) {
        var attempts = failed[number] ?? Attempts()
        if attempts.count >= most { attempts.count = 0 }
        attempts.count += 1
        attempts.last = now
        if failed[number] == nil, failed.count >= Self.remembered,
            let oldest = failed.min(by: { $0.value.last < $1.value.last })?.key
        {
            failed[oldest] = nil
        }
        failed[number] = attempts
    }

    package mutating func succeeded(_ number: String) { failed[number] = nil }
}
