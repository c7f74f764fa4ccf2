// SPDX-License-Identifier: Apache-2.0

import CSofia
import Glibc
package import Logging
import SDP
import Synchronization
package import Telephony

/// The SIP side of the exchange. Owns the `sip` thread, on which the library and all dialogs live; legs reach it by a queue.
///
///     SIPServer.start --> thread "sip": csofia_run --> SIPCore (dialogs, machines) --> LegSink
///     SIPLeg, SIPDriver --> SIPQueue --> csofia_wake --^
package final class SIPServer: Sendable {
    package let options: SIPOptions
    let ports: any RTPPortProvider
    let sink: any LegSink
    let queue = SIPQueue()
    /// The newest messages.
    package let traceLog = TraceLog()
    /// Whom nothing is taken from.
    package let bans: BanList
    /// The phones of the house and where they are.
    package let phoneBook: PhoneBook
    package let trunkBoard: TrunkBoard
    let clock: SIPClock
    let hostBook: HostBook
    private let nameThread: NameThread
    /// Called on the SIP thread with all registrations when they change; must return at once.
    let journal: (@Sendable ([String: [Binding]]) -> Void)?
    private let logger: Logger
    private enum State {
        case idle
        case running(pthread_t)
        case over
    }
    private let state = Mutex(State.idle)

    package init(
        options: SIPOptions, ports: any RTPPortProvider, sink: any LegSink, logger: Logger,
        bans: BanList = BanList(clock: { Double(time(nil)) }),
        clock: SIPClock = SIPClock(), journal: (@Sendable ([String: [Binding]]) -> Void)? = nil
    ) {
        self.options = options
        self.bans = bans
        self.journal = journal
        self.clock = clock
        phoneBook = PhoneBook(options.registrar.phones) { clock.milliseconds() }
        trunkBoard = TrunkBoard(options.trunks, clock: clock)
        let queue = queue
        let book = HostBook()
        hostBook = book
        nameThread = NameThread(
            options.trunks, hosts: options.hosts, book: book, names: options.names,
            leastSeconds: options.leastNameSeconds
        ) {
            queue.post(.trunk($0))
        }
        self.ports = ports
        self.sink = sink
        self.logger = logger
    }

    /// Opens every listener and takes calls from then on. Blocks for some milliseconds. Once in a server's life.
    /// - Throws: `SIPError`, naming the address that could not be had; nothing listens then.
    package func start() throws(SIPError) {
        let start = SIPThreadStart(server: self, logger: logger)
        let result: Result<Void, SIPError> = state.withLock { state in
            guard case .idle = state else { return .failure(.alreadyStarted) }
            guard let id = start.run() else { return .failure(.noResources("no thread can be made")) }
            state = .running(id)
            return start.wait()
        }
        if case .failure(let error) = result {
            if error != .alreadyStarted { join() }
            throw error
        }
        nameThread.start()
    }

    /// Takes over what a journal has kept; before or after `start`.
    package func restore(_ saved: [String: [Binding]]) { queue.post(.restore(saved)) }

    /// Takes of new options what does not need a restart: who may call without a password, how many, and the phones.
    package func adopt(_ options: SIPOptions) { queue.post(.adopt(options)) }

    /// Says BYE to all (480 to who was not answered) and ends. Blocks until the far ends have confirmed, at most so long.
    package func stop(withinMilliseconds milliseconds: Int) {
        nameThread.stop()
        queue.post(.close(milliseconds: milliseconds))
        join()
    }

    private func join() {
        let last = state.withLock { state -> State in
            defer { state = .over }
            return state
        }
        if case .running(let id) = last { pthread_join(id, nil) }
    }
}

/// What the new thread gets, and how it says that it listens.
final class SIPThreadStart: @unchecked Sendable {
    private let server: SIPServer
    private let logger: Logger
    private let listening: UnsafeMutablePointer<sem_t>
    /// Written by the thread before it posts the semaphore, read after.
    private var outcome: Result<Void, SIPError> = .success(())
    private var core: SIPCore?

    init(server: SIPServer, logger: Logger) {
        self.server = server
        self.logger = logger
        listening = .allocate(capacity: 1)
        sem_init(listening, 0, 0)
    }

    deinit {
        sem_destroy(listening)
        listening.deallocate()
    }

    func run() -> pthread_t? {
        var id = pthread_t()
        let context = Unmanaged.passRetained(self)
        guard pthread_create(&id, nil, Self.body, context.toOpaque()) == 0 else {
            context.release()
            return nil
        }
        return id
    }

    func wait() -> Result<Void, SIPError> {
        while sem_wait(listening) != 0 {}
        return outcome
    }

