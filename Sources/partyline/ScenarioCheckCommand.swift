// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Glibc
import Rehearsal
import ScenarioAPI

/// `partyline scenario check FILE…`: what is wrong with scripts and rules, before a caller finds out.
struct ScenarioCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Says what is wrong with scripts and rules, as far as reading them shows it.",
        discussion: """
            Scripts that are named together count as those of one rule. A folder of the configuration (or its rules.toml) is \
            checked with all its rules: their scripts, and rules that can never match. Exit code 1: there are errors.
            """)
    @Argument(help: ArgumentHelp("Scripts, or the folder of a configuration.", valueName: "file")) var files: [String]
    @Flag(help: "Warnings count as errors.") var strict = false

    func run() throws {
        var problems: [ScriptProblem] = []
        var isBroken = false
        let folders = files.compactMap(Self.configuration(of:))
        for folder in folders {
            let check = ConfigurationCheck(folder)
            for line in check.lines { Output.complain(line) }
            if check.isBroken { isBroken = true }
            for scripts in check.scripts {
                problems += ScriptCheck.problems(scripts.map { "\(folder)/scenarios/\($0)" })
            }
        }
        let scripts = files.filter { Self.configuration(of: $0) == nil }
        if !scripts.isEmpty { problems += ScriptCheck.problems(scripts) }
        var seen: Set<ScriptProblem> = []
        for problem in problems where seen.insert(problem).inserted {
            Output.complain(problem.description)
            if problem.severity == .error || strict { isBroken = true }
        }
        if isBroken { throw ExitCode(1) }
    }

    private static func configuration(of file: String) -> String? {
        if file == "rules.toml" { return "." }
        if file.hasSuffix("/rules.toml") { return String(file.dropLast("/rules.toml".count)) }
        return FileManager.default.fileExists(atPath: file + "/rules.toml")
            ? (file.count > 1 && file.hasSuffix("/") ? String(file.dropLast()) : file) : nil
    }
}

/// Scripts that share a context: syntax by the engine itself, names by the member table.
enum ScriptCheck {
    static func problems(_ files: [String]) -> [ScriptProblem] {
        var problems: [ScriptProblem] = []
        var readable: [ScriptInspection.Script] = []
        for file in files {
            guard let data = FileManager.default.contents(atPath: file) else {
                problems.append(fault(file, "can not be read; is it there?"))
                continue
            }
            guard data.count < 2 << 20, let text = String(validating: data, as: UTF8.self) else {
                problems.append(fault(file, "is no text in UTF-8 of a decent size; save it as UTF-8"))
                continue
            }
            if let complaint = SyntaxChecker.complaint(about: file) {
                problems.append(complaint)
            } else {
                readable.append(ScriptInspection.Script(name: file, text: text))
            }
        }
        return problems + ScriptInspection.problems(in: readable)
    }

    private static func fault(_ file: String, _ words: String) -> ScriptProblem {
        ScriptProblem(file: file, line: 1, column: 1, severity: .error, words: words)
    }
}
