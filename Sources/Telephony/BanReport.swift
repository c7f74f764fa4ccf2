// SPDX-License-Identifier: Apache-2.0

/// A source from which nothing is taken for a while (`partyline bans`).
package struct BanReport: Sendable, Hashable, Codable {
    /// An address; of IPv6 the network of 64 bits that it stands for.
    package var source = ""
    package var secondsLeft = 0
    /// Bans of this source so far.
    package var times = 0

    package init() {}
}

/// Who keeps the bans.
package protocol BanKeeper: Sendable {
    var banReports: [BanReport] { get }
    /// False when the text is no address, or it is not banned.
    func unban(_ source: String) -> Bool
}
