// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import Foundation
import PartylineTestKit

/// `partyline-bench network`: a caller behind a bad network (`MediaRelay`), heard by one behind a good one.
struct NetworkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "network",
        abstract: "Puts a seeded bad network between a talker and the exchange; measures what a listener gets.",
        discussion: """
            Lines: loss of 5 and 20 %, jitter of 40 ms, overtaking with copies, a 10 s outage, a burst of jitter; then \
            room numbers typed through the greeting at 5 % loss. Exits 0 only if every goal is reached.
            """)

    @Option(help: "Where the exchange takes SIP calls.")
    var sip = "127.0.0.1:5060"
    @Option(help: "The control socket of the exchange (STATE/control.sock).")
    var control = ".partyline/control.sock"
    @Option(help: "The talker's codec: PCMU, PCMA, G722, opus, G726-32 or GSM.")
    var codec = "PCMA"
    @Option(help: "Seconds of each line.")
    var seconds = 10.0
    @Option(help: "Calls that type a room number.")
    var calls = 20
    @Option(help: "Loss while they type, per cent.")
    var typingLoss = 5.0
    @Option(help: "Seed of all chance.")
    var seed: UInt64 = 1
    @Option(help: "Only the lines whose name contains this.")
    var only = ""
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard SocketAddress(sip) != nil else { throw ValidationError("--sip wants ADDRESS:PORT, as 127.0.0.1:5060") }
        guard (4...60).contains(seconds) else { throw ValidationError("--seconds wants 4 to 60") }
        guard (0...1000).contains(calls) else { throw ValidationError("--calls wants 0 to 1000") }
        guard CallerCodec(rawValue: codec) != nil else {
            throw ValidationError(
                "--codec wants one of \(CallerCodec.allCases.map(\.rawValue).joined(separator: ", "))")
        }
    }

    func run() async throws {
        guard let server = SocketAddress(sip), let codec = CallerCodec(rawValue: codec) else { throw ExitCode(64) }
        let crew = try CallerThread(name: "bench", priority: 45)
        defer { crew.stop() }
        let trial = NetworkTrial(
            crew: crew, server: server, control: ControlClient(socketPath: control), codec: codec, seconds: seconds)
        var results: [NetworkTrial.Result] = []
        for (index, line) in NetworkTrial.lines.enumerated()
        where only.isEmpty || line.name.contains(only) {
            BenchOutput.note(line.name)
            results.append(try await trial.run(line, seed: seed &+ UInt64(index) &* 101))
        }
        let typing = TypingTrial(crew: crew, server: server, control: ControlClient(socketPath: control))
        let typed =
            calls > 0 && (only.isEmpty || "typing".contains(only))
            ? try await typing.run(calls: calls, lossPercent: typingLoss, seed: seed) : nil
        if json {
            try BenchOutput.json(Report(codec: codec.rawValue, lines: results, typing: typed))
        } else {
            print(results, typed)
        }
        guard results.allSatisfy(\.isGood), typed?.isGood ?? true else { throw ExitCode(1) }
    }

    private struct Report: Codable {
        var codec: String
        var lines: [NetworkTrial.Result]
        var typing: TypingTrial.Result?
    }

    private func print(_ results: [NetworkTrial.Result], _ typed: TypingTrial.Result?) {
        if !results.isEmpty {
            BenchOutput.table(
                ["\(codec)", "delay p50", "p95", "shown", "lost", "concealed", "back after", "goal"],
                results.map {
                    [
                        $0.name, BenchOutput.number($0.delay.p50), BenchOutput.number($0.delay.p95),
                        BenchOutput.number($0.shownMilliseconds), "\($0.packetsLost)",
                        BenchOutput.number($0.concealedPercent) + " %", BenchOutput.number($0.backMilliseconds, 0),
                        $0.isGood ? "yes" : "NO: \($0.goal)",
                    ]
                })
        }
        if let typed {
            BenchOutput.line(
                "room numbers typed right at \(BenchOutput.number(typed.lossPercent, 0)) % loss: \(typed.right) of \(typed.calls)"
            )
        }
    }
}
