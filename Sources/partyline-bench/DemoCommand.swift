// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import Foundation
import PartylineTestKit

/// `partyline-bench demo`: what Scripts/run --demo shows. Two people meet in a room of a running exchange.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Lets a virtual phone and a SIP caller meet in room 111, and checks that each hears the other.",
        discussion:
            "Exits 0 only if each heard the other and nobody heard himself; writes what they heard as WAV files.")

    @Option(help: "Where the exchange takes SIP calls.")
    var sip = "127.0.0.1:5060"
    @Option(help: "Folder of the virtual phone (STATE/virtual/NAME); without it a second SIP caller takes its place.")
    var virtual: String?
    @Option(help: "The control socket of the exchange (STATE/control.sock).")
    var control = ".partyline/control.sock"
    @Option(help: "Folder for the WAV files.")
    var out = ".partyline/demo"
    @Option(help: "The room in which they meet.")
    var room = "111"
    @Option(help: "Seconds that they talk.")
    var seconds = 10

    func validate() throws {
        guard SocketAddress(sip) != nil else { throw ValidationError("--sip wants ADDRESS:PORT, as 127.0.0.1:5060") }
        guard (3...20).contains(seconds) else { throw ValidationError("--seconds wants 3 to 20") }
        guard !room.isEmpty, room.allSatisfy(\.isNumber) else { throw ValidationError("--room wants digits") }
    }

    func run() async throws {
        guard let server = SocketAddress(sip) else { throw ExitCode(64) }
        let demo = Demo(
            server: server, control: ControlClient(socketPath: control), room: room, seconds: seconds,
            output: URL(fileURLWithPath: out))
        do {
            let crew = try CallerThread(name: "demo", priority: 40)
            defer { crew.stop() }
            let first: any DemoPerson =
                if let virtual { try DemoPhone(folder: virtual) } else { try DemoSIPCaller("Anna", crew, server) }
            let people: [any DemoPerson] = [first, try DemoSIPCaller("Bert", crew, server)]
            guard try await demo.run(people) else { throw ExitCode(1) }
        } catch let code as ExitCode {
            throw code
        } catch {
            BenchOutput.note("demo failed: \(error)")
            throw ExitCode(1)
        }
    }
}
