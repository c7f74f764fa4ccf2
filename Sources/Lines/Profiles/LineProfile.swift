// SPDX-License-Identifier: Apache-2.0

package import Telephony

/// A sort of line hardware: what it is made of, and the defaults that fit it.
package struct LineProfile: Sendable {
    /// As `preset` names it in the settings.
    package let name: String
    package let words: String
    package let offHookControl: String
    package let ringControl: String
    package let sampleRate: Int
    package let periodMilliseconds: Double
    package let hookTiming: HookStateMachine.Timing
    /// The bell's cadence.
    package let ringMilliseconds: Int64
    package let pauseMilliseconds: Int64
}

/// Every sort of line there is: another one is another row (and, where its hook or bell is no mixer control, its transport).
package enum LineProfiles {
    package static let all: [LineProfile] = [
        LineProfile(
            name: "alsa-fxs",
            words:
                "a telephone on a sound card whose hook switch and bell are mixer controls (the virtual line card, too)",
            offHookControl: "Off-hook Switch", ringControl: "Ring Switch", sampleRate: 16_000, periodMilliseconds: 5,
            hookTiming: .standard, ringMilliseconds: 1_000, pauseMilliseconds: 4_000)
    ]

    package static func named(_ name: String) -> LineProfile? { all.first { $0.name == name } }
}
