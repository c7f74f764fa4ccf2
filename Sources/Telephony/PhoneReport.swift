// SPDX-License-Identifier: Apache-2.0

/// A SIP phone of the house, as `partyline phones` shows it.
package struct PhoneReport: Sendable, Hashable, Codable {
    /// Where the phone says it can be called.
    package struct Contact: Sendable, Hashable, Codable {
        package var address = ""
        package var transport = ""
        package var uri = ""
        package var product = ""
        package var expiresSeconds = 0

        package init() {}
    }

    package var name = ""
    package var `extension` = ""
    package var displayName = ""
    package var contacts: [Contact] = []

    package init() {}
}

/// Who knows how the SIP phones and trunks are. Called from any thread; returns at once.
package protocol AccountReporter: Sendable {
    func phoneReports() -> [PhoneReport]
    func trunkReports() -> [TrunkReport]
    /// The sockets of gateways that are written as lines (preset sip-gw), telephones first.
    func gatewayReports() -> [LineReport]
}
