// SPDX-License-Identifier: Apache-2.0
// mdoc(7), the macros of manual pages.

extension Settings {
    /// man/partyline.toml.5: every file, every key, from the same declarations as the sample.
    package static func manual() -> String {
        var lines = Self.opening
        for section in SettingSection.all {
            lines += [".Ss [\(section.name)]", escaped(section.text), ".Bl -tag -width Ds"]
            lines += section.describe().flatMap(entry) + [".El"]
        }
        let groups: [(title: String, text: [String], keys: [SettingDescription])] = [
            (
                "LINES",
                [
                    "A file", ".Pa lines.d/NAME.toml", "is a telephone line, or several as",
                    ".Li [[line]] .", "The keys of a line are:",
                ], LineSettings.descriptions
            ),
            (
                "PHONES",
                [
                    "A file", ".Pa phones.d/NAME.toml", "is a SIP phone of the house, or several as",
                    ".Li [[phone]] .",
                    "It registers with its name and password, reaches rooms and extensions by their plain numbers, and",
                    "rings when its extension is dialled.", "The keys of a phone are:",
                ], PhoneSettings.descriptions
            ),
            (
                "TRUNKS",
                [
                    "A file", ".Pa trunks.d/NAME.toml", "is an account with a provider of telephony, or several as",
                    ".Li [[trunk]] .", "Calls that come by it go through the rules as from \"trunks\";",
                    "calls go out by it where", ".Li [outside]", "allows them.", "The keys of a trunk are:",
                ], TrunkSettings.descriptions
            ),
            (
                "RULES",
                [
                    ".Pa rules.toml", "is an ordered list of", ".Li [[rule]] .",
                    "The first that matches number and origin of a call wins.", "The keys of a rule are:",
                ], RuleSettings.descriptions
            ),
            (
                "TONES",
                [
                    "A file", ".Pa tones.d/COUNTRY.toml", "is the tone plan of a country.",
                    "Its keys are:",
                ], TonePlanSettings.descriptions
            ),
        ]
        for group in groups {
            lines += [".Sh \(group.title)"] + group.text + [".Bl -tag -width Ds"]
            lines += group.keys.flatMap(entry) + [".El"]
        }
        return (lines + closing).joined(separator: "\n") + "\n"
    }

    private static let opening = [
        ".\\\" SPDX-License-Identifier: Apache-2.0",
        ".\\\" Generated from the declarations of the keys (Sources/Settings); do not edit.",
        ".Dd November 24, 2026", ".Dt PARTYLINE.TOML 5", ".Os Partyline",
        ".Sh NAME", ".Nm partyline.toml", ".Nd configuration of the telephone exchange Partyline",
        ".Sh DESCRIPTION",
        ".Xr partylined 8", "reads the folder", ".Pa /etc/partyline :",
        ".Bl -tag -width scenarios/*.js -compact",
        ".It Pa partyline.toml", "the settings below",
        ".It Pa rules.toml", "which scenarios answer which numbers",
        ".It Pa lines.d/*.toml", "the telephone lines",
        ".It Pa phones.d/*.toml", "the SIP phones of the house",
        ".It Pa trunks.d/*.toml", "the accounts with providers",
        ".It Pa tones.d/*.toml", "the tones of each country",
        ".It Pa scenarios/*.js", "the scenarios",
        ".El",
        ".Pp",
        "All are TOML (https://toml.io).",
        "Everything is read and checked before anything of it is used;", ".Ql partylined --check",
        "prints each problem as", ".Ql FILE:LINE:COLUMN: error: what is wrong; what to write instead .",
        "An unknown key is an error.",
        "Symbolic links within the folder are not followed, and a file has at most 1 MiB.",
        ".Sh SETTINGS",
        "The sections of", ".Pa partyline.toml ,", "each with its keys.",
        "A key that is left out has its default.",
    ]

    private static let closing = [
        ".Sh DIALLING",
        "A phone on a line dials in one plan: an emergency number (no", ".Ql #", "needed), an extension, a room.",
        ".Ql #", "ends a number at once, otherwise silence does.",
        "An extension that is or begins with an emergency number is an error.",
        "What may be called outside comes before rooms, or begins with the prefix of",
        ".Li [outside] .",
        ".Sh EXAMPLES",
        "A phone in the hall that is connected with room 111 as soon as it is lifted:",
        ".Bd -literal -offset indent",
        "pcm = \"hw:CARD=Phone\"", "ctl = \"hw:CARD=Phone\"", "extension = \"21\"", "route = \"conf_111\"",
        ".Ed",
        ".Sh SEE ALSO", ".Xr partyline 1 ,", ".Xr partylined 8",
    ]

    private static func entry(_ setting: SettingDescription) -> [String] {
        var lines = [".It Ic \(setting.key)"] + wrapped(setting.text, 100).map(escaped)
        let unit = setting.unit.isEmpty ? "" : " (\(setting.unit))"
        lines += [".br"] + wrapped("Takes \(setting.words)\(unit).", 100).map(escaped)
        if setting.isRequired { lines.append("Must be there.") }
        if let text = setting.defaultText { lines += [".br", escaped("Default: \(text)")] }
        if let example = setting.example { lines += [".br", escaped("Example: \(setting.key) = \(example)")] }
        return lines
    }

    /// Backslashes, and what roff would take for a macro at the beginning of a line.
    private static func escaped(_ line: String) -> String {
        let text = line.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\e")
        return text.first == "." || text.first == "'" ? "\\&" + text : text
    }
}
