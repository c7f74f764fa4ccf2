// SPDX-License-Identifier: Apache-2.0

extension LineProfiles {
    /// A line interface (DAA module) of one's own making: approved modules only.
    static let gpioFXO = LineProfile(
        name: "gpio-fxo",
        words: "a landline on a line interface (DAA module): hook relay, ring detector and loop current on GPIO lines",
        side: .landline,
        capabilities: [.audio: .alsaPCM, .seize: .gpio, .sense: .gpio, .keys: .inBand],
        open: { hardware throws(LineError) in
            let transport = try GPIOLandlineTransport(hardware.line.gpio)
            return ComposedDevice(audio: try hardware.card(), transports: [transport])
        })
}
