// SPDX-License-Identifier: Apache-2.0

import Logging
import SDP
import SIP
import Synchronization
import Telephony

/// A media engine that hands out ports and writes down what it is told.
final class FakePorts: RTPPortProvider {
    struct Contents {
        var next: UInt32 = 0
        var most = 10_000
        var open: Set<PortID> = []
        var configured: [PortID: [NegotiatedAudio]] = [:]
    }

    let contents = Mutex(Contents())

    init(most: Int = 10_000) { contents.withLock { $0.most = most } }

    func openPort(on address: IPAddress) -> RTPPortOpening? {
        contents.withLock { contents in
            guard contents.open.count < contents.most else { return nil }
            contents.next += 1
            let port = PortID(slot: contents.next, generation: 1)
            contents.open.insert(port)
            let rtp = UInt16(40_000 + contents.next % 10_000 * 2)
            return RTPPortOpening(port: port, rtpPort: rtp, rtcpPort: rtp + 1)
        }
    }

    func configure(_ port: PortID, for audio: NegotiatedAudio) {
        contents.withLock { $0.configured[port, default: []].append(audio) }
    }

    func closePort(_ port: PortID) { contents.withLock { _ = $0.open.remove(port) } }

    var openCount: Int { contents.withLock { $0.open.count } }
    /// What all ports were told, in order of ports.
    var configurations: [NegotiatedAudio] {
        contents.withLock { contents in
            contents.configured.sorted { $0.key.slot < $1.key.slot }.flatMap(\.value)
        }
    }
}

/// A switchboard that does with every call what its policy says, and writes down what happens.
final class FakeSwitchboard: LegSink {
    struct Contents {
        var lastLeg: UInt64 = 0
        var offers: [CallOffer] = []
        var events: [(LegID, String)] = []
    }

    let contents = Mutex(Contents())
    private let policy: @Sendable (CallOffer) -> Void

    init(_ policy: @escaping @Sendable (CallOffer) -> Void = { $0.leg.answer([]) }) { self.policy = policy }

    func incoming(_ offer: CallOffer) {
        contents.withLock { $0.offers.append(offer) }
        policy(offer)
    }

    func post(_ event: LegEvent, from leg: LegID) {
        contents.withLock { $0.events.append((leg, Self.words(event))) }
    }

    func newLegID() -> LegID {
        contents.withLock { contents in
            contents.lastLeg += 1
            return LegID(contents.lastLeg)
        }
    }

    var offers: [CallOffer] { contents.withLock { $0.offers } }
    var events: [String] { contents.withLock { $0.events.map(\.1) } }

    /// Waits, bounded, until an event of these words came.
    func waits(for words: String, count: Int = 1, seconds: Double = 3) async -> Bool {
        await eventually(seconds: seconds) { self.events.filter { $0 == words }.count >= count }
    }

    private static func words(_ event: LegEvent) -> String {
        switch event {
        case .ringing: "ringing"
        case .earlyMedia: "early media"
        case .answered: "answered"
        case .digit(let digit, let source): "digit \(digit.character) \(source)"
        case .held(let held): held ? "held" : "resumed"
        case .reInvite(let news, _): "re-INVITE \(news)"
        case .info(let type, let body, _): "info \(type) \(body)"
        case .transferRequested(let request): "transfer \(request.target)\(request.replaces == nil ? "" : " attended")"
        case .redirected(let addresses): "redirected \(addresses.joined(separator: " "))"
        case .message(let text): "message \(text)"
        case .conferenceWanted, .leftTo, .notice: "of a telephone on a line"
        case .hungUp(let cause, _): "hung up \(cause)"
        }
    }
}

/// Keeps log lines.
final class LogLines: Sendable {
    let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }

    var logger: Logger {
        Logger(label: "sip") { _ in Handler(lines: self) }
    }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.lines.withLock { $0.append("\(event.message)") }
        }
    }
}

/// True as soon as the condition holds, false when it does not within the time.
func eventually(seconds: Double, _ condition: @escaping @Sendable () -> Bool) async -> Bool {
    let end = ContinuousClock.now + .milliseconds(Int(seconds * 1_000))
    while !condition() {
        guard ContinuousClock.now < end else { return false }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return true
}
