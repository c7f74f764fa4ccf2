// SPDX-License-Identifier: Apache-2.0

import CLinux
import FoundationEssentials
import Glibc
import ScenarioProtocol
import Telephony

/// One worker process as the daemon sees it: its socket, what waits to be written, its sessions. Belongs to the thread of
/// the workers.
final class WorkerProcess {
    /// Why it is of no use any more.
    enum Loss: Error {
        /// It ended or closed its socket.
        case ended
        case silent
        case tooLarge(UInt64)
        /// It said something that is no message.
        case confused(String)
        /// It does not read what it is sent.
        case clogged
    }

    let pid: Int32
    let socket: Int32
    var sessions: [SessionID: SessionStart] = [:]
    var isReady = false
    /// It has had so many sessions.
    var served = 0
    /// Pings since the last answer. Counted in pings and not in seconds: after the daemon itself was stopped for a while
    /// (a suspended machine) nobody is silent.
    private(set) var unanswered = 0
    private(set) var residentBytes: UInt64 = 0
    /// Engines of JavaScript that it has made, as it says.
    private(set) var engines = 0
    private var lastPing: UInt64 = 0
    /// Of the process, at the last ping that was answered.
    private var runDelay: UInt64 = 0
    private var reader = MessageReader()
    private var outgoing = Data()
    private var sent = 0
    /// Texts that it has, by the scripts' names.
    private var texts: [String: ScriptNumber] = [:]
    private let page: UnsafePointer<partyline_blame>

    static let pingNanoseconds: Int64 = 500_000_000
    /// 2 s; a worker that still starts, or that is ready to run and gets no CPU, has 10: on an overloaded machine to kill and
    /// start processes would only make more load.
    private static let silentPings = 4
    private static let patientPings = 20
    private static let outgoingBytes = 8 << 20
    private static let promptBytes = 32 << 10

    /// Starts the program; with an epoch (milliseconds since 1970) on a virtual clock. Throws an errno.
    init(options: ScenarioWorkerOptions, epoch: Double? = nil) throws(SpawnFailure) {
        var pair: [Int32] = [-1, -1]
        let failure = pair.withUnsafeMutableBufferPointer { partyline_socket_pair($0.baseAddress) }
        guard failure == 0 else { throw SpawnFailure(code: failure) }
        var pageDescriptor: Int32 = -1
        guard let page = partyline_blame_create(&pageDescriptor) else {
            let code = errno
            close(pair[0])
            close(pair[1])
            throw SpawnFailure(code: code)
        }
        var pid: Int32 = 0
        let code = Self.spawn(options, epoch, socket: pair[1], page: pageDescriptor, pid: &pid)
        close(pair[1])
        close(pageDescriptor)
        guard code == 0 else {
            close(pair[0])
            partyline_blame_close(page)
            throw SpawnFailure(code: code)
        }
        self.pid = pid
        self.socket = pair[0]
        self.page = UnsafePointer(page)
    }

    deinit {
        close(socket)
        partyline_blame_close(UnsafeMutablePointer(mutating: page))
    }

