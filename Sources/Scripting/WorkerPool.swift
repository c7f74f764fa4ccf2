// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Logging
import ScenarioProtocol
import Telephony

/// The workers and the sessions in them. Lives on one thread: `run` polls the sockets of all workers and the letter box.
///
///     switchboard --host methods--> letter box --> pool --socket--> worker
///     switchboard <--sink-------------------------- pool <--socket-- worker
final class WorkerPool {
    let options: ScenarioWorkerOptions
    private let box: LetterBox
    let sink: any SessionSink
    let log: Logger
    private var library: ScriptLibrary
    var workers: [WorkerProcess] = []
    var workerOf: [SessionID: WorkerProcess] = [:]
    var budgets: [SessionID: LogBudget] = [:]
    var breaker = ScriptBreaker()
    /// Sessions that were told to end and have not said that they have.
    private var ending: Set<SessionID> = []
    private static let lastWordsNanoseconds: Int64 = 300_000_000
    private static let burialNanoseconds: Int64 = 200_000_000
    private var nextPing: Int64 = 0
    /// Workers are started again at once, but slower when they do not even come up.
    private var nextSpawn: Int64 = 0
    private var failedSpawns: Int64 = 0

    init(options: ScenarioWorkerOptions, box: LetterBox, sink: any SessionSink, log: Logger) {
        self.options = options
        self.box = box
        self.sink = sink
        self.log = log
        library = ScriptLibrary(folder: options.scenarioFolder)
    }

    /// Works until the box is closed; then all workers are gone.
    func run() {
        nextPing = partyline_now() + WorkerProcess.pingNanoseconds
        while true {
            spawnMissing()
            poll(until: workers.count < options.workers ? min(nextPing, nextSpawn) : nextPing)
            for letter in box.takeAll() {
                if case .close = letter { return closeAll() }
                take(letter)
            }
            if partyline_now() >= nextPing { pingAll() }
            flushAll()
        }
    }

    /// Waits for something to happen, but not beyond the time given.
    private func poll(until deadline: Int64) {
        var waiters = [pollfd(fd: box.wakeDescriptor, events: Int16(POLLIN), revents: 0)]
        for worker in workers {
            waiters.append(
                pollfd(fd: worker.socket, events: Int16(POLLIN | (worker.hasOutgoing ? POLLOUT : 0)), revents: 0))
        }
        let wait = max(deadline - partyline_now(), 0)
        guard Glibc.poll(&waiters, nfds_t(waiters.count), Int32(clamping: (wait + 999_999) / 1_000_000)) > 0 else {
            return
        }
        for (worker, waiter) in zip(workers, waiters.dropFirst()) where waiter.revents != 0 {
            attempt(worker) { worker throws(WorkerProcess.Loss) in
                if waiter.revents & Int16(POLLOUT) != 0 { try worker.flush() }
                try worker.receive { said in
                    switch said {
                    case .report(let report): take(report, from: worker)
                    case .garbled(let session, let what): endGarbled(session, what, in: worker)
                    }
                }
            }
        }
    }

    /// What was collected for each worker goes in one piece: it wakes up once.
    private func flushAll() {
        for worker in workers where worker.hasOutgoing {
            attempt(worker) { worker throws(WorkerProcess.Loss) in try worker.flush() }
        }
    }

    // MARK: - From the switchboard

    private func take(_ letter: LetterBox.Letter) {
        switch letter {
        case .start(let start): self.start(start)
        case .deliver(let event, let session): deliver(event, to: session)
        case .reply(let reply, let session): send(.service(session, reply), to: session)
        case .end(let session):
            if workerOf[session] != nil { ending.insert(session) }
            send(.end(session), to: session)
        case .close: break
        }
    }

    private func send(_ order: WorkerOrder, to session: SessionID) {
        guard let worker = workerOf[session] else { return }
        attempt(worker) { worker throws(WorkerProcess.Loss) in try worker.send(order) }
    }

    private func deliver(_ event: SessionEvent, to session: SessionID) {
        guard let worker = workerOf[session] else { return }
        attempt(worker) { worker throws(WorkerProcess.Loss) in try worker.deliver(event, to: session) }
    }

    private func start(_ start: SessionStart) {
        guard workerOf[start.session] == nil else { return }
        if let refusal = breaker.refusal(of: start.scenarios, now: partyline_now()) { return refuse(start, refusal) }
        var scripts: [LibraryScript] = []
        guard start.scenarios.count <= ScenarioLimits.scriptsPerSession else {
            return refuse(start, "rule \(start.rule) has more than \(ScenarioLimits.scriptsPerSession) scenarios")
        }
        for name in start.scenarios {
            do throws(ScriptUnreadable) {
                scripts.append(try library.script(name))
            } catch {
                return refuse(start, error.text)
            }
        }
        guard let worker = leastLoaded() else {
            return refuse(start, "no scenario worker runs; is \(options.executable) there?")
        }
        worker.sessions[start.session] = start
        worker.served += 1
        workerOf[start.session] = worker
        attempt(worker) { worker throws(WorkerProcess.Loss) in
            try worker.start(start, scripts)
        }
    }

