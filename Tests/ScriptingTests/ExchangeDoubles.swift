// SPDX-License-Identifier: Apache-2.0

import Scripting
import Synchronization
import Telephony

/// A caller who notes what is asked of it; its port is its number.
final class ListeningLeg: Leg {
    let id: LegID
    let port: PortID?
    let technology = "sip"
    private let log = Mutex<[String]>([])

    init(_ number: UInt32) {
        id = LegID(UInt64(number))
        port = PortID(slot: number, generation: 1)
    }

    var asked: [String] { log.withLock { $0 } }
    private func note(_ text: String) { log.withLock { $0.append(text) } }

    func ring(_ headers: [HeaderField]) { note("ring") }
    func startEarlyMedia(_ headers: [HeaderField]) { note("early media") }
    func answer(_ headers: [HeaderField]) { note("answer") }
    func reject(status: Int, _ headers: [HeaderField]) { note("reject \(status)") }
    func hangUp(_ cause: HangupCause, _ headers: [HeaderField]) { note("hang up") }
    func sendInfo(contentType: String, body: String, _ headers: [HeaderField]) { note("info \(contentType) \(body)") }
    func sendMessage(_ text: String) { note("message \(text)") }
    func tellTransfer(status: Int, isLast: Bool) { note("transfer \(status)") }
}

/// Everybody who can be called: inside by name or number, outside by whatever is dialled. Each leg can be had once.
final class Callable: LegDriver {
    private let inside: [String: ListeningLeg]
    private let outside: [String: ListeningLeg]
    private let asked = Mutex<[String]>([])

    init(inside: [String: ListeningLeg], outside: [String: ListeningLeg] = [:]) {
        self.inside = inside
        self.outside = outside
    }

    var dialled: [String] { asked.withLock { $0 } }
    func knows(_ destination: String) -> Bool { inside[destination] != nil }
    func dial(_ request: DialRequest) -> (any Leg)? {
        let leg = request.kind == .inside ? inside[request.destination] : outside[request.destination]
        if leg != nil { asked.withLock { $0.append("\(request.kind) \(request.destination)") } }
        return leg
    }
}

/// A media engine that knows who would hear what, without a sample of audio.
final class SilentMedia: MediaControl {
    private struct Books {
        var mixes: [MixID: Set<SoundSource>] = [:]
        var listening: [PortID: MixID] = [:]
        var playing: [PlayerID: Sound] = [:]
        var number: UInt32 = 0
        /// What was asked of the engine beside mixes, in order.
        var notes: [String] = []
        var recorders: [RecorderID] = []
        var started: [PlayerID] = []

        mutating func next() -> UInt32 {
            number += 1
            return number
        }
    }

    private let books = Mutex(Books())

    func openMix() -> MixID? {
        books.withLock { books in
            let mix = MixID(slot: books.next(), generation: 1)
            books.mixes[mix] = []
            return mix
        }
    }
    func closeMix(_ mix: MixID) { books.withLock { $0.mixes[mix] = nil } }
    func add(_ source: SoundSource, to mix: MixID) { books.withLock { _ = $0.mixes[mix]?.insert(source) } }
    func remove(_ source: SoundSource, from mix: MixID) { books.withLock { _ = $0.mixes[mix]?.remove(source) } }
    func listen(_ port: PortID, to mix: MixID?) { books.withLock { $0.listening[port] = mix } }
    func mute(_ port: PortID, _ muted: Bool) {}
    func deafen(_ port: PortID, _ deaf: Bool) {}
    func setGain(_ port: PortID, talkDB: Double, listenDB: Double) {}
    func setNeighbourhood(_ port: PortID, _ neighbourhood: UInt32) {}
    func detectDigits(_ port: PortID, _ enabled: Bool, removed: Bool) {}
    func send(_ digits: [DTMFDigit], to port: PortID) {
        note("digits \(String(digits.map(\.character))) to \(port.slot)")
    }
    private func note(_ text: String) { books.withLock { $0.notes.append(text) } }
    var notes: [String] { books.withLock { $0.notes } }
    var recorders: [RecorderID] { books.withLock { $0.recorders } }
    /// Players, in the order in which they were made.
    var players: [PlayerID] { books.withLock { $0.started } }
    func play(_ sound: Sound, loop: Bool, delayMilliseconds: Int) -> PlayerID? {
        books.withLock { books in
            let player = PlayerID(slot: books.next(), generation: 1)
            books.playing[player] = sound
            books.started.append(player)
            return player
        }
    }
    func pause(_ player: PlayerID, _ paused: Bool) { note(paused ? "pause" : "resume") }
    func stop(_ player: PlayerID) { books.withLock { $0.playing[player] = nil } }
    func detectBeep(_ port: PortID, _ enabled: Bool) { note("beep \(port.slot) \(enabled)") }
    func detectProgress(_ port: PortID, _ plan: ProgressPlan?) { note("progress \(port.slot) \(plan != nil)") }
    func isWideband(_ port: PortID) -> Bool { false }
    func record(_ order: RecordingOrder) -> RecorderID? {
        books.withLock { books in
            let recorder = RecorderID(slot: books.next(), generation: 1)
            books.recorders.append(recorder)
            books.notes.append("record \(order.name)")
            return recorder
        }
    }
    func listen(_ recorder: RecorderID, channel: Int, to mix: MixID?) {}
    func setMode(_ recorder: RecorderID, _ mode: RecorderMode) { note("recorder \(mode)") }
    func stopRecording(_ recorder: RecorderID) { note("recording stops") }
    func statistics() -> [PortStatistics] { [] }

