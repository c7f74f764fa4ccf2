// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import ScenarioAPI
import ScenarioProtocol
package import Settings

extension SyntaxChecker {
    /// What is wrong with the scenarios that the rules name, each looked at once: that they are there `Settings.load` has seen.
    /// Encoding and length are looked at also where the engine is not to be had.
    package static func complaints(about settings: PartylineSettings, in configuration: String) -> [ScriptProblem] {
        var seen: Set<String> = []
        return settings.rules.flatMap(\.scenarios).filter { seen.insert($0).inserted }.compactMap { scenario in
            let file = configuration + (configuration.hasSuffix("/") ? "" : "/") + "scenarios/" + scenario
            return unreadable(file).map { ScriptProblem(file: file, line: 1, column: 1, severity: .error, words: $0) }
                ?? complaint(about: file)
        }
    }

    /// As the daemon says it when a call comes.
    private static func unreadable(_ file: String) -> String? {
        guard let data = FileManager.default.contents(atPath: file) else { return "can not be read; is it there?" }
        // UTF-8 takes at most three bytes for a UTF-16 unit.
        guard data.count <= ScenarioLimits.scriptCharacters * 3 else { return tooLong }
        guard let text = String(validating: data, as: UTF8.self) else { return "not UTF-8; save it as UTF-8" }
        return text.utf16.count <= ScenarioLimits.scriptCharacters ? nil : tooLong
    }
}
