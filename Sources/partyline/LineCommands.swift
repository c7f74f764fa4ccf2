// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient

struct LineCommand: ExchangeCommand {
    enum Action: String, ExpressibleByArgument, CaseIterable {
        case lift, dial, flash, hangup, message, call, answer, learn, accept, forget, test, doctor
    }

    static let configuration = CommandConfiguration(
        commandName: "line", abstract: "Works a virtual phone, or looks after a landline.",
        discussion: """
            Telephones: message on, message off (dial tone and lamp tell that something waits). Virtual phones: lift, dial
            DIGITS, flash, hangup. Virtual landlines: call NUMBER (somebody calls from outside), dial
            DIGITS (he presses keys), answer, hangup. All lines: doctor (how it is, in words). Landlines: test (seizes the
            line for some seconds and measures dial tone, level, noise, echo and delay), learn (which tone tells that the far
            end has hung up, how it rings, how it tells who calls), accept (takes over what learn shows), forget.
            """)
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @Argument(help: "The line, as \"partyline lines\" names it.") var name: String
    @Argument(help: "What to do.") var action: Action
    @Argument(help: "With dial and call: the digits, such as 111#; with message: on or off.") var digits: String?

    func validate() throws {
        if action == .message, digits != "on", digits != "off" {
            throw ValidationError("message needs \"on\" or \"off\".")
        }
        let takesDigits = action == .dial || action == .call || action == .message
        if takesDigits, digits?.isEmpty ?? true {
            throw ValidationError("\(action.rawValue) needs digits, such as 111#.")
        }
        if !takesDigits, digits != nil { throw ValidationError("Only dial, call and message take something more.") }
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
