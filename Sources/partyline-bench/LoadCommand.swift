// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import PartylineTestKit

/// `partyline-bench load`: the acceptance list under load, pooled over runs.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Fills rooms with callers; prints delay, missing frames, processor time, memory and threads.",
        discussion: """
            Needs the source of the load generator (Tests/Load) and a C compiler, and about a minute for each of the \
            runs. The daemon must allow the number of calls ([sip] max_calls, [mix] max_ports) and conf_ numbers from \
            loopback. Phases are chance: only the pooled figures of many runs mean something.
            """)

    @Option(help: "Where the exchange takes SIP calls.")
    var sip = "127.0.0.1:5060"
    @Option(help: "Process of the daemon; default: the only process named partylined.")
    var pid: Int32?
    @Option(help: "Runs that are pooled.")
    var runs = 10
    @Option(help: "Seconds of measuring a run.")
    var seconds = 10
    @Option(help: "Callers in one room.")
    var large = 400
    @Option(help: "Callers in rooms of four.")
    var fours = 200
    @Option(help: "Callers in rooms of two.")
    var twos = 40
    @Option(help: "Source of the load generator.")
    var source = "Tests/Load/confload.c"
    @Flag(help: "Leave out the established talker.")
    var noEstablished = false
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard SocketAddress(sip) != nil else { throw ValidationError("--sip wants ADDRESS:PORT, as 127.0.0.1:5060") }
        guard FileManager.default.fileExists(atPath: source) else {
            throw ValidationError("\(source) is not there: run in the project's folder, or name it with --source")
        }
        guard runs > 0, seconds > 1, large > 1, fours > 3, twos > 1 else {
            throw ValidationError("all numbers must be above zero; --large and --twos at least 2, --fours at least 4")
        }
    }

    func run() async throws {
        guard let server = SocketAddress(sip) else { throw ExitCode(64) }
        let daemon = try DaemonChoice.processID(pid)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("partyline-load")
        let generator = try LoadGenerator.build(
            source: URL(fileURLWithPath: source), into: folder, server: server, daemon: daemon)
        let shapes: [(LoadGenerator.Shape, LoadTarget)] = [
            (LoadGenerator.Shape(name: "one room of \(large)", callers: large, roomSize: 0, seconds: seconds), .large),
            (
                LoadGenerator.Shape(name: "\(fours) in rooms of 4", callers: fours, roomSize: 4, seconds: seconds),
                .fours
            ),
            (
                LoadGenerator.Shape(
                    name: "\(twos) in rooms of 2", callers: twos, roomSize: 2, talkers: 1, seconds: seconds), .twos
            ),
        ]
        var report = LoadReport()
        report.emptyKilobytes = ProcessFigures(daemon)?.proportionalKilobytes ?? 0
        // First of all: the daemon keeps the memory of its highest load.
        report.memory = try memory(generator)
        for (shape, target) in shapes {
            report.shapes.append(try measure(shape, target, generator))
        }
        if !noEstablished { report.established = await established(server, generator) }
        if json { try BenchOutput.json(report) } else { report.print() }
        guard report.shapes.allSatisfy({ $0.failedCalls == 0 }) else { throw ExitCode(1) }
    }

    private func measure(
        _ shape: LoadGenerator.Shape, _ target: LoadTarget, _ generator: LoadGenerator
    ) throws -> LoadReport.Shape {
        var results: [LoadResult] = []
        var latencies = Percentiles()
        var limits = Percentiles()
        for run in 0..<runs {
            BenchOutput.note("\(shape.name): run \(run + 1) of \(runs)")
            var shape = shape
            shape.base = 1000 + run * 1000
            let (result, delays) = try generator.run(shape)
            results.append(result)
            latencies.add(delays)
            if let limit = generator.measureLimit() { limits.add(limit) }
        }
        return LoadReport.Shape(shape.name, results, latencies, limits, target)
    }

    /// The slope of the daemon's memory between 50 (or half) and the large number of callers.
    ///
    /// Only a daemon that carried no calls before shows it.
    private func memory(_ generator: LoadGenerator) throws -> LoadReport.Memory {
        let small = min(50, large / 2)
        BenchOutput.note("memory: \(small) and \(large) callers")
        let few = try generator.run(.init(name: "few", callers: small, roomSize: 0, seconds: 4, base: 500))
        let many = try generator.run(.init(name: "many", callers: large, roomSize: 0, seconds: 4, base: 600))
        let slope = (many.0.server.pssKb - few.0.server.pssKb) / Double(max(1, large - small))
        return LoadReport.Memory(
            fromCallers: small, toCallers: large, kilobytesPerParticipant: slope, wasFresh: slope > 1)
    }

    /// One continuous talker and one listener of our own, in rooms of the same sizes that are otherwise silent.
    private func established(_ server: SocketAddress, _ generator: LoadGenerator) async -> [LoadReport.Established] {
        var all: [LoadReport.Established] = []
        for size in [2, 4] {
            BenchOutput.note("established talker: rooms of \(size)")
            let result = await converse(server, size: size, repetitions: runs, room: nil)
            all += result.map { LoadReport.Established(name: "rooms of \(size)", delay: QuantileReport($0)) }
        }
        var large = Percentiles()
        for run in 0..<min(3, runs) {
            BenchOutput.note("established talker: one room of \(self.large), run \(run + 1) of \(min(3, runs))")
            let silent = LoadGenerator.Shape(
                name: "silent", callers: max(2, self.large - 2), roomSize: 0, talkers: 0, seconds: 24, base: 5000 + run)
            let crowd = Task.detached { _ = try? generator.run(silent) }
            try? await Task.sleep(
                nanoseconds: UInt64(Double(silent.callers) / Double(silent.callsPerSecond) * 1e9) + 4_000_000_000)
            let result = await converse(server, size: 2, repetitions: 1, room: String(silent.base))
            for delays in result { large.add(delays.values) }
            await crowd.value
        }
        all.append(LoadReport.Established(name: "one room of \(self.large)", delay: QuantileReport(large)))
        return all
    }

    private func converse(
        _ server: SocketAddress, size: Int, repetitions: Int, room: String?
    ) async -> [Percentiles] {
        guard let crew = try? CallerThread(name: "bench", priority: 45) else { return [] }
        defer { crew.stop() }
        let bench = DelayBench(seconds: 4, repetitions: repetitions, room: room) { _ in
            try (0..<size).map { try SIPDelayEnd("bench\($0)", crew, server, milliseconds: 20) }
        }
        let result = await bench.run { _ in }
        for failure in result.failures { BenchOutput.note("failed: \(failure)") }
        return Array(result.speech.values)
    }
}
