// SPDX-License-Identifier: Apache-2.0

extension LineProfiles {
    /// USB voice modems (Conexant CX930xx, USRobotics 5637): a landline over a serial line, no sound card.
    static let v253 = LineProfile(
        name: "v253",
        words: "a landline on a USB voice modem (V.253): ring, caller-ID, tones and sound over its serial line",
        side: .landline,
        capabilities: [.audio: .v253, .seize: .v253, .sense: .v253, .keys: .v253],
        sampleRate: 8_000, periodMilliseconds: 20,
        parts: { hardware throws(LineError) in
            [try V253Transport(path: hardware.serialPath(), country: hardware.line.modem.country)]
        },
        putOnHook: { hardware throws(LineError) in try V253Transport.putOnHook(path: hardware.serialPath()) })
}

extension V253Transport {
    /// By the word RING.
    var tellsOfRings: Bool { true }
}
