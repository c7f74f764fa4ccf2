// SPDX-License-Identifier: Apache-2.0
import Signals
import Telephony

/// A look at a landline that was seized for it: its dial tone, its noise, and by a burst of noise its echo. Pure but for the answer;
/// milliseconds of the owner's clock.
///
///     listening 3.5 s --dial tone--> a key, 1 s --> 0.3 s of quiet, 1 s of noise, 0.5 s --> over
///         +--none----------------------------------------------------------------------------^
final class LandlineTest {
    enum Step {
        /// A key ends the dial tone, which would be in the way.
        case sendKey
        /// From now on the probe listens.
        case listen(EchoProbe)
        case playNoise
        case over
    }

    private enum Phase {
        case listening
        case breaking
        case quiet
        case probing
    }

    private(set) var deadline: Int64
    private let noiseDBm0: Float
    private let answer: @Sendable (ControlOutcome) -> Void
    private var phase = Phase.listening
    private var hasDialTone = false
    private var burst: ToneBurst?
    /// When a tone was heard last.
    private var lastTone: Int64 = 0
    private var now: Int64
    private let probe = EchoProbe()
    /// Takes some time, so it is reckoned once.
    private lazy var measured = probe.measure()

    init(now: Int64, noiseDBm0: Float, answer: @escaping @Sendable (ControlOutcome) -> Void) {
        self.now = now
        deadline = now &+ 3_500
        self.noiseDBm0 = noiseDBm0
        self.answer = answer
    }

    /// What the ear has heard since the last look.
    func hear(_ ear: LandlineEar, _ events: [LandlineStateMachine.Event], now: Int64) {
        self.now = now
        for case .tone(.dial, _) in events { hasDialTone = true }
        guard let current = ear.currentTone, current.count > 0 else { return }
        if phase == .listening { burst = current }
        if current.milliseconds > 100 { lastTone = now }
    }

    /// The deadline has come.
    func next(now: Int64) -> Step {
        self.now = now
        switch phase {
        case .listening:
            guard burst != nil else { return .over }
            phase = .breaking
            deadline = now &+ 1_000
            return .sendKey
        case .breaking:
            phase = .quiet
            deadline = now &+ 300
            return .listen(probe)
        case .quiet:
            phase = .probing
            deadline = now &+ Int64(EchoProbe.milliseconds) &+ 500
            return .playNoise
        case .probing: return .over
        }
    }

    func breakOff() { answer(.refused("the line was needed for an emergency call")) }

    /// The echo as the line itself returns it, whatever gains the line is set to; nil: not measured.
    func echo(_ line: LineDescription) -> EchoProbe.Result? {
        guard phase == .probing, var result = measured else { return nil }
        result.returnLossDB += line.rxGainDB + line.txGainDB
        return result
    }

    /// Tells what was found, with what else is known of the line.
    func finish(_ line: LineDescription, _ known: [String]) {
        let noise =
            "noise while idle: \(Int(noiseDBm0)) dBm0" + (noiseDBm0 > -45 ? " (loud: check plug and power supply)" : "")
        let words = [toneWords, noise, levelWords(line)] + echoWords(line) + known
        answer(.told(words.compactMap { $0 }.joined(separator: "\n")))
    }

    private var toneWords: String {
        let tone = burst.map { burst in
            let frequencies = (0..<burst.count).map { "\(Int(burst.frequencies[$0].rounded()))" }
            return frequencies.joined(separator: " + ") + " Hz at \(Int(burst.levelDBm0.rounded())) dBm0"
        }
        switch (hasDialTone, tone) {
        case (true, let tone?): return "dial tone: good (\(tone))"
        case (false, let tone?):
            return "a steady tone, but not the country's dial tone (\(tone)): check country in [dialling]"
        default: return "no dial tone within 3.5 s: check the plug; a line that is in use or dead has none"
        }
    }

    private func levelWords(_ line: LineDescription) -> String? {
        guard let burst else { return nil }
        let level = Double(burst.levelDBm0)
        guard level < -30 || level > -4 else { return "level: good" }
        let wanted = (max(-24, min(24, line.rxGainDB - 20 - level)) * 2).rounded() / 2
        return level < -30
            ? "level: low by \(Int(-20 - level)) dB; raise the interface's receive gain, or write rx_gain_db = \(wanted)"
            : "level: high; lower the interface's receive gain, or write rx_gain_db = \(wanted)"
    }

    private func echoWords(_ line: LineDescription) -> [String] {
        guard burst != nil else { return [] }
        guard let echo = echo(line) else {
            return ["echo: not measured, since nothing that was played reached the line"]
        }
        let isTone = now &- lastTone < Int64(EchoProbe.milliseconds)
        let doubt = isTone ? ["the tone did not end by a key: what follows is less sure"] : []
        guard let delay = echo.delayMilliseconds else {
            return doubt + ["echo return loss: more than \(Int(echo.returnLossDB)) dB (none was heard)"]
        }
        let loss = Int(echo.returnLossDB.rounded())
        return doubt + [
            "echo return loss: \(loss) dB"
                + (loss < 8 ? " (a poor match: set the interface to the country's impedance)" : ""),
            "delay of device and line, out and back: \(Int(delay.rounded())) ms"
                + (delay > 150 ? " (long: people will talk over each other; another interface is faster)" : ""),
        ]
    }
}
