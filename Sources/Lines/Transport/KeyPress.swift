// SPDX-License-Identifier: Apache-2.0

/// Makes one press of what a bad key or driver sends as several: an equal key within 80 ms is the same press.
struct KeyPressFilter<Key: Hashable & Sendable>: Sendable {
    private var last: (key: Key, at: Int64)?
    private let milliseconds: Int64

    init(milliseconds: Int64 = 80) { self.milliseconds = milliseconds }

    /// True: a press of its own.
    mutating func isNew(_ key: Key, now: Int64) -> Bool {
        defer { last = (key, now) }
        guard let last, last.key == key else { return true }
        return now &- last.at >= milliseconds
    }
}
