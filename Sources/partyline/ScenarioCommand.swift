// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import FoundationEssentials
import ScenarioAPI

/// Tools for people who write scenarios. Only `start`, `sessions` and `record` need a running exchange.
struct ScenarioCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenario", abstract: "Checks, rehearses and starts scenarios.",
        subcommands: [
            ScenarioCheckCommand.self, ScenarioRehearseCommand.self, ScenarioStartCommand.self,
            ScenarioSessionsCommand.self, ScenarioRecordCommand.self, ScenarioReplayCommand.self,
            ScenarioReferenceCommand.self,
        ])
    @ParentCommand var parent: PartylineCommand
}

struct ScenarioReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference", abstract: "Prints what scripts can use, as Markdown or as TypeScript definitions.")
    @Flag(help: "Definitions for editors (partyline.d.ts).") var typescript = false

    func run() { Output.write(typescript ? TypeScript.definitions() : Reference.markdown()) }
}

struct ScenarioStartCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Starts the scenarios of a rule without a call; prints where the session is reached.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var scenario: ScenarioCommand
    var parent: PartylineCommand { scenario.parent }
    @Argument(help: "The rule, as rules.toml names it.") var rule: String
    @Option(help: ArgumentHelp("What VoxEngine.customData() returns, such as '{\"room\": 111}'.", valueName: "text"))
    var data = ""

    private struct Started: Decodable {
        var session: String
        var accessURL: String?
    }

    func run(_ exchange: Exchange) throws(ControlFault) {
        let answer = try exchange.client.post("/v1/sessions", Body.json(["rule": rule, "data": data]))
        let started = try? JSONDecoder().decode(Started.self, from: Data(answer))
        guard !exchange.isJSON, let started else {
            return Output.write(String(decoding: answer, as: UTF8.self))
        }
        Output.write(([started.session] + (started.accessURL.map { [$0] } ?? [])).joined(separator: " "))
    }
}
