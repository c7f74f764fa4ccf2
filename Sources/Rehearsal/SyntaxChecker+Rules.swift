// SPDX-License-Identifier: Apache-2.0

package import ScenarioAPI
import Scripting
package import Settings

extension SyntaxChecker {
    /// What is wrong with the scenarios that the rules name, each looked at once, as the daemon says it when a call comes.
    /// Encoding and length are looked at also where the engine is not to be had.
    package static func complaints(about settings: PartylineSettings, in configuration: String) -> [ScriptProblem] {
        let folder = configuration + (configuration.hasSuffix("/") ? "" : "/") + "scenarios"
        var seen: Set<String> = []
        return settings.rules.flatMap(\.scenarios).filter { seen.insert($0).inserted }.compactMap { scenario in
            let file = folder + "/" + scenario
            return ScenarioFile.trouble(with: scenario, in: folder).map {
                ScriptProblem(file: file, line: 1, column: 1, severity: .error, words: $0)
            } ?? complaint(about: file)
        }
    }
}
