// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Telephony

/// How scenario workers are run. All come from the settings, or from the program's own place.
package struct ScenarioWorkerOptions: Sendable {
    /// The worker program.
    package var executable: String
    /// The folder in which the rules' scenarios are.
    package var scenarioFolder: String
    /// Processes that are kept running, 1 … 16. With two, one is warm while the other is replaced.
    package var workers: Int
    /// Resident memory at which a worker is killed and replaced; 2 MB are added for each of its sessions and of the
    /// machines that it may keep.
    package var memoryCapBytes: UInt64
    /// Machines that wait in each worker for sessions to come: a session that finds none is answered later by the 6 to 9 ms
    /// of processor time that it takes to make one. Some 2 MB each; as many engines of sessions that have ended are kept.
    package var readyMachines = 12
    /// Sessions after which a worker is replaced as soon as it has none. Of a session that follows another one in its engine 0.3 kB
    /// stay behind, of an engine that is thrown away with a script that failed 1.4 kB: so that this bounds them to some MB.
    package var sessionsPerWorker = 5_000
    /// Web and storage of scripts.
    package var services: any ScriptServices

    package init(
        executable: String, scenarioFolder: String, workers: Int, memoryCapBytes: UInt64,
        services: any ScriptServices = NoScriptServices()
    ) {
        self.executable = executable
        self.scenarioFolder = scenarioFolder
        self.workers = min(max(workers, 1), 16)
        self.memoryCapBytes = memoryCapBytes
        self.services = services
    }

    /// Of each worker, where nobody has said how many: they take a 24th of the box's memory, 4 to 12 machines.
    package static func readyMachines(memoryBytes: UInt64, workers: Int) -> Int {
        let machines = memoryBytes / 24 / UInt64(max(workers, 1)) / machineBytes
        return Int(min(max(machines, 4), 12))
    }

    private static let machineBytes: UInt64 = 2 << 20

    package static let standardWorkers = 2
    package static let standardMemoryCapBytes: UInt64 = 512 << 20

    /// `partyline-scenarios` in the folder of the running program.
    package static func executableBesideThisProgram() -> String { programBesideThisOne("partyline-scenarios") }

    package static func programBesideThisOne(_ name: String) -> String {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let folder = program.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return folder + "/" + name
    }
}
