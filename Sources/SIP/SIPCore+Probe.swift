// SPDX-License-Identifier: Apache-2.0

import CSofia
import Logging
import Telephony

/// Asks far ends that send no audio whether they are still there.
extension SIPCore {
    func probe(_ dialog: SIPDialog, _ input: LivenessProbe.Input) {
        switch dialog.liveness.take(input) {
        case .wait(let number):
            let token = dialog.token
            after(milliseconds: options.probeSeconds * 1000) { core in
                guard let dialog = core.dialogs[token], !dialog.hasReleased else { return }
                core.probe(dialog, .timerRang(number))
            }
        case .ask:
            // Before the call is answered it has timers of its own.
            guard dialog.machine.state == .confirmed, let call = dialog.call else {
                return probe(dialog, .answered(200))
            }
            csofia_send_options(call)
        case .end:
            logger.notice("sip far end gone leg=\(dialog.leg.number) words=\"no audio is expected, and no answer\"")
            run(dialog, .hangUp(.recoveryOnTimerExpiry))
        case nil:
            break
        }
    }
}
