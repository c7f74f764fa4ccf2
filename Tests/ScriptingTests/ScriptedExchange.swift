// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Logging
import Scripting
import Synchronization
import Telephony

/// A switchboard that a test plays by hand: it notes what scripts ask for and tells them what the test says, with real
/// workers in between.
final class ScriptedExchange: SessionSink {
    struct End: Equatable {
        var session: SessionID
        var reason: String?
        var orphaned: Bool
    }

    struct Missing: Error, CustomStringConvertible {
        var description: String
    }

    private struct Notes {
        var commands: [SessionID: [SessionCommand]] = [:]
        var ends: [End] = []
    }

    private let notes = Mutex(Notes())
    let logged = LoggedLines()

    func perform(_ command: SessionCommand, of session: SessionID) {
        notes.withLock { $0.commands[session, default: []].append(command) }
    }

    func ended(_ session: SessionID, reason: String?, orphaned: Bool) {
        notes.withLock { $0.ends.append(End(session: session, reason: reason, orphaned: orphaned)) }
    }

    var ends: [End] { notes.withLock { $0.ends } }

    /// The next thing that the session asks for, taken out. Waits long enough for a busy machine.
    func next(_ session: SessionID, seconds: Double = 10) async throws -> SessionCommand {
        try await wait(seconds, "a command of \(session)") {
            self.notes.withLock { notes in
                guard notes.commands[session]?.isEmpty == false else { return nil }
                return notes.commands[session]?.removeFirst()
            }
        }
    }

    /// All that has been asked for and was not taken.
    func commands(of session: SessionID) -> [SessionCommand] { notes.withLock { $0.commands[session] ?? [] } }

    /// Nothing has been asked for that was not taken.
    func isQuiet(_ session: SessionID) -> Bool { notes.withLock { ($0.commands[session] ?? []).isEmpty } }

    func end(of session: SessionID, seconds: Double = 10) async throws -> End {
        try await wait(seconds, "the end of \(session)") { self.ends.first { $0.session == session } }
    }

    func wait<Value: Sendable>(
        _ seconds: Double, _ what: String, _ look: @Sendable () -> Value?
    ) async throws -> Value {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            if let value = look() { return value }
            guard ContinuousClock.now < deadline else {
                throw Missing(description: "\(what) did not come; log: \(logged.lines.suffix(5)), ends: \(ends)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// A log that can be read.
final class LoggedLines: Sendable {
    private let noted = Mutex<[String]>([])

    var lines: [String] { noted.withLock { $0 } }

    func logger() -> Logger { Logger(label: "test") { [self] _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: LoggedLines
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .debug

        init(lines: LoggedLines) { self.lines = lines }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(
                separator: " ")
            lines.noted.withLock { $0.append("\(event.level) \(event.message) \(fields)") }
        }
    }
}

/// The box around a test: workers on a folder of scenarios, and calls that the test makes.
final class ScriptedBox: Sendable {
    let exchange = ScriptedExchange()
    let workers: ScenarioWorkers
    let folder: String
    private let isOwnFolder: Bool

    /// On the scripts given, in a folder of their own.
    convenience init(
        _ scripts: [String: String], workers: Int = 1, memoryCap: UInt64 = 256 << 20,
        services: any ScriptServices = NoScriptServices(), sessionsPerWorker: Int = 250, readyMachines: Int = 4
    ) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/partyline-scripts-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, text) in scripts { try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }
        try self.init(
            folder: folder, isOwnFolder: true, workers: workers, memoryCap: memoryCap, services: services,
            sessionsPerWorker: sessionsPerWorker, readyMachines: readyMachines)
    }

    init(
        folder: String, isOwnFolder: Bool = false, workers: Int = 1, memoryCap: UInt64 = 256 << 20,
        services: any ScriptServices = NoScriptServices(), sessionsPerWorker: Int = 250, readyMachines: Int = 4
    ) throws {
        self.folder = folder
        self.isOwnFolder = isOwnFolder
        var options = ScenarioWorkerOptions(
            executable: ScenarioWorkerOptions.executableBesideThisProgram(), scenarioFolder: folder, workers: workers,
            memoryCapBytes: memoryCap, services: services)
        options.sessionsPerWorker = sessionsPerWorker
        options.readyMachines = readyMachines
        self.workers = try ScenarioWorkers(options: options, sink: exchange, log: exchange.logged.logger())
    }

    deinit {
        workers.close()
        if isOwnFolder { try? FileManager.default.removeItem(atPath: folder) }
    }

    func start(_ number: UInt64, _ scenarios: [String], conference: String? = nil) -> SessionID {
        let session = SessionID(number)
        workers.start(
            SessionStart(
                session: session, rule: "test", scenarios: scenarios, conferenceName: conference, customData: ""))
        return session
    }

    func tell(_ session: SessionID, _ event: SessionEvent) { workers.deliver(event, to: session) }

    /// A call comes in as unit 1 (or another one).
    func ring(_ session: SessionID, unit: Int32 = 1, to destination: String = "100", headers: [HeaderField] = []) {
        tell(
            session,
            .callAlerting(
                UnitID(unit),
                SessionCallInfo(
                    callerNumber: "200", callerName: "Ada", destination: destination, fromURI: "sip:200@box",
                    toURI: "sip:\(destination)@box", headers: headers, clientType: "sip", customData: "")))
    }

    func press(_ session: SessionID, _ digits: String, unit: Int32 = 1) {
        for digit in digits { tell(session, .tone(UnitID(unit), "\(digit)", .telephoneEvent)) }
    }

    /// The words of the next log line that contains the text.
    func logLine(_ part: String, seconds: Double = 10) async throws -> String {
        let logged = exchange.logged
        return try await exchange.wait(seconds, "a log line with \"\(part)\"") {
            logged.lines.first { $0.contains(part) }
        }
    }

    /// Processes of the workers, as the status report shows them.
    var processes: [Int32] {
        workers.reports.compactMap(WorkerLines.process)
    }

    func readyProcesses(_ count: Int) async throws -> [Int32] {
        try await exchange.wait(10, "\(count) ready workers") {
            let lines = self.workers.reports
            return lines.count == count && lines.allSatisfy { $0.contains("ready") } ? self.processes : nil
        }
    }
}

extension UnitID {
    static let caller = UnitID(1)
}

/// The lines of the status report about workers.
enum WorkerLines {
    /// 7 in "pid 123, ready, 4 sessions, 56 MB, 7 engines made"
    static func engines(_ line: String) -> Int? {
        let words = line.split(separator: " ")
        return words.suffix(2) == ["engines", "made"] ? words.dropLast(2).last.flatMap { Int($0) } : nil
    }

    /// 123 in "pid 123, ready, 4 sessions, 56 MB, 7 engines made"
    static func process(_ line: String) -> Int32? {
        line.split(separator: " ").dropFirst().first.flatMap { Int32($0.filter(\.isNumber)) }
    }
}
