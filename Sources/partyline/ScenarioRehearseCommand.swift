// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Glibc
import Rehearsal
import Scripting
import Telephony

/// `partyline scenario rehearse`: a call without a telephone.
struct ScenarioRehearseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Runs scenarios without phones, in virtual time, and prints what people would have heard.",
        discussion: """
            Digits: groups with spaces between them; each group is typed when the words before it have ended. A comma waits a \
            second, '!' before a group types into the words: "!111# 1,2".

            Exit code 1: a script failed, or an expected text did not come. Nothing is called, recorded or asked of the web.
            """)
    @Argument(help: ArgumentHelp("Scripts that run together; not with --rule.", valueName: "file")) var files:
        [String] = []
    @Option(help: "A rule of the configuration, whatever its pattern.") var rule: String?
    @Option(help: ArgumentHelp("The configuration, with --rule or --to alone.", valueName: "folder"))
    var config = "/etc/partyline"
    @Option(help: "What the caller types.") var digits = ""
    @Option(help: "What the caller dialled.") var to = "100"
    @Option(help: "The caller's number.") var from = "200"
    @Option(
        help: ArgumentHelp(
            "How somebody takes a call: NUMBER=busy, rings, unknown, seconds until the answer, or seconds:digits. Without a "
                + "number: everybody else. Repeat it.", valueName: "answer"))
    var answer: [String] = []
    @Option(
        help: ArgumentHelp(
            "What a web page answers: ADDRESS=TEXT, also all that begin so. In an address with '?' the last '=' before a space, "
                + "quote or bracket ends it. Repeat it.", valueName: "page"))
    var page: [String] = []
    @Option(help: ArgumentHelp("Time of day, \"2026-12-24 18:30\" (default: now).", valueName: "time")) var at: String?
    @Option(help: ArgumentHelp("The caller hangs up after so much silence.", valueName: "seconds")) var silence = 5.0
    @Option(help: ArgumentHelp("The caller hangs up after so long at the latest.", valueName: "seconds")) var longest =
        180.0
    @Option(help: ArgumentHelp("A text that must come; several in this order.", valueName: "text")) var expect:
        [String] = []

    func validate() throws {
        if rule != nil, !files.isEmpty { throw ValidationError("Give scripts or --rule, not both.") }
        guard (0...3600).contains(silence), (1...86_400).contains(longest) else {
            throw ValidationError("Times are up to 3600 and 86400 seconds.")
        }
        _ = try plan(ScenarioFolderOrNothing.nothing)
    }

    func run() throws {
        let transcript: Transcript
        do {
            transcript = try Rehearsal(plan(.folder(try folder()))).run()
        } catch let fault as ScenarioFolder.Fault {
            Output.complain("partyline: \(fault)")
            throw ExitCode(1)
        } catch let failure as ScenarioWorkersFailure {
            Output.complain("partyline: \(failure.text)")
            throw ExitCode(1)
        }
        Output.write(transcript.text.split(separator: "\n").map { String($0).printable }.joined(separator: "\n"))
        for fault in transcript.faults { Output.complain("partyline: \(fault)") }
        if let missing = transcript.missing(expect) {
            Output.complain("partyline: not heard: \(missing)")
            throw ExitCode(1)
        }
        if !transcript.faults.isEmpty { throw ExitCode(1) }
    }

    private func folder() throws -> ScenarioFolder {
        guard files.isEmpty else { return try ScenarioFolder(scripts: files) }
        var folder = try ScenarioFolder(configuration: config)
        if let rule { try folder.choose(rule: rule) }
        return folder
    }

    private enum ScenarioFolderOrNothing {
        case folder(ScenarioFolder)
        /// Only to see whether the options are right.
        case nothing
    }

    private func plan(_ place: ScenarioFolderOrNothing) throws -> RehearsalPlan {
        var plan = RehearsalPlan(
            rules: .init([]), scenarioFolder: "", executable: ScenarioWorkerOptions.executableBesideThisProgram(),
            epoch: try epoch())
        if case .folder(let folder) = place {
            plan.rules = folder.rules
            plan.scenarioFolder = folder.path
            plan.promptsFolder = folder.prompts
            plan.voice = folder.voice
        }
        plan.destination = to
        plan.callerNumber = from
        plan.silenceMilliseconds = Int64(silence * 1000)
        plan.longestMilliseconds = Int64(longest * 1000)
        guard let steps = RehearsalPlan.steps(digits) else {
            throw ValidationError("--digits takes 0-9, *, #, A-D, spaces, commas and '!'.")
        }
        plan.steps = steps
        for text in answer {
            let halves = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard let last = halves.last, let how = RehearsalPlan.answer(last) else {
                throw ValidationError(
                    "--answer takes NUMBER=busy, NUMBER=rings, NUMBER=unknown or NUMBER=SECONDS[:DIGITS].")
            }
            if halves.count == 2 { plan.answers[halves[0]] = how } else { plan.usualAnswer = how }
        }
        for text in page {
            guard let page = RehearsalPlan.page(text) else { throw ValidationError("--page takes ADDRESS=TEXT.") }
            plan.pages.append((page.address, 200, page.body))
        }
        return plan
    }

    private func epoch() throws -> Double {
        guard let at else { return (Date().timeIntervalSince1970 * 1000).rounded() }
        let numbers = at.split(whereSeparator: { "-: ".contains($0) }).compactMap { Int32($0) }
        guard numbers.count == 5, (1970...2200).contains(numbers[0]), (1...12).contains(numbers[1]),
            (1...31).contains(numbers[2]), (0...23).contains(numbers[3]), (0...59).contains(numbers[4])
        else {
            throw ValidationError("--at takes a time such as \"2026-12-24 18:30\".")
        }
        var parts = tm()
        parts.tm_year = numbers[0] - 1900
        parts.tm_mon = numbers[1] - 1
        parts.tm_mday = numbers[2]
        parts.tm_hour = numbers[3]
        parts.tm_min = numbers[4]
        parts.tm_isdst = -1
        let seconds = mktime(&parts)
        // 31 February would become 3 March.
        guard parts.tm_mday == numbers[2], parts.tm_mon == numbers[1] - 1 else {
            throw ValidationError("--at takes a day that is in the calendar.")
        }
        return Double(seconds) * 1000
    }
}
