// SPDX-License-Identifier: Apache-2.0

import Telephony

/// Timers of all sessions of a worker, by deadline. At most 100 a session and some hundred sessions: a sorted array does.
final class TimerQueue {
    struct Key: Hashable {
        var session: SessionID
        var id: Int
    }

    let clock: WorkerClock

    init(clock: WorkerClock) { self.clock = clock }

    /// Latest first, so that the next one is taken from the end.
    private var entries: [(deadline: Int64, key: Key)] = []

    /// Nanoseconds of the clock, nil without timers.
    var nextDeadline: Int64? { entries.last?.deadline }

    func set(_ key: Key, milliseconds: Double) {
        remove(key)
        let deadline = clock.now + Int64(milliseconds * 1e6)
        // Behind those of the same deadline: they fire in the order in which they were set.
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].deadline > deadline { low = middle + 1 } else { high = middle }
        }
        entries.insert((deadline, key), at: low)
    }

    func remove(_ key: Key) { entries.removeAll { $0.key == key } }

    func removeAll(of session: SessionID) { entries.removeAll { $0.key.session == session } }

    /// The next timer that is due.
    func takeDue(now: Int64) -> Key? {
        guard let last = entries.last, last.deadline <= now else { return nil }
        entries.removeLast()
        return last.key
    }
}
