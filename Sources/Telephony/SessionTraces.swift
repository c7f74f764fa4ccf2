// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Keeps what sessions are told and ask for, as long as they live and up to a number, and hands it to whoever watches.
/// Between the exchange and the real host of the scenarios; any thread.
package final class SessionTraces: ScenarioHost {
    private struct Record {
        var began: Double
        var traces: [SessionTrace] = []
        var bytes = 0
        var watchers: [UInt64: AsyncStream<SessionTrace>.Continuation] = [:]
    }

    private let host: any ScenarioHost
    private let clock: @Sendable () -> Double
    private let records = Mutex<[SessionID: Record]>([:])
    private let numbers = Atomic<UInt64>(0)

    /// Of one session; later ones are seen by those who watch, and not kept.
    private static let mostKept = 300
    private static let mostWatchers = 8
    private static let mostText = 2_000
    /// Of texts that are kept of one session.
    private static let mostKeptBytes = 512 << 10

    /// `clock`: seconds since 1970.
    package init(_ host: any ScenarioHost, clock: @escaping @Sendable () -> Double) {
        self.host = host
        self.clock = clock
    }

    package func start(_ session: SessionStart) {
        let now = clock()
        records.withLock { $0[session.session] = Record(began: now) }
        note(session.session) { trace in
            trace.start = session
            trace.epoch = now * 1000
        }
        host.start(session)
    }

    package func deliver(_ event: SessionEvent, to session: SessionID) {
        note(session) { $0.event = Self.shortened(event) }
        host.deliver(event, to: session)
    }

    package func end(_ session: SessionID) { host.end(session) }

    /// What the session wants.
    package func asked(_ command: SessionCommand, by session: SessionID) {
        note(session) { trace in
            if case .httpAnswer(let number, let status, let type, let body) = command, body.utf8.count > Self.mostText {
                let start = String(body.prefix(Self.mostText))
                trace.command = .httpAnswer(number, status: status, contentType: type, body: start)
            } else {
                trace.command = command
            }
        }
    }

    /// What the web or the storage tells it.
    package func answered(_ answer: NotedAnswer, to session: SessionID) { note(session) { $0.answer = answer } }

    /// What is kept stays small, whatever is sent to a script.
    private static func shortened(_ event: SessionEvent) -> SessionEvent {
        guard case .httpRequest(let number, let method, let path, let content, let headers) = event,
            content.utf8.count > mostText
        else { return event }
        return .httpRequest(
            number, method: method, path: path, content: String(content.prefix(mostText)), headers: headers)
    }

    /// It is gone.
    package func ended(_ session: SessionID) {
        note(session) { $0.ended = true }
        let watchers = records.withLock { $0.removeValue(forKey: session)?.watchers } ?? [:]
        for watcher in watchers.values { watcher.finish() }
    }

    /// From its beginning on, ends with the session. Nil: there is no such session, or too many watch it.
    package func watch(_ session: SessionID) -> AsyncStream<SessionTrace>? {
        let (stream, continuation) = AsyncStream.makeStream(
            of: SessionTrace.self, bufferingPolicy: .bufferingOldest(2_000))
        let number = numbers.wrappingAdd(1, ordering: .relaxed).newValue
        let isThere = records.withLock { records in
            guard let record = records[session], record.watchers.count < Self.mostWatchers else { return false }
            for trace in record.traces { continuation.yield(trace) }
            records[session]?.watchers[number] = continuation
            return true
        }
        guard isThere else { return nil }
        continuation.onTermination = { [weak self] _ in
            // Not under the lock: termination may come from within it.
            Task { self?.forget(number, of: session) }
        }
        return stream
    }

    private func forget(_ number: UInt64, of session: SessionID) {
        records.withLock { $0[session]?.watchers[number] = nil }
    }

    private func note(_ session: SessionID, _ fill: (inout SessionTrace) -> Void) {
        let now = clock()
        records.withLock { records in
            // In place: a copy of the record would be a copy of all that it keeps.
            guard let place = records.index(forKey: session) else { return }
            var trace = SessionTrace(time: now - records.values[place].began, session: session)
            fill(&trace)
            let bytes = records.values[place].bytes + trace.weight
            if records.values[place].traces.count < Self.mostKept, bytes <= Self.mostKeptBytes {
                records.values[place].traces.append(trace)
                records.values[place].bytes = bytes
            }
            for watcher in records.values[place].watchers.values { watcher.yield(trace) }
        }
    }
}
