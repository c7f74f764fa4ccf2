// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient

struct LineCommand: ExchangeCommand {
    enum Action: String, ExpressibleByArgument, CaseIterable {
        case lift, dial, hangup
    }

    static let configuration = CommandConfiguration(
        commandName: "line", abstract: "Lifts, dials or hangs up a virtual phone.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @Argument(help: "The line, as \"partyline lines\" names it.") var name: String
    @Argument(help: "What to do.") var action: Action
    @Argument(help: "With dial: the digits, such as 111#.") var digits: String?

    func validate() throws {
        if action == .dial, digits?.isEmpty ?? true { throw ValidationError("dial needs digits, such as 111#.") }
        if action != .dial, digits != nil { throw ValidationError("Only dial takes digits.") }
    }

    func run(_ exchange: Exchange) throws(ControlFault) {
        let path = "/v1/lines/\(ControlClient.escaped(name))/\(action.rawValue)"
        try exchange.perform(path, digits.map { Body.json(["digits": $0]) } ?? [])
    }
}

struct HangUpCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(commandName: "hangup", abstract: "Ends a call.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @Argument(help: "The call, as \"partyline calls\" numbers them.") var call: String

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.perform("/v1/calls/\(ControlClient.escaped(call))/hangup")
    }
}
