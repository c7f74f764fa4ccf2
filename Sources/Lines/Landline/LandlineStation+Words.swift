// SPDX-License-Identifier: Apache-2.0
import Logging
import Signals
import Telephony

/// What the doctor knows of the calls so far.
struct LandlineHistory {
    /// That came in.
    var calls = 0
    /// Of these, with a word of who calls, be it that he does not want to be known.
    var callerIDs = 0
    var missed = 0
    var release: LandlineRelease?
    var answered: LandlineAnswer?
    var echoDelay: Double?
    /// As a test found it.
    var tested: EchoProbe.Result?
    /// Of the last call; nil: nothing is known that is to be believed.
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
    /// Another phone has it.
    static let inUseWord = "in use"

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
        case .inUse: test == nil ? Self.inUseWord : Self.testWord
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
        case .learn: answer(.told(learn()))
        case .accept: answer(accept())
        case .forget: answer(forget())
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
            // The noise is to be heard as the line returns it, and nothing is spoken that a filter could be taught by.
            tap?.setCancelling(false)
        }
    }

    private var doctor: String {
        var words = ["line \(line.name): \(stateWord)"]
        if device == nil { words.append("device: \(trouble.isEmpty ? "not there" : trouble)") }
        if let ear, machine.state == .idle {
            words.append(
                "noise on the idle line: \(Int(ear.noiseDBm0)) dBm0"
                    + (ear.noiseDBm0 > -45 ? " (loud: check plug and power supply)" : ""))
        }
        words.append(callerWords)
        if let bell = lessons.cadence ?? memory.bell(of: line.name) { words.append(bellWords(bell)) }
        if let echo = history.echo {
            words.append(
                "echo of the last call: the line returns \(Int(echo.returnLoss.rounded())) dB less than is said, the canceller takes "
                    + "\(Int(echo.enhancement.rounded())) dB"
                    + (echo.returnLoss < 8 ? " (a poor match: set the interface to the country's impedance)" : ""))
        }
        if let tested = history.tested {
            words.append("echo return loss at the last test: \(Int(tested.returnLossDB.rounded())) dB")
        }
        if line.rxGainDB != 0 || line.txGainDB != 0 {
            words.append("gain: \(line.rxGainDB) dB from the line, \(line.txGainDB) dB to it")
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

    private var callerWords: String {
        guard history.calls > 0 else { return "caller-ID: nobody has called since the start" }
        guard history.callerIDs > 0 else {
            return "caller-ID: none in \(history.calls) calls (is it subscribed?)"
        }
        return "caller-ID: told in \(history.callerIDs) of \(history.calls) calls"
    }

    private func bellWords(_ bell: [Int]) -> String {
        let names = countries(with: bell)
        let isOurs = country.bell.isEmpty || BellLearner.isAlike(country.bell, bell)
        return "bell: \(BellLearner.words(bell))"
            + (isOurs || names.isEmpty ? "" : " (as in \(names): is country in [dialling] right?)")
    }

    /// The test's next step.
    func advance(_ test: LandlineTest) {
        switch test.next(now: now) {
        case .sendKey: if let port { house.media.send([.one], to: port) }
        case .listen(let probe): ear?.probe = probe
        case .playNoise: if let port { tones.play(.samples(EchoProbe.burst(), sampleRate: 8_000), on: port) }
        case .over: finish(test)
        }
    }

    private func finish(_ test: LandlineTest) {
        endTest()
        if let echo = test.echo(line) {
            history.tested = echo
            if let delay = echo.delayMilliseconds, let tap {
                expect(echoDelay: delay, tap)
                memory.set(echoDelay: delay, of: line.name)
            }
        }
        test.finish(line, [callerWords])
    }

    /// The line is on-hook, and rests before its next use.
    private func endTest() {
        test = nil
        ear?.probe = nil
        tones.stop()
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
