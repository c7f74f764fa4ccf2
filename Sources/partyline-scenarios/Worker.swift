// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import ScenarioProtocol
import Telephony

/// A scenario worker: sessions, their timers and the daemon's socket on one thread. Between any two callbacks it reads the
/// socket, so that a ping waits for one callback at most.
final class Worker {
    private let memoryCap: UInt64
    private let socket = DaemonSocket()
    private let clock: WorkerClock
    private let timers: TimerQueue
    private var mustSettle = false
    private var sessions: [SessionID: ScriptSession] = [:]
    private var scripts: [ScriptNumber: ScriptSource] = [:]
    private var queue = WorkQueue()
    private var isTimersTurn = false
    private let reserve: MachineReserve
    private let readyMachines: Int
    /// Not before this moment of the machine's clock (nanoseconds) is the reserve worked on although timers run ...
    private var busyReserve: Int64 = 0
    private static let busyReserveNanoseconds: Int64 = 50_000_000
    /// ... or at all, because no machine was to be had.
    private var reserveWaits: Int64 = 0
    private static let reserveWaitsNanoseconds: Int64 = 1_000_000_000
    /// When a session came last, by the machine's clock (nanoseconds).
    private var lastStart: Int64 = 0
    private static let calmNanoseconds: Int64 = 300_000_000
    private static let breathNanoseconds: Int64 = 12_000_000

    /// The cap is in bytes of resident memory; `readyMachines` wait for sessions.
    init(memoryCap: UInt64, readyMachines: Int, clock: WorkerClock) {
        self.memoryCap = memoryCap
        self.readyMachines = readyMachines
        self.clock = clock
        reserve = MachineReserve(wanted: readyMachines)
        timers = TimerQueue(clock: clock)
    }

    /// Never returns: the process ends with its socket.
    func work() -> Never {
        guard reserve.work() else {
            StandardError.write("JavaScriptCore does not start; is the package libjavascriptcoregtk-4.1-0 whole?")
            exit(70)
        }
        socket.write(.ready)
        socket.flush()
        while true {
            let orders = socket.read(waiting: patience())
            for order in orders {
                switch order {
                case .event(let event): enqueue(.event(event.json), event.session)
                case .order(let order): take(order)
                }
            }
            let hasWorked = workOnce()
            lookAfterReserve(isQuiet: !hasWorked && orders.isEmpty)
            socket.flush()
        }
    }

    /// One machine when there is nothing else to do; without such a moment (timers of a few milliseconds in many sessions) one
    /// every 50 ms as long as no event waits.
    private func lookAfterReserve(isQuiet: Bool) {
        let need = reserve.need
        guard queue.isEmpty, need > .nothing else { return }
        let now = partyline_now()
        guard now >= reserveWaits, isQuiet || now >= busyReserve, calm(now, for: need) == 0 else { return }
        if !reserve.work() { reserveWaits = partyline_now() + Self.reserveWaitsNanoseconds }
        busyReserve = partyline_now() + Self.busyReserveNanoseconds
    }

    /// Callers who come in the same moment must not wait for what is made for those to come, neither here nor elsewhere on the
    /// machine: so long, in milliseconds, until the last one came a while ago.
    private func calm(_ now: Int64, for need: MachineReserve.Need) -> Int32 {
        let pause: Int64? =
            switch need {
            case .tidying, .engines: Self.calmNanoseconds
            case .moreMachines: Self.breathNanoseconds
            case .nothing, .machines, .firstEngine, .firstMachine: nil
            }
        guard let pause else { return 0 }
        return Int32(clamping: (max(lastStart + pause - now, 0) + 999_999) / 1_000_000)
    }

    /// How long the reserve lets wait, in milliseconds; -1: for ever.
    private var reservePatience: Int32 {
        let need = reserve.need
        let now = partyline_now()
        if need > .nothing, now < reserveWaits { return Int32(clamping: (reserveWaits - now) / 1_000_000 + 1) }
        return switch need {
        case .nothing: -1
        case .tidying: max(calm(now, for: need), 20)
        case .engines: max(calm(now, for: need), 5)
        case .moreMachines: max(calm(now, for: need), 2)
        case .machines: 2
        case .firstEngine: 2
        case .firstMachine: 0
        }
    }

