// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import Telephony

private struct BanList: Decodable { var bans: [BanReport] }

struct BansCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "bans", abstract: "Shows from where nothing is taken for a while.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.show("/v1/bans", as: BanList.self) { Self.text($0.bans) }
    }

    private static func text(_ bans: [BanReport]) -> String {
        guard !bans.isEmpty else { return "nobody is banned\n" }
        var table = Table(["SOURCE", "FOR", "TIMES"], toTheRight: [1, 2])
        for ban in bans { table.add([ban.source, "\(ban.secondsLeft) s", "\(ban.times)"]) }
        return table.text
    }
}

struct UnbanCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "unban", abstract: "Takes an address off the list of bans.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @Argument(help: "The address, as \"partyline bans\" shows it.") var source: String

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.perform("/v1/bans/\(ControlClient.escaped(source))/lift")
    }
}
