// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import Foundation
import Telephony

/// What the daemon keeps: recordings and past calls.
struct RecordingsCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "recordings", abstract: "Shows the recordings, the newest first.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand

    private struct List: Decodable {
        struct File: Decodable {
            var name: String
            var bytes: Int
            var changed: Double
        }
        var recordings: [File]
    }

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.show("/v1/recordings", as: List.self) { list in
            guard !list.recordings.isEmpty else { return "There are no recordings." }
            var table = Table(["FILE", "KB", "ENDED"], toTheRight: [1])
            for file in list.recordings { table.add([file.name, "\(file.bytes >> 10)", Moment.text(file.changed)]) }
            return table.text
        }
    }
}

struct HistoryCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Shows the calls that are over, the newest first.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand

    private struct List: Decodable { var calls: [CallRecord] }

    func run(_ exchange: Exchange) throws(ControlFault) {
        try exchange.show("/v1/history", as: List.self) { list in
            guard !list.calls.isEmpty else { return "There were no calls." }
            var table = Table(["BEGAN", "", "FROM", "TO", "ROOM", "SECONDS", "END"], toTheRight: [5])
            for call in list.calls {
                table.add([
                    Moment.text(call.began), call.direction, call.callerNumber, call.destination, call.room,
                    call.answered.map { "\(Int((call.ended - $0).rounded()))" } ?? "-", call.words,
                ])
            }
            return table.text
        }
    }
}

private enum Moment {
    static func text(_ secondsSince1970: Double) -> String {
        let format = DateFormatter()
        format.dateFormat = "yyyy-MM-dd HH:mm:ss"
        return format.string(from: Date(timeIntervalSince1970: secondsSince1970))
    }
}
