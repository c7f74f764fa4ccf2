// SPDX-License-Identifier: Apache-2.0

extension LineProfiles {
    /// CM109 (KIP1000, G-talk, USBPH01, AU-100) and Yealink P1K phones: the kernel's drivers make a keyboard of them.
    static let evdevPhone = LineProfile(
        name: "evdev-phone",
        words: "a USB phone that the kernel shows as a keyboard (CM109, Yealink); it is grabbed and types nowhere else",
        capabilities: [.audio: .alsaPCM, .sense: .evdev, .keys: .evdev, .ring: .evdev],
        recognises: { unit in
            unit.card != nil && !unit.inputs.isEmpty
                && [USBID(0x0D8C, 0x000E), USBID(0x6993, 0xB001)].contains(unit.id)
        },
        parts: { hardware throws(LineError) in
            [try EvdevTransport(path: hardware.eventPath())]
        })
}
