// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The lines as the desk sees them; the line adapter implements it.
package protocol LineOperator: Sendable {
    func lineReports() -> [LineReport]
    /// Lift, dial, hang up a virtual phone.
    func operate(line: String, action: String, digits: String) async -> ControlOutcome
}

/// Owns the exchange: one inbox, one task, everything in the order in which it was posted.
///
/// Adapters, media and scenario workers post from any thread; `run()` drains the inbox, performs a batch and sleeps until the
/// next event or deadline.
package actor Switchboard: ControlDesk {
    private let exchange: Exchange
    private nonisolated let mail: Mail
    private nonisolated let watchers: EventWatchers
    private let lineOperator: (any LineOperator)?
    private let banKeeper: (any BanKeeper)?
    private let tracer: (any CallTracer)?
    private let accounts: (any AccountReporter)?
    private let completeStatus: @Sendable (inout StatusReport) -> Void
    private let startedAt: ContinuousClock.Instant
    private let traces: SessionTraces
    private var alarm: Task<Void, Never>?
    private var alarmAt: Int64?

    package init(
        options: ExchangeOptions, media: any MediaControl, host: any ScenarioHost, drivers: [any LegDriver],
        lines: (any LineOperator)?, accounts: (any AccountReporter)? = nil, bans: (any BanKeeper)? = nil,
        tracer: (any CallTracer)? = nil, services: NotedServices? = nil, mail: Mail, watchers: EventWatchers,
        completeStatus: @escaping @Sendable (inout StatusReport) -> Void,
        keepRecord: @escaping @Sendable (CallRecord) -> Void = { _ in }
    ) {
        self.mail = mail
        self.watchers = watchers
        self.lineOperator = lines
        banKeeper = bans
        self.tracer = tracer
        self.accounts = accounts
        self.completeStatus = completeStatus
        startedAt = .now
        let traces = SessionTraces(host, clock: { watchers.secondsSince1970 })
        self.traces = traces
        services?.note(in: traces)
        exchange = Exchange(options: options, media: media, host: traces, drivers: drivers) { watchers.publish($0) }
        // In the books stands the time of day.
        let startedAt = startedAt
        exchange.keepRecord = { record in
            let elapsed = startedAt.duration(to: .now).components
            let offset =
                watchers.secondsSince1970 - Double(elapsed.seconds) - Double(elapsed.attoseconds) / 1e18
            var record = record
            record.began += offset
            record.answered = record.answered.map { $0 + offset }
            record.ended += offset
            keepRecord(record)
        }
    }

    /// Works until `close()`; cancellation ends it as well.
    package func run() async {
        for await _ in mail.inbox.signals {
            let events = mail.takeAll()
            let now = milliseconds()
            for event in events {
                if case .command(let session, let command) = event { traces.asked(command, by: session) }
                exchange.handle(event, now: now)
                if case .sessionEnded(let session, _, _) = event { traces.ended(session) }
            }
            exchange.settle(now: now)
            exchange.expire(now: milliseconds())
            setAlarm()
        }
        alarm?.cancel()
    }

    /// New rules and plan from now on; running calls keep what they have.
    package func reload(_ options: ExchangeOptions) { exchange.options = options }

    /// BYE to all, sessions told; `run()` returns.
    package func close() {
        exchange.close(now: milliseconds())
        mail.inbox.finish()
        watchers.finish()
    }

    /// An alarm that rings too early costs less than one that is put off with each event.
    private func setAlarm() {
        guard let deadline = exchange.nextDeadline() else { return }
        if alarm != nil, let alarmAt, alarmAt <= deadline { return }
        alarm?.cancel()
        alarmAt = deadline
        let wait = max(deadline - milliseconds(), 0)
        let inbox = mail.inbox
        alarm = Task {
            try? await Task.sleep(for: .milliseconds(wait))
            guard !Task.isCancelled else { return }
            self.alarmWentOff()
            inbox.poke()
        }
    }

    private func alarmWentOff() {
        alarm = nil
        alarmAt = nil
    }

    private func milliseconds() -> Int64 {
        let elapsed = startedAt.duration(to: .now).components
        return elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000
    }

    // MARK: - ControlDesk

    package func status() async -> StatusReport {
        var report = exchange.status()
        report.uptimeSeconds = Int(milliseconds() / 1000)
        report.lines = (lineOperator?.lineReports().count ?? 0) + (accounts?.gatewayReports().count ?? 0)
        completeStatus(&report)
        return report
    }

    package func rooms() async -> [RoomReport] {
        exchange.now = milliseconds()
        return exchange.roomReports()
    }

    package func room(_ name: String) async -> RoomReport? {
        exchange.now = milliseconds()
        return exchange.roomReport(name)
    }

    package func calls() async -> [CallReport] {
        exchange.now = milliseconds()
        return exchange.callReports()
    }

    package func lines() async -> [LineReport] {
        (lineOperator?.lineReports() ?? []) + (accounts?.gatewayReports() ?? [])
    }

    package func trunks() async -> [TrunkReport] { accounts?.trunkReports() ?? [] }

    package func bans() async -> [BanReport] { banKeeper?.banReports ?? [] }

    package func trace(call: String, seconds: Int) async -> TraceOutcome {
        guard let found = exchange.wire(ofCall: call) else { return .notFound("no call \(call)") }
        return await tracer?.trace(call: call, leg: found.leg, port: found.port, seconds: seconds)
            ?? .refused(
                Obstacle("no messages of call \(call) are known", remedy: "a call on a telephone line has none"))
    }

    package func phones() async -> [PhoneReport] { accounts?.phoneReports() ?? [] }

    package func perform(_ request: ControlRequest) async -> ControlOutcome {
        if case .unban(let source) = request {
            return banKeeper?.unban(source) ?? false
                ? .done : .notFound("\(source) is not banned")
        }
        if case .line(let name, let action, let digits) = request {
            return await lineOperator?.operate(line: name, action: action, digits: digits)
                ?? .notFound("this box has no lines")
        }
        if let reason = await obstacle(to: request) { return .refused(reason) }
        // What it did may have set a timer.
        defer { mail.inbox.poke() }
        return exchange.perform(request, now: milliseconds())
    }

    /// What only shows when files are looked at, which the exchange must not wait for.
    private func obstacle(to request: ControlRequest) async -> Obstacle? {
        switch request {
        case .play(let room, let file):
            guard exchange.roomReport(room) != nil else { return nil }
            return await exchange.media.obstacle(to: .file(path: file))
        case .record(let room, Exchange.RoomRecording.start.rawValue):
            // One that goes on has its file.
            guard let report = exchange.roomReport(room), report.recording.isEmpty else { return nil }
            return await exchange.media.obstacleToRecording()
        default: return nil
        }
    }

    package func sessions() async -> [SessionReport] {
        exchange.now = milliseconds()
        return exchange.sessionReports()
    }

    package func openSession(rule: String, data: String) async -> SessionOpening {
        defer { mail.inbox.poke() }
        return exchange.openSession(rule: rule, data: data, now: milliseconds())
    }

    package func ask(token: String, _ question: SessionQuestion) async -> SessionAnswer {
        await withCheckedContinuation { continuation in
            exchange.ask(token: token, question, now: milliseconds()) { continuation.resume(returning: $0) }
            mail.inbox.poke()
        }
    }

    package func traces(ofSession id: String) async -> AsyncStream<SessionTrace>? {
        // A call's number, as reports show it: the session that it is in.
        if let number = UInt32(id) { return exchange.session(of: CallID(number)).flatMap { traces.watch($0) } }
        guard id.hasPrefix("s"), let number = UInt64(id.dropFirst()) else { return nil }
        return traces.watch(SessionID(number))
    }

    package func events() async -> AsyncStream<ControlEvent> { watchers.watch() }
}

