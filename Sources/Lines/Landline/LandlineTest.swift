// SPDX-License-Identifier: Apache-2.0
import Signals
import Telephony

/// A look at a landline that was seized for it: dial tone, its frequencies and level, noise.
final class LandlineTest {
    let deadline: Int64
    private let noiseDBm0: Float
    private let answer: @Sendable (ControlOutcome) -> Void
    private var hasDialTone = false
    private var burst: ToneBurst?

    init(now: Int64, noiseDBm0: Float, answer: @escaping @Sendable (ControlOutcome) -> Void) {
        deadline = now &+ 3_500
        self.noiseDBm0 = noiseDBm0
        self.answer = answer
    }

    func hear(_ ear: LandlineEar, _ events: [LandlineStateMachine.Event]) {
        for case .tone(.dial, _) in events { hasDialTone = true }
        if let current = ear.currentTone, current.count > 0 { burst = current }
    }

    func breakOff() { answer(.refused("the line was needed for an emergency call")) }

    func finish() {
        var words: [String] = []
        let tone = burst.map { burst in
            let frequencies = (0..<burst.count).map { "\(Int(burst.frequencies[$0].rounded()))" }
            return frequencies.joined(separator: " + ") + " Hz at \(Int(burst.levelDBm0.rounded())) dBm0"
        }
        switch (hasDialTone, tone) {
        case (true, let tone?): words.append("dial tone: good (\(tone))")
        case (false, let tone?):
            words.append("a steady tone, but not the country's dial tone (\(tone)): check country in [dialling]")
        default:
            words.append("no dial tone within 3.5 s: check the plug; a line that is in use or dead has none")
        }
        words.append(
            "noise while idle: \(Int(noiseDBm0)) dBm0" + (noiseDBm0 > -45 ? " (loud: check plug and power supply)" : "")
        )
        if let burst {
            let level = burst.levelDBm0
            words.append(
                level < -30
                    ? "level: low by \(Int(-20 - level)) dB; raise the interface's receive gain"
                    : level > -4 ? "level: high; lower the interface's receive gain" : "level: good")
        }
        answer(.told(words.joined(separator: "\n")))
    }
}
