// SPDX-License-Identifier: Apache-2.0

extension LineProfiles {
    /// A C-Media sound stick with a line interface (DAA module) soldered to its pins: approved modules only.
    static let cm108FXO = LineProfile(
        name: "cm108-fxo",
        words:
            "a landline on a CM108 or CM119 sound stick: GPIO 3 draws the hook relay, volume-down is the ring detector, "
            + "volume-up tells of other phones",
        side: .landline,
        capabilities: [.audio: .alsaPCM, .seize: .hidMap, .sense: .hidMap, .keys: .inBand],
        parts: { hardware throws(LineError) in
            [try CM108LandlineTransport(path: hardware.hidPath())]
        })
}
