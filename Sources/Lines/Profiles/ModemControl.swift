// SPDX-License-Identifier: Apache-2.0

extension LineProfiles {
    /// MC'97 and Si3054 modems of old laptops: their drivers have the hook as a mixer control and nothing for the ring, which is
    /// heard in the audio; that of a line that is on-hook comes by a second control.
    static let modemControl = LineProfile(
        name: "modem-ctl",
        words: "a landline on a laptop's soft modem (MC'97, Si3054): the hook is a mixer control, the ring is heard",
        side: .landline,
        capabilities: [.audio: .alsaPCM, .seize: .alsaControl, .sense: .inBand, .keys: .inBand],
        offHookControl: "Off-hook Switch", ringControl: "", sampleRate: 8_000, periodMilliseconds: 10,
        parts: { hardware throws(LineError) in
            let name = hardware.line.offHookControl ?? hardware.profile.offHookControl
            let controls = try LineControls(device: hardware.line.ctl, hookName: name, ringName: name)
            return [SeizingControl(controls), OnHookAudio(device: hardware.line.ctl)]
        })
}
