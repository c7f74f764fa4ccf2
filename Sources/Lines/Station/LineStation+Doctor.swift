// SPDX-License-Identifier: Apache-2.0
import Glibc
import Telephony

/// What the doctor knows of a telephone since the start.
struct StationHistory {
    var lifts = 0
    var flashes = 0
    /// Digits by how they came.
    var digits: [DigitSource: Int] = [:]
    var lastDigit: DTMFDigit?
    var calls = 0
    /// Of the last use of the card.
    var statistics: CardStatistics?
}

extension LineStation {
    func answer(_ question: LandlineQuestion) -> ControlOutcome {
        switch question {
        case .doctor: .told(doctor)
        case .test:
            .refused(
                Obstacle(
                    "line \(line.name) is a telephone",
                    remedy: "dial the numbers to try a line on it (*43 hears itself), and ask it for doctor"))
        case .learn, .accept, .forget, .hangUp:
            .refused(Obstacle("line \(line.name) is a telephone", remedy: "ask it for doctor"))
        }
    }

    func note(_ digit: DTMFDigit, _ source: DigitSource) {
        history.digits[source, default: 0] += 1
        history.lastDigit = digit
    }

    /// Keeps what the card has counted, before its port is closed.
    func noteStatistics() {
        if let statistics = port.flatMap(house.ports.cardStatistics) { history.statistics = statistics }
    }

    private var doctor: String {
        noteStatistics()
        let report = report
        var words = ["line \(line.name): \(report.state)" + (line.extension.map { ", extension \($0)" } ?? "")]
        if device == nil { words.append("device: \(trouble.isEmpty ? "not there" : trouble)") }
        if let device {
            words.append("card: \(device.sampleRate) Hz, \(device.periodMilliseconds) ms a period")
            words += device.warnings
        }
        if line.rxGainDB != 0 || line.txGainDB != 0 {
            words.append("gain: \(line.rxGainDB) dB from the telephone, \(line.txGainDB) dB to it")
        }
        words += cardWords(report)
        let own = house.media.statistics().first { $0.slot == port?.slot && $0.generation == port?.generation }
        if let own {
            words.append(
                "level from the telephone now: \(Int(own.levelDBm0)) dBm0" + (own.isTalking ? ", talking" : ""))
        }
        words.append("since the start: lifted \(history.lifts), flashes \(history.flashes), calls \(history.calls)")
        words.append(digitWords)
        if hook?.isIgnoring == true { words.append("the handset is off-hook since the start: hang it up once") }
        return words.joined(separator: "\n")
    }

    private func cardWords(_ report: LineReport) -> [String] {
        var words: [String] = []
        let statistics = history.statistics
        let (underruns, overruns) = (
            max(report.underruns, statistics?.underruns ?? 0), max(report.overruns, statistics?.overruns ?? 0)
        )
        words.append(
            "gaps: \(underruns) underruns, \(overruns) overruns"
                + (underruns + overruns > 10 ? " (many: another USB port or hub, or period_ms = 5, may help)" : ""))
        if let drift = statistics?.driftPPM {
            words.append(
                "clock: \(Int(drift.rounded())) ppm off ours"
                    + (abs(drift) > 300 ? " (more than is made up for without loss)" : ""))
        }
        return words
    }

    private var digitWords: String {
        let names: [(DigitSource, String)] = [(.keys, "as keys"), (.inBand, "as tones")]
        let counts = names.compactMap { source, name in history.digits[source].map { "\($0) \(name)" } }
        guard !counts.isEmpty, let last = history.lastDigit else {
            return "digits: none since the start"
                + (history.lifts > 0 ? " (a rotary dial needs pulse_dial = true; a weak telephone rx_gain_db)" : "")
        }
        return "digits: \(counts.joined(separator: ", ")), the last one \(last.character)"
    }
}
