// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Telephony

/// An exchange with one room of two, a call and a line, that notes what it is told to do.
final class FakeDesk: ControlDesk {
    private let requests = Mutex<[ControlRequest]>([])
    private let outcome = Mutex<ControlOutcome>(.done)
    private let listeners = Mutex<[AsyncStream<ControlEvent>.Continuation]>([])

    var performed: [ControlRequest] { requests.withLock { $0 } }
    private let (firstListener, hasFirstListener) = AsyncStream<Void>.makeStream()

    /// Returns once somebody follows the events. For one caller.
    func hasListener() async { for await _ in firstListener { return } }

    func answer(with next: ControlOutcome) { outcome.withLock { $0 = next } }

    func tell(_ event: ControlEvent) {
        for listener in listeners.withLock({ $0 }) { listener.yield(event) }
    }

    func status() async -> StatusReport {
        var report = StatusReport()
        report.version = "1.2.3"
        report.uptimeSeconds = 3_725
        report.calls = 2
        report.rooms = 1
        report.sipAddresses = ["0.0.0.0:5060"]
        report.mixThreadLoadPercent = 1.25
        report.warnings = ["one\u{1B}[31m"]
        return report
    }

    func rooms() async -> [RoomReport] { [Self.room] }

    func room(_ name: String) async -> RoomReport? { name == "111" ? Self.room : nil }

    func calls() async -> [CallReport] {
        var call = CallReport()
        call.id = "7"
        call.technology = "sip"
        call.callerNumber = "21"
        call.callerName = "Zoë"
        call.destination = "conf_111"
        call.state = "connected"
        return [call]
    }

    func lines() async -> [LineReport] {
        var line = LineReport()
        line.name = "hall"
        line.state = "on-hook"
        line.sampleRate = 16_000
        line.driftPPM = .infinity
        return [line]
    }

    func trace(call: String, seconds: Int) async -> TraceOutcome {
        guard call != "8" else { return .refused(Obstacle("no messages of call 8 are known", remedy: "trace another")) }
        guard call == "7" else { return .notFound("no call \(call)") }
        var invite = TraceStep()
        invite.time = 1_000.25
        invite.isIncoming = true
        invite.peer = "192.0.2.7:5060 udp"
        invite.line = "INVITE sip:111@box"
        var ringing = TraceStep()
        ringing.time = 1_000.2746
        ringing.peer = "192.0.2.7:5060 UDP"
        ringing.line = "SIP/2.0 180 Ringing"
        var report = TraceReport()
        report.call = call
        report.steps = [invite, ringing]
        report.file = "/state/traces/7.pcap"
        return .traced(report)
    }

    func sessions() async -> [SessionReport] { [Self.session] }

    func openSession(rule: String, data: String) async -> SessionOpening {
        guard rule == "alarm" else { return .notFound("there is no rule \(rule)") }
        var report = Self.session
        report.conference = data
        return .started(report)
    }

    func ask(token: String, _ question: SessionQuestion) async -> SessionAnswer {
        let headers = question.headers.map(\.name).filter { $0.lowercased().hasPrefix("x-") }.joined(separator: ",")
        return SessionAnswer(
            status: 202, contentType: "text/x-test",
            body: "\(question.method) \(question.path) \(question.content) \(headers)")
    }

    func traces(ofSession id: String) async -> AsyncStream<SessionTrace>? {
        guard id == "s12" else { return nil }
        var first = SessionTrace(time: 0, session: SessionID(12))
        first.event = .onHold(UnitID(1))
        let last = SessionTrace(time: 1, session: SessionID(12))
        return AsyncStream { continuation in
            continuation.yield(first)
            continuation.yield(last)
            continuation.finish()
        }
    }

    static let token = String(repeating: "0f", count: 16)

    private static var session: SessionReport {
        var report = SessionReport()
        report.id = "s12"
        report.rule = "alarm"
        report.accessURL = "http://localhost/sessions/" + token
        return report
    }

    func perform(_ request: ControlRequest) async -> ControlOutcome {
        requests.withLock { $0.append(request) }
        return outcome.withLock { $0 }
    }

    func events() async -> AsyncStream<ControlEvent> {
        AsyncStream(bufferingPolicy: .bufferingNewest(64)) { continuation in
            listeners.withLock { $0.append(continuation) }
            hasFirstListener.yield()
        }
    }

    private static let room: RoomReport = {
        var anna = ParticipantReport()
        anna.id = "3"
        anna.name = "Anna"
        anna.number = "21"
        anna.technology = "sip"
        anna.media.codec = "PCMA"
        anna.media.levelDBm0 = -15
        anna.isTalking = true
        anna.secondsInRoom = 61
        var bob = ParticipantReport()
        bob.id = "4"
        bob.number = "+4930\n1"
        bob.isMuted = true
        bob.isOnHold = true
        var room = RoomReport()
        room.name = "111"
        room.conferenceID = "conf_111"
        room.participants = [anna, bob]
        return room
    }()
}
