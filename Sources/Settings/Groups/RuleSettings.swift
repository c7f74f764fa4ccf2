// SPDX-License-Identifier: Apache-2.0

package import Patterns
package import Telephony

/// A rule: which scenarios answer which numbers. The first that matches wins.
package struct RuleSettings: SettingGroup {
    package var name = ""
    /// Never nil in settings that were loaded.
    package var pattern: Pattern?
    /// Where the pattern stands in rules.toml, from 1.
    package var patternLine = 1
    package var patternColumn = 1
    /// From where a call must come.
    package var origins = Set(CallOrigin.allCases)
    /// File names in the folder `scenarios`, in order, run as one script.
    package var scenarios: [String] = []

    package init() {}

    /// Whether a call to `destination` from there is this rule's. A pattern that gives up at its limits does not match.
    package func matches(_ destination: String, from origin: CallOrigin) -> Bool {
        guard origins.contains(origin), let pattern else { return false }
        do { return try pattern.matches(destination) } catch { return false }
    }

    static let keys: [SettingKey<RuleSettings>] = [
        SettingKey(
            "name", \.name, .name, example: "\"conference\"", isRequired: true,
            "Name of the rule in logs and reports."),
        SettingKey(
            "pattern", \.pattern, .optional(.pattern), unit: "regular expression", example: "'conf_.*'",
            isRequired: true,
            "Must match the whole of what was dialled (PCRE2). Where a phone of the house dials a number that room_pattern "
                + "takes, 80 for instance, both 80 and conf_80 are asked for, and the first rule that takes one of them "
                + "wins: a service of your own has pattern = '80' and stands in front of the rule for rooms. A rule for "
                + "everything ('.*') is asked last."),
        SettingKey(
            "from", \.origins, .origins,
            "Where the call comes from: \"inside\" (a script of the box), \"phones\" (SIP phones), \"trunks\", "
                + "\"lines\" (phones and landlines of the box), or \"anywhere\"; one of them or a list."),
        SettingKey(
            "scenarios", \.scenarios, .list(.scenarioFile, 1...16, of: "files"), example: "[\"conference.js\"]",
            isRequired: true,
            "Files in the folder scenarios, run in this order as one script."),
    ]
}

extension SettingKind<Set<CallOrigin>> {
    private static let known = CallOrigin.allCases.map(\.rawValue) + ["anywhere"]

    fileprivate static let origins = SettingKind(
        words: "one of " + known.map(\.tomlText).joined(separator: ", ") + ", or a list of them",
        read: { value, misfits in
            let word = SettingKind<String>.word(known)
            let words: [String]?
            if case .array = value.content {
                words = SettingKind<[String]>.list(word, 1...5, of: "origins").read(value, &misfits)
            } else {
                words = word.read(value, &misfits).map { [$0] }
            }
            guard let words else { return nil }
            return words.contains("anywhere") ? Set(CallOrigin.allCases) : Set(words.compactMap(CallOrigin.init))
        },
        write: { origins in
            let words = origins.map(\.rawValue).sorted().map(\.tomlText)
            return origins.count == CallOrigin.allCases.count ? "\"anywhere\"" : "[\(words.joined(separator: ", "))]"
        })
}

extension SettingKind<String> {
    /// A plain file name: no folder, nothing hidden, a script by its ending.
    fileprivate static let scenarioFile = text("the name of a file in the folder scenarios, such as \"gateway.js\"") {
        text in
        text.hasSuffix(".js") && text.utf8.count > 3 && !text.contains("/") && text.first != "."
    }
}
