// SPDX-License-Identifier: Apache-2.0

extension LineProfiles {
    /// The virtual line card, and any card with a hook control.
    static let alsaFXS = LineProfile(
        name: "alsa-fxs",
        words: "a telephone on a sound card whose hook switch and bell are mixer controls (the virtual line card, too)",
        capabilities: [.audio: .alsaPCM, .sense: .alsaControl, .keys: .inBand, .ring: .alsaControl],
        sampleRate: 16_000,
        showsCaller: true,
        howlerMilliseconds: 60_000,
        parts: { hardware throws(LineError) in
            let (line, profile) = (hardware.line, hardware.profile)
            let controls = try LineControls(
                device: line.ctl, hookName: line.offHookControl ?? profile.offHookControl,
                ringName: line.ringControl ?? profile.ringControl)
            return [ALSAControlTransport(controls)]
        })
}
