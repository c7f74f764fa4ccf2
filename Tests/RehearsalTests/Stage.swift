// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Rehearsal
import Scripting
import Telephony

/// Rehearsals of files of this repository, or of a script in a test.
enum Stage {
    static let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let scenarios = top + "/etc/partyline/scenarios"

    /// 24 November 2026, 12:00 UTC, a Tuesday.
    static let noon = 1_795_521_600_000.0

    static func plan(_ folder: ScenarioFolder, _ change: (inout RehearsalPlan) -> Void = { _ in }) -> RehearsalPlan {
        var plan = RehearsalPlan(
            rules: folder.rules, scenarioFolder: folder.path,
            executable: ScenarioWorkerOptions.executableBesideThisProgram(), epoch: noon)
        change(&plan)
        return plan
    }

    static func example(_ name: String, _ change: (inout RehearsalPlan) -> Void = { _ in }) throws -> Transcript {
        try Rehearsal(plan(ScenarioFolder(scripts: ["\(scenarios)/examples/\(name)"]), change)).run()
    }

    /// One script of a test, alone in a folder.
    static func script(_ text: String, _ change: (inout RehearsalPlan) -> Void = { _ in }) throws -> Transcript {
        let folder = FileManager.default.temporaryDirectory.path + "/partyline-rehearsal-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(text.utf8).write(to: URL(filePath: folder + "/a.js"))
        return try Rehearsal(plan(ScenarioFolder(scripts: [folder + "/a.js"]), change)).run()
    }

    static func steps(_ digits: String) -> [RehearsalPlan.Step] { RehearsalPlan.steps(digits) ?? [] }
}
