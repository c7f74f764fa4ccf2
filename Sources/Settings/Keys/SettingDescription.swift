// SPDX-License-Identifier: Apache-2.0

/// A setting as sample and manual show it.
package struct SettingDescription: Sendable, Hashable {
    package var key: String
    /// What it may be.
    package var words: String
    package var unit: String
    package var text: String
    /// As TOML; nil for none.
    package var defaultText: String?
    package var example: String?
    package var isRequired: Bool
}

extension SettingGroup {
    static var descriptions: [SettingDescription] {
        keys.map { key in
            SettingDescription(
                key: key.name, words: key.words, unit: key.unit, text: key.text, defaultText: key.defaultText(),
                example: key.example, isRequired: key.isRequired)
        }
    }
}
