// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import Foundation
import Glibc

/// What every command takes, before or behind its name.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print one JSON document with stable keys.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "The daemon's control socket (default: .partyline/control.sock where it is there, otherwise "
                + "/var/lib/partyline/control.sock).", valueName: "path"))
    var socket: String?
}

/// A command of the exchange.
protocol ExchangeCommand: ParsableCommand {
    var common: CommonOptions { get }
    var parent: PartylineCommand { get }
    func run(_ exchange: Exchange) throws(ControlFault)
}

extension ExchangeCommand {
    func run() throws {
        let exchange = Exchange(
            client: ControlClient(socketPath: common.socket ?? parent.common.socket ?? Self.usualSocket()),
            isJSON: common.json || parent.common.json)
        do throws(ControlFault) {
            try run(exchange)
        } catch {
            Output.complain("partyline: \(error)")
            switch error {
            case .notReachable, .notAllowed: throw ExitCode(EX_UNAVAILABLE)
            case .refused, .lost, .notUnderstood: throw ExitCode(1)
            }
        }
    }

    private static func usualSocket() -> String {
        let here = ".partyline/control.sock"
        return access(here, F_OK) == 0 ? here : "/var/lib/partyline/control.sock"
    }
}

/// The daemon as a command sees it, and how its answers are shown.
struct Exchange {
    let client: ControlClient
    let isJSON: Bool

    /// Shows a report: as the daemon wrote it with --json, otherwise as `text` makes it.
    func show<Report: Decodable>(
        _ path: String, as type: Report.Type, _ text: (Report) -> String
    ) throws(ControlFault) {
        if isJSON {
            Output.write(String(decoding: try client.get(path), as: UTF8.self))
        } else {
            Output.write(text(try client.get(path, as: type)))
        }
    }

    private struct Answer: Decodable { var text: String? }

    /// Tells the daemon to do something; silent when it was done, unless there is something to be read.
    func perform(_ path: String, _ body: [UInt8] = []) throws(ControlFault) {
        let answer = try client.post(path, body)
        if isJSON {
            Output.write(String(decoding: answer, as: UTF8.self))
        } else if let text = (try? JSONDecoder().decode(Answer.self, from: Data(answer)))?.text {
            Output.write(text)
        }
    }
}

/// Standard output and error without a buffer: a pipe sees each line at once.
enum Output {
    static func write(_ text: String) { write(text.hasSuffix("\n") ? text : text + "\n", to: STDOUT_FILENO) }

    static func complain(_ text: String) { write(text.printable + "\n", to: STDERR_FILENO) }

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    static func pause(milliseconds: UInt32) { usleep(milliseconds * 1_000) }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                guard descriptor == STDOUT_FILENO else { return }
                // Nobody shall take half a report for a whole one.
                let reason = String(cString: strerror(errno))
                complain("partyline: standard output can not be written: \(reason)")
                exit(1)
            }
            bytes = bytes.dropFirst(count)
        }
    }
}
