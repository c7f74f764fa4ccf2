// SPDX-License-Identifier: Apache-2.0

extension SettingGroup {
    /// Of every key that is not absent, as TOML.
    var values: [String: String] {
        var values: [String: String] = [:]
        for key in Self.keys { values[key.name] = key.value(self) }
        return values
    }
}

extension PartylineSettings {
    /// What a running daemon takes when it reads its settings again, besides rules and phones; all else waits for a restart.
    private static let takenSections: Set<String> = ["registrar", "outside"]
    private static let takenKeys: [String: Set<String>] = [
        "sip": ["allow_without_password", "max_calls"],
        "dialling": ["emergency", "interdigit_seconds", "room_pattern", "echo_test", "milliwatt", "own_number"],
        "control": ["access_url"],
    ]

    /// What `fresh` has otherwise and only a restart takes, by section and key, or by file: "[sip] listen", "lines.d (hall)".
    package func waitingForRestart(in fresh: PartylineSettings) -> [String] {
        let keys = SettingSection.all.flatMap { section -> [String] in
            let (before, after) = (section.values(self), section.values(fresh))
            return section.keyNames.filter { key in
                before[key] != after[key] && !Self.isTaken(key, of: section.name)
            }.map { "[\(section.name)] \($0)" }
        }
        return keys
            + Self.changed(lines.map { ($0.name, $0.values) }, fresh.lines.map { ($0.name, $0.values) }, "lines.d")
            + Self.changed(gateways(true), fresh.gateways(true), "lines.d")
            + Self.changed(gateways(false), fresh.gateways(false), "trunks.d")
            + Self.changed(Self.tones(self), Self.tones(fresh), "tones.d")
    }

    /// What the calls of a running daemon go by after it has read `fresh`: that, with all that waits as it was. The emergency
    /// numbers of another country count at once, and those of the former one still do.
    package func taking(_ fresh: PartylineSettings) -> PartylineSettings {
        var taken = self
        for section in SettingSection.all {
            for key in section.keyNames where Self.isTaken(key, of: section.name) { section.copy(key, fresh, &taken) }
        }
        taken.phones = fresh.phones
        taken.rules = fresh.rules
        taken.warnings = fresh.warnings
        taken.dialling.emergency = emergencyNumbers.union(fresh.emergencyNumbers).sorted()
        return taken
    }

    private static func isTaken(_ key: String, of section: String) -> Bool {
        takenSections.contains(section) || takenKeys[section]?.contains(key) == true
    }

    /// The trunks that are landlines of gateways, or the others.
    private func gateways(_ wanted: Bool) -> [(String, [String: String])] {
        trunks.filter { $0.isGateway == wanted }.map { ($0.name, $0.values) }
    }

    /// The plan that is in force, as far as it is no number to dial.
    private static func tones(_ settings: PartylineSettings) -> [(String, [String: String])] {
        settings.tonePlan.map { [($0.country, $0.values.filter { $0.key != "emergency" })] } ?? []
    }

    private static func changed(
        _ before: [(String, [String: String])], _ after: [(String, [String: String])], _ folder: String
    ) -> [String] {
        let before = Dictionary(before, uniquingKeysWith: { first, _ in first })
        let after = Dictionary(after, uniquingKeysWith: { first, _ in first })
        return Set(before.keys).union(after.keys).sorted().filter { before[$0] != after[$0] }.map {
            "\(folder) (\($0))"
        }
    }
}