    /// How long the socket may be waited for, in milliseconds.
    private func patience() -> Int32 {
        if !queue.isEmpty { return 0 }
        let idle = reservePatience
        guard let deadline = timers.nextDeadline else { return idle }
        let wait = deadline - clock.now
        if clock.isVirtual { return wait <= 0 ? 0 : idle }
        // Rounded up: a timer is never early.
        let due = wait <= 0 ? 0 : Int32(clamping: (wait + 999_999) / 1_000_000)
        return idle < 0 ? due : min(due, idle)
    }

    private func take(_ order: WorkerOrder) {
        switch order {
        case .ping(let number): answer(number)
        case .script(let number, let name, let part):
            let source = scripts[number] ?? ScriptSource(name: name)
            scripts[number] = source
            source.append(part)
        case .forget(let number): scripts[number] = nil
        case .start(let start, let numbers): begin(start, numbers.compactMap { scripts[$0] })
        case .service(let session, let reply): enqueue(.service(reply), session)
        case .end(let session): enqueue(.end, session)
        case .advance(let milliseconds):
            guard clock.isVirtual else { return }
            clock.advance(toMilliseconds: milliseconds)
            mustSettle = true
        }
    }

    private func begin(_ start: SessionStart, _ scripts: [ScriptSource]) {
        guard sessions[start.session] == nil else { return }
        lastStart = partyline_now()
        sessions[start.session] = ScriptSession(start, scripts: scripts, timers: timers, daemon: socket) { [reserve] in
            reserve.giveBack($0)
        }
        guard scripts.count == start.scenarios.count else {
            sessions[start.session]?.finish("its scripts did not come")
            sessions[start.session] = nil
            return
        }
        enqueue(.run, start.session)
    }

    private func enqueue(_ work: WorkQueue.Work, _ id: SessionID) {
        guard let session = sessions[id] else { return }
        session.waiting += 1
        guard session.waiting <= ScenarioLimits.waitingEvents else {
            session.finish("the script is too slow: \(ScenarioLimits.waitingEvents) events wait for it")
            return forget(session)
        }
        queue.add(work, id, isNew: session.isNew)
    }

    /// Timers and events take turns, so that neither can starve the other. False: there was nothing to do.
    private func workOnce() -> Bool {
        defer { settle() }
        isTimersTurn.toggle()
        if isTimersTurn || queue.isEmpty, let key = timers.takeDue(now: clock.now) {
            enter(key.session) { $0.timerFired(key.id) }
        } else if let (id, work) = queue.next() {
            enter(id) { session in
                session.waiting -= 1
                switch work {
                case .run: session.run(in: reserve.take())
                case .event(let json): session.deliver(event: json)
                case .service(let reply): session.deliver(reply)
                case .end: session.end()
                }
            }
        } else {
            return false
        }
        return true
    }

    private func settle() {
        guard mustSettle, queue.isEmpty else { return }
        if let deadline = timers.nextDeadline, deadline <= clock.now { return }
        mustSettle = false
        socket.write(.settled(next: timers.nextDeadline.map { ($0 + 999_999) / 1_000_000 }))
    }

    private func enter(_ id: SessionID, _ body: (ScriptSession) -> Void) {
        guard let session = sessions[id] else { return }
        if !session.isOver {
            partyline_guard_enter(
                id.number,
                ScenarioLimits.memoryLimit(cap: memoryCap, sessions: sessions.count, ready: readyMachines))
            body(session)
            partyline_guard_leave()
        }
        if session.isOver { forget(session) }
    }

    private func forget(_ session: ScriptSession) { sessions[session.start.session] = nil }

    private func answer(_ number: UInt64) {
        let heap = sessions.values.reduce(0) { $0 + $1.heapBytes }
        socket.write(
            .pong(
                number,
                WorkerHealth(
                    sessions: sessions.count, heapBytes: heap,
                    residentBytes: partyline_own_resident_bytes(), engines: reserve.enginesMade)))
    }
}
