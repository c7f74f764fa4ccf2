// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Lines
import Logging
import Media
import RTP
import Rehearsal
import SIP
import Scripting
import Settings
import Storage
import Telephony
import Web
import WebFetch

/// Builds the house from its settings and keeps it until a signal says otherwise. The main thread owns it.
final class Daemon {
    private let settings: PartylineSettings
    private let configuration: String
    private let state: String
    private let portBase: Int?

    private let mail = Mail()
    private let watchers: EventWatchers
    private let engine: MediaEngine
    private let sip: SIPServer
    private let journal: RegistrationJournal
    private let ledger: LedgerFile
    private let lines: LineOffice
    private let fetcher: WebFetcher?
    private let store: StateStore?
    private let books: CallBooks
    private let host: ScenarioWorkers
    private let switchboard: Switchboard
    private let web: WebServer
    private let notes = StartNotes()
    private var tasks: [Task<Void, Never>] = []

    init(settings: PartylineSettings, configuration: String, state: String, portBase: Int?) throws {
        self.settings = settings
        self.configuration = configuration
        self.state = state
        self.portBase = portBase
        do throws(SystemFault) {
            try makeFolder(state, mode: 0o750)
        } catch {
            throw DaemonFault(
                words: "the state folder \(state) can not be made: \(error); name another with --state", exitCode: 75)
        }
        Log.minimum = Log.Minimum(Logger.Level(rawValue: settings.log.level) ?? .info)
        LoggingSystem.bootstrap { LineLogHandler(label: $0) }

        watchers = EventWatchers(clock: { Date().timeIntervalSince1970 }, log: Log.event)
        fetcher = House.webFetcher(settings)
        engine = try House.engine(settings, state: state, configuration: configuration, fetcher: fetcher)
        lines = try LineOffice(settings, state: state, engine: engine, mail: mail)
        let clock = SIPClock()
        let journal = RegistrationJournal(state: state) { clock.milliseconds() }
        self.journal = journal
        let bans = BanList(
            clock: { Date().timeIntervalSince1970 }, journal: BanJournal(path: state + "/bans"))
        var options = try House.sipOptions(settings)
        options.hosts = settings.outside.hosts
        options.certificateFolder = try House.listenerCertificate(
            settings, state: state, configuration: configuration)
        options.trunks = try House.trunkAccounts(settings, state: state, configuration: configuration)
        sip = SIPServer(
            options: options, ports: MediaPorts(engine: engine), sink: mail,
            logger: Logger(label: "sip"), bans: bans, clock: clock, journal: { journal.keep($0) })
        store = Self.openStore(state)
        let recordings = RecordingAddress(
            url: House.exchangeOptions(settings, state: state).recordingsURL, folder: state + "/recordings")
        let services = NotedServices(ScriptOffice(web: fetcher, store: store, recordings: recordings))
        host = try House.scenarioWorkers(settings, configuration, mail, services)
        let notes = notes
        let ledger = LedgerFile(state: state)
        self.ledger = ledger
        var exchangeOptions = House.exchangeOptions(settings, state: state)
        exchangeOptions.ledger = ledger.read()
        exchangeOptions.keepLedger = { ledger.keep($0) }
        let (engine, host) = (engine, host)
        let books = CallBooks(store)
        self.books = books
        switchboard = Switchboard(
            options: exchangeOptions, media: engine, host: host,
            drivers: [lines.desk, SIPDriver(server: sip)], lines: lines, accounts: sip, bans: bans,
            tracer: WireTracer(server: sip, engine: engine, folder: state + "/traces"), services: services,
            mail: mail, watchers: watchers, completeStatus: { notes.complete(&$0, engine, host) },
            keepRecord: { books.add($0) })
        web = WebServer(
            desk: switchboard, socketPath: state + "/" + settings.control.socket, recordings: state + "/recordings",
            history: { await books.records($0) },
            logger: Logger(label: "web"))
    }

    /// Takes calls from the end of this on.
    func start() throws {
        let mail = mail
        let desk = lines.desk
        do {
            notes.warnings = try engine.start(
                priority: settings.mix.realTimePriority, locksMemory: true,
                events: { event in
                    desk.media(event)
                    mail.media(event)
                })
        } catch {
            throw DaemonFault(words: "the mix thread does not start: \(error)", exitCode: 70)
        }
        for warning in notes.warnings { Log.write(.warning, "event=start.warning words=\(Log.quoted(warning))") }
        notes.addresses = settings.sip.listen.map(\.description)
        sip.restore(journal.read())
        do {
            try sip.start()
        } catch {
            throw DaemonFault(words: "\(error)", exitCode: 75)
        }
        let switchboard = switchboard
        tasks.append(Task.detached { await switchboard.run() })
        do {
            try desk.start()
        } catch {
            throw DaemonFault(words: "\(error)", exitCode: 75)
        }
        let office = lines
        tasks.append(Task.detached { await office.start() })
        try startWeb()
        ServiceNotice.send("READY=1\nSTATUS=taking calls")
        Log.plain(
            "ready "
                + (notes.addresses.map { "sip:\($0)" } + ["control:\(state)/\(settings.control.socket)"]).joined(
                    separator: " "))
    }

    /// Serves until SIGTERM or SIGINT; SIGHUP reloads.
    func runUntilTold() {
        while case .reload = SignalLoop.next() { reload() }
        stop()
    }

