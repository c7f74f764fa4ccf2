// SPDX-License-Identifier: Apache-2.0

extension LineProfiles {
    /// A subscriber line module (Ag1171 and its like) on GPIO lines, its audio on any sound card.
    static let gpioFXS = LineProfile(
        name: "gpio-fxs",
        words: "a telephone on a line module (Ag1171 or like it): hook, ringing mode and reversal on GPIO lines",
        capabilities: [.audio: .alsaPCM, .sense: .gpio, .keys: .inBand, .ring: .gpio],
        showsCaller: true,
        howlerMilliseconds: 60_000,
        parts: { hardware throws(LineError) in
            [try GPIOPhoneTransport(hardware.line.gpio)]
        })
}
