// SPDX-License-Identifier: Apache-2.0

/// A telephone line of the box: a file of `lines.d`, or a `[[line]]` in one.
package struct LineSettings: SettingGroup {
    /// The name of the file without ".toml" where none is set.
    package var name = ""
    package var preset = "alsa-fxs"
    package var pcm = ""
    package var ctl = ""
    package var `extension`: String?
    package var sampleRate = 16_000
    /// Nil: as `[mix] local_period_ms`.
    package var periodMilliseconds: Double?
    /// Dialled when the handset is lifted; nil: the caller dials.
    package var route: String?
    /// Lines with the same word stand in one acoustic room.
    package var sameRoom: String?
    package var offHookControl = "Off-hook Switch"
    package var ringControl = "Ring Switch"
    package var isRequired = false

    package init() {}

    static let keys: [SettingKey<LineSettings>] = [
        SettingKey(
            "name", \.name, .name, example: "\"hall\"",
            "Name of the line in reports and commands; where it is left out, that of the file."),
        SettingKey(
            "preset", \.preset, .word(["alsa-fxs"]),
            "The sort of line. alsa-fxs: a phone on a sound card whose hook switch and bell are mixer controls."),
        SettingKey(
            "pcm", \.pcm, .device, example: "\"hw:CARD=Phone\"", isRequired: true,
            "The ALSA device for audio, as \"aplay -L\" names it."),
        SettingKey(
            "ctl", \.ctl, .device, example: "\"hw:CARD=Phone\"", isRequired: true,
            "The ALSA device with the mixer controls, as \"amixer -D\" takes it."),
        SettingKey(
            "extension", \.extension, .optional(.digits(1...8)), example: "\"21\"",
            "The number under which the other phones call this one."),
        SettingKey(
            "rate", \.sampleRate, .integer(oneOf: [8_000, 16_000, 48_000]), unit: "Hz",
            "Sampling rate of the card; the nearest that it knows is taken."),
        SettingKey(
            "period_ms", \.periodMilliseconds, .optional(.number(oneOf: [2.5, 5])), unit: "ms, 2.5 or 5", example: "5",
            "How often the card is served; where it is left out, as [mix] local_period_ms."),
        SettingKey(
            "route", \.route,
            .optional(.text("a number or a conference id, such as \"conf_111\"", maximum: 64) { !$0.contains(" ") }),
            example: "\"conf_111\"",
            "Hot line: lifting the handset dials this, and goes through the rules with it."),
        SettingKey(
            "same_room", \.sameRoom, .optional(.name), example: "\"hall\"",
            "Lines with the same word here stand in one room of the house: they do not hear each other in a "
                + "conference, which would howl."),
        SettingKey(
            "off_hook_control", \.offHookControl, .control,
            "The mixer control that is on while the handset is "
                + "lifted."),
        SettingKey("ring_control", \.ringControl, .control, "The mixer control that rings the bell."),
        SettingKey(
            "required", \.isRequired, .boolean,
            "Whether the daemon refuses to start without this line. Otherwise it waits for the device."),
    ]
}

extension SettingKind<String> {
    fileprivate static let device = text("the name of an ALSA device, such as \"hw:CARD=Phone\"")
    fileprivate static let control = text("the name of a mixer control (up to 43 characters)", maximum: 43)
}
