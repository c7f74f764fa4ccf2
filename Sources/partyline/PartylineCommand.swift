// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `partyline [--json] COMMAND`: asks a running exchange, or tells it what to do.
@main
struct PartylineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "partyline",
        abstract: "Asks a running telephone exchange, or tells it what to do.",
        discussion: """
            Exit codes: 0 done, 1 refused (the reason on standard error), 64 usage, 69 daemon not reachable.
            """,
        subcommands: [
            StatusCommand.self, RoomsCommand.self, RoomCommand.self, CallsCommand.self, HangUpCommand.self,
            LinesCommand.self, LineCommand.self, PhonesCommand.self, TrunksCommand.self,
            MuteCommand.self, UnmuteCommand.self, DeafenCommand.self, UndeafenCommand.self, KickCommand.self,
            VolumeCommand.self, LockCommand.self, UnlockCommand.self, SayCommand.self, PlayCommand.self,
            DialCommand.self, RecordCommand.self, RecordingsCommand.self, HistoryCommand.self, EventsCommand.self,
            ScenarioCommand.self, BansCommand.self, UnbanCommand.self, TraceCommand.self,
        ])

    @OptionGroup var common: CommonOptions
}
