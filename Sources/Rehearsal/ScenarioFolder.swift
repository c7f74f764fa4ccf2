// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Patterns
package import Settings
package import Telephony

/// Rules for a rehearsal or a check: those of a configuration folder, or made for scripts that are tried alone.
package struct ScenarioFolder: Sendable {
    package var rules: RoutingRules
    /// Where the scenarios are.
    package var path: String
    package var prompts: String?
    package var voice = "en"

    /// Why there are no rules to be had.
    package struct Fault: Error, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// Those of a configuration folder (`/etc/partyline`).
    package init(configuration: String) throws(Fault) {
        switch Settings.load(configuration) {
        case .failure(let problems):
            throw Fault(description: problems.all.map { "\($0)" }.joined(separator: "\n"))
        case .success(let settings): self.init(settings, configuration)
        }
    }

    package init(_ settings: PartylineSettings, _ configuration: String) {
        rules = RoutingRules(
            settings.rules.map { rule in
                RoutingRule(
                    name: rule.name, pattern: WholePattern(pattern: rule.pattern), origins: rule.origins,
                    scenarios: rule.scenarios)
            })
        path = configuration + "/scenarios"
        prompts = configuration + "/prompts"
        voice = settings.speech.voice
    }

    /// Scripts alone: they answer every number from outside the box; a conference.js beside them (or one folder above) answers conference ids.
    package init(scripts files: [String]) throws(Fault) {
        for file in files where !FileManager.default.fileExists(atPath: file) {
            throw Fault(
                description: "\(file): there is no such file; "
                    + "write its path, such as /etc/partyline/scenarios/gateway.js")
        }
        let scripts = files.map { URL(filePath: $0).standardizedFileURL.path }
        guard let first = scripts.first else { throw Fault(description: "name a script, or a rule with --rule") }
        let folder = Self.folder(of: first)
        for script in scripts where Self.folder(of: script) != folder {
            throw Fault(description: "\(script): scripts of one rehearsal are in one folder, as those of one rule are")
        }
        let names = scripts.map { String($0.split(separator: "/").last ?? "") }
        var rules = [
            RoutingRule(
                name: "rehearsal", pattern: EveryDestination(), origins: [.phones, .trunks, .lines], scenarios: names)
        ]
        path = folder
        if !names.contains("conference.js") {
            let above = Self.folder(of: folder)
            let leaf = String(folder.split(separator: "/").last ?? "")
            if FileManager.default.fileExists(atPath: "\(folder)/conference.js") {
                rules.insert(Self.conferences("conference.js"), at: 0)
            } else if FileManager.default.fileExists(atPath: "\(above)/conference.js") {
                path = above
                rules[0].scenarios = names.map { "\(leaf)/\($0)" }
                rules.insert(Self.conferences("conference.js"), at: 0)
            }
        }
        self.rules = RoutingRules(rules)
        // As a configuration has them.
        let beside = Self.folder(of: path) + "/prompts"
        if FileManager.default.fileExists(atPath: beside) { prompts = beside }
    }

    /// Only this rule answers the caller; the others are there for conferences.
    package mutating func choose(rule name: String) throws(Fault) {
        guard let chosen = rules.rules.first(where: { $0.name == name }) else {
            let names = rules.rules.map(\.name).joined(separator: ", ")
            throw Fault(description: "there is no rule \(name); there are: \(names)")
        }
        let others = rules.rules.compactMap { rule -> RoutingRule? in
            guard rule.origins.isEmpty || rule.origins.contains(.inside) else { return nil }
            var rule = rule
            rule.origins = [.inside]
            return rule
        }
        let first = RoutingRule(
            name: chosen.name, pattern: EveryDestination(), origins: [.phones, .trunks, .lines],
            scenarios: chosen.scenarios)
        rules = RoutingRules([first] + others)
    }

    private static func conferences(_ script: String) -> RoutingRule {
        RoutingRule(name: "conference", pattern: ConferenceIDs(), origins: [.inside], scenarios: [script])
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private struct WholePattern: DestinationPattern {
        let pattern: Pattern?
        func matchesWhole(_ destination: String) -> Bool { (try? pattern?.matches(destination)) ?? false }
    }

    private struct ConferenceIDs: DestinationPattern {
        func matchesWhole(_ destination: String) -> Bool { destination.hasPrefix(DialPlan.conferencePrefix) }
    }
}

/// Whatever was dialled.
struct EveryDestination: DestinationPattern {
    func matchesWhole(_ destination: String) -> Bool { true }
}
