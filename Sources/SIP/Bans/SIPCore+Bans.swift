// SPDX-License-Identifier: Apache-2.0

import Logging
import SDP

extension SIPCore {
    /// A wrong password from there; the tenth within ten minutes bans the source. Never from an address on the list, or where
    /// a phone of the house is registered: others may share it.
    func noteFailure(_ source: IPAddress) {
        guard case .stranger = standing(of: source), let ban = bans.fail(source) else { return }
        let seconds = Int(ban.until - bans.now)
        logger.warning("sip banned source=\(source) seconds=\(seconds) times=\(ban.times)")
    }
}