    private func refuse(_ start: SessionStart, _ reason: String) {
        log.error(
            "scenario not started",
            metadata: ["session": "\(start.session)", "rule": "\(start.rule)", "reason": "\(reason)"])
        sink.ended(start.session, reason: reason, orphaned: false)
    }

    private func leastLoaded() -> WorkerProcess? {
        if workers.isEmpty { spawnMissing() }
        return workers.min { load(of: $0) < load(of: $1) }
    }

    /// One that starts, or is to be replaced, comes last.
    private func load(of worker: WorkerProcess) -> (Int, Int, Int) {
        (worker.isReady ? 0 : 1, worker.served < options.sessionsPerWorker ? 0 : 1, worker.sessions.count)
    }

    // MARK: - From workers

    private func serve(_ request: ServiceRequest, of session: SessionID) {
        options.services.perform(request, of: session) { [box] in box.post(.reply($0, session)) }
    }

    private func take(_ report: WorkerReport, from worker: WorkerProcess) {
        switch report {
        case .ready:
            worker.isReady = true
            failedSpawns = 0
            publish()
        case .pong(let number, let health): worker.ponged(number, health)
        // Of rehearsals only.
        case .settled: break
        case .command(let session, let command):
            if worker.sessions[session] != nil { sink.perform(command, of: session) }
        case .service(let session, let request):
            if worker.sessions[session] != nil { serve(request, of: session) }
        case .log(let session, let line):
            if let start = worker.sessions[session] { write(line, of: start) }
        case .ended(let session, let reason):
            finish(session, reason, as: "scenario ended by itself", in: worker)
        }
    }

    /// A session is over and its worker goes on, unless it has had enough of them.
    /// - Parameter words: of the log, when there is a reason.
    func finish(_ session: SessionID, _ reason: String?, as words: Logger.Message, in worker: WorkerProcess) {
        guard let start = worker.sessions.removeValue(forKey: session) else { return }
        forget(session)
        if let reason {
            log.error(
                words, metadata: ["session": "\(session)", "rule": "\(start.rule)", "reason": "\(reason)"])
        }
        sink.ended(session, reason: reason, orphaned: false)
        retire(worker)
    }

    func forget(_ session: SessionID) {
        workerOf[session] = nil
        budgets[session] = nil
        ending.remove(session)
        options.services.ended(session)
    }

    private func write(_ line: ScriptLogLine, of start: SessionStart) {
        let session = start.session
        guard let dropped = budgets[session, default: LogBudget(now: partyline_now())].spend(now: partyline_now())
        else { return }
        var metadata: Logger.Metadata = ["session": "\(session)", "rule": "\(start.rule)"]
        if !line.file.isEmpty { metadata["at"] = "\(line.file):\(line.line)" }
        if dropped > 0 { metadata["lines-left-out"] = "\(dropped)" }
        let level: Logger.Level =
            switch line.level {
            case .info: .info
            case .warning: .warning
            case .error: .error
            }
        log.log(level: level, "\(String(line.text.prefix(ScenarioLimits.logTextCharacters)))", metadata: metadata)
    }

    // MARK: - Life and death of workers

    func spawnMissing() {
        guard workers.count < options.workers, partyline_now() >= nextSpawn else { return }
        while workers.count < options.workers {
            do throws(SpawnFailure) {
                workers.append(try WorkerProcess(options: options))
            } catch {
                log.error(
                    "scenario worker does not start",
                    metadata: ["program": "\(options.executable)", "error": "\(error.text)"])
                return delaySpawn()
            }
        }
        publish()
    }

    func delaySpawn() {
        failedSpawns = min(failedSpawns + 1, 10)
        nextSpawn = partyline_now() + failedSpawns * 1_000_000_000
    }

    private func pingAll() {
        nextPing = partyline_now() + WorkerProcess.pingNanoseconds
        for worker in workers {
            attempt(worker) { worker throws(WorkerProcess.Loss) in try worker.ping(options) }
        }
        publish()
    }

    private func attempt(_ worker: WorkerProcess, _ body: (WorkerProcess) throws(WorkerProcess.Loss) -> Void) {
        do throws(WorkerProcess.Loss) {
            try body(worker)
        } catch {
            lose(worker, error)
        }
    }

    /// Sessions that were just told to end may say their last words.
    private func closeAll() {
        let deadline = partyline_now() + Self.lastWordsNanoseconds
        nextPing = .max
        while !ending.isEmpty, partyline_now() < deadline {
            poll(until: deadline)
            // Whoever still posts is too late; the descriptor must not wake us for it again and again.
            _ = box.takeAll()
        }
        // All at once: each takes its time to give back its memory, and nobody waits for them longer than it matters.
        for worker in workers { worker.kill() }
        let patience = partyline_now() + Self.burialNanoseconds
        for worker in workers { worker.bury(until: patience) }
        workers = []
        publish()
    }

    func publish() {
        box.publish(
            workers.map {
                "pid \($0.pid), \($0.isReady ? "ready" : "starting"), \($0.sessions.count) sessions, \($0.residentBytes >> 20) MB, \($0.engines) engines made"
            })
    }
}
