// SPDX-License-Identifier: Apache-2.0

package import Telephony

/// One text of one script, as long as its file does not change. Never used again for another text.
package struct ScriptNumber: Hashable, Sendable, Codable, CustomStringConvertible {
    package let number: UInt32

    package init(_ number: UInt32) { self.number = number }

    package init(from decoder: any Decoder) throws { number = try UInt32(from: decoder) }

    package func encode(to encoder: any Encoder) throws { try number.encode(to: encoder) }

    package var description: String { "script \(number)" }
}

/// What the daemon tells a scenario worker. On the wire: see `MessageFraming`.
package enum WorkerOrder: Sendable, Hashable, Codable {
    /// A part of the text of a script; parts of one script follow each other. Each worker is sent each text once, before the
    /// first session that runs it.
    case script(ScriptNumber, name: String, part: String)
    /// No session to come runs that text: the file has changed.
    case forget(ScriptNumber)
    /// A session begins: check its scripts, run them in order, raise AppEvents.Started.
    case start(SessionStart, scripts: [ScriptNumber])
    /// What a script asked for by `WorkerReport.service`.
    case service(SessionID, ServiceReply)
    /// AppEvents.Terminating and Terminated, then `ended`.
    case end(SessionID)
    /// Answered by `pong` with the same number between two callbacks.
    case ping(UInt64)
    /// Only to a worker on a virtual clock (a rehearsal): it is that late now, in milliseconds. Answered by `settled` when all
    /// that is due has been done.
    case advance(Int64)
}

extension WorkerOrder {
    /// What is sent in its place when it is longer than a message may be: a reply that says so.
    package var whenTooLong: WorkerOrder? {
        let words = "the answer is longer than a script may have"
        guard case .service(let session, let reply) = self else { return nil }
        switch reply {
        case .http(let id, _):
            var response = ScriptHTTPResponse()
            response.code = 7
            response.error = words
            return .service(session, .http(id: id, response))
        case .storageValue(let id, _), .storageKeys(let id, _), .storageFailed(let id, _):
            return .service(session, .storageFailed(id: id, words))
        }
    }
}

/// What a scenario worker tells the daemon.
package enum WorkerReport: Sendable, Hashable, Codable {
    /// Once, as soon as the worker can run scripts.
    case ready
    case command(SessionID, SessionCommand)
    /// Web and storage: not for the exchange.
    case service(SessionID, ServiceRequest)
    /// The session is gone; with a reason it went by itself ("gateway.js:12: TypeError: …").
    case ended(SessionID, reason: String?)
    case log(SessionID, ScriptLogLine)
    case pong(UInt64, WorkerHealth)
    /// The answer to `advance`; with the moment of the next timer, if there is one.
    case settled(next: Int64?)
}

/// A line that a script wrote, or that tells of a script.
package struct ScriptLogLine: Sendable, Hashable, Codable {
    package enum Level: String, Sendable, Hashable, Codable {
        case info, warning, error
    }

    package var level: Level
    package var text: String
    /// Where in the scripts, if that is known; empty and 0 otherwise.
    package var file: String
    package var line: Int

    package init(level: Level, text: String, file: String, line: Int) {
        self.level = level
        self.text = text
        self.file = file
        self.line = line
    }
}

package struct WorkerHealth: Sendable, Hashable, Codable {
    package var sessions: Int
    /// What the machines of all sessions hold, as JavaScriptCore counts it.
    package var heapBytes: UInt64
    package var residentBytes: UInt64
    /// Engines of JavaScript that were made since the worker began.
    package var engines: Int

    package init(sessions: Int, heapBytes: UInt64, residentBytes: UInt64, engines: Int) {
        self.sessions = sessions
        self.heapBytes = heapBytes
        self.residentBytes = residentBytes
        self.engines = engines
    }
}
