// SPDX-License-Identifier: Apache-2.0

import CLinux
import FoundationEssentials
import ScenarioProtocol
import Telephony

/// One scenario session: its scripts in a machine of their own. Belongs to the worker's one thread.
///
///     run -> events, timers … -> end
///        \________ fault ________/
final class ScriptSession {
    let start: SessionStart
    private let daemon: DaemonSocket
    private let timers: TimerQueue
    /// Takes the engine of a session that ended by its own.
    private let giveBack: (ScriptEngine) -> Void
    private var machine: ScriptMachine?
    private var scripts: [ScriptSource]
    private(set) var isOver = false
    private var isFinished = false
    /// Work that waits for this session.
    var waiting = 0
    /// Nothing has happened in it until now: its caller waits to be answered.
    private(set) var isNew = true

    /// Of its machine when it was counted last.
    private(set) var heapBytes: UInt64 = 0
    private var grownBytes: UInt64 = 0
    private var entries = 0
    private static let growthToCount: UInt64 = 8 << 20
    private static let entriesToCount = 500

    private var commandsLeft = 0
    private var logLinesLeft = 0

    init(
        _ start: SessionStart, scripts: [ScriptSource], timers: TimerQueue, daemon: DaemonSocket,
        giveBack: @escaping (ScriptEngine) -> Void
    ) {
        self.start = start
        self.scripts = scripts
        self.timers = timers
        self.daemon = daemon
        self.giveBack = giveBack
    }

    /// Checks all scripts before the first one runs, then runs them in one global scope.
    func run(in machine: ScriptMachine?) {
        guard !isOver else { return }
        guard let machine else { return finish("no JavaScript machine could be made: out of memory?") }
        self.machine = machine
        machine.owner = self
        perform { machine throws(ScriptFault) in
            for script in scripts { try script.check(in: machine) }
            try machine.call(.prepare, preparation())
            for script in scripts {
                partyline_guard_place(script.name)
                try machine.evaluate(script.text, name: script.name)
            }
            scripts = []
            try machine.call(.started)
        }
    }

    /// `json`: a `SessionEvent`.
    func deliver(event json: String) {
        isNew = false
        perform { machine throws(ScriptFault) in try machine.call(.deliver, json) }
    }

    /// What the script had asked of the box's services; in the machine it looks like an event.
    func deliver(_ reply: ServiceReply) {
        guard let json = Self.json(reply) else { return }
        perform { machine throws(ScriptFault) in try machine.call(.deliver, json) }
    }

    func timerFired(_ id: Int) {
        perform { machine throws(ScriptFault) in try machine.call(.timerFired, id) }
    }

    /// The daemon wants it to end: Terminating and Terminated, then it is gone; requests that are on their way have 90 s.
    func end() {
        guard !isOver else { return }
        guard machine != nil else { return finish(nil) }
        perform { machine throws(ScriptFault) in try machine.call(.ending) }
    }

    /// Gone; with a reason by itself. Once.
    func finish(_ reason: String?) {
        guard !isOver else { return }
        isOver = true
        machine?.owner = nil
        // After a failure there is no telling what the script has left waiting in it.
        if reason == nil, let machine { giveBack(machine.engine) }
        machine = nil
        scripts = []
        timers.removeAll(of: start.session)
        daemon.write(.ended(start.session, reason: reason))
    }

    // MARK: - One entry into the machine

    private func perform(_ body: (ScriptMachine) throws(ScriptFault) -> Void) {
        guard !isOver, let machine else { return }
        commandsLeft = ScenarioLimits.commandsPerCallback
        logLinesLeft = ScenarioLimits.logLinesPerCallback
        do throws(ScriptFault) {
            try body(machine)
        } catch {
            return finish(error.description)
        }
        if isFinished { return finish(nil) }
        if isTooLarge(machine) {
            finish("the scripts of this session (\(start.scenarios.joined(separator: ", "))) keep more than 64 MB")
        }
    }

    /// To count a heap takes a walk through all of it, so that is done only when this session has made the process grow by
    /// some megabytes, or now and then; and with a collection only when there is too much.
    private func isTooLarge(_ machine: ScriptMachine) -> Bool {
        entries += 1
        grownBytes += machine.grownBytes
        guard grownBytes > Self.growthToCount || entries.isMultiple(of: Self.entriesToCount) else { return false }
        grownBytes = 0
        heapBytes = machine.heapBytes(collecting: false)
        guard heapBytes > ScenarioLimits.sessionHeapBytes else { return false }
        heapBytes = machine.heapBytes(collecting: true)
        return heapBytes > ScenarioLimits.sessionHeapBytes
    }

    private struct Preparation: Encodable {
        var name: String
        var number: UInt64
        var rule: String
        var conferenceName: String?
        var customData: String
        var accessURL: String
        /// On a virtual clock: what is added to it to have the time of day, in milliseconds since 1970.
        var epoch: Double?
    }

    private func preparation() -> String {
        Self.json(
            Preparation(
                name: "\(start.session)", number: start.session.number, rule: start.rule,
                conferenceName: start.conferenceName, customData: start.customData, accessURL: start.accessURL,
                epoch: timers.clock.epoch)) ?? "{}"
    }

    static func json(_ value: some Encodable) -> String? {
        (try? JSONEncoder().encode(value)).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension ScriptSession: ScriptMachineOwner {
    func machine(_ machine: ScriptMachine, sends json: String) -> String? {
        guard commandsLeft > 0 else {
            return "more than \(ScenarioLimits.commandsPerCallback) commands to the exchange in one callback"
        }
        commandsLeft -= 1
        let command = Data(json.utf8)
        guard let frame = MessageFraming.frame(command: command, of: start.session) else { return Self.tooLong }
        do throws(FramingError) {
            _ = try CommandText.command(command)
        } catch {
            return "the exchange does not understand this request: \(json.prefix(200))"
        }
        daemon.write(frame)
        return nil
    }

    private static let tooLong = "a request to the exchange is longer than \(ScenarioLimits.messageBytes) bytes"

    func machine(_ machine: ScriptMachine, asks json: String) -> String? {
        guard commandsLeft > 0 else {
            return "more than \(ScenarioLimits.commandsPerCallback) requests in one callback"
        }
        commandsLeft -= 1
        guard let request = try? JSONDecoder().decode(ServiceRequest.self, from: Data(json.utf8)) else {
            return "the exchange does not understand this request: \(json.prefix(200))"
        }
        guard let frame = MessageFraming.frame(WorkerReport.service(start.session, request)) else {
            return Self.tooLong
        }
        daemon.write(frame)
        return nil
    }

    func machineIsFinished() { isFinished = true }

    var milliseconds: Double { Double(timers.clock.now) / 1e6 }

    func machine(_ machine: ScriptMachine, logs line: ScriptLogLine) {
        guard logLinesLeft > 0 else { return }
        logLinesLeft -= 1
        daemon.write(.log(start.session, line))
        if logLinesLeft == 0 {
            let text = "more than \(ScenarioLimits.logLinesPerCallback) lines in one callback; the rest is left out"
            daemon.write(
                .log(start.session, ScriptLogLine(level: .warning, text: text, file: line.file, line: line.line)))
        }
    }

    func machine(_ machine: ScriptMachine, setsTimer id: Int, milliseconds: Double) {
        timers.set(TimerQueue.Key(session: start.session, id: id), milliseconds: milliseconds)
    }

    func machine(_ machine: ScriptMachine, clearsTimer id: Int) {
        timers.remove(TimerQueue.Key(session: start.session, id: id))
    }
}
