// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ScenarioProtocol
import Scripting
package import Telephony

/// A line of a recorded session: what happened, or what the script asked for then.
package struct RecordedTrace: Sendable, Codable {
    /// Seconds since the session began.
    package var time: Double
    package var start: SessionStart?
    /// With `start`: milliseconds since 1970.
    package var epoch: Double?
    package var event: SessionEvent?
    package var command: SessionCommand?
    package var answer: NotedAnswer?
    package var ended: Bool?

    package init(
        time: Double, start: SessionStart? = nil, epoch: Double? = nil, event: SessionEvent? = nil,
        command: SessionCommand? = nil, answer: NotedAnswer? = nil, ended: Bool? = nil
    ) {
        self.time = time
        self.start = start
        self.epoch = epoch
        self.event = event
        self.command = command
        self.answer = answer
        self.ended = ended
    }
}

/// Plays the events of a recorded session to the scripts again, at the same moments of a virtual clock, and compares what they
/// ask for with what they asked for then. It is the time of day of the recording, and web and storage answer what they answered
/// then; to what was not asked then they have no answer.
package struct Replay: Sendable {
    package struct Fault: Error, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// A line of the comparison.
    package enum Line: Sendable, Hashable, CustomStringConvertible {
        case same(String)
        /// Then, and not now.
        case missing(String)
        /// Now, and not then.
        case added(String)

        package var description: String {
            switch self {
            case .same(let words): "  \(words)"
            case .missing(let words): "- \(words)"
            case .added(let words): "+ \(words)"
            }
        }
    }

    package private(set) var lines: [Line] = []
    /// An error in the script.
    package private(set) var faults: [String] = []
    /// What the comparison does not know of.
    package private(set) var notes: [String] = []

    package var isSame: Bool {
        faults.isEmpty && lines.allSatisfy { if case .same = $0 { true } else { false } }
    }

    private static let mostBytes = 64 << 20

    /// `recording`: a JSON object a line, as `partyline scenario record` writes it. Throws `Fault` with the line that is wrong,
    /// or `ScenarioWorkersFailure`. `now`: milliseconds since 1970, for a recording that does not say when it was made.
    package init(recording: String, scenarioFolder: String, executable: String, now: Double) throws {
        guard recording.utf8.count <= Self.mostBytes else {
            throw Fault(description: "the recording has more than 64 MB")
        }
        var traces: [RecordedTrace] = []
        for (index, line) in recording.split(separator: "\n").enumerated() where line.contains("{") {
            guard let trace = try? JSONDecoder().decode(RecordedTrace.self, from: Data(line.utf8)),
                trace.time.isFinite, (0...1e7).contains(trace.time)
            else { throw Fault(description: "line \(index + 1) is none of a recorded session") }
            traces.append(trace)
        }
        guard let first = traces.first(where: { $0.start != nil }), let start = first.start else {
            throw Fault(description: "there is no start of a session in it; record a session from its beginning")
        }
        // Dates that a calendar has.
        let epoch = first.epoch.flatMap { (0...4e12).contains($0) ? $0 : nil } ?? now
        let worker = try VirtualWorker(
            options: ScenarioWorkerOptions(
                executable: executable, scenarioFolder: scenarioFolder, workers: 1,
                memoryCapBytes: ScenarioWorkerOptions.standardMemoryCapBytes), epoch: epoch)
        var player = Player(worker: worker, session: start.session, epoch: epoch)
        if let reason = try worker.start(start) { throw Fault(description: reason) }
        player.answers = traces.map(\.answer)
        for (place, trace) in traces.enumerated() {
            guard trace.event != nil || trace.answer != nil || trace.ended == true else { continue }
            try player.advance(to: Int64(trace.time * 1000))
            if trace.answer != nil { try player.answer(place) }
            if let event = trace.event { try worker.deliver(event, to: start.session) }
            if trace.ended == true { try worker.end(start.session) }
        }
        try player.advance(to: Int64((traces.last?.time ?? 0) * 1000))
        faults = player.faults
        if first.epoch == nil {
            notes.append("the recording does not say at what time of day it was made: it is played as if it were now")
        }
        notes += player.unknown.sorted().map {
            "what \($0) answered then is not in the recording, and it is empty now: differences may come from that"
        }
        if player.isCut { notes.append("an answer was longer than a recording keeps: differences may come from that") }
        lines = Self.compare(traces.compactMap(\.command).map(CommandWords.of), player.commands.map(CommandWords.of))
    }

    /// Lets the worker's time go by, timer after timer.
    private struct Player {
        let worker: VirtualWorker
        let session: SessionID
        let epoch: Double
        var services = RehearsedServices(pages: [])
        var commands: [SessionCommand] = []
        var faults: [String] = []
        /// Whose answers are missing.
        var unknown: Set<String> = []
        /// The answers of the recording by their places in it; nil: it is another line, or it was given.
        var answers: [NotedAnswer?] = []
        /// Lines before that have happened.
        private var passed = 0
        /// What was asked and is answered at that place.
        private var waiting: [Int: ServiceReply] = [:]
        var isCut = false
        var now: Int64 = 0

        init(worker: VirtualWorker, session: SessionID, epoch: Double) {
            self.worker = worker
            self.session = session
            self.epoch = epoch
        }

        /// The time of that answer has come.
        mutating func answer(_ place: Int) throws(ScenarioWorkersFailure) {
            passed = place + 1
            guard let reply = waiting.removeValue(forKey: place) else { return }
            try worker.reply(reply, to: session)
        }

        /// False when nothing like it was asked then, or not so often.
        private mutating func answerAsThen(_ request: ServiceRequest) throws(ScenarioWorkersFailure) -> Bool {
            let plain = NotedAnswer.plain(request)
            guard let place = answers.firstIndex(where: { $0?.request == plain }), let then = answers[place] else {
                return false
            }
            answers[place] = nil
            if then.isCut == true { isCut = true }
            let reply = then.reply.numbered(request.id)
            if place < passed { try worker.reply(reply, to: session) } else { waiting[place] = reply }
            return true
        }

        mutating func advance(to end: Int64) throws(ScenarioWorkersFailure) {
            var steps = 0
            while true {
                let (news, next) = try worker.settle(at: now)
                for one in news { try take(one) }
                if news.contains(where: { if case .service = $0 { true } else { false } }) { continue }
                guard let next, next <= end, steps < 1_000_000 else { break }
                now = max(now, next)
                steps += 1
            }
            now = max(now, end)
            for one in try worker.settle(at: now).news { try take(one) }
        }

        private mutating func take(_ news: VirtualWorker.News) throws(ScenarioWorkersFailure) {
            switch news {
            case .command(_, let command): commands.append(command)
            case .service(_, let request):
                if try answerAsThen(request) { return }
                if case .http = request { unknown.insert("the web") } else { unknown.insert("the storage") }
                let reply = services.perform(request, seconds: (epoch + Double(now)) / 1000).reply
                try worker.reply(reply, to: session)
            case .log: break
            case .ended(_, let reason): if let reason { faults.append(reason) }
            }
        }
    }

    private static func compare(_ then: [String], _ now: [String]) -> [Line] {
        let difference = now.difference(from: then)
        var removed: Set<Int> = []
        var added: [Int: String] = [:]
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, let words, _): added[offset] = words
            }
        }
        var lines: [Line] = []
        var place = 0
        for (offset, words) in then.enumerated() {
            if removed.contains(offset) {
                lines.append(.missing(words))
                continue
            }
            while let new = added[place] {
                lines.append(.added(new))
                place += 1
            }
            lines.append(.same(words))
            place += 1
        }
        while let new = added[place] {
            lines.append(.added(new))
            place += 1
        }
        return lines
    }
}
