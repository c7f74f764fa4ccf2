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
            leastSeconds: options.leastNameSeconds, logger: logger
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

extension SIPServer: AccountReporter {
    package func trunkReports() -> [TrunkReport] { trunkBoard.reports() }
    package func phoneReports() -> [PhoneReport] { phoneBook.reports() }

    package func gatewayReports() -> [LineReport] {
        let phones = Set(phoneBook.phones.filter(\.isGateway).map(\.name))
        let trunks = Set(trunkBoard.accounts.filter(\.isGateway).map(\.name))
        return phoneReports().filter { phones.contains($0.name) }.map(LineReport.init(gateway:))
            + trunkReports().filter { trunks.contains($0.name) }.map(LineReport.init(gateway:))
    }
}

extension LineReport {
    /// The telephone socket of a gateway.
    fileprivate init(gateway phone: PhoneReport) {
        self.init()
        name = phone.name
        preset = "sip-gw"
        `extension` = phone.extension
        state = phone.contacts.isEmpty ? "gone" : "registered"
        device = phone.contacts.first?.address ?? ""
    }

    /// Its landline socket.
    fileprivate init(gateway trunk: TrunkReport) {
        self.init()
        name = trunk.name
        preset = "sip-gw"
        state = trunk.calls > 0 ? "in call" : trunk.state
        device = trunk.address.isEmpty ? trunk.server : trunk.address
    }
}
