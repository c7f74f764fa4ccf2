// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import PartylineTestKit
import RealTime
import Signals

/// `partyline-bench quality`: recordings sent through the exchange over a lossy network, and what a listener heard of them, as
/// WAV files for a scorer (Scripts/quality runs it with PESQ).
struct QualityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quality",
        abstract: "Sends recordings through the exchange at several losses and writes what was heard.",
        discussion: """
            Writes OUT/CODEC-LOSS-CLIP.wav and the reference beside it (.ref.wav). Narrow-band codecs take 8 kHz WAV files, \
            G722 and opus take .g722 files of the same name (16 kHz).
            """)

    @Option(help: "Where the exchange takes SIP calls.")
    var sip = "127.0.0.1:5060"
    @Option(help: "Folder with recordings (NAME.wav 8 kHz mono, NAME.g722).")
    var clips: String
    @Option(help: "Folder for what was heard.")
    var out: String
    @Option(help: "Codecs, separated by commas.")
    var codecs = "PCMA,G726-32,GSM,G722,opus"
    @Option(help: "Losses in per cent, separated by commas.")
    var losses = "0,1,5,10"
    @Option(help: "Calls at the same time.")
    var parallel = 10
    @Option(help: "Seed of all chance.")
    var seed: UInt64 = 1

    private struct Trial {
        var codec: CallerCodec
        var loss: Double
        var name: String
        var samples: [Int16]
        var rate: Int
    }

    func validate() throws {
        guard SocketAddress(sip) != nil else { throw ValidationError("--sip wants ADDRESS:PORT, as 127.0.0.1:5060") }
        guard (1...40).contains(parallel) else { throw ValidationError("--parallel wants 1 to 40") }
        for codec in codecs.split(separator: ",") where CallerCodec(rawValue: String(codec)) == nil {
            throw ValidationError("\(codec) is no codec; choose of \(CallerCodec.allCases.map(\.rawValue))")
        }
    }

    func run() async throws {
        guard let server = SocketAddress(sip) else { throw ExitCode(64) }
        let output = URL(fileURLWithPath: out)
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        let crew = try CallerThread(name: "bench", priority: 45)
        defer { crew.stop() }
        var trials: [Trial] = []
        for codec in codecs.split(separator: ",").compactMap({ CallerCodec(rawValue: String($0)) }) {
            let recordings = try QualityClips.read(URL(fileURLWithPath: clips), wide: codec.rate > 8000)
            guard !recordings.isEmpty else { throw ValidationError("no recording for \(codec.rawValue) in \(clips)") }
            for loss in losses.split(separator: ",").compactMap({ Double($0) }) {
                for recording in recordings {
                    trials.append(
                        Trial(
                            codec: codec, loss: loss, name: recording.name, samples: recording.samples,
                            rate: recording.rate))
                }
            }
        }
        var done = 0
        while done < trials.count {
            let batch = trials[done..<min(trials.count, done + parallel)]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, trial) in batch.enumerated() {
                    let number = done + index
                    group.addTask { try await perform(trial, number: number, crew, server, output) }
                }
                try await group.waitForAll()
            }
            done += batch.count
            BenchOutput.note("\(done) of \(trials.count)")
        }
    }

    private func perform(
        _ trial: Trial, number: Int, _ crew: CallerThread, _ server: SocketAddress, _ output: URL
    ) async throws {
        let relay = try MediaRelay(outward: .loss(trial.loss), seed: seed &+ UInt64(number) &* 7919, priority: 46)
        defer { relay.stop() }
        let talker = try crew.caller("talker\(number)", server: server, codec: trial.codec)
        // What carries it on must take nothing away.
        let listener = try crew.caller(
            "listener\(number)", server: server, codec: trial.rate > 8000 ? .g722 : .pcma)
        talker.relay = relay
        for caller in [talker, listener] {
            caller.call("conf_\(600_000 + number)")
            try await caller.answered(within: 8)
        }
        // Three seconds of other speech first: the exchange gets to know the network, as it does in a call.
        let lead = Array(trial.samples.prefix(trial.rate * 3))
        let speech = QualityClips.resampled(lead + trial.samples, from: trial.rate, to: trial.codec.rate)
        talker.speak(speech)
        try await Task.sleep(nanoseconds: UInt64(Double(speech.count) / Double(trial.codec.rate) * 1e9) + 500_000_000)
        let heard = listener.heard
        let begin = talker.sent.packets.first?.time ?? 0
        for caller in [talker, listener] {
            caller.hangUp()
            _ = await caller.wait(3) { $0.isOver }
        }
        guard let first = heard.packets.first(where: { $0.time >= begin + 3_000_000_000 }) else {
            throw ValidationError("\(trial.name) was not heard")
        }
        let name = "\(trial.codec.rawValue)-\(Int(trial.loss))-\(trial.name)"
        let piece = Array(heard.samples[first.position...].prefix(trial.samples.count + trial.rate / 5))
        try WaveFile.write(piece, rate: trial.rate, to: output.appendingPathComponent(name + ".wav"))
        try WaveFile.write(trial.samples, rate: trial.rate, to: output.appendingPathComponent(name + ".ref.wav"))
    }
}
