// SPDX-License-Identifier: Apache-2.0

extension LineProfiles {
    /// A line interface (DAA module) of one's own making: approved modules only.
    static let gpioFXO = LineProfile(
        name: "gpio-fxo",
        words:
            "a landline on a line interface (DAA module): hook relay, ring detector, loop current and other phones on GPIO lines",
        side: .landline,
        capabilities: [.audio: .alsaPCM, .seize: .gpio, .sense: .gpio, .keys: .inBand],
        parts: { hardware throws(LineError) in
            [try GPIOLandlineTransport(hardware.line.gpio)]
        },
        // The relay alone: a line must not stay taken because another pin has another name now.
        putOnHook: { hardware throws(LineError) in
            guard let name = hardware.line.gpio.seize else { return }
            _ = try GPIOLine(name, .output(initially: false))
        })
}
