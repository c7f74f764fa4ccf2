// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 17.1.1.2: timer B gives an INVITE up after 64 * T1, which is 32 s. Nobody waits that long for a dial tone.

import CSofia
import Logging
import Telephony

/// A trunk that says nothing at all.
extension SIPCore {
    /// Gives the branch up when nothing has come back after the trunk's patience, not even 100 Trying: the hunt then goes on to
    /// the next trunk. What still comes is answered as it should be (a late 200 with ACK and BYE).
    func expectSign(of trunk: SIPTrunk, for dialog: SIPDialog) {
        let token = dialog.token
        after(milliseconds: trunk.account.patience * 1_000) { core in
            guard let dialog = core.dialogs[token], dialog.machine.state == .calling, !dialog.hasHeard else { return }
            core.logger.warning(
                "sip trunk silent name=\(trunk.account.name) seconds=\(trunk.account.patience), the next one is tried")
            core.run(dialog, .hangUp(.recoveryOnTimerExpiry))
            // It is looked after at once; calls of the next seconds may still have to wait.
            core.doubt(trunk)
        }
    }
}
