// SPDX-License-Identifier: Apache-2.0

import Foundation
import PartylineTestKit

/// Two callers in a room, one of whom talks, while somebody attacks.
final class AttackScene {
    private let talker: SIPCaller
    private let listener: SIPCaller
    private let server: SocketAddress
    private let daemon: Int32
    /// Those who shall be served meanwhile, then a stranger.
    private let probes: [AttackProbe]
    /// Where the daemon takes the talker's audio.
    let mediaPort: UInt16

    init(_ crew: CallerThread, _ server: SocketAddress, daemon: Int32, probes: [AttackProbe]) async throws {
        self.server = server
        self.daemon = daemon
        self.probes = probes
        talker = try crew.caller("talker", server: server)
        listener = try crew.caller("listener", server: server)
        let room = String(700_000 + Int.random(in: 0..<99_999))
        for caller in [talker, listener] {
            caller.call("conf_\(room)")
            try await caller.answered()
        }
        let line = talker.answerSDP.split(whereSeparator: \.isNewline).first { $0.hasPrefix("m=audio ") }
        mediaPort = line?.split(separator: " ").dropFirst().first.flatMap { UInt16($0) } ?? 0
        try await Task.sleep(nanoseconds: 1_500_000_000)
    }

    func close() async {
        for caller in [talker, listener] { caller.hangUp() }
        for caller in [talker, listener] { _ = await caller.wait(2) { $0.isOver } }
    }

    func suffer(
        _ name: String, from host: String, to target: SocketAddress, _ rate: Int, _ seconds: Int, _ patience: Int,
        _ make: @escaping @Sendable (Int, UInt16, String) -> [UInt8]
    ) async throws -> AttackCommand.Outcome {
        try await suffer(name, seconds, patience, by: Attacker(from: host, to: target, rate: rate, make))
    }

    func suffer(
        _ name: String, _ seconds: Int, _ patience: Int, by begin: @autoclosure () throws -> any Attacking
    ) async throws -> AttackCommand.Outcome {
        let voice = Voice(1).samples(seconds: Double(seconds) + 2)
        let before = ProcessFigures(daemon)
        talker.speak(voice)
        try await Task.sleep(nanoseconds: 700_000_000)
        for caller in [talker, listener] { caller.clearRecordings() }
        let start = MonotonicClock.now
        let said = Int(talker.secondsSaidBefore * 8_000)
        let lost = lostByKernel()
        for probe in probes { probe.clear() }
        let watch = HostWatch(shortest: 1) { 0 }
        let attacker = try begin()
        watch.start()
        var highest = before?.anonymousKilobytes ?? 0
        while MonotonicClock.now - start < Int64(seconds) * 1_000_000_000 {
            AttackProbe.ask(probes)
            highest = max(highest, ProcessFigures(daemon)?.anonymousKilobytes ?? 0)
            try await Task.sleep(nanoseconds: 200_000_000)
        }
        attacker.stop()
        watch.stop()
        let length = Double(MonotonicClock.now - start) / 1e9
        let (heard, answered) = (listener.heard, talker.heard)
        let busy = ProcessFigures(daemon)
        talker.speak([])
        let expected = length * 50
        let missing =
            [heard, answered].map { max(0, expected - 1 - Double($0.packets.count)) / expected * 100 }.max() ?? 100
        let level = AudioAnalysis.presence(
            of: Array(voice[min(said, voice.count)...].prefix(Int((length - 0.5) * 8_000))), in: heard.samples,
            block: 6_400
        ).levelDB
        let after = try await settled(before?.anonymousKilobytes ?? 0, patience)
        return AttackCommand.Outcome(
            attack: name, sent: attacker.sent,
            answers: Dictionary(uniqueKeysWithValues: attacker.answers.map { ("\($0.key)", $0.value) }),
            missingPercent: missing, voiceDB: level,
            processorMicrosecondsPerRequest: ((busy?.processorSeconds ?? 0) - (before?.processorSeconds ?? 0)) * 1e6
                / Double(max(1, attacker.sent)),
            beforeKilobytes: before?.anonymousKilobytes ?? 0, highestKilobytes: highest, afterKilobytes: after,
            worstOptionsMilliseconds: probes.dropLast().map(\.worst).max() ?? 0,
            unansweredOptions: probes.dropLast().reduce(0) { $0 + $1.asked - $1.answered },
            strangerAsked: probes.last?.asked ?? 0, strangerAnswered: probes.last?.answered ?? 0,
            lostByKernel: lostByKernel() - lost,
            longestStandstill: watch.stalls.map(\.milliseconds).max() ?? 0)
    }

    /// The daemon's memory as soon as it is back, or when patience is over.
    private func settled(_ before: Int, _ patience: Int) async throws -> Int {
        var now = ProcessFigures(daemon)?.anonymousKilobytes ?? 0
        for _ in 0..<patience where now > before + 512 {
            try await Task.sleep(nanoseconds: 1_000_000_000)
            now = ProcessFigures(daemon)?.anonymousKilobytes ?? 0
        }
        return now
    }

    /// Datagrams that the kernel had no room for, at the daemon's port.
    private func lostByKernel() -> Int {
        let port = String(format: ":%04X", server.port)
        return ["udp", "udp6"].reduce(0) { sum, file in
            let table = (try? String(contentsOfFile: "/proc/net/\(file)", encoding: .utf8)) ?? ""
            return table.split(separator: "\n").dropFirst().reduce(sum) { sum, line in
                let fields = line.split(separator: " ")
                guard fields.count > 12, fields[1].hasSuffix(port) else { return sum }
                return sum + (Int(fields[12]) ?? 0)
            }
        }
    }
}
