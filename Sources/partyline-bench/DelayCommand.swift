// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import PartylineTestKit

/// `partyline-bench delay`: what the exchange adds between two phones.
struct DelayCommand: AsyncParsableCommand {
    enum Pairs: String, ExpressibleByArgument, CaseIterable { case sip, phones, mixed }

    static let configuration = CommandConfiguration(
        commandName: "delay",
        abstract: "Measures the delay between phones in a room, by click and by continuous speech.",
        discussion: """
            SIP: from departure of a packet to arrival of the packet with the same sample, without packetisation. \
            Phones: from sample captured by the virtual card to sample played. Every repetition is a new room with new \
            phases, and all repetitions are pooled.
            """)

    @Option(help: "Where the exchange takes SIP calls.")
    var sip = "127.0.0.1:5060"
    @Option(help: "Who talks to whom: sip, phones or mixed.")
    var pairs = Pairs.sip
    @Option(help: "Phones in the room (SIP only).")
    var roomSize = 2
    @Option(help: "Seconds of speech a repetition.")
    var seconds = 6.0
    @Option(help: "New rooms with new phases.")
    var repetitions = 10
    @Option(help: "Milliseconds of audio a packet.")
    var ptime = 20
    @Option(help: "Folders of virtual phones (STATE/virtual/NAME); two for phones, one for mixed.")
    var virtual: [String] = []
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard SocketAddress(sip) != nil else { throw ValidationError("--sip wants ADDRESS:PORT, as 127.0.0.1:5060") }
        guard (2...16).contains(roomSize) else { throw ValidationError("--room-size wants 2 to 16") }
        guard (1...20).contains(seconds), (1...1000).contains(repetitions) else {
            throw ValidationError("--seconds wants 1 to 20, --repetitions 1 to 1000")
        }
        guard [10, 20, 30, 40, 60].contains(ptime) else { throw ValidationError("--ptime wants 10, 20, 30, 40 or 60") }
        let needed = pairs == .phones ? 2 : pairs == .mixed ? 1 : 0
        guard virtual.count >= needed else {
            throw ValidationError(
                "--pairs \(pairs.rawValue) wants \(needed) folder(s) with --virtual STATE/virtual/NAME")
        }
    }

    func run() async throws {
        guard let server = SocketAddress(sip) else { throw ExitCode(64) }
        let crew = try CallerThread(name: "bench", priority: 45)
        defer { crew.stop() }
        let bench = DelayBench(seconds: seconds, repetitions: repetitions) { [pairs, roomSize, ptime, virtual] _ in
            switch pairs {
            case .sip:
                return try (0..<roomSize).map { try SIPDelayEnd("bench\($0)", crew, server, milliseconds: ptime) }
            case .phones: return try virtual.prefix(2).map { try PhoneDelayEnd(folder: $0) }
            case .mixed:
                let phone = try PhoneDelayEnd(folder: virtual[0])
                return [phone, try SIPDelayEnd("bench", crew, server, milliseconds: ptime)]
            }
        }
        let result = await bench.run { BenchOutput.note("repetition \($0) of \(repetitions)") }
        try print(result, lateness: crew.lateness)
        guard result.failures.isEmpty else {
            for failure in result.failures { BenchOutput.note("failed: \(failure)") }
            throw ExitCode(1)
        }
    }

    private func print(_ result: DelayBench.Result, lateness: Percentiles) throws {
        if json {
            try BenchOutput.json(DelayReport(result, pairs: pairs.rawValue, ptime: ptime, lateness: lateness))
            return
        }
        let speech = result.speech.sorted { $0.key < $1.key }.map {
            [$0.key + ", speech"] + BenchOutput.quantiles($0.value)
        }
        let clicks = result.clicks.sorted { $0.key < $1.key }.map {
            [$0.key + ", click"] + BenchOutput.quantiles($0.value)
        }
        BenchOutput.table(["added delay, ms", "p50", "p95", "p99", "n"], speech + clicks)
        BenchOutput.line(
            "clicks heard \(result.clicksHeard) of \(result.clicksExpected); gaps of the cards \(result.gaps)")
        BenchOutput.line(
            "own packets late by (ms) p99 \(BenchOutput.number(lateness.quantile(0.99), 3)): trust the rest below 0.3")
    }
}

/// The result for programs.
private struct DelayReport: Codable {
    var pairs: String
    var ptime: Int
    var speechMilliseconds: [String: QuantileReport]
    var clickMilliseconds: [String: QuantileReport]
    var clicksExpected: Int
    var clicksHeard: Int
    var cardGaps: Int
    var senderLatenessMilliseconds: QuantileReport
    var failures: [String]

    init(_ result: DelayBench.Result, pairs: String, ptime: Int, lateness: Percentiles) {
        self.pairs = pairs
        self.ptime = ptime
        speechMilliseconds = result.speech.mapValues(QuantileReport.init)
        clickMilliseconds = result.clicks.mapValues(QuantileReport.init)
        clicksExpected = result.clicksExpected
        clicksHeard = result.clicksHeard
        cardGaps = result.gaps
        senderLatenessMilliseconds = QuantileReport(lateness)
        failures = result.failures
    }
}