    private static let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { pointer in
        guard let pointer else { return nil }
        Unmanaged<SIPThreadStart>.fromOpaque(pointer).takeRetainedValue().live()
        return nil
    }

    private static let callback: csofia_callback = { pointer, event in
        guard let pointer, let event else { return }
        Unmanaged<SIPThreadStart>.fromOpaque(pointer).takeUnretainedValue().core?.take(SIPEvent(event.pointee))
    }

    private static let screen: csofia_screen = { pointer, raw, reply in
        guard let pointer, let raw, let reply,
            let core = Unmanaged<SIPThreadStart>.fromOpaque(pointer).takeUnretainedValue().core
        else { return csofia_drop }
        return core.screen(raw.pointee, into: &reply.pointee)
    }

    private static let sent: csofia_sent = { pointer, bytes, count, address, port, transport in
        guard let pointer, let bytes, let address, let transport,
            let core = Unmanaged<SIPThreadStart>.fromOpaque(pointer).takeUnretainedValue().core
        else { return }
        core.traceSent(
            UnsafeBufferPointer(start: bytes, count: count), to: String(cString: address), port,
            String(cString: transport))
    }

    private static let door: csofia_door = { pointer, source, same, all in
        guard let pointer, let source,
            let core = Unmanaged<SIPThreadStart>.fromOpaque(pointer).takeUnretainedValue().core
        else { return false }
        return core.admitsConnection(from: String(cString: source), same: same, all: all)
    }

    private static let log: csofia_log = { pointer, line in
        guard let pointer, let line else { return }
        Unmanaged<SIPThreadStart>.fromOpaque(pointer).takeUnretainedValue().logger.debug("\(String(cString: line))")
    }

    private func live() {
        csofia_name_thread("sip")
        if !csofia_screens() {
            logger.warning("sip linked so that messages from the network are not screened before they are parsed")
        }
        if !csofia_resolves_nothing() {
            logger.warning(
                "sip linked so that names from the network can be looked up; a slow name server can delay calls")
        }
        if !DigestAnswer.install() { logger.error("sip no digest: trunks with a password will not work") }
        let options = server.options
        let context = Unmanaged.passUnretained(self).toOpaque()
        guard
            let stack = csofia_create(
                Self.callback, Self.log, Self.screen, Self.door, context, options.product)
        else {
            return give(.failure(.noResources("the SIP library does not start (memory or file descriptors are short)")))
        }
        let core = SIPCore(
            options: options, ports: server.ports, sink: server.sink, queue: server.queue,
            phoneBook: server.phoneBook, trunkBoard: server.trunkBoard, clock: server.clock, logger: logger)
        core.journal = server.journal
        core.bans = server.bans
        core.traceLog = server.traceLog
        csofia_tell_sent(stack, Self.sent)
        core.stack = stack
        self.core = core
        for listen in options.listen {
            let number = open(listen, options, stack)
            guard number < 0 else { continue }
            outcome = .failure(Self.error(listen, errno))
            break
        }
        if case .success = outcome { outcome = core.listenForTrunks() }
        let listens = (try? outcome.get()) != nil
        if listens { core.startTrunks() }
        if listens { server.queue.open(stack) } else { csofia_close(stack, 500) }
        sem_post(listening)
        csofia_run(stack)
        server.queue.close()
        core.stack = nil
        self.core = nil
        csofia_destroy(stack)
    }

    private func open(_ listen: SIPListenAddress, _ options: SIPOptions, _ stack: OpaquePointer) -> Int32 {
        let interval = UInt32(clamping: options.leastSessionSeconds)
        guard listen.transports == .tls else {
            return csofia_listen(
                stack, listen.address.description, listen.port, listen.transports.rawValue, interval)
        }
        return csofia_listen_tls(
            stack, listen.address.description, listen.port, options.certificateFolder, false, interval)
    }

    private func give(_ outcome: Result<Void, SIPError>) {
        self.outcome = outcome
        sem_post(listening)
    }

    private static func error(_ listen: SIPListenAddress, _ number: Int32) -> SIPError {
        switch number {
        case EADDRINUSE: .portInUse(listen)
        case EADDRNOTAVAIL: .noSuchAddress(listen)
        case EACCES, EPERM: .notPermitted(listen)
        case _ where listen.transports == .tls: .noCertificate(listen)
        default: .cannotListen(listen, errno: number)
        }
    }
}

extension SIPServer: AccountReporter {
    package func trunkReports() -> [TrunkReport] { trunkBoard.reports() }
    package func phoneReports() -> [PhoneReport] { phoneBook.reports() }
}