    private func startWeb() throws {
        let started = Handover<String?>()
        let web = web
        tasks.append(
            Task.detached {
                do {
                    try await web.run { started.give(nil) }
                } catch {
                    // What ends the start is told by whoever started.
                    if started.give("\(error)") { return }
                    Log.write(.error, "event=control.failed reason=\(Log.quoted("\(error)"))")
                }
            })
        if let fault = started.take() { throw DaemonFault(words: fault, exitCode: 75) }
        try startAccess()
    }

    /// Where other programs reach sessions, if that is wanted.
    private func startAccess() throws {
        guard let address = settings.control.accessListen else { return }
        let server = SessionServer(
            desk: switchboard, host: address.host, port: address.port, logger: Logger(label: "access"))
        let started = Handover<String?>()
        tasks.append(
            Task.detached {
                do {
                    try await server.run { started.give(nil) }
                } catch {
                    started.give("\(error)")
                }
            })
        if let fault = started.take() { throw DaemonFault(words: fault, exitCode: 75) }
    }

    private func reload() {
        ServiceNotice.send("RELOADING=1")
        defer { ServiceNotice.send("READY=1") }
        switch Settings.load(configuration) {
        case .failure(let problems):
            for problem in problems.all { Log.plain("\(problem)") }
            Log.write(.error, "event=reload.refused words=\"the configuration has errors; nothing was changed\"")
        case .success(let read):
            // As `--check` looks at them. Scripts are read when a call comes, so a broken one waits for nothing but its mending.
            let complaints = SyntaxChecker.complaints(about: read, in: configuration)
            guard complaints.isEmpty else {
                for complaint in complaints { Log.plain("\(complaint)") }
                return Log.write(
                    .error,
                    "event=reload.refused words=\"a scenario has errors; nothing was changed, and its callers are "
                        + "refused until it is mended\"")
            }
            take(portBase.flatMap { read.moved(toPortBase: $0) } ?? read)
        }
    }

    /// What goes on as it is until a restart is told by name.
    private func take(_ fresh: PartylineSettings) {
        let taken = settings.taking(fresh)
        do {
            sip.adopt(try House.sipOptions(taken))
        } catch {
            let reason = (error as? DaemonFault)?.words ?? "\(error)"
            return Log.write(.error, "event=reload.refused reason=\(Log.quoted(reason))")
        }
        lines.desk.adopt(
            House.numberSpace(taken), interdigitMilliseconds: Int64(taken.dialling.interdigitSeconds * 1000))
        var options = House.exchangeOptions(taken, state: state)
        let ledger = ledger
        options.keepLedger = { ledger.keep($0) }
        let switchboard = switchboard
        Task.detached { await switchboard.reload(options) }
        Log.write(
            .notice,
            "event=reload.done words=\"rules, dial plan, fence, phones and addresses without a password are new\"")
        let waiting = settings.waitingForRestart(in: fresh) + House.namesWaiting(settings, fresh)
        guard !waiting.isEmpty else { return }
        Log.write(
            .warning,
            "event=reload.waits keys=\(Log.quoted(waiting.joined(separator: ", "))) words=\"a restart takes these\"")
    }

    private func stop() {
        ServiceNotice.send("STOPPING=1")
        var clock = StopClock()
        clock.time("switchboard") {
            let closed = Handover<Bool>()
            let switchboard = switchboard
            Task.detached {
                await switchboard.close()
                closed.give(true)
            }
            _ = closed.take()
        }
        // Scripts say their last words while the far ends confirm their BYE.
        let scriptsAreOver = Handover<Bool>()
        let host = host
        DispatchQueue.global().async {
            host.close()
            scriptsAreOver.give(true)
        }
        clock.time("lines") { lines.desk.stop() }
        clock.time("sip") { sip.stop(withinMilliseconds: 400) }
        clock.time("journals") {
            journal.close()
            ledger.close()
        }
        for task in tasks { task.cancel() }
        clock.time("scenarios") { _ = scriptsAreOver.take() }
        clock.time("web") { fetcher?.close() }
        clock.time("media") { engine.stop() }
        clock.time("books") { books.finish() }
        unlink(state + "/" + settings.control.socket)
        clock.tell()
    }

    /// Calls go on without it: nobody is refused because a file is broken.
    private static func openStore(_ state: String) -> StateStore? {
        do throws(StorageFault) {
            let store = try StateStore(path: state + "/partyline.sqlite")
            try store.tidy(now: Date().timeIntervalSince1970)
            return store
        } catch {
            Log.write(
                .error,
                "event=storage.failed reason=\(Log.quoted("\(error)")) "
                    + "words=\"scripts can keep nothing and calls are not recorded; \(error.remedy), and restart\"")
            return nil
        }
    }

}

/// What the start found out, for `partyline status`.
final class StartNotes: @unchecked Sendable {
    // Written by the main thread before the control socket opens, read afterwards only.
    var warnings: [String] = []
    var addresses: [String] = []

    func complete(_ report: inout StatusReport, _ engine: MediaEngine, _ host: ScenarioWorkers) {
        report.version = Version.text
        report.sipAddresses = addresses
        report.warnings = warnings
        report.mixThreadRealTime = engine.isRealTime
        report.mixThreadLoadPercent = engine.loadPercent()
        report.workers = host.reports
    }
}

/// One value from a task to the main thread, which waits for it.
final class Handover<Value: Sendable>: @unchecked Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let lock = NSLock()
    private var value: Value?

    /// Only the first one counts; whether it was this one.
    @discardableResult
    func give(_ value: Value) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        guard self.value == nil else { return false }
        self.value = value
        semaphore.signal()
        return true
    }

    func take() -> Value {
        while true {
            semaphore.wait()
            lock.lock()
            defer { lock.unlock() }
            if let value { return value }
        }
    }
}
