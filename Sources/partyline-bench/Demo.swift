// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import PartylineTestKit
import Telephony

/// The course of the demo: enter, speak, watch the roster, judge what was heard.
struct Demo {
    let server: SocketAddress
    let control: ControlClient
    let room: String
    let seconds: Int
    let output: URL

    /// True when each heard every other and not himself.
    func run(_ people: [any DemoPerson]) async throws -> Bool {
        let status = try control.get("/v1/status", as: StatusReport.self)
        BenchOutput.line("Partyline \(status.version) is up, SIP on \(server), control socket \(control.socketPath)")
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        for person in people { try await person.enter(room: room) { BenchOutput.line("  " + $0) } }
        try await waitForRoom(people.count)
        BenchOutput.line("  Both are in room \(room) and speak, each with a voice of its own:")
        for (index, person) in people.enumerated() {
            person.speak(Voice(index * 7 + 1).samples(seconds: Double(seconds) + 2, rate: person.rate))
        }
        // The join tones and the first half second are over before anybody takes notes.
        try await Task.sleep(nanoseconds: 1_000_000_000)
        for person in people { person.startListening() }
        try await watch()
        let recordings = people.map { $0.heard() }
        for person in people { await person.leave() }
        return try judge(people, recordings)
    }

    private func waitForRoom(_ count: Int) async throws {
        var inside = 0
        for _ in 0..<100 {
            inside = (try? control.get("/v1/rooms/\(room)", as: RoomReport.self))?.participants.count ?? 0
            if inside >= count { return }
            try await Task.sleep(nanoseconds: 100_000_000)
        }
        throw DemoFault(
            "only \(inside) of \(count) got into room \(room) within ten seconds; see the log of partylined")
    }

    /// The live roster, once a second; drawn over itself on a terminal.
    private func watch() async throws {
        let isTerminal = isatty(1) == 1
        for second in 1...seconds {
            try await Task.sleep(nanoseconds: 1_000_000_000)
            guard let report = try? control.get("/v1/rooms/\(room)", as: RoomReport.self) else { continue }
            if isTerminal, second > 1 {
                FileHandle.standardOutput.write(Data("\u{1B}[\(report.participants.count + 1)A".utf8))
            }
            BenchOutput.line(
                "  room \(report.name), second \(second)\u{1B}[K".replacing(
                    "\u{1B}[K", with: isTerminal ? "\u{1B}[K" : ""))
            for participant in report.participants { BenchOutput.line("    " + row(participant)) }
        }
    }

    private func row(_ participant: ParticipantReport) -> String {
        let level = participant.media.levelDBm0
        let bars = max(0, min(20, Int((level + 60) / 3)))
        let meter = String(repeating: "#", count: bars) + String(repeating: ".", count: 20 - bars)
        let name = participant.name.isEmpty ? participant.number : participant.name
        return name.padding(toLength: 14, withPad: " ", startingAt: 0)
            + participant.technology.padding(toLength: 7, withPad: " ", startingAt: 0)
            + "[\(meter)] \(BenchOutput.number(level, 0)) dBm0, delay "
            + "\(BenchOutput.number(participant.media.standingDelayMilliseconds)) ms"
            + (participant.isTalking ? ", talking" : "")
    }

    private func judge(_ people: [any DemoPerson], _ recordings: [[Int16]]) throws -> Bool {
        var isGood = true
        for (index, person) in people.enumerated() {
            let heard = recordings[index]
            let thin = AudioAnalysis.atTelephoneRate(heard, from: person.rate)
            let file = output.appendingPathComponent("\(person.name.lowercased())-heard.wav")
            try WaveFile.write(heard, rate: person.rate, to: file)
            BenchOutput.line(
                "  \(person.name) heard \(BenchOutput.number(Double(heard.count) / Double(person.rate))) s, in \(file.path)"
            )
            for (other, speaker) in people.enumerated() {
                let isOwn = other == index
                let voice = Voice(other * 7 + 1).samples(seconds: Double(seconds) + 2)
                // Short blocks where a card's resampler stretches time a little, long ones for a low floor.
                let level = AudioAnalysis.presence(of: voice, in: thin, block: isOwn ? 24_576 : 4000).levelDB
                let isRight = isOwn ? level <= Self.ownLimitDB : level >= Self.otherLimitDB
                isGood = isGood && isRight
                let what = isOwn ? "himself" : speaker.name
                BenchOutput.line(
                    "    \(what) at \(BenchOutput.number(level, 0)) dB: " + (isRight ? "right" : "WRONG")
                        + (isOwn ? " (own voice at most \(Int(Self.ownLimitDB)) dB)" : ""))
            }
        }
        BenchOutput.line(isGood ? "  Each heard the other and not himself." : "  The demo FAILED.")
        return isGood
    }

    /// A person's own voice in his own return: below -60 on a quiet machine, less where late packets had to be smoothed over.
    static let ownLimitDB = -50.0
    /// The other's voice; 0 dB is as spoken.
    static let otherLimitDB = -12.0
}
