// SPDX-License-Identifier: Apache-2.0

import Patterns
import Telephony

extension Loading {
    /// More are hardly written by hand, and each pattern is tried.
    private static let maximumRules = 500

    /// rules.toml, and whether the scenarios that it names are there.
    mutating func readRules(_ folder: borrowing ConfigurationFolder) {
        let file = "rules.toml"
        let remedy = "create it with at least one [[rule]]; without rules nobody is answered"
        guard let entries = entries(file, in: folder, as: file, remedy: remedy) else { return }
        var misfits = report(on: file)
        for entry in entries where entry.key != "rule" && !misfits.isFull {
            misfits.error(
                entry.keyPlace, "unknown key \(entry.key.quoted)",
                RuleSettings.keys.contains { $0.name == entry.key }
                    ? "write it below [[rule]]" : NearestWord.remedy(entry.key, among: ["rule"], noun: "key"))
        }
        let list = entries.first { $0.key == "rule" }
        switch list?.value.content {
        case .array(let tables) where tables.count <= Self.maximumRules:
            for table in tables where !misfits.isFull { readRule(table, file, &misfits) }
        case .array:
            misfits.error(
                list?.value.place ?? .start, "more than \(Self.maximumRules) rules",
                "let one pattern take several numbers")
        case .some:
            misfits.error(list?.value.place ?? .start, "rule is no list", "write [[rule]] in two brackets")
        case nil: break
        }
        if settings.rules.isEmpty, misfits.all.isEmpty {
            misfits.error(.start, "there is no [[rule]], so nobody is answered", "write at least one")
        }
        keep(misfits)
        checkScenarioFiles(folder)
        checkReachable()
    }

    private mutating func readRule(_ table: TOMLValue, _ file: String, _ misfits: inout Misfits) {
        guard case .table(let entries) = table.content else {
            misfits.error(table.place, "\(table.words) is no rule", "write [[rule]] and its keys below")
            return
        }
        settings.rules.append(RuleSettings(entries, at: table.place, in: "a [[rule]]", &misfits))
        let index = settings.rules.count - 1
        var keys: [String: Place] = [:]
        for entry in entries {
            keys[entry.key] = entry.value.place
            if entry.key == "pattern" {
                settings.rules[index].patternLine = entry.value.place.line
                settings.rules[index].patternColumn = entry.value.place.column
            }
            if entry.key == "scenarios", case .array(let elements) = entry.value.content {
                for (index, element) in elements.enumerated() { keys["scenarios.\(index)"] = element.place }
            }
        }
        places.rules.append(SettingPlaces.Keys(file: file, whole: table.place, keys: keys))
    }

    private mutating func checkScenarioFiles(_ folder: borrowing ConfigurationFolder) {
        guard !settings.rules.isEmpty else { return }
        do throws(ConfigurationFolder.Fault) {
            let inner = try folder.folder("scenarios")
            let names = try inner.names().filter { $0.hasSuffix(".js") }
            for (index, rule) in settings.rules.enumerated() {
                for (position, scenario) in rule.scenarios.enumerated() {
                    do throws(ConfigurationFolder.Fault) {
                        try inner.probe(scenario)
                    } catch {
                        let remedy =
                            error.isMissing
                            ? "create scenarios/\(scenario), or "
                                + NearestWord.remedy(scenario, among: names, noun: "file there") : error.remedy
                        note(places.rules[index].place("scenarios.\(position)")) {
                            $0.error($1, "the scenario \(scenario.quoted): \(error.what)", remedy)
                        }
                    }
                }
            }
        } catch {
            note(FilePlace(file: "scenarios", place: .start)) {
                $0.error(
                    $1, error.what,
                    error.isMissing ? "create it and put the scenarios of rules.toml there" : error.remedy)
            }
        }
    }

    /// Names that stand twice, and rules that are never reached.
    private mutating func checkReachable() {
        var names: [String: Int] = [:]
        var taken: [String: Set<CallOrigin>] = [:]
        var allTaken: [CallOrigin: String] = [:]
        for (index, rule) in settings.rules.enumerated() {
            if !rule.name.isEmpty, let former = names.updateValue(index, forKey: rule.name) {
                let line = places.rules[former].place("name").place.line
                note(places.rules[index].place("name")) {
                    $0.error($1, "the rule \(rule.name.quoted) is there already, in line \(line)", "write another name")
                }
            }
            guard let pattern = rule.pattern, !rule.origins.isEmpty else { continue }
            let former = rule.origins.compactMap { allTaken[$0] }
            if former.count == rule.origins.count, let first = former.sorted().first {
                note(places.rules[index].place("pattern")) {
                    $0.warning(
                        $1, "this rule is never reached: \(first.quoted) before it takes every number",
                        "move this rule in front of that one")
                }
            } else if taken[pattern.text, default: []].isSuperset(of: rule.origins) {
                note(places.rules[index].place("pattern")) {
                    $0.warning(
                        $1, "this rule is never reached: the same pattern stands before", "remove one of the two")
                }
            } else {
                checkBehindRooms(index)
            }
            taken[pattern.text, default: []].formUnion(rule.origins)
            if pattern.catchesEverything {
                for origin in rule.origins where allTaken[origin] == nil { allTaken[origin] = rule.name }
            }
        }
    }

    /// A rule for a number that is a room's as well, behind the one for rooms: the phones of the house do not get to it.
    private mutating func checkBehindRooms(_ index: Int) {
        let rule = settings.rules[index]
        guard let number = rule.pattern?.text, number.utf8.allSatisfy({ (48...57).contains($0) }),
            (try? settings.dialling.roomPattern?.matches(number)) == true
        else { return }
        let room = DialPlan.conferencePrefix + number
        for origin in [CallOrigin.lines, .phones] where rule.origins.contains(origin) {
            guard
                let first = settings.rules[..<index].first(where: {
                    $0.matches(room, from: origin) || $0.matches(number, from: origin)
                }), first.pattern?.catchesEverything != true
            else { continue }
            return note(places.rules[index].place("pattern")) {
                $0.warning(
                    $1, "on the phones of the house \(number) is a room: \(first.name.quoted) before takes \(room)",
                    "move this rule in front of that one")
            }
        }
    }
}
