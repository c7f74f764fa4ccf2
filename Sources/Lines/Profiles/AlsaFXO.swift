// SPDX-License-Identifier: Apache-2.0

extension LineProfiles {
    /// The virtual landline, and any line interface whose hook and ring detector are mixer controls.
    static let alsaFXO = LineProfile(
        name: "alsa-fxo",
        words: "a landline on a sound card whose hook and ring detector are mixer controls (the virtual landline, too)",
        side: .landline,
        capabilities: [.audio: .alsaPCM, .seize: .alsaControl, .sense: .alsaControl, .keys: .inBand],
        sampleRate: 8_000,
        parts: { hardware throws(LineError) in
            let (line, profile) = (hardware.line, hardware.profile)
            let transport = try LandlineControls(
                device: line.ctl, seizeName: line.offHookControl ?? profile.offHookControl,
                ringName: line.ringControl ?? profile.ringControl)
            // Without a ring detector the bell is heard, by drivers that pass the audio of a line that is on-hook.
            return transport.tellsOfRings ? [transport] : [transport, OnHookAudio(device: line.ctl)]
        })
}

extension LineProfile {
    /// Such hardware mostly tells of its bell; whether a line's own does, its parts know (`LineTransport.tellsOfRings`).
    package var tellsOfRings: Bool { capabilities[.sense] != .inBand }
    /// Digits come as the device's own words, and as tones as well.
    var tellsOfKeys: Bool { side == .landline && capabilities[.keys] != .inBand }
}
