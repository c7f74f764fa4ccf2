// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import FoundationEssentials
import Glibc
import Rehearsal
import Scripting

struct ScenarioRecordCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Writes what happens to a running session into a file, until the session ends.",
        discussion: "The file has a JSON object a line; `partyline scenario replay` plays it to the scripts again.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var scenario: ScenarioCommand
    var parent: PartylineCommand { scenario.parent }
    @Argument(
        help:
            "The session, such as s12 (\"partyline scenario sessions\" tells them), or a call of it, such as 7 (\"partyline calls\")."
    ) var session: String
    @Argument(help: "The file; it must not be there yet.") var file: String

    func run(_ exchange: Exchange) throws(ControlFault) {
        // What people type is in it, codes among that, and what the storage has: for nobody else.
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .refused("\(file): \(String(cString: strerror(errno)))", remedy: "name a file that is not there yet")
        }
        defer { close(descriptor) }
        var bytes = 0
        var isWritten = true
        do throws(ControlFault) {
            // Line by line: whoever interrupts this has what came until then.
            try exchange.client.events(at: "/v1/sessions/\(ControlClient.escaped(session))/events") { line in
                bytes += line.utf8.count + 1
                isWritten = Self.write(Array((line + "\n").utf8), to: descriptor)
                return isWritten && bytes < 64 << 20
            }
        } catch {
            guard bytes == 0 else { throw error }
            unlink(file)
            throw error
        }
        if !isWritten { throw .refused("\(file) can not be written", remedy: "is the disk full?") }
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

struct ScenarioSessionsCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "Shows the sessions that run.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var scenario: ScenarioCommand
    var parent: PartylineCommand { scenario.parent }

    private struct Session: Decodable {
        var session: String
        var rule: String
        var calls: Int?
        var seconds: Int?
    }
    private struct List: Decodable { var sessions: [Session] }

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.show("/v1/sessions", as: List.self) { list in
            list.sessions.isEmpty
                ? "no session\n"
                : list.sessions.map { session in
                    "\(session.session.printable)  \(session.rule.printable)  \(session.calls ?? 0) calls  \(session.seconds ?? 0) s\n"
                }.joined()
        }
    }
}

struct ScenarioReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Plays a recorded session to the scripts again and shows what they do differently.",
        discussion: """
            Lines with '-' were asked for then and are not now, those with '+' the other way round. Exit code 1: there are some, \
            or the script failed. The scripts have the time of day of the recording, and the answers of web and storage that are \
            in it; what they did not ask then has no answer now.
            """)
    @Argument(help: "What \"partyline scenario record\" wrote.") var file: String
    @Option(help: ArgumentHelp("The folder of the configuration.", valueName: "folder")) var config = "/etc/partyline"

    func run() throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            Output.complain("partyline: \(file) can not be read")
            throw ExitCode(1)
        }
        guard FileManager.default.fileExists(atPath: config + "/scenarios") else {
            Output.complain(
                "partyline: there is no \(config)/scenarios; name the folder of the configuration with --config")
            throw ExitCode(1)
        }
        let replay: Replay
        do {
            replay = try Replay(
                recording: String(decoding: data, as: UTF8.self), scenarioFolder: config + "/scenarios",
                executable: ScenarioWorkerOptions.executableBesideThisProgram(),
                now: Date().timeIntervalSince1970 * 1000)
        } catch let fault as Replay.Fault {
            Output.complain("partyline: \(file): \(fault)")
            throw ExitCode(1)
        } catch let failure as ScenarioWorkersFailure {
            Output.complain("partyline: \(failure.text)")
            throw ExitCode(1)
        }
        for line in replay.lines { Output.write(line.description.printable) }
        for fault in replay.faults { Output.complain("partyline: \(fault)") }
        for note in replay.notes { Output.complain("partyline: \(note)") }
        if !replay.isSame { throw ExitCode(1) }
    }
}