/// The letter box of the switchboard: what adapters and scenario workers hold. Made before the switchboard, so that
/// everything can be wired.
package final class Mail: LegSink, SessionSink {
    package let inbox = Inbox<ExchangeEvent>(limit: 20_000)
    /// Commands of each session that wait; a script that floods spoils its own session, nobody else's.
    private let waiting = Mutex<[SessionID: Int]>([:])
    private static let mostWaiting = 1_000
    private let legNumbers = Atomic<UInt64>(1)

    package init() {}

    package func newLegID() -> LegID { LegID(legNumbers.wrappingAdd(1, ordering: .relaxed).newValue) }

    package func incoming(_ offer: CallOffer) {
        if !inbox.post(.incoming(offer)) { offer.leg.reject(status: 503, [HeaderField("Retry-After", "5")]) }
    }

    package func post(_ event: LegEvent, from leg: LegID) { post(.leg(leg, event)) }

    package func media(_ event: MediaEvent) { post(.media(event)) }

    package func perform(_ command: SessionCommand, of session: SessionID) {
        let count = waiting.withLock { waiting in
            waiting[session, default: 0] += 1
            return waiting[session, default: 0]
        }
        if count <= Self.mostWaiting {
            post(.command(session, command))
        } else if count == Self.mostWaiting + 1 {
            inbox.post(.sessionFlooded(session), always: true)
        }
    }

    /// Everything that waits, in order.
    func takeAll() -> [ExchangeEvent] {
        let events = inbox.takeAll()
        waiting.withLock { $0.removeAll(keepingCapacity: true) }
        return events
    }

    package func ended(_ session: SessionID, reason: String?, orphaned: Bool) {
        post(.sessionEnded(session, reason: reason, orphaned: orphaned))
    }

    private func post(_ event: ExchangeEvent) { inbox.post(event, always: event.isEnding) }
}

/// Hands what happens to everybody who watches; a slow watcher loses the oldest.
package final class EventWatchers: Sendable {
    private struct State {
        var watchers: [UInt64: AsyncStream<ControlEvent>.Continuation] = [:]
        var numbers: UInt64 = 0
        var isFinished = false
    }

    private let state = Mutex(State())
    private let log: @Sendable (ControlEvent) -> Void
    private let clock: @Sendable () -> Double

    /// `log` gets every event; `clock`: seconds since 1970, the time that watchers see.
    package init(clock: @escaping @Sendable () -> Double, log: @escaping @Sendable (ControlEvent) -> Void) {
        self.clock = clock
        self.log = log
    }

    var secondsSince1970: Double { clock() }

    package func publish(_ event: ControlEvent) {
        var event = event
        event.time = clock()
        log(event)
        state.withLock { state in
            for continuation in state.watchers.values { continuation.yield(event) }
        }
    }

    package func watch() -> AsyncStream<ControlEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ControlEvent.self, bufferingPolicy: .bufferingNewest(1000))
        let isFinished = state.withLock { state in
            guard !state.isFinished else { return true }
            state.numbers &+= 1
            let number = state.numbers
            state.watchers[number] = continuation
            continuation.onTermination = { [weak self] _ in
                // Not under the lock: termination may come from within it.
                Task { self?.remove(number) }
            }
            return false
        }
        if isFinished { continuation.finish() }
        return stream
    }

    package func finish() {
        let all = state.withLock { state in
            state.isFinished = true
            let all = Array(state.watchers.values)
            state.watchers = [:]
            return all
        }
        for continuation in all { continuation.finish() }
    }

    private func remove(_ number: UInt64) {
        state.withLock { $0.watchers[number] = nil }
    }
}
