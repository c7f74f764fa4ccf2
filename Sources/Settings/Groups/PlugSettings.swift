// SPDX-License-Identifier: Apache-2.0

/// `[plug_and_play]`: USB telephones that become lines by being plugged in.
package struct PlugSettings: SettingGroup {
    package var isOn = true
    package var firstExtension = "21"

    package init() {}

    static let keys: [SettingKey<PlugSettings>] = [
        SettingKey(
            "enabled", \.isOn, .boolean,
            "Whether a USB telephone that is plugged in becomes a line by itself, with a free extension that it keeps. "
                + "A telephone that a file of lines.d is about (usb, serial, usb_port) is left to that file."),
        SettingKey(
            "first_extension", \.firstExtension, .digits(1...4),
            "The first extension to be given to a telephone that is plugged in; one is taken that no telephone, rule, number to try a "
                + "line or emergency number has, and none that room_pattern or the prefix for outside takes where there are others. "
                + "When the settings give such a number to somebody else later, the telephone gets another."),
    ]
}
