// SPDX-License-Identifier: Apache-2.0

import Telephony

extension LineProfiles {
    /// Desk phones, headsets and speakerphones that speak the HID telephony page. Ring lamp and off-hook lamp are states:
    /// the phone makes its own cadence, and believes that it is in a call as long as the lamp says so.
    static let hidPhone = LineProfile(
        name: "hid-phone",
        words: "a USB desk phone, headset or speakerphone with the HID telephony page; its lamps follow the call",
        capabilities: [.audio: .alsaPCM, .seize: .hid, .sense: .hid, .keys: .hid, .ring: .hid],
        hookTiming: HookStateMachine.Timing(liftMilliseconds: 0, flashMilliseconds: 50...300),
        makesCadence: true,
        recognises: { $0.card != nil && $0.telephonyNode != nil },
        parts: { hardware throws(LineError) in
            [try HIDTransport(path: hardware.hidPath())]
        })
}
