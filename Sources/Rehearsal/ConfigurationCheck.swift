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
            for found in ShadowedRules.find(in: settings.rules) {
                let names = found.before.joined(separator: ", ")
                let why =
                    names.isEmpty
                    ? "no number or name was found that its pattern takes; look at what stands behind $ and in (?!…)"
                    : "\(names) before it takes all that it would; move it to the front"
                let place = "\(folder)/rules.toml:\(found.rule.patternLine):\(found.rule.patternColumn)"
                lines.append("\(place): warning: the rule \(found.rule.name) can never match: \(why)")
            }
        }
    }
}
