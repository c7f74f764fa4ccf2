// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Logging
import ScenarioProtocol
import Telephony

extension WorkerPool {
    /// Kills it, starts another one and reports its sessions: their calls and rooms keep their audio.
    func lose(_ worker: WorkerProcess, _ loss: WorkerProcess.Loss) {
        guard let index = workers.firstIndex(where: { $0 === worker }) else { return }
        workers.remove(at: index)
        let signal = worker.end()
        let guilty = culprit(in: worker, loss, signal)
        let cause = "\(Self.words(for: loss, signal))\(guilty.map { ": \($0.why)" } ?? "")"
        let sessions = worker.sessions.keys.map(\.number).sorted().map { "s\($0)" }.joined(separator: " ")
        let fields: [String: String] = [
            "pid": "\(worker.pid)", "cause": cause, "script-of": guilty.map { "\($0.start.session)" } ?? "",
            "scenarios": guilty?.start.scenarios.joined(separator: " ") ?? "", "at": guilty?.place ?? "",
            "sessions": sessions,
        ]
        log.error(
            "scenario worker lost",
            metadata: fields.filter { !$0.value.isEmpty }.mapValues { Logger.MetadataValue.string($0) })
        if let guilty { breaker.guilty(guilty.start.scenarios, now: partyline_now()) }
        if worker.isReady { spawnMissing() } else { delaySpawn() }
        for session in worker.sessions.keys.sorted(by: { $0.number < $1.number }) {
            forget(session)
            let why =
                session == guilty?.start.session
                ? guilty.map { "\($0.place.isEmpty ? "" : "\($0.place): ")worker lost: \($0.why)" } : nil
            sink.ended(session, reason: why ?? "worker lost", orphaned: true)
        }
        publish()
    }

    /// What came for that session is no command: a worker looks at what its scripts ask for, so that this is a defect in it. The
    /// others in it go on.
    func endGarbled(_ session: SessionID, _ what: String, in worker: WorkerProcess) {
        guard worker.sessions[session] != nil else { return }
        worker.discard(session)
        finish(session, Self.garbledWords(what), as: "scenario ended", in: worker)
    }

    static func garbledWords(_ what: String) -> String { "its worker sent what is no command: \(what.prefix(200))" }

    /// Takes a fresh worker for one that has had many sessions, when it has none.
    func retire(_ worker: WorkerProcess) {
        guard worker.served >= options.sessionsPerWorker, worker.sessions.isEmpty,
            let index = workers.firstIndex(where: { $0 === worker })
        else { return }
        workers.remove(at: index)
        _ = worker.end()
        log.debug("scenario worker replaced", metadata: ["pid": "\(worker.pid)", "sessions": "\(worker.served)"])
        spawnMissing()
    }

    /// The session whose script brought the worker down, when that is certain enough to remember.
    private func culprit(
        in worker: WorkerProcess, _ loss: WorkerProcess.Loss, _ signal: Int32
    ) -> (start: SessionStart, why: String, place: String)? {
        guard let blame = worker.blame, let start = worker.sessions[blame.session] else { return nil }
        let why: String
        switch (blame.reason, loss) {
        case (PARTYLINE_BLAME_TIME, _): why = "its script ran for more than a second and could not be stopped"
        case (PARTYLINE_BLAME_MEMORY, _), (_, .tooLarge): why = "its script took too much memory"
        case (_, .silent), (_, .clogged): why = "its script did not return for 2 s"
        case (_, .ended) where signal != SIGKILL: why = "the engine failed in its script"
        // Killed from outside: nobody's fault.
        case (_, .ended), (_, .confused): return nil
        }
        return (start, why, blame.place)
    }

    private static func words(for loss: WorkerProcess.Loss, _ signal: Int32) -> String {
        switch loss {
        case .ended: signal == 0 ? "it ended" : "it was ended by signal \(signal)"
        case .silent: "silent for 2 s"
        case .tooLarge(let bytes): "\(bytes >> 20) MB of memory"
        case .confused(let what): "sent nonsense: \(what.prefix(200))"
        case .clogged: "it did not read its messages"
        }
    }
}
