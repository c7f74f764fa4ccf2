// SPDX-License-Identifier: Apache-2.0

import Telephony

/// What `partyline line NAME …` can ask of a landline.
package enum LandlineQuestion: String, Sendable, Hashable, CaseIterable {
    /// What the line's own release tone is, as far as it was heard.
    case learn
    /// Takes over what `learn` told.
    case accept
    /// Forgets what was taken over.
    case forget
    /// Seizes the line for some seconds and measures it.
    case test
    /// How the line is, without touching it.
    case doctor
    case hangUp = "hangup"
}
