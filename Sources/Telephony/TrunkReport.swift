// SPDX-License-Identifier: Apache-2.0

/// A trunk, as `partyline trunks` shows it.
package struct TrunkReport: Sendable, Hashable, Codable {
    package var name = ""
    package var server = ""
    package var transport = ""
    /// Where its server is.
    package var address = ""
    /// What the outside sees of this box; empty: the box's own address.
    package var externalAddress = ""
    /// "registered", "registering", "refused", "unreachable", "reachable", "not asked", "no address", "no listener".
    package var state = ""
    /// Until it registers anew at the latest.
    package var expiresSeconds = 0
    /// Until the next try.
    package var retrySeconds = 0
    /// The SIP status of the last refusal; 0: none.
    package var lastStatus = 0
    package var calls = 0

    package init() {}
}
