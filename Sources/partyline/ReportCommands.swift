// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import Telephony

struct StatusCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "Shows how the exchange is.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.show("/v1/status", as: StatusReport.self) { Roster.status($0) }
    }
}

/// Lists as the API gives them.
private struct RoomList: Decodable { var rooms: [RoomReport] }
private struct CallList: Decodable { var calls: [CallReport] }
private struct LineList: Decodable { var lines: [LineReport] }
private struct PhoneList: Decodable { var phones: [PhoneReport] }
private struct TrunkList: Decodable { var trunks: [TrunkReport] }

struct RoomsCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "rooms", abstract: "Shows all rooms with somebody in them.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.show("/v1/rooms", as: RoomList.self) { Roster.rooms($0.rooms) }
    }
}

struct RoomCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(commandName: "room", abstract: "Shows who is in a room.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @Argument(help: "The room, such as 111.") var room: String
    @Flag(help: "Show it five times a second until interrupted.") var watch = false

    func run(_ exchange: Exchange) throws(ControlFault) {
        let path = "/v1/rooms/\(ControlClient.escaped(room))"
        guard watch else { return try exchange.show(path, as: RoomReport.self) { Roster.room($0) } }
        while true {
            // On a terminal each picture takes the place of the one before; a pipe gets them one after the other.
            try exchange.show(path, as: RoomReport.self) {
                (Output.isTerminal ? "\u{1B}[H\u{1B}[2J" : "") + Roster.room($0)
            }
            Output.pause(milliseconds: 200)
        }
    }
}

struct CallsCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(commandName: "calls", abstract: "Shows all calls.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.show("/v1/calls", as: CallList.self) { Roster.calls($0.calls) }
    }
}

struct LinesCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(commandName: "lines", abstract: "Shows the telephone lines.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.show("/v1/lines", as: LineList.self) { Roster.lines($0.lines) }
    }
}

struct PhonesCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "phones", abstract: "Shows the SIP phones of the house and where they are registered.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.show("/v1/phones", as: PhoneList.self) { Roster.phones($0.phones) }
    }
}

struct TrunksCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "trunks", abstract: "Shows the trunks: whether they are registered, where, and their calls.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.show("/v1/trunks", as: TrunkList.self) { Roster.trunks($0.trunks) }
    }
}

struct EventsCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Follows what happens, a JSON object a line, until interrupted.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.client.events { event in
            Output.write(event)
            return true
        }
    }
}
