// SPDX-License-Identifier: Apache-2.0
import Logging
import Telephony

/// What the doctor knows of the calls so far.
struct LandlineHistory {
    var callerIDs = 0
    var missed = 0
    var release: LandlineRelease?
    var answered: LandlineAnswer?
    var echoDelay: Double?
    var echo: (enhancement: Double, returnLoss: Double)?
    /// Since the device was opened.
    var filterResets = 0
}

extension LandlineStation {
    static let idleWord = "idle"
    /// States in which the line is in use by us, and may be taken for an emergency: not one in which it serves another one.
    static let ownWords: Set<String> = [
        "ringing", "answering", "seizing", "dialling", "calling", "in call", "clearing", testWord,
    ]
    private static let testWord = "test"

    var report: LineReport {
        var report = LineReport()
        report.name = line.name
        report.preset = line.preset
        report.device = line.pcm.isEmpty ? line.match?.words ?? "" : line.pcm
        report.sampleRate = device?.sampleRate ?? line.sampleRate ?? profile.sampleRate
        report.periodMilliseconds = device?.periodMilliseconds ?? line.periodMilliseconds ?? profile.periodMilliseconds
        report.underruns = device?.xruns.underruns ?? 0
        report.overruns = device?.xruns.overruns ?? 0
        report.state = stateWord
        return report
    }

    private var stateWord: String {
        if machine.isInEmergency { return "emergency" }
        return switch machine.state {
        case .gone: "gone"
        case .idle: Self.idleWord
        case .inUse: test == nil ? "in use" : Self.testWord
        case .ringing: "ringing"
        case .hearingCaller: "ringing"
        case .answering: "answering"
        case .tripping: "answering"
        case .seizing: "seizing"
        case .dialling: "dialling"
        case .progress: "calling"
        case .inCall: "in call"
        case .clearing: "clearing"
        }
    }

    // MARK: - Questions

    func answer(_ question: LandlineQuestion, _ answer: @escaping @Sendable (ControlOutcome) -> Void) {
        switch question {
        case .learn: answer(.told(learned))
        case .accept: answer(accept())
        case .forget:
            guard memory.forget(line.name) else { return answer(.refused("the state directory can not be written")) }
            ear?.set(country, learned: [])
            answer(.done)
        case .hangUp:
            guard leg != nil else { return answer(.refused("there is no call on line \(line.name)")) }
            feed(.release(.normalClearing))
            answer(.done)
        case .doctor: answer(.told(doctor))
        case .test:
            guard device != nil, machine.state == .idle, test == nil else {
                return answer(
                    .refused(Obstacle("line \(line.name) is \(stateWord)", remedy: "test it when it is idle")))
            }
            // For everybody else it is in use meanwhile.
            feed(.lineInUse(true))
            test = LandlineTest(now: now, noiseDBm0: ear?.noiseDBm0 ?? -99, answer: answer)
            seize(true)
        }
    }

    private var learned: String {
        let known = memory.tones(of: line.name).map { "known: " + $0.map(\.words).joined(separator: ", ") }
        guard let proposal else {
            return
                (known + [
                    known.isEmpty
                        ? "Nothing was learned yet. Call this line from elsewhere, let the box answer, and hang up there: the "
                            + "tone that the exchange then sends is learned after three repetitions."
                        : "No other tone was heard."
                ]).joined(separator: "\n")
        }
        let words = proposal.map(\.words).joined(separator: ", ")
        return (known + ["heard: \(words), repeated", "Take it over with: partyline line \(line.name) accept"])
            .joined(separator: "\n")
    }

    private func accept() -> ControlOutcome {
        guard let proposal else { return .refused("nothing was learned that could be taken over") }
        guard memory.add(proposal, to: line.name) else { return .refused("the state directory can not be written") }
        self.proposal = nil
        ear?.set(country, learned: memory.tones(of: line.name))
        house.log.info(
            "tone learned",
            metadata: ["line": "\(line.name)", "tone": "\(proposal.map(\.words).joined(separator: ", "))"])
        return .done
    }

    private var doctor: String {
        var words = ["line \(line.name): \(stateWord)"]
        if device == nil { words.append("device: \(trouble.isEmpty ? "not there" : trouble)") }
        if let ear, machine.state == .idle {
            words.append(
                "noise on the idle line: \(Int(ear.noiseDBm0)) dBm0"
                    + (ear.noiseDBm0 > -45 ? " (loud: check plug and power supply)" : ""))
        }
        words.append(
            history.callerIDs == 0
                ? "caller-ID: none was heard since the start (is it subscribed?)"
                : "caller-ID: \(history.callerIDs) heard")
        if let echo = history.echo {
            words.append(
                "echo of the last call: the line returns \(Int(echo.returnLoss)) dB less than is said, the canceller takes "
                    + "\(Int(echo.enhancement)) dB"
                    + (echo.returnLoss < 8 ? " (a poor match: set the interface to the country's impedance)" : ""))
        }
        if history.filterResets > 0 {
            words.append("echo filter: went astray and began anew, times: \(history.filterResets)")
        }
        if let delay = history.echoDelay { words.append("delay of the device, out and back: \(Int(delay)) ms") }
        if let release = history.release { words.append("the last call ended by: \(release.rawValue)") }
        if history.missed > 0 { words.append("missed calls: \(history.missed)") }
        if memory.tones(of: line.name).isEmpty, proposal == nil,
            history.release == .silence || history.release == .tooLong
        {
            words.append("the far end's hanging up was not noticed: see \"partyline line \(line.name) learn\"")
        }
        return words.joined(separator: "\n")
    }

    func finish(_ test: LandlineTest) {
        endTest()
        test.finish()
    }

    /// The line is on-hook, and rests before its next use.
    private func endTest() {
        test = nil
        seize(false)
        feed(.testOver)
    }

    /// An emergency needs the line.
    func breakOffTest() {
        guard let test else { return }
        endTest()
        test.breakOff()
    }
}
