// SPDX-License-Identifier: Apache-2.0

extension Settings {
    private static let width = 110
    /// Where the margin with the units begins.
    private static let margin = 60

    /// etc/partyline/partyline.toml: every key with its default, commented out.
    package static func sample() -> String {
        var lines = [
            "# The settings of Partyline; partyline.toml(5) is the manual. Every key is here with its default, "
                + "commented out.",
            "# After a change: partylined --check, then systemctl reload partylined; its log names what only a restart takes.",
            "# (This file is generated from the program: partylined --print-sample.)",
        ]
        for section in SettingSection.all {
            lines += ["", "# " + section.text, "[\(section.name)]"]
            for description in section.describe() { lines += sample(description) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What `partylined --print-sample SUBJECT` prints; nil for what there is none of.
    package static func sample(of subject: String?) -> String? {
        switch subject {
        case nil: sample()
        case "lines": sampleLine()
        case "phones": samplePhone()
        case "trunks": sampleTrunk()
        default: nil
        }
    }

    /// etc/partyline/lines.d/line.toml.sample: a line, commented out.
    package static func sampleLine() -> String {
        var lines = [
            "# A telephone line. Copy this file to a name that ends in .toml, and give what its preset needs.",
            "# (Generated from the program: partylined --print-sample lines.)",
        ]
        for description in LineSettings.descriptions { lines += sample(description) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// etc/partyline/phones.d/phone.toml.sample: a phone, commented out.
    package static func samplePhone() -> String {
        var lines = [
            "# A SIP phone of the house. Copy this file to a name that ends in .toml, and give a password.",
            "# (Generated from the program: partylined --print-sample phones.)",
        ]
        for description in PhoneSettings.descriptions { lines += sample(description) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// etc/partyline/trunks.d/trunk.toml.sample: a trunk, commented out.
    package static func sampleTrunk() -> String {
        var lines = [
            "# An account with a provider. Copy this file to a name that ends in .toml; server, user and password are",
            "# what the provider tells. (Generated from the program: partylined --print-sample trunks.)",
        ]
        for description in TrunkSettings.descriptions { lines += sample(description) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func sample(_ setting: SettingDescription) -> [String] {
        var line = "\(setting.isRequired ? "" : "# ")\(setting.key) = \(setting.defaultText ?? setting.example ?? "")"
        if !setting.unit.isEmpty {
            line += String(repeating: " ", count: max(2, margin - line.count)) + "# " + setting.unit
        }
        return [""] + wrapped(setting.text, width - 2).map { "# " + $0 } + [line]
    }

    /// At spaces; a longer word stands alone.
    static func wrapped(_ text: String, _ width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
