// SPDX-License-Identifier: Apache-2.0

import Settings

/// The rules of a configuration as `partyline scenario check` sees them.
package struct ConfigurationCheck: Sendable {
    /// Problems, a line each.
    package private(set) var lines: [String] = []
    package private(set) var isBroken = false
    /// The scenarios of each rule.
    package private(set) var scripts: [[String]] = []

    package init(_ folder: String) {
        switch Settings.load(folder) {
        case .failure(let problems):
            lines = problems.all.map { "\($0)" }
            isBroken = true
        case .success(let settings):
            lines = settings.warnings.map { "\($0)" }
            scripts = settings.rules.map(\.scenarios)
            for (rule, before) in ShadowedRules.find(in: settings.rules)
            where !lines.contains(where: {
                $0.contains("never reached") && $0.contains("rules.toml") && before.contains { $0 == rule }
            }) {
                let names = before.joined(separator: ", ")
                lines.append(
                    "\(folder)/rules.toml: warning: the rule \(rule) can never match: \(names) before it takes all that it would; "
                        + "move it to the front")
            }
        }
    }
}
