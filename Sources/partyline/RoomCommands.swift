// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import FoundationEssentials

/// A command that does something to one participant of a room.
protocol ParticipantCommand: ExchangeCommand {
    static var action: String { get }
    var who: ParticipantArguments { get }
}

struct ParticipantArguments: ParsableArguments {
    @Argument(help: "The room, such as 111.") var room: String
    @Argument(help: "The participant, as \"partyline room\" numbers them.") var participant: String

    func path(_ action: String) -> String {
        "/v1/rooms/\(ControlClient.escaped(room))/participants/\(ControlClient.escaped(participant))/\(action)"
    }
}

extension ParticipantCommand {
    func run(_ exchange: Exchange) throws(ControlFault) { try exchange.perform(who.path(Self.action)) }
}

struct MuteCommand: ParticipantCommand {
    static let configuration = CommandConfiguration(
        commandName: "mute", abstract: "Nobody hears a participant any more.")
    static let action = "mute"
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @OptionGroup var who: ParticipantArguments
}

struct UnmuteCommand: ParticipantCommand {
    static let configuration = CommandConfiguration(commandName: "unmute", abstract: "A participant is heard again.")
    static let action = "unmute"
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @OptionGroup var who: ParticipantArguments
}

struct DeafenCommand: ParticipantCommand {
    static let configuration = CommandConfiguration(
        commandName: "deafen", abstract: "A participant hears nothing any more.")
    static let action = "deafen"
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @OptionGroup var who: ParticipantArguments
}

struct UndeafenCommand: ParticipantCommand {
    static let configuration = CommandConfiguration(
        commandName: "undeafen", abstract: "A participant hears the room again.")
    static let action = "undeafen"
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @OptionGroup var who: ParticipantArguments
}

struct KickCommand: ParticipantCommand {
    static let configuration = CommandConfiguration(commandName: "kick", abstract: "A participant has to leave.")
    static let action = "kick"
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @OptionGroup var who: ParticipantArguments
}

struct VolumeCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "volume", abstract: "How loud a participant is for the others, and the others for them.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @OptionGroup var who: ParticipantArguments
    @Option(parsing: .unconditional, help: ArgumentHelp("Gain of the voice, -40 to 20 dB.", valueName: "dB")) var talk:
        Double?
    @Option(parsing: .unconditional, help: ArgumentHelp("Gain of what is heard, -40 to 20 dB.", valueName: "dB"))
    var listen: Double?

    func validate() throws {
        guard talk != nil || listen != nil else { throw ValidationError("Give --talk or --listen or both.") }
        for gain in [talk, listen].compactMap(\.self) where !(-40...20).contains(gain) {
            throw ValidationError("A gain is from -40 to 20 dB.")
        }
    }

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.perform(who.path("volume"), Body.json(["talkDB": talk ?? 0, "listenDB": listen ?? 0]))
    }
}

struct RoomArguments: ParsableArguments {
    @Argument(help: "The room, such as 111.") var room: String

    func path(_ action: String) -> String { "/v1/rooms/\(ControlClient.escaped(room))/\(action)" }
}

struct LockCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(commandName: "lock", abstract: "Nobody else gets into a room.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @OptionGroup var room: RoomArguments

    func run(_ exchange: Exchange) throws(ControlFault) { try exchange.perform(room.path("lock")) }
}

struct UnlockCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(commandName: "unlock", abstract: "A room is open again.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @OptionGroup var room: RoomArguments

    func run(_ exchange: Exchange) throws(ControlFault) { try exchange.perform(room.path("unlock")) }
}

struct SayCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "say", abstract: "Says something to everybody in a room.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @OptionGroup var room: RoomArguments
    @Argument(help: "The text; several words need no quotes.") var text: [String]

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.perform(room.path("say"), Body.json(["text": text.joined(separator: " ")]))
    }
}

struct PlayCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "play", abstract: "Plays a sound file to everybody in a room.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @OptionGroup var room: RoomArguments
    @Argument(help: "A WAV file, absolute or in the folder of prompts.") var file: String

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.perform(room.path("play"), Body.json(["file": file]))
    }
}

struct RecordCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Records a room into a file of STATE/recordings, or ends or halts that.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @OptionGroup var room: RoomArguments
    @Argument(help: "start (also after a pause), stop or pause.") var action: String

    func validate() throws {
        guard ["start", "stop", "pause"].contains(action) else { throw ValidationError("Write start, stop or pause.") }
    }

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.perform(room.path("record"), Body.json(["action": action]))
    }
}

struct DialCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "dial", abstract: "Calls somebody into a room, who enters it by pressing 1.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @OptionGroup var room: RoomArguments
    @Argument(help: "An extension, a number outside or a SIP address; the last two where [outside] allows them.")
    var destination: String

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.perform(room.path("dial"), Body.json(["destination": destination]))
    }
}

/// JSON bodies of requests.
enum Body {
    static func json(_ fields: [String: some Encodable]) -> [UInt8] {
        // Texts and finite numbers always encode.
        (try? JSONEncoder().encode(fields)).map(Array.init) ?? []
    }
}
