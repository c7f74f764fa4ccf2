// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit

/// The delay between the ends of one room: an established talker by correlation of continuous speech, and the first
/// packet of a turn by click. Each repetition is a new room with new phases.
struct DelayBench {
    /// Seconds of speech, and as many of clicks, a repetition.
    let seconds: Double
    let repetitions: Int
    /// A room in which others sit already; nil: a new one each time. Then nobody clicks, since others do.
    var room: String?
    let makeEnds: @Sendable (_ repetition: Int) throws -> [any DelayEnd]

    struct Result {
        /// By "talker > listener" kinds.
        var speech: [String: Percentiles] = [:]
        var clicks: [String: Percentiles] = [:]
        var clicksExpected = 0
        var clicksHeard = 0
        var gaps = 0
        var failures: [String] = []
    }

    func run(progress: (Int) -> Void) async -> Result {
        var result = Result()
        for repetition in 0..<repetitions {
            progress(repetition + 1)
            do {
                let ends = try makeEnds(repetition)
                do { try await measure(ends, &result) } catch { result.failures.append("\(error)") }
                for end in ends { await end.leave() }
            } catch {
                result.failures.append("\(error)")
            }
        }
        return result
    }

    private func measure(_ ends: [any DelayEnd], _ result: inout Result) async throws {
        let room = room ?? String(700_000 + Int.random(in: 0..<99_999))
        for end in ends { try await end.enter(room) }
        let gapsBefore = ends.reduce(0) { $0 + $1.gaps }
        try await pause(1)
        // Each end in turn is the one established talker.
        for (index, talker) in ends.enumerated() where index < 2 {
            for end in ends { end.forget() }
            talker.say(
                PseudoSpeech.samples(
                    seconds: seconds + 2, rate: talker.rate, seed: UInt64.random(in: 0 ... .max)))
            // Two seconds for the mixer to find the talker's phase: this is about an established one.
            try await pause(seconds + 2.2)
            for (other, listener) in ends.enumerated() where other != index {
                let delays = DelayMeter.speech(
                    from: talker.sent.atTelephoneRate, to: listener.heard.atTelephoneRate, skip: 2)
                result.speech[Self.path(talker, listener), default: Percentiles()].add(delays.map(\.milliseconds))
            }
        }
        if self.room == nil { try await clicks(ends, &result) }
        result.gaps += ends.reduce(0) { $0 + $1.gaps } - gapsBefore
    }

    /// Everybody quiet, then one end after the other clicks, at chance times.
    private func clicks(_ ends: [any DelayEnd], _ result: inout Result) async throws {
        for end in ends { end.forget() }
        try await pause(0.5)
        let rounds = max(2, Int(seconds / 0.6))
        var turn = Int.random(in: 0..<ends.count)
        for _ in 0..<rounds {
            turn = (turn + 1) % ends.count
            ends[turn].say(Pulse.click(rate: ends[turn].rate))
            try await pause(0.55 + Double.random(in: 0..<0.1))
        }
        try await pause(0.5)
        for (index, talker) in ends.enumerated() {
            for (other, listener) in ends.enumerated() where other != index {
                let found = DelayMeter.clicks(from: talker.sent, to: listener.heard)
                result.clicks[Self.path(talker, listener), default: Percentiles()].add(found.delays)
                result.clicksExpected += found.sent
                result.clicksHeard += found.delays.count
            }
        }
    }

    private static func path(_ talker: any DelayEnd, _ listener: any DelayEnd) -> String {
        "\(talker.name) > \(listener.name)"
    }

    private func pause(_ seconds: Double) async throws {
        try await Task.sleep(nanoseconds: UInt64(seconds * 1e9))
    }
}
