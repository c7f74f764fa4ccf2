// SPDX-License-Identifier: Apache-2.0

import Logging

/// What the end of the daemon waited for, told when it took longer than it may.
struct StopClock {
    /// Of the second that the whole may take.
    private static let most = Duration.milliseconds(900)

    private let start = ContinuousClock.now
    private var parts: [(name: String, length: Duration)] = []

    mutating func time(_ name: String, _ work: () -> Void) {
        let begin = ContinuousClock.now
        work()
        parts.append((name, begin.duration(to: .now)))
    }

    func tell() {
        guard start.duration(to: .now) > Self.most else { return }
        let words = parts.map { " \($0.name)=\(Int($0.length / .milliseconds(1)))" }.joined()
        Log.write(.warning, "event=stop.slow\(words) unit=ms")
    }
}