    private static func spawn(
        _ options: ScenarioWorkerOptions, _ epoch: Double?, socket: Int32, page: Int32, pid: inout Int32
    ) -> Int32 {
        // In a rehearsal nobody is in a hurry.
        let ready = epoch == nil ? options.readyMachines : 1
        let words: [String] =
            [options.executable, "\(options.memoryCapBytes)", "\(ready)"] + (epoch.map { ["\($0)"] } ?? [])
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        let environment: [String] =
            ["JSC_useJIT=0", "LANG=C.UTF-8", "PATH=/usr/bin:/bin"]
            + (getenv("TZ").map { ["TZ=\(String(cString: $0))"] } ?? [])
        let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) }
        defer { (arguments + variables).forEach { free($0) } }
        let argumentPointers: [UnsafePointer<CChar>?] = arguments.map { UnsafePointer($0) } + [nil]
        let variablePointers: [UnsafePointer<CChar>?] = variables.map { UnsafePointer($0) } + [nil]
        return partyline_spawn_worker(options.executable, argumentPointers, variablePointers, socket, page, &pid)
    }

    // MARK: - Messages

    var hasOutgoing: Bool { sent < outgoing.count }

    /// A session, and before it what the worker does not have yet of its scripts.
    func start(_ start: SessionStart, _ scripts: [LibraryScript]) throws(Loss) {
        for script in scripts where texts[script.name] != script.number {
            if let old = texts.updateValue(script.number, forKey: script.name) { try send(.forget(old)) }
            for part in script.parts { try send(.script(script.number, name: script.name, part: part)) }
        }
        append(MessageFraming.frame(start, scripts: scripts.map(\.number)))
        try flushWhenMuch()
    }

    /// Written by `flush`, or at once when there is much of it.
    func send(_ order: WorkerOrder) throws(Loss) {
        // A script must not wait for ever for a reply that does not fit a message.
        append(MessageFraming.frame(order) ?? order.whenTooLong.flatMap { MessageFraming.frame($0) })
        try flushWhenMuch()
    }

    func deliver(_ event: SessionEvent, to session: SessionID) throws(Loss) {
        append(MessageFraming.frame(event, of: session))
        try flushWhenMuch()
    }

    /// Nothing of that session is wanted any more. Written with what comes next.
    func discard(_ session: SessionID) { append(MessageFraming.frame(WorkerOrder.end(session))) }

    /// What is too long for a message is left out.
    private func append(_ frame: Data?) {
        if let frame { outgoing.append(frame) }
    }

    private func flushWhenMuch() throws(Loss) {
        let waiting = outgoing.count - sent
        if waiting > Self.promptBytes { try flush() }
        if outgoing.count - sent > Self.outgoingBytes { throw .clogged }
    }

    /// Writes what the socket takes now.
    func flush() throws(Loss) {
        while hasOutgoing {
            let count = outgoing.withUnsafeBytes { bytes in
                bytes.baseAddress.map { Glibc.send(socket, $0 + sent, bytes.count - sent, Int32(MSG_NOSIGNAL)) } ?? 0
            }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN { break }
                throw .ended
            }
            sent += count
        }
        if !hasOutgoing {
            outgoing.removeAll(keepingCapacity: outgoing.count <= 1 << 16)
            sent = 0
        } else if sent > 1 << 20 {
            outgoing.removeFirst(sent)
            sent = 0
        }
    }

    /// What has come, up to 256 KiB of it; the rest next time, so that one worker cannot keep the thread.
    func receive(_ body: (WorkerSaid) -> Void) throws(Loss) {
        for _ in 0..<4 {
            let (count, code) = withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
                let count = Glibc.read(socket, buffer.baseAddress, buffer.count)
                let code = errno
                if count > 0 { reader.append(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
                return (count, code)
            }
            if count == 0 { throw .ended }
            if count < 0 {
                if code == EAGAIN || code == EINTR { return }
                throw .ended
            }
            do throws(FramingError) {
                while let said = try reader.nextReport() { body(said) }
            } catch {
                throw .confused("\(error)")
            }
        }
    }

    // MARK: - Health

    /// Every half second: is it alive and of a decent size?
    func ping(_ options: ScenarioWorkerOptions) throws(Loss) {
        if unanswered == 0 { runDelay = partyline_run_delay(pid) }
        guard unanswered < (isReady && !isStarved ? Self.silentPings : Self.patientPings) else { throw .silent }
        residentBytes = partyline_resident_bytes(pid)
        let limit = ScenarioLimits.memoryLimit(
            cap: options.memoryCapBytes, sessions: sessions.count, ready: options.readyMachines)
        guard residentBytes <= limit else {
            throw .tooLarge(residentBytes)
        }
        unanswered += 1
        lastPing &+= 1
        try send(.ping(lastPing))
    }

    /// It has been waiting for a CPU for most of the time in which it did not answer.
    private var isStarved: Bool {
        let waited = partyline_run_delay(pid)
        return unanswered > 0 && waited > runDelay
            && waited - runDelay > UInt64(unanswered) * UInt64(Self.pingNanoseconds) / 2
    }

    func ponged(_ number: UInt64, _ health: WorkerHealth) {
        engines = health.engines
        if number == lastPing { unanswered = 0 }
    }

    /// The session whose script it is in, whether the worker itself found that script guilty, and where the script began what
    /// it was in ("gateway.js:12", empty when not known).
    var blame: (session: SessionID, reason: partyline_blame_reason, place: String)? {
        let blame = page.pointee
        guard blame.session != 0 else { return nil }
        // The worker may have written anything.
        let place = withUnsafeBytes(of: blame.place) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }.map { (0x21...0x7e).contains($0) ? $0 : 0x3f }, as: UTF8.self)
        }
        return (
            SessionID(blame.session), partyline_blame_reason(UInt32(truncatingIfNeeded: blame.reason)), place
        )
    }

    /// Without waiting.
    func kill() { if pid > 0 { _ = Glibc.kill(pid, SIGKILL) } }

    /// Waits until it is gone, but not beyond that time: the end of the daemon leaves it to the system.
    func bury(until deadline: Int64) {
        var status: Int32 = 0
        while pid > 0, waitpid(pid, &status, WNOHANG) == 0, partyline_now() < deadline { usleep(2_000) }
    }

    /// Kills it if it still lives. The signal by which it ended, 0 if by none.
    func end() -> Int32 { partyline_ending_signal(partyline_end_worker(pid)) }
}

/// The worker program could not be started.
struct SpawnFailure: Error {
    var code: Int32
    var text: String { String(cString: strerror(code)) }
}
