// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import Foundation
import Glibc
import Telephony

/// What the daemon keeps: recordings and past calls.
struct RecordingsCommand: ExchangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "recordings", abstract: "Shows the recordings, the newest first, or fetches one.",
        discussion: "The address that a script is told for a recording does as well as its name.")
    @OptionGroup var common: CommonOptions
    @ParentCommand var parent: PartylineCommand
    @Argument(help: "The recording to fetch.") var name: String?
    @Argument(help: "The file to write; it must not be there yet. Default: the recording's name, here.")
    var file: String?

    private struct List: Decodable {
        struct File: Decodable {
            var name: String
            var bytes: Int
            var changed: Double
        }
        var recordings: [File]
    }

    func run(_ exchange: Exchange) throws(ControlFault) {
        if let name { return try fetch(name, exchange) }
        try exchange.show("/v1/recordings", as: List.self) { list in
            guard !list.recordings.isEmpty else { return "There are no recordings." }
            var table = Table(["FILE", "KB", "ENDED"], toTheRight: [1])
            for file in list.recordings { table.add([file.name, "\(file.bytes >> 10)", Moment.text(file.changed)]) }
            return table.text
        }
    }
}

extension RecordingsCommand {
    private func fetch(_ name: String, _ exchange: Exchange) throws(ControlFault) {
        // "http://localhost/recordings/room-3.wav"
        let name = name.split(separator: "/").last.map(String.init) ?? name
        let file = file ?? name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .refused("\(file): \(String(cString: strerror(errno)))", remedy: "name a file that is not there yet")
        }
        defer { close(descriptor) }
        var isWritten = true
        do throws(ControlFault) {
            try exchange.client.download("/v1/recordings/\(ControlClient.escaped(name))") { bytes in
                if isWritten { isWritten = ScenarioRecordCommand.write(bytes, to: descriptor) }
            }
        } catch {
            unlink(file)
            throw error
        }
        guard isWritten else {
            unlink(file)
            throw .refused("\(file) can not be written", remedy: "is the disk full?")
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
