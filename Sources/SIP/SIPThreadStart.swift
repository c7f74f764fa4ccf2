// SPDX-License-Identifier: Apache-2.0

import CSofia
import Glibc
import Logging
import SDP

/// What the new thread gets, and how it says that it listens.
///
/// `core` is the thread's own, and `outcome` goes from it to whoever waits by the semaphore.
final class SIPThreadStart {
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

    private static let shed: csofia_shed = { pointer, source, length in
        guard let pointer, let source,
            let core = Unmanaged<SIPThreadStart>.fromOpaque(pointer).takeUnretainedValue().core
        else { return false }
        return core.sheds(UnsafeBufferPointer(start: source, count: length))
    }

    private static let sent: csofia_sent = { pointer, bytes, count, address, port, transport in
        guard let pointer, let bytes, let address, let transport,
            let core = Unmanaged<SIPThreadStart>.fromOpaque(pointer).takeUnretainedValue().core
        else { return }
        core.traceSent(
            UnsafeBufferPointer(start: bytes, count: count), to: String(cString: address), port,
            String(cString: transport))
    }

    private static let door: csofia_door = { pointer, source, length, port in
        guard let pointer, let source,
            let core = Unmanaged<SIPThreadStart>.fromOpaque(pointer).takeUnretainedValue().core
        else { return false }
        return core.admitsConnection(from: UnsafeBufferPointer(start: source, count: length), port: port)
    }

    private static let gone: csofia_gone = { pointer, source, length, port in
        guard let pointer, let source else { return }
        Unmanaged<SIPThreadStart>.fromOpaque(pointer).takeUnretainedValue().core?.connectionEnded(
            UnsafeBufferPointer(start: source, count: length), port: port)
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
        csofia_shed_by(stack, Self.shed)
        csofia_tell_gone(stack, Self.gone)
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
