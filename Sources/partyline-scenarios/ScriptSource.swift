// SPDX-License-Identifier: Apache-2.0

import ScenarioProtocol

/// The text of one script, which any number of sessions run. Belongs to the worker's one thread.
final class ScriptSource {
    let name: String
    private(set) var text = ""
    private var characters = 0
    private var verdict: Verdict?

    private enum Verdict {
        case isJavaScript
        case fault(ScriptFault)
    }

    init(name: String) { self.name = name }

    func append(_ part: String) {
        guard characters <= ScenarioLimits.scriptCharacters else { return }
        text += part
        characters += part.utf16.count
        verdict = nil
    }

    /// Whether it is JavaScript at all: looked at once, by the first session that runs it.
    func check(in machine: ScriptMachine) throws(ScriptFault) {
        if verdict == nil { verdict = look(in: machine) }
        if case .fault(let fault)? = verdict { throw fault }
    }

    private func look(in machine: ScriptMachine) -> Verdict {
        guard characters <= ScenarioLimits.scriptCharacters else {
            return .fault(
                ScriptFault(ScenarioLimits.tooLongScript, file: name))
        }
        do throws(ScriptFault) {
            try machine.check(text, name: name)
        } catch {
            return .fault(error)
        }
        return .isJavaScript
    }
}
