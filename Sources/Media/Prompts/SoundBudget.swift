// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How many bytes of samples may be in memory at a time, whoever holds them: players, the store of sounds, what is being read.
/// Any thread. What a file or a script wants is asked for here before a byte is allocated, so that nothing from outside can
/// make the daemon run out of memory.
package final class SoundBudget: Sendable {
    package let mostBytes: Int
    /// A sound of this size or less may use all of it; a larger one leaves a quarter to them: greetings are heard even where
    /// music takes what there is.
    package static let smallBytes = 2 << 20

    private let used = Atomic(0)

    package init(mostBytes: Int) { self.mostBytes = max(0, mostBytes) }

    package var usedBytes: Int { used.load(ordering: .relaxed) }

    /// False when there is no room; otherwise `give` follows one day.
    func take(_ bytes: Int) -> Bool {
        guard bytes >= 0 else { return false }
        let most = bytes <= Self.smallBytes ? mostBytes : mostBytes / 4 * 3
        var known = used.load(ordering: .relaxed)
        while bytes <= most - known {
            let (isDone, now) = used.compareExchange(expected: known, desired: known + bytes, ordering: .relaxed)
            if isDone { return true }
            known = now
        }
        return false
    }

    func give(_ bytes: Int) { used.subtract(bytes, ordering: .relaxed) }
}
