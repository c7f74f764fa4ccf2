// SPDX-License-Identifier: Apache-2.0

import CSofia
import Logging
import SDP

/// What is thrown away unread: in a flood the first thing to give way is what strangers send, so that the queue is short for
/// phones of the house, trunks and calls.
extension SIPCore {
    /// One line in so many milliseconds tells how much it was.
    private static let tellingInterval = 10_000

    /// Whether the datagram at the front of a socket's queue goes. Says no to everybody but strangers; must be quick.
    /// - Parameter bytes: its source, in network order.
    func sheds(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let source = IPAddress(bytes: bytes)?.unmapped else { return true }
        guard case .stranger = standing(of: source), !dialogs.hasCalled(source) else { return false }
        let now = ContinuousClock.now
        // Of whoever is banned it has been told.
        if bans.isBanned(source) { return !strangers.wouldLookAtBanned(source, now: now) }
        guard !strangers.wouldLook(at: source, now: now) else { return false }
        noteUnread(source, now)
        return true
    }

    /// Ban tools learn of whoever floods, as far as it is one address.
    func noteUnread(_ source: IPAddress, _ now: ContinuousClock.Instant) {
        if strangers.isOverItsShare(source, now: now), strangers.shallReport(source, now: now) {
            logger.notice("sip refused source=\(source) method=any user=- reason=flood")
        }
        unread += 1
        guard unread == 1 else { return }
        after(milliseconds: Self.tellingInterval) { core in
            core.logger.notice("sip flood unread=\(core.unread) seconds=\(Self.tellingInterval / 1_000)")
            core.unread = 0
        }
    }
}
