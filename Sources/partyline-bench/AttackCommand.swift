// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import PartylineTestKit

/// `partyline-bench attack`: what floods of strangers do to a running exchange and to the calls in it.
struct AttackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attack",
        abstract: "Floods the exchange while two callers talk; measures what they lose, and the daemon's memory.",
        discussion: """
            The attacker's address must not be on [sip] allow_without_password, the callers' (127.0.0.1) must; for \
            password guesses there must be a phone in phones.d. One after the other: INVITEs with wrong passwords, \
            REGISTERs with wrong passwords, the same from twenty addresses, INVITEs from a new (forged) address each, audio \
            and digits sent to the calls' ports. Meanwhile the callers' address, with --password that phone from an address of \
            its own, and a stranger each ask with OPTIONS, once and without repetition, whether the exchange is there.
            """)

    @Option(help: "Where the exchange takes SIP calls.")
    var sip = "127.0.0.1:5060"
    @Option(help: "The daemon's process; default: the only process named partylined.")
    var pid: Int32?
    @Option(help: "The attacker's address, of this machine.")
    var from = "127.0.0.66"
    @Option(help: "Whose password is guessed.")
    var user = "desk"
    @Option(help: "That phone's password: it is registered from --home meanwhile, and must be served.")
    var password: String?
    @Option(help: "Where that phone is.")
    var home = "127.0.0.77"
    @Option(help: "Requests a second.")
    var rate = 3_000
    @Option(help: "Seconds of each attack.")
    var seconds = 30
    @Option(help: "Seconds that the daemon's memory has to come back.")
    var patience = 40
    @Flag(help: "Print JSON.")
    var json = false

    struct Outcome: Codable {
        var attack: String
        var sent: Int
        /// Answers by status, of those that the attacker waited for.
        var answers: [String: Int]
        /// Packets that the two callers should have heard and did not, in percent.
        var missingPercent: Double
        /// What came of the other's voice, in dB of how loud it was.
        var voiceDB: Double
        var processorMicrosecondsPerRequest: Double
        /// The daemon's own memory (without what it shares with others) before, at its highest and at the end, in kB.
        var beforeKilobytes: Int
        var highestKilobytes: Int
        var afterKilobytes: Int
        /// Milliseconds that an OPTIONS of the callers' address or the phone took, at the worst; 1,000: no answer.
        var worstOptionsMilliseconds: Double
        var unansweredOptions: Int
        /// The same of a stranger, who may have to repeat what he asks.
        var strangerAsked: Int
        var strangerAnswered: Int
        /// Datagrams that did not fit into the socket's queue.
        var lostByKernel: Int
        /// The longest time that the machine ran nothing at all on one of its processors, in ms: frames of that time are lost to
        /// every program.
        var longestStandstill: Double
    }

    func validate() throws {
        guard SocketAddress(sip) != nil else { throw ValidationError("--sip wants ADDRESS:PORT, as 127.0.0.1:5060") }
        guard (1...20_000).contains(rate) else { throw ValidationError("--rate wants 1 to 20000") }
        guard (1...600).contains(seconds) else { throw ValidationError("--seconds wants 1 to 600") }
    }

    func run() async throws {
        guard let server = SocketAddress(sip) else { throw ExitCode(64) }
        let daemon = try DaemonChoice.processID(pid)
        let crew = try CallerThread(name: "bench", priority: 45)
        defer { crew.stop() }
        let scene = try await AttackScene(crew, server, daemon: daemon, probes: probes(server))
        var outcomes: [Outcome] = []
        let (host, user) = (from, user)
        for method in ["INVITE", "REGISTER"] {
            outcomes.append(
                try await scene.suffer(
                    "\(method) with wrong passwords", from: from, to: server, rate, seconds, patience
                ) {
                    AttackText.guess(method, $0, host: host, port: $1, user: user, lastAnswer: $2)
                })
        }
        outcomes.append(
            try await scene.suffer(
                "REGISTER from twenty addresses", seconds, patience,
                by: AttackerCrowd(20, to: server, rate: rate) { number, host, port, answer in
                    AttackText.guess(
                        "REGISTER", number, host: host, port: port, user: user, lastAnswer: answer)
                }))
        outcomes.append(
            try await scene.suffer(
                "INVITE from forged addresses", seconds, patience,
                by: ForgedAttacker(to: server, rate: rate) { number, host in
                    AttackText.guess("INVITE", number, host: host, port: 5_060, user: user, lastAnswer: "")
                }))
        let media = SocketAddress("127.0.0.1", scene.mediaPort)
        outcomes.append(
            try await scene.suffer("audio and digits at 5,000/s", from: from, to: media, 5_000, seconds, patience) {
                number, _, _ in AttackText.tone(number, ssrc: UInt32(number / 500))
            })
        await scene.close()
        if json { try BenchOutput.json(outcomes) } else { print(outcomes) }
        guard outcomes.allSatisfy(Self.isHarmless), Self.growth(outcomes) <= Self.mostGrowth else { throw ExitCode(1) }
    }

    /// What an attack, and all of them, may leave behind in the daemon, in kB.
    private static let mostGrowth = 2_048

    /// Over all attacks, in kB.
    private static func growth(_ outcomes: [Outcome]) -> Int {
        (outcomes.last?.afterKilobytes ?? 0) - (outcomes.first?.beforeKilobytes ?? 0)
    }

    private func probes(_ server: SocketAddress) throws -> [AttackProbe] {
        var probes = [try AttackProbe("caller", from: "127.0.0.1", to: server)]
        if let password {
            let phone = try AttackProbe("phone", from: home, to: server)
            try phone.register(user: user, password: password)
            probes.append(phone)
        }
        return probes + [try AttackProbe("stranger", from: "127.0.0.99", to: server)]
    }

    private static func isHarmless(_ outcome: Outcome) -> Bool {
        outcome.missingPercent < 0.1 && outcome.voiceDB > -3 && outcome.unansweredOptions == 0
            && outcome.afterKilobytes - outcome.beforeKilobytes <= mostGrowth
    }

    private func print(_ outcomes: [Outcome]) {
        BenchOutput.table(
            [
                "attack", "sent", "answers", "missing %", "voice dB", "CPU us each", "kB before", "highest", "after",
                "OPTIONS ms", "unanswered", "stranger", "kernel lost", "machine still ms",
            ],
            outcomes.map { outcome in
                [
                    outcome.attack, "\(outcome.sent)",
                    outcome.answers.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: " "),
                    BenchOutput.number(outcome.missingPercent, 2), BenchOutput.number(outcome.voiceDB),
                    BenchOutput.number(outcome.processorMicrosecondsPerRequest), "\(outcome.beforeKilobytes)",
                    "\(outcome.highestKilobytes)", "\(outcome.afterKilobytes)",
                    BenchOutput.number(outcome.worstOptionsMilliseconds), "\(outcome.unansweredOptions)",
                    "\(outcome.strangerAnswered)/\(outcome.strangerAsked)", "\(outcome.lostByKernel)",
                    BenchOutput.number(outcome.longestStandstill),
                ]
            })
        Swift.print("memory over all attacks: \(Self.growth(outcomes)) kB (goal: \(Self.mostGrowth) at most)")
    }
}
