// SPDX-License-Identifier: Apache-2.0
// RFC 4568 section 7: keys in a description are as secret as the way that it takes.

import SDP

extension SIPCore {
    /// How audio may be agreed on over that transport. Keys travel by TLS only, unless the settings say otherwise.
    /// - Parameter own: what a phone or trunk wants for itself; nil: as for everybody.
    /// - Throws: where security is required and the way is not safe.
    func audioPreferences(_ transport: String, own: SecurityPolicy? = nil) throws(Refusal) -> AudioPreferences {
        var preferences = options.audio
        preferences.security = own ?? options.audio.security
        guard transport != "tls", !options.takesKeysInClear else { return preferences }
        guard preferences.security != .required else {
            throw Refusal(
                status: 488, reason: "keys-in-clear",
                lines: "Warning: 399 partyline \"secured audio is required, and its keys are taken over TLS only\"")
        }
        preferences.security = .off
        return preferences
    }
}
