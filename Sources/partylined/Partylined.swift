// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CLinux
import Foundation
import Lines
import Rehearsal
import Settings

/// The daemon's command line. Exit codes: 0 normal, 1 bad configuration, 64 usage, 70 internal, 75 a resource is not to be had.
@main
struct Partylined: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "partylined",
        abstract: "A small telephone exchange: phones, SIP and scripts meet in one conference mixer.",
        version: Version.text)

    @Option(help: ArgumentHelp("Folder of the configuration.", valueName: "dir"))
    var config = "/etc/partyline"

    @Option(help: ArgumentHelp("Folder for what the exchange keeps.", valueName: "dir"))
    var state = "/var/lib/partyline"

    @Flag(help: "Only check the configuration: prints each problem with its place and what to write instead.")
    var check = false

    @Option(
        help: ArgumentHelp(
            "Moves every port, for runs side by side: SIP on n, audio from n+1000 upwards.", valueName: "n"))
    var portBase: Int?

    @Flag(
        help:
            "Puts all lines on-hook and silences their bells, for the service manager after the daemon has died; takes some seconds."
    )
    var onHook = false

    @Flag(help: "Prints the USB telephones that are plugged in and would become lines by themselves, one a line.")
    var plugged = false

    @Flag(help: "Print partyline.toml with every key, its default and what it is about.")
    var printSample = false

    @Argument(help: "With --print-sample: \"lines\", \"phones\" or \"trunks\" for a file of that folder.")
    var subject: String?

    /// As much as some thousand calls need.
    private static let heapBytes = 64 << 20

    func run() throws {
        if printSample {
            guard let sample = Settings.sample(of: subject) else {
                throw ValidationError("--print-sample takes lines, phones, trunks or nothing")
            }
            return print(sample, terminator: "")
        }
        if plugged {
            let isOn = (try? Settings.load(config).get())?.plugAndPlay.isOn ?? true
            return isOn ? PluggedTelephones.words().forEach { print($0) } : ()
        }
        guard subject == nil else { throw ValidationError("unexpected argument \(subject ?? "")") }
        if let portBase, !(1...64_000).contains(portBase) { throw ValidationError("--port-base takes 1 to 64000") }
        switch Settings.load(config) {
        case .failure(let problems):
            for problem in problems.all { Log.plain("\(problem)") }
            throw ExitCode(1)
        case .success(let settings):
            for warning in settings.warnings { Log.plain("\(warning)") }
            if check { return try checkScripts(settings) }
            if onHook { return try putOnHook(settings) }
            try start(settings)
        }
    }

    /// Of a daemon that starts, a broken script spoils its own sessions and nothing else; a reload is refused for it.
    private func checkScripts(_ settings: PartylineSettings) throws {
        let complaints = SyntaxChecker.complaints(about: settings, in: config)
        for complaint in complaints { Log.plain("\(complaint)") }
        if !complaints.isEmpty { throw ExitCode(1) }
    }

    /// Exit code 75: a line's hardware is there and did not obey.
    private func putOnHook(_ settings: PartylineSettings) throws {
        let options = House.lineOptions(settings, state: state)
        let outcomes = OnHook.put(options.lines, plug: options.plug)
        for outcome in outcomes {
            if let trouble = outcome.trouble {
                Log.plain("line \(outcome.line): \(outcome.disobeys ? "error" : "not there"): \(trouble)")
            } else {
                Log.plain("line \(outcome.line): on-hook")
            }
        }
        if outcomes.contains(where: \.disobeys) { throw ExitCode(75) }
    }

    private func start(_ settings: PartylineSettings) throws {
        var settings = settings
        if let portBase {
            guard let moved = settings.moved(toPortBase: portBase) else {
                throw ValidationError("--port-base takes 1 to 64000")
            }
            settings = moved
        }
        _ = partyline_heap_in_huge_pages(Self.heapBytes)
        // Before the first thread, so that all inherit it: only the main thread takes them, in `SignalLoop`.
        SignalLoop.block()
        do {
            let daemon = try Daemon(settings: settings, configuration: config, state: state, portBase: portBase)
            try daemon.start()
            daemon.runUntilTold()
        } catch let fault as DaemonFault {
            Log.plain("partylined: error: \(fault.words)")
            throw ExitCode(fault.exitCode)
        } catch {
            // 1 would say that the configuration is bad.
            Log.plain("partylined: error: \(error)")
            throw ExitCode(70)
        }
    }
}

enum Version {
    static let text = "0.1.0"
}

/// Why the daemon can not run.
struct DaemonFault: Error {
    var words: String
    /// 75: a resource is not to be had; 70: our fault.
    var exitCode: Int32
}
