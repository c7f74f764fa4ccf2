// SPDX-License-Identifier: Apache-2.0

/// The time of one server: milliseconds that never go back.
package struct SIPClock: Sendable {
    private let start = ContinuousClock.now

    package init() {}

    package func milliseconds() -> Int64 {
        let elapsed = start.duration(to: .now).components
        return elapsed.seconds * 1_000 + elapsed.attoseconds / 1_000_000_000_000_000
    }
}
