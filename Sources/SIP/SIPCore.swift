// SPDX-License-Identifier: Apache-2.0

import CSofia
import Glibc
import Logging
import SDP
import Telephony

/// Everything that lives on the SIP thread: the dialogs by token, and where events go. Never touched from elsewhere.
final class SIPCore {
    var options: SIPOptions
    let ports: any RTPPortProvider
    let sink: any LegSink
    let queue: SIPQueue
    let logger: Logger
    var stack: OpaquePointer?
    var dialogs = DialogTable()
    /// Calls out by the token of their leg.
    var hunts: [UInt64: SIPHunt] = [:]
    var registrar: Registrar
    var phoneGuard: PhoneGuard
    let phoneBook: PhoneBook
    let trunks: [SIPTrunk]
    let trunkBoard: TrunkBoard
    /// Listeners that belong to a TLS trunk, by its name.
    var secureListeners: [String: Int32] = [:]
    /// Where those listen, by their number.
    var furtherListens: [Int32: SIPListenAddress] = [:]
    /// Requests of ours outside of calls: what their response does.
    var requests: [UInt64: (SIPCore, SIPEvent) -> Void] = [:]
    /// In calls out, so that one that comes back is known.
    let boxID = DigestAlgorithm.hex((0..<8).map { _ in UInt8.random(in: 0...255) })
    let clock: SIPClock
    /// Called with all registrations when they change.
    var journal: (([String: [Binding]]) -> Void)?
    var limits = SourceLimits()
    var strangers = StrangerLimits()
    var wrongTries = WrongTries()
    /// Connections from outside.
    var streams = StreamTable()
    var isWatchingStreams = false
    /// What was said, for `partyline trace`.
    var traceLog = TraceLog()
    /// Whom nothing is taken from.
    var bans = BanList(clock: { Double(time(nil)) })
    /// What shall happen when a timer of that token rings.
    private var alarms: [UInt64: (SIPCore) -> Void] = [:]
    /// Dialogs whose leg still lives (the others only wait for the response to their BYE or CANCEL).
    var callCount = 0
    var isClosing = false
    private var isWatching = false
    /// Messages of strangers that were not read, since it was last told.
    var unread = 0

    init(
        options: SIPOptions, ports: any RTPPortProvider, sink: any LegSink, queue: SIPQueue, phoneBook: PhoneBook,
        trunkBoard: TrunkBoard, clock: SIPClock, logger: Logger
    ) {
        self.trunkBoard = trunkBoard
        trunks = options.trunks.map { SIPTrunk($0) }
        self.options = options
        self.phoneBook = phoneBook
        self.clock = clock
        registrar = Registrar(
            shortestExpiry: options.registrar.shortestExpiry, longestExpiry: options.registrar.longestExpiry)
        phoneGuard = PhoneGuard(options.registrar)
        self.ports = ports
        self.sink = sink
        self.queue = queue
        self.logger = logger
    }

    func take(_ event: SIPEvent) {
        switch event.kind {
        case csofia_woken:
            for work in queue.drain() { perform(work) }
        case csofia_new_invite:
            // Of many that come at once the library has all events ready: the answer to the first would wait behind the last.
            for work in queue.drain() { perform(work) }
            admit(event)
        case csofia_register:
            takeRegister(event)
        case csofia_request_response:
            if let take = requests[event.token] {
                take(self, event)
            } else if let dialog = dialogs[event.token] {
                probe(dialog, .answered(event.status))
            } else if let call = event.call {
                csofia_forget(call)
            }
        case csofia_timer:
            alarms.removeValue(forKey: event.token)?(self)
        case csofia_closed:
            break
        default:
            guard let dialog = dialogs[event.token] else {
                if let call = event.call { csofia_forget(call) }
                return
            }
            take(event, for: dialog)
        }
    }

    /// Looks after dialogs that wait in vain, as long as there are any.
    func watch() {
        guard !isWatching else { return }
        isWatching = true
        after(milliseconds: 10_000) { core in
            core.isWatching = false
            let now = ContinuousClock.now
            for dialog in Array(core.dialogs.values) {
                let waited = dialog.changed.duration(to: now)
                if let input = dialog.machine.inputAfterWaiting(waited) { core.run(dialog, input) }
            }
            if !core.dialogs.isEmpty { core.watch() }
        }
    }

    /// Calls `work` once, later, on this thread.
    func after(milliseconds: Int, _ work: @escaping (SIPCore) -> Void) {
        guard let stack else { return }
        let token = queue.newToken()
        alarms[token] = work
        csofia_after(stack, UInt32(clamping: milliseconds), token)
    }