    /// The player that a caller hears.
    func player(heardBy number: UInt32) -> PlayerID? {
        books.withLock { books in
            guard let mix = books.listening[PortID(slot: number, generation: 1)] else { return nil }
            for case .player(let player) in books.mixes[mix] ?? [] where books.playing[player] != nil { return player }
            return nil
        }
    }

    /// What a caller hears: other callers as "1", speech as its words.
    func heard(by number: UInt32) -> Set<String> {
        books.withLock { books in
            guard let mix = books.listening[PortID(slot: number, generation: 1)], let sources = books.mixes[mix] else {
                return []
            }
            return Set(
                sources.compactMap { source in
                    switch source {
                    case .port(let port): port.slot == number ? nil : "\(port.slot)"
                    case .player(let player):
                        if case .speech(let words, _) = books.playing[player] { words } else { nil }
                    }
                })
        }
    }
}

/// The real exchange on real workers. The test is its only thread: it waits by handling what came.
final class ExchangeOnWorkers {
    private struct Pattern: DestinationPattern {
        let matches: @Sendable (String) -> Bool
        func matchesWhole(_ destination: String) -> Bool { matches(destination) }
    }

    private final class Arrivals: SessionSink {
        private let events = Mutex<[ExchangeEvent]>([])

        func perform(_ command: SessionCommand, of session: SessionID) {
            events.withLock { $0.append(.command(session, command)) }
        }
        func ended(_ session: SessionID, reason: String?, orphaned: Bool) {
            events.withLock { $0.append(.sessionEnded(session, reason: reason, orphaned: orphaned)) }
        }
        func takeAll() -> [ExchangeEvent] {
            events.withLock { events in
                defer { events = [] }
                return events
            }
        }
    }

    let media = SilentMedia()
    let workers: ScenarioWorkers
    private let exchange: Exchange
    private let arrivals = Arrivals()
    private let startedAt = ContinuousClock.now
    /// Its folder has the scripts.
    private let box: ScriptedBox?
    private let logged = LoggedLines()

    /// `conference` and `gateway` are files of the folder.
    init(
        folder: String, gateway: String, conference: String, workers count: Int, drivers: [any LegDriver] = [],
        fence: FenceOptions = .closed, keeping box: ScriptedBox? = nil
    ) throws {
        self.box = box
        workers = try ScenarioWorkers(
            options: ScenarioWorkerOptions(
                executable: ScenarioWorkerOptions.executableBesideThisProgram(), scenarioFolder: folder, workers: count,
                memoryCapBytes: 256 << 20),
            sink: arrivals, log: logged.logger())
        let rules = RoutingRules([
            RoutingRule(
                name: "conference", pattern: Pattern { $0.hasPrefix("conf_") }, origins: [.inside],
                scenarios: [conference]),
            RoutingRule(name: "gateway", pattern: Pattern { _ in true }, origins: [], scenarios: [gateway]),
        ])
        var options = ExchangeOptions(
            rules: rules, dialPlan: DialPlan(emergencyNumbers: [], roomNumbers: nil), maxCalls: 100, voice: "en")
        options.fence = fence
        exchange = Exchange(options: options, media: media, host: workers, drivers: drivers) { _ in }
    }

    deinit { workers.close() }

    private var now: Int64 {
        let elapsed = startedAt.duration(to: .now).components
        return elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000
    }

    /// What scripts wrote into the log.
    var written: [String] { logged.lines }

    /// `headers` of the call, as its leg brings them.
    func call(
        _ number: UInt32, _ destination: String = "100", headers: [HeaderField] = [], from origin: CallOrigin = .trunks
    ) -> ListeningLeg {
        let leg = ListeningLeg(number)
        handle(
            .incoming(
                CallOffer(
                    leg: leg, destination: destination, callerNumber: "\(number)", callerName: "", origin: origin,
                    fromURI: "", toURI: "", headers: headers, peer: "test")))
        return leg
    }

    func tell(_ leg: ListeningLeg, _ event: LegEvent) { handle(.leg(leg.id, event)) }

    func press(_ leg: ListeningLeg, _ digits: String) {
        guard let port = leg.port else { return }
        for digit in digits.compactMap({ DTMFDigit($0) }) { handle(.media(.digit(port, digit, .telephoneEvent))) }
    }

    func media(_ event: MediaEvent) { handle(.media(event)) }

    private func handle(_ event: ExchangeEvent) {
        exchange.handle(event, now: now)
        exchange.settle(now: now)
    }

    /// Handles what comes from the workers until it is so.
    func wait(_ what: String, seconds: Double = 10, _ isSo: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            for event in arrivals.takeAll() { handle(event) }
            exchange.expire(now: now)
            if isSo() { return }
            guard ContinuousClock.now < deadline else {
                throw ScriptedExchange.Missing(description: "\(what) did not come; log: \(logged.lines.suffix(5))")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
