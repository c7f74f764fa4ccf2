// SPDX-License-Identifier: Apache-2.0

/// `[recordings]`: what is recorded of calls and rooms.
package struct RecordingSettings: SettingGroup {
    package var most = 32
    package var maxMinutes = 240
    package var keepFreeMegabytes = 256
    package var keepDays = 0

    package init() {}

    static let keys: [SettingKey<RecordingSettings>] = [
        SettingKey("max", \.most, .integer(0...1_024), unit: "recordings", "Recordings at the same time."),
        SettingKey(
            "max_minutes", \.maxMinutes, .integer(1...1_440), unit: "min", "A longer recording ends by itself."),
        SettingKey(
            "keep_free_megabytes", \.keepFreeMegabytes, .integer(16...1_000_000), unit: "MB",
            "So much of the disk stays free: recordings end before."),
        SettingKey(
            "keep_days", \.keepDays, .integer(0...36_500), unit: "days, 0: for ever",
            "Older recordings are deleted."),
    ]
}
