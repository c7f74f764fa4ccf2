// SPDX-License-Identifier: Apache-2.0

import CLinux
import FoundationEssentials
import Glibc
package import ScenarioProtocol
package import Telephony

/// One scenario worker on a virtual clock, for rehearsals: time stands still until `settle` says how late it is. Belongs to
/// one thread, which waits for the worker in `settle` and nowhere else.
package final class VirtualWorker {
    private let process: WorkerProcess
    private var library: ScriptLibrary
    private var starts: [SessionID: SessionStart] = [:]

    /// What the worker said, in order.
    package enum News: Sendable {
        case command(SessionID, SessionCommand)
        case service(SessionID, ServiceRequest)
        case log(SessionID, ScriptLogLine)
        case ended(SessionID, reason: String?)
    }

    /// Epoch: the time of day at 0 of the virtual clock, in milliseconds since 1970.
    package init(options: ScenarioWorkerOptions, epoch: Double) throws(ScenarioWorkersFailure) {
        do throws(SpawnFailure) {
            process = try WorkerProcess(options: options, epoch: epoch)
        } catch {
            throw ScenarioWorkersFailure(text: "\(options.executable) does not start: \(error.text)")
        }
        library = ScriptLibrary(folder: options.scenarioFolder)
    }

    deinit { _ = process.end() }

    /// The reason when the scripts can not be read.
    package func start(_ start: SessionStart) throws(ScenarioWorkersFailure) -> String? {
        starts[start.session] = start
        var scripts: [LibraryScript] = []
        for name in start.scenarios {
            do throws(ScriptUnreadable) {
                scripts.append(try library.script(name))
            } catch {
                return error.text
            }
        }
        try attempt { () throws(WorkerProcess.Loss) in try process.start(start, scripts) }
        return nil
    }

    package func deliver(_ event: SessionEvent, to session: SessionID) throws(ScenarioWorkersFailure) {
        try attempt { () throws(WorkerProcess.Loss) in try process.deliver(event, to: session) }
    }

    package func reply(_ reply: ServiceReply, to session: SessionID) throws(ScenarioWorkersFailure) {
        try send(.service(session, reply))
    }

    package func end(_ session: SessionID) throws(ScenarioWorkersFailure) { try send(.end(session)) }

    /// It is so late now (milliseconds): lets the worker do all that is due. What it said, and when its next timer is.
    package func settle(at milliseconds: Int64) throws(ScenarioWorkersFailure) -> (news: [News], next: Int64?) {
        try send(.advance(milliseconds))
        var news: [News] = []
        var settled: Int64??
        let deadline = partyline_now() + Self.patience
        while settled == nil {
            var waiter = pollfd(
                fd: process.socket, events: Int16(POLLIN | (process.hasOutgoing ? POLLOUT : 0)), revents: 0)
            guard poll(&waiter, 1, 200) >= 0 || errno == EINTR, partyline_now() < deadline else {
                throw ScenarioWorkersFailure(text: "the script did not come to an end within 10 s and was stopped")
            }
            try attempt { () throws(WorkerProcess.Loss) in
                try process.flush()
                try process.receive { said in
                    guard case .report(let report) = said else {
                        if case .garbled(let session, let what) = said {
                            news.append(.ended(session, reason: WorkerPool.garbledWords(what)))
                        }
                        return
                    }
                    switch report {
                    case .command(let session, let command): news.append(.command(session, command))
                    case .service(let session, let request): news.append(.service(session, request))
                    case .log(let session, let line): news.append(.log(session, line))
                    case .ended(let session, let reason): news.append(.ended(session, reason: reason))
                    case .settled(let next): settled = .some(next)
                    case .ready, .pong: break
                    }
                }
            }
        }
        return (news, settled ?? nil)
    }

    /// A script that can not be stopped takes its worker along after some seconds.
    private static let patience: Int64 = 10_000_000_000

    private func send(_ order: WorkerOrder) throws(ScenarioWorkersFailure) {
        try attempt { () throws(WorkerProcess.Loss) in try process.send(order) }
    }

    private func attempt(_ body: () throws(WorkerProcess.Loss) -> Void) throws(ScenarioWorkersFailure) {
        do throws(WorkerProcess.Loss) {
            try body()
        } catch {
            guard let blame = process.blame, let start = starts[blame.session] else {
                throw ScenarioWorkersFailure(text: "the scenario worker was lost (\(error))")
            }
            let names = start.scenarios.joined(separator: ", ")
            let why =
                switch blame.reason {
                case PARTYLINE_BLAME_TIME: "ran for more than a second and could not be stopped"
                case PARTYLINE_BLAME_MEMORY: "took too much memory"
                default: "brought down its worker"
                }
            throw ScenarioWorkersFailure(text: "\(names) \(why)")
        }
    }
}
