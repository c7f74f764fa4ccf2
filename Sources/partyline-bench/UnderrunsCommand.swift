// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import PartylineTestKit

/// `partyline-bench underruns`: two phones talk for minutes; gaps of their cards, beside what the machine itself loses.
struct UnderrunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "underruns",
        abstract: "Counts the gaps of two phones' sound cards in a long call, beside the stalls of the machine itself.",
        discussion: """
            A bare thread under SCHED_FIFO on each processor tells when the machine stood still; a gap within 12 ms of \
            a stall as long as the card's reserve is the machine's, every other one is the exchange's. Wanted: no \
            gap of the exchange's. Run it as root, with one daemon alone on the machine.
            """)

    @Option(help: "Folders of two virtual phones (STATE/virtual/NAME).")
    var virtual: [String] = []
    @Option(help: "Minutes of the call.")
    var minutes = 10.0
    @Option(help: "Milliseconds the exchange may be late before the card runs dry: 4 at periods of 5 ms, 2 at 2.5.")
    var reserve = 4.0
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard virtual.count == 2 else {
            throw ValidationError("two phones are needed: --virtual STATE/virtual/NAME, twice")
        }
        guard (0.1...600).contains(minutes) else { throw ValidationError("--minutes wants 0.1 to 600") }
        guard (0.5...100).contains(reserve) else { throw ValidationError("--reserve wants 0.5 to 100") }
    }

    func run() async throws {
        let phones = try virtual.map { try PhoneDelayEnd(folder: $0) }
        let room = String(800_000 + Int.random(in: 0..<99_999))
        for phone in phones { try await phone.enter(room) }
        let watch = HostWatch(shortest: min(1, reserve)) { phones.reduce(0) { $0 + $1.gaps } }
        watch.start()
        let start = MonotonicClock.now
        // Not the same words: an echo canceller would take them for its line's echo.
        let texts = (1...2).map { PseudoSpeech.samples(seconds: 20, rate: phones[0].rate, seed: UInt64($0)) }
        var heardAll = true
        while Double(MonotonicClock.now - start) < minutes * 60e9 {
            for (phone, text) in zip(phones, texts) { phone.say(text) }
            let left = minutes * 60 - Double(MonotonicClock.now - start) / 1e9
            try await Task.sleep(nanoseconds: UInt64(max(0.05, min(19, left)) * 1e9))
            for phone in phones where AudioAnalysis.levelDBm0(phone.heard.tail(seconds: 2)[...]) < -40 {
                heardAll = false
            }
            BenchOutput.note("\(Int(Double(MonotonicClock.now - start) / 1e9)) s")
        }
        watch.stop()
        for phone in phones { await phone.leave() }
        let report = UnderrunReport(
            stalls: watch.stalls, steps: watch.steps, reserve: reserve,
            seconds: Double(MonotonicClock.now - start) / 1e9, processors: watch.processors)
        if json { try BenchOutput.json(report) } else { report.print() }
        if !watch.runsAboveAll {
            BenchOutput.note("the watch ran without SCHED_FIFO: its stalls say little (run as root)")
        }
        guard heardAll else {
            BenchOutput.note("failed: a phone did not hear the other all the time")
            throw ExitCode(1)
        }
        guard report.gapsOfTheExchange == 0 else { throw ExitCode(1) }
    }
}

/// Gaps, each beside the longest stall around it.
struct UnderrunReport: Codable {
    /// A gap counts as the machine's when a long stall ended in the 12 ms before it, or in the 2 ms after.
    static let before: Int64 = 12_000_000
    static let after: Int64 = 2_000_000

    var seconds: Double
    var reserveMilliseconds: Double
    var gaps = 0
    var gapsOfTheExchange = 0
    /// Stalls of at least the reserve, on any processor.
    var longStalls: Int
    var longestStallMilliseconds: Double
    /// Share of the time that lies around long stalls: what chance alone would call the machine's.
    var shareAroundLongStalls: Double
    var stallsOverOneMillisecond: Int
    /// For each gap the longest stall around it, ms.
    var stallsAtGaps: [Double] = []

    init(stalls: [HostWatch.Stall], steps: [HostWatch.Step], reserve: Double, seconds: Double, processors: Int) {
        self.seconds = seconds
        reserveMilliseconds = reserve
        let long = stalls.filter { $0.milliseconds >= reserve }
        longStalls = long.count
        longestStallMilliseconds = stalls.map(\.milliseconds).max() ?? 0
        stallsOverOneMillisecond = stalls.filter { $0.milliseconds >= 1 }.count
        shareAroundLongStalls = min(1, Double(long.count) * Double(Self.before + Self.after) / 1e9 / max(1, seconds))
        for step in steps {
            gaps += step.by
            let around = stalls.filter { $0.end > step.time - Self.before && $0.end < step.time + Self.after }
            let longest = around.map(\.milliseconds).max() ?? 0
            stallsAtGaps.append(longest)
            if longest < reserve { gapsOfTheExchange += step.by }
        }
    }

    func print() {
        let n = BenchOutput.number
        BenchOutput.line(
            "\(n(seconds, 0)) s: \(gaps) gaps of the cards, \(gapsOfTheExchange) of them the exchange's (wanted: 0)")
        BenchOutput.line(
            "the machine stood still \(stallsOverOneMillisecond) times for 1 ms or more, \(longStalls) times for "
                + "\(n(reserveMilliseconds, 1)) ms or more (longest \(n(longestStallMilliseconds, 1)) ms); "
                + "\(n(shareAroundLongStalls * 100, 1)) % of the time lies around the latter")
        if !stallsAtGaps.isEmpty {
            let each = stallsAtGaps.map { n($0, 1) }.joined(separator: " ")
            BenchOutput.line("longest stall around each gap, ms: \(each)")
        }
    }
}