    private func perform(_ work: SIPWork) {
        switch work {
        case .command(let token, let command):
            if let hunt = hunts[token] {
                take(command, for: hunt)
            } else if let dialog = dialogs[token] {
                take(command, for: dialog)
            }
        case .dial(let call):
            hunt(call)
        case .trunk(let news):
            take(news)
        case .restore(let saved):
            registrar.restore(saved, of: options.registrar.phones)
            let all = registrar.all(now: milliseconds())
            phoneBook.update(all)
            for (name, bindings) in all { settle(name, bindings) }
        case .adopt(let fresh):
            adopt(fresh)
        case .close(let milliseconds):
            guard !isClosing else { return }
            isClosing = true
            for hunt in Array(hunts.values) { take(.hangUp(.normalUnspecified, []), for: hunt) }
            for dialog in Array(dialogs.values) { run(dialog, .hangUp(.normalUnspecified)) }
            stopTrunks()
            if let stack { csofia_close(stack, UInt32(clamping: milliseconds)) }
        }
    }

    func take(_ command: SIPCommand, for dialog: SIPDialog) {
        switch command {
        case .ring(let headers): run(dialog, .ring, headers: headers)
        case .startEarlyMedia(let headers): run(dialog, .startEarlyMedia, headers: headers)
        case .answer(let headers): run(dialog, .answer, headers: headers)
        case .reject(let status, let headers):
            run(dialog, .reject((300...699).contains(status) ? status : 480), headers: headers)
        case .hangUp(let cause, let headers): run(dialog, .hangUp(cause), headers: headers)
        case .info(let type, let body, let headers):
            guard dialog.machine.state == .confirmed, let call = dialog.call else { return }
            let type = SIPText.cleaned(type, most: 128)
            csofia_send_info(call, type, body, SIPText.headerLines(headers))
        case .message(let text):
            guard dialog.machine.state == .confirmed, let call = dialog.call else { return }
            csofia_send_message(call, text)
        case .transfer(let status, let isLast): tellTransfer(status, isLast: isLast, dialog)
        case .renegotiate:
            if dialog.machine.state == .confirmed { renegotiate(dialog, .wanted) }
        }
    }

    /// Feeds the dialog's machine and does what it says.
    func run(_ dialog: SIPDialog, _ input: DialogStateMachine.Input, headers: [HeaderField] = []) {
        let wasUnanswered = dialog.machine.isUnanswered
        let actions = dialog.machine.take(input)
        if wasUnanswered, !dialog.machine.isUnanswered, dialog.isIncoming, let source = dialog.source {
            limits.close(source, isGuest: dialog.isGuest)
        }
        var headers = headers
        if case .hangUp(let cause) = input, !headers.contains(where: { $0.name.lowercased() == "reason" }) {
            headers.append(cause.reasonHeader)
        }
        for action in actions { perform(action, for: dialog, headers: headers) }
        if !actions.isEmpty { dialog.changed = .now }
    }

    private func perform(_ action: DialogStateMachine.Action, for dialog: SIPDialog, headers: [HeaderField]) {
        switch action {
        case .respond(let status):
            respond(dialog, status, description: nil, headers: headers)
        case .respondWithDescription(let status):
            respond(dialog, status, description: description(for: status, of: dialog), headers: headers)
        case .openMedia:
            configure(dialog)
        case .acknowledge:
            if let call = dialog.call { csofia_acknowledge(call, nil) }
        case .sendBye(let cause):
            guard let call = dialog.call else { return }
            let all = headers.contains { $0.name.lowercased() == "reason" } ? headers : headers + [cause.reasonHeader]
            csofia_send_bye(call, SIPText.headerLines(all))
        case .sendCancel:
            if let call = dialog.call { csofia_send_cancel(call, SIPText.headerLines(headers)) }
        case .tellRinging:
            tell(.ringing(headers), from: dialog)
        case .tellEarlyMedia:
            tell(.earlyMedia(headers), from: dialog)
        case .tellAnswered:
            tell(.answered(headers), from: dialog)
        case .tellHungUp(let cause):
            tell(.hungUp(cause, headers), from: dialog)
        case .releaseMedia:
            release(dialog)
        case .forget:
            dialogs.remove(dialog.token)
            if let call = dialog.call { csofia_forget(call) }
            dialog.call = nil
        }
    }

    private func release(_ dialog: SIPDialog) {
        guard !dialog.hasReleased else { return }
        dialog.hasReleased = true
        callCount -= 1
        if let trunk = trunk(of: dialog) {
            trunk.callCount -= 1
            trunksChanged()
        }
        ports.closePort(dialog.port)
    }

    private func respond(_ dialog: SIPDialog, _ status: Int, description: String?, headers: [HeaderField]) {
        guard let call = dialog.call else { return }
        answering(status, contact: dialog.contact, description: description, lines: SIPText.headerLines(headers)) {
            csofia_respond(call, $0)
        }
    }

    /// Builds the C value; its texts live for the call.
    func answering(
        _ status: Int, contact: String?, description: String?, lines: String,
        _ send: (UnsafePointer<csofia_answer>) -> Void
    ) {
        (contact ?? "").withCString { contact in
            (description ?? "").withCString { description in
                lines.withCString { lines in
                    var answer = csofia_answer(
                        status: Int32(status), contact: contact, sdp: description, headers: lines)
                    send(&answer)
                }
            }
        }
    }
}
