// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import PartylineTestKit

/// `partyline-bench stall`: stops the whole daemon for a moment and looks how long the delay takes to be as before.
struct StallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stall",
        abstract: "Stops the daemon (SIGSTOP) for 200 ms while two callers talk; measures how the delay recovers.")

    @Option(help: "Where the exchange takes SIP calls.")
    var sip = "127.0.0.1:5060"
    @Option(help: "Process to stop; default: the only process named partylined.")
    var pid: Int32?
    @Option(help: "Milliseconds of the stall.")
    var milliseconds = 200
    @Option(help: "Stalls.")
    var repetitions = 5
    @Flag(help: "Print JSON.")
    var json = false

    struct Outcome: Codable {
        var beforeMilliseconds: Double
        var highestMilliseconds: Double
        var afterMilliseconds: Double
        /// From SIGCONT until the delay stays within 2 ms of what it was; null when it does not within four seconds.
        var recoveredAfterMilliseconds: Double?
    }

    func validate() throws {
        guard SocketAddress(sip) != nil else { throw ValidationError("--sip wants ADDRESS:PORT, as 127.0.0.1:5060") }
        guard (1...5000).contains(milliseconds) else { throw ValidationError("--milliseconds wants 1 to 5000") }
    }

    func run() async throws {
        guard let server = SocketAddress(sip) else { throw ExitCode(64) }
        let daemon = try DaemonChoice.processID(pid)
        let crew = try CallerThread(name: "bench", priority: 45)
        defer { crew.stop() }
        var outcomes: [Outcome] = []
        for _ in 0..<max(1, repetitions) { outcomes.append(try await stall(daemon, crew, server)) }
        if json {
            try BenchOutput.json(outcomes)
        } else {
            BenchOutput.table(
                ["delay, ms: before", "highest", "after 4 s", "back within 2 ms after"],
                outcomes.map {
                    [
                        BenchOutput.number($0.beforeMilliseconds, 2), BenchOutput.number($0.highestMilliseconds),
                        BenchOutput.number($0.afterMilliseconds, 2),
                        BenchOutput.number($0.recoveredAfterMilliseconds, 0),
                    ]
                })
        }
        guard outcomes.allSatisfy({ ($0.recoveredAfterMilliseconds ?? .infinity) <= 1000 }) else { throw ExitCode(1) }
    }

    private func stall(_ daemon: Int32, _ crew: CallerThread, _ server: SocketAddress) async throws -> Outcome {
        let talker = try SIPDelayEnd("talker", crew, server, milliseconds: 20)
        let listener = try SIPDelayEnd("listener", crew, server, milliseconds: 20)
        let room = String(800_000 + Int.random(in: 0..<99_999))
        for end in [talker, listener] { try await end.enter(room) }
        talker.say(PseudoSpeech.samples(seconds: 12, seed: UInt64.random(in: 0 ... .max)))
        try await Task.sleep(nanoseconds: 5_000_000_000)
        kill(daemon, SIGSTOP)
        usleep(UInt32(milliseconds) * 1000)
        let goesOn = MonotonicClock.now
        kill(daemon, SIGCONT)
        try await Task.sleep(nanoseconds: 4_200_000_000)
        let delays = DelayMeter.speech(from: talker.sent, to: listener.heard, skip: 2)
        for end in [talker, listener] { await end.leave() }
        return try Self.judge(delays, stalled: goesOn - Int64(milliseconds) * 1_000_000, goesOn: goesOn)
    }

    static func judge(
        _ delays: [(time: Int64, milliseconds: Double)], stalled: Int64, goesOn: Int64
    ) throws -> Outcome {
        let before = Percentiles(delays.filter { $0.time < stalled }.map(\.milliseconds))
        let after = delays.filter { $0.time >= goesOn }
        guard let usual = before.median, !after.isEmpty else {
            throw ValidationError("too little was heard before or after the stall")
        }
        // The last packet that was off by more than 2 ms ends the recovery.
        let off = after.lastIndex { abs($0.milliseconds - usual) > 2 }
        let isBack = off.map { $0 + 25 < after.count } ?? true
        let recovered = off.map { Double(after[$0].time - goesOn) / 1e6 } ?? 0
        return Outcome(
            beforeMilliseconds: usual, highestMilliseconds: after.map(\.milliseconds).max() ?? 0,
            afterMilliseconds: Percentiles(after.suffix(25).map(\.milliseconds)).median ?? 0,
            recoveredAfterMilliseconds: isBack ? recovered : nil)
    }
}

/// Which daemon is meant.
enum DaemonChoice {
    static func processID(_ given: Int32?) throws -> Int32 {
        if let given { return given }
        let found = ProcessFigures.named("partylined")
        guard found.count == 1 else {
            throw ValidationError("\(found.count) processes are named partylined; say which one with --pid")
        }
        return found[0]
    }
}
