// SPDX-License-Identifier: Apache-2.0

package import Telephony

/// What telephones of a country expect of their exchange, besides the tones.
package struct StationCountry: Sendable {
    /// The bell by who calls, milliseconds on and off in turn; `inside` stands for all that are not named.
    package var cadences: [DialRequest.Caller: [Int64]] = [.inside: [1_000, 4_000]]
    /// How a telephone is told who calls, as tone plans name it.
    package var callerID = "none"
    /// An on-hook time within these is a flash.
    package var flashMilliseconds: ClosedRange<Int64> = 50...600
    /// The house's day and time as eight digits, month first; for displays.
    package var date: @Sendable () -> String = { "" }

    package init() {}

    func cadence(for caller: DialRequest.Caller) -> [Int64] { cadences[caller] ?? cadences[.inside] ?? [1_000, 4_000] }
}
