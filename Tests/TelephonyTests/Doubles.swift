// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Telephony

/// A leg that writes down what is asked of it.
final class ScriptedLeg: Leg {
    let id: LegID
    var port: PortID? { place.withLock { $0 } }
    let technology: String
    let outsideLine: String?
    let tellsOfKeys: Bool
    private let place: Mutex<PortID?>
    private let log = Mutex<[String]>([])

    init(_ number: UInt32, technology: String = "sip", outsideLine: String? = nil, tellsOfKeys: Bool = false) {
        id = LegID(UInt64(number))
        place = Mutex(PortID(slot: number, generation: 1))
        self.technology = technology
        self.outsideLine = outsideLine
        self.tellsOfKeys = tellsOfKeys
    }

    /// Its telephone has turned to another call, which has the port now, or comes back; `held` follows.
    func has(_ port: PortID?) { place.withLock { $0 = port } }

    var asked: [String] { log.withLock { $0 } }
    private func note(_ text: String) { log.withLock { $0.append(text) } }

    func ring(_ headers: [HeaderField]) { note("ring") }
    func startEarlyMedia(_ headers: [HeaderField]) { note("early") }
    func answer(_ headers: [HeaderField]) { note("answer") }
    func reject(status: Int, _ headers: [HeaderField]) { note("reject \(status)") }
    func hangUp(_ cause: HangupCause, _ headers: [HeaderField]) { note("hang up \(cause.rawValue)") }
    func sendInfo(contentType: String, body: String, _ headers: [HeaderField]) { note("info \(body)") }
    func sendMessage(_ text: String) { note("message \(text)") }
    func tellTransfer(status: Int, isLast: Bool) { note("transfer \(status)\(isLast ? "" : "…")") }
    func refuseConference() { note("no conference") }
}

/// Keeps the books of the media engine: who is in which mix, who listens where, what is being played.
final class BookkeepingMedia: MediaControl {
    struct Books {
        var mixes: [MixID: Set<SoundSource>] = [:]
        var listening: [PortID: MixID] = [:]
        var players: [PlayerID: Sound] = [:]
        var muted: Set<PortID> = []
        var echoing: Set<PortID> = []
        var numbers: UInt32 = 0
        var sent: [PortID: String] = [:]
        /// Ports on which the tones of the network are listened for.
        var progress: Set<PortID> = []
        struct Recorder {
            var order: RecordingOrder
            var channels: [Int: MixID] = [:]
            var mode = RecorderMode.on
            var isStopped = false
        }
        var recorders: [RecorderID: Recorder] = [:]
        /// Why no file can be played or begun.
        var obstacle: Obstacle?
    }
    let books = Mutex(Books())
    let maxMixes: Int
    let maxPlayers: Int

    init(maxMixes: Int = .max, maxPlayers: Int = .max) {
        self.maxMixes = maxMixes
        self.maxPlayers = maxPlayers
    }

    func openMix() -> MixID? {
        books.withLock { books in
            guard books.mixes.count < maxMixes else { return nil }
            books.numbers += 1
            let id = MixID(slot: books.numbers, generation: 1)
            books.mixes[id] = []
            return id
        }
    }
    func closeMix(_ mix: MixID) {
        books.withLock { books in
            books.mixes[mix] = nil
            books.listening = books.listening.filter { $0.value != mix }
        }
    }
    func add(_ source: SoundSource, to mix: MixID) { books.withLock { _ = $0.mixes[mix]?.insert(source) } }
    func remove(_ source: SoundSource, from mix: MixID) { books.withLock { _ = $0.mixes[mix]?.remove(source) } }
    func listen(_ port: PortID, to mix: MixID?) { books.withLock { $0.listening[port] = mix } }
    func mute(_ port: PortID, _ muted: Bool) {
        books.withLock { books in
            if muted { books.muted.insert(port) } else { books.muted.remove(port) }
        }
    }
    func deafen(_ port: PortID, _ deaf: Bool) {}
    func setGain(_ port: PortID, talkDB: Double, listenDB: Double) {}
    func setNeighbourhood(_ port: PortID, _ neighbourhood: UInt32) {}
    func echo(_ port: PortID, _ isOn: Bool) {
        books.withLock { books in
            if isOn { books.echoing.insert(port) } else { books.echoing.remove(port) }
        }
    }
    func detectDigits(_ port: PortID, _ enabled: Bool, removed: Bool) {}
    func send(_ digits: [DTMFDigit], to port: PortID) {
        books.withLock { $0.sent[port, default: ""] += String(digits.map(\.character)) }
    }
    func play(_ sound: Sound, loop: Bool, delayMilliseconds: Int) -> PlayerID? {
        books.withLock { books in
            guard books.players.count < maxPlayers else { return nil }
            books.numbers += 1
            let id = PlayerID(slot: books.numbers, generation: 1)
            books.players[id] = sound
            return id
        }
    }
    func obstacle(to sound: Sound) async -> Obstacle? { books.withLock { $0.obstacle } }
    func obstacleToRecording() async -> Obstacle? { books.withLock { $0.obstacle } }
    func pause(_ player: PlayerID, _ paused: Bool) {}
    func stop(_ player: PlayerID) { books.withLock { $0.players[player] = nil } }
    func detectBeep(_ port: PortID, _ enabled: Bool) {}
    func detectProgress(_ port: PortID, _ plan: ProgressPlan?) {
        books.withLock { books in
            if plan == nil { books.progress.remove(port) } else { books.progress.insert(port) }
        }
    }
    func isWideband(_ port: PortID) -> Bool { false }
    func record(_ order: RecordingOrder) -> RecorderID? {
        books.withLock { books in
            books.numbers += 1
            let id = RecorderID(slot: books.numbers, generation: 1)
            books.recorders[id] = Books.Recorder(order: order)
            return id
        }
    }
    func listen(_ recorder: RecorderID, channel: Int, to mix: MixID?) {
        books.withLock { $0.recorders[recorder]?.channels[channel] = mix }
    }
    func setMode(_ recorder: RecorderID, _ mode: RecorderMode) {
        books.withLock { $0.recorders[recorder]?.mode = mode }
    }
    func stopRecording(_ recorder: RecorderID) { books.withLock { $0.recorders[recorder]?.isStopped = true } }
    func statistics() -> [PortStatistics] { [] }

    // MARK: - What a test asks

    /// What this leg hears: ports by their slot, players by what they play.
    func heard(by leg: ScriptedLeg) -> Set<String> {
        books.withLock { books in
            guard let port = leg.port, let mix = books.listening[port], let sources = books.mixes[mix] else {
                return []
            }
            return Set(
                sources.compactMap { source in
                    switch source {
                    case .port(let other):
                        other == port && !books.echoing.contains(port) || books.muted.contains(other)
                            ? nil : "port \(other.slot)"
                    case .player(let player): books.players[player].map { Self.words(of: $0) }
                    }
                })
        }
    }

    func player(saying words: String) -> PlayerID? {
        books.withLock { books in books.players.first { Self.words(of: $0.value) == words }?.key }
    }

    private static func words(of sound: Sound) -> String {
        switch sound {
        case .speech(let text, _): text
        case .file(let path): path
        case .web(let url): url
        case .webRequest(let request): "\(request.method) \(request.url)"
        case .tones: "tones"
        case .samples: "samples"
        case .sequence(let parts): parts.map(words(of:)).joined(separator: " + ")
        }
    }
}

/// A scenario host that writes down what sessions are told.
final class ScriptedHost: ScenarioHost {
    struct Told: Sendable, Equatable {
        var session: SessionID
        var event: SessionEvent
    }
    private let state = Mutex<(started: [SessionStart], told: [Told], ended: [SessionID])>(([], [], []))

    var started: [SessionStart] { state.withLock { $0.started } }
    var told: [Told] { state.withLock { $0.told } }
    var ended: [SessionID] { state.withLock { $0.ended } }

    func start(_ session: SessionStart) { state.withLock { $0.started.append(session) } }
    func deliver(_ event: SessionEvent, to session: SessionID) {
        state.withLock { $0.told.append(Told(session: session, event: event)) }
    }
    func end(_ session: SessionID) { state.withLock { $0.ended.append(session) } }
}

struct ExactPattern: DestinationPattern {
    let matches: @Sendable (String) -> Bool
    var catchesEverything = false
    func matchesWhole(_ destination: String) -> Bool { matches(destination) }
}

/// A phone of the box that can be called by its number.
final class OnePhone: LegDriver {
    let number: String
    let leg: ScriptedLeg
    init(_ number: String, _ leg: ScriptedLeg) {
        self.number = number
        self.leg = leg
    }
    func knows(_ destination: String) -> Bool { destination == number }
    func dial(_ request: DialRequest) -> (any Leg)? {
        request.kind == .inside && knows(request.destination) ? leg : nil
    }
}

/// A way to the outside: gives out a leg a call, as long as it has some.
final class Outside: LegDriver {
    private let state: Mutex<(legs: [ScriptedLeg], asked: [DialRequest])>

    init(_ numbers: UInt32...) { state = Mutex((numbers.map { ScriptedLeg($0) }, [])) }

    var asked: [String] { state.withLock { $0.asked.map { "\($0.kind) \($0.destination)" } } }
    func knows(_ destination: String) -> Bool { false }
    func hasWay(_ request: DialRequest) -> Bool { state.withLock { !$0.legs.isEmpty } }
    func dial(_ request: DialRequest) -> (any Leg)? {
        guard request.kind != .inside else { return nil }
        return state.withLock { state in
            state.asked.append(request)
            return state.legs.isEmpty ? nil : state.legs.removeFirst()
        }
    }
}

/// The landlines of a box: their legs are numbered from 50 on.
final class Landlines: LegDriver {
    private let names: [String]
    private let state = Mutex<(count: UInt32, asked: [String])>((0, []))

    init(_ names: String...) { self.names = names }

    /// "one", and whether it was to leave others the way ("one, or others") or everything had been tried ("one, last").
    var asked: [String] { state.withLock { $0.asked } }
    func knows(_ destination: String) -> Bool { false }

    private func left(_ request: DialRequest) -> [String] { names.filter { !request.triedLines.contains($0) } }
    func hasWay(_ request: DialRequest) -> Bool { request.kind != .inside && !left(request).isEmpty }

    func dial(_ request: DialRequest) -> (any Leg)? {
        let left = left(request)
        guard request.kind != .inside, let first = left.first else { return nil }
        return state.withLock { state in
            let hasOthers = request.mayHunt && (request.hasOtherWay || left.count > 1)
            state.asked.append(first + (request.isLastTry ? ", last" : hasOthers ? ", or others" : ""))
            state.count += 1
            return ScriptedLeg(49 + state.count, technology: "line", outsideLine: first)
        }
    }
}

/// An exchange with doubles around it and a clock that only the test moves.
final class TestHouse {
    let media: BookkeepingMedia
    let host = ScriptedHost()
    let exchange: Exchange
    private(set) var now: Int64 = 0
    private final class Box {
        var events: [ControlEvent] = []
        var records: [CallRecord] = []
    }
    private let box = Box()

    init(
        drivers: [any LegDriver] = [], maxCalls: Int = 100, media: BookkeepingMedia = BookkeepingMedia(),
        fence: FenceOptions = .closed, testNumbers: [String: TestNumber] = [:], longestRoom: Int = .max,
        services: [RoutingRule] = [], ringback: [ToneSegment] = [], hasGateway: Bool = true
    ) {
        self.media = media
        var all = services
        all.append(
            RoutingRule(
                name: "room", pattern: ExactPattern { $0.hasPrefix("conf_") }, origins: [.inside, .lines],
                scenarios: ["conference.js"]))
        if hasGateway {
            all.append(
                RoutingRule(
                    name: "gateway", pattern: ExactPattern(matches: { _ in true }, catchesEverything: true),
                    origins: [], scenarios: ["gateway.js"]))
        }
        let rules = RoutingRules(all)
        var plan = DialPlan(
            emergencyNumbers: ["112"],
            roomNumbers: ExactPattern { $0.allSatisfy(\.isNumber) && !$0.isEmpty && $0.count <= longestRoom })
        plan.testNumbers = testNumbers
        let box = box
        var options = ExchangeOptions(rules: rules, dialPlan: plan, maxCalls: maxCalls, voice: "en")
        options.fence = fence
        options.progressPlan.ringback = ringback
        exchange = Exchange(
            options: options, media: media, host: host, drivers: drivers, report: { box.events.append($0) })
        exchange.keepRecord = { box.records.append($0) }
    }

    var records: [CallRecord] { box.records }
    var events: [ControlEvent] { box.events }

    /// "out 22 21 answered": what the books say, in the order in which legs went.
    var history: [String] {
        records.map {
            "\($0.direction) \($0.callerNumber) \($0.destination) \($0.answered == nil ? "unanswered" : "answered")"
        }
    }

    /// Calls of which a beginning was told and no end.
    var open: Set<String> {
        var open: Set<String> = []
        for event in events {
            guard let call = event.fields["call"] else { continue }
            switch event.event {
            case "call.incoming", "call.answered": open.insert(call)
            case "call.ended", "call.failed": open.remove(call)
            default: break
            }
        }
        return open
    }

    /// The fields of the events of a kind.
    func told(_ event: String) -> [[String: String]] { events.filter { $0.event == event }.map(\.fields) }

    var reported: [String] { box.events.map(\.event) }

    func happen(_ event: ExchangeEvent) {
        exchange.handle(event, now: now)
        exchange.settle(now: now)
    }

    func call(
        _ leg: ScriptedLeg, _ destination: String, from origin: CallOrigin = .phones, account: String? = nil,
        replaces: LegID? = nil, isTyped: Bool = true
    ) {
        var offer = CallOffer(
            leg: leg, destination: destination, callerNumber: "\(leg.id.number)", callerName: "", origin: origin,
            fromURI: "", toURI: "", headers: [], peer: "test", account: account, replaces: replaces)
        offer.isTyped = isTyped
        happen(.incoming(offer))
    }

    func leg(_ leg: ScriptedLeg, _ event: LegEvent) { happen(.leg(leg.id, event)) }

    func script(_ session: UInt64, _ commands: SessionCommand...) {
        for command in commands { happen(.command(SessionID(session), command)) }
    }

    func pass(milliseconds: Int64) {
        let end = now + milliseconds
        while let deadline = exchange.nextDeadline(), deadline <= end {
            now = max(deadline, now)
            exchange.expire(now: now)
        }
        now = end
    }

    /// As the two plain scripts do it: gateway session, room typed, both sessions bridge.
    func enter(_ leg: ScriptedLeg, room: String) {
        call(leg, "welcome")
        let gateway = host.started.last(where: { $0.rule == "gateway" })?.session.number ?? 0
        script(gateway, .answer(UnitID(1), headers: []))
        self.leg(leg, .answered([]))
        let before = host.started.count
        script(
            gateway,
            .dial(
                UnitID(-1),
                SessionDial(
                    target: .conference, destination: "conf_" + room, callerNumber: nil, callerName: nil, headers: [])))
        let isNew = host.started.count > before
        guard let alerting = host.told.last(where: { if case .callAlerting = $0.event { true } else { false } }),
            case .callAlerting(let unit, _) = alerting.event
        else { return }
        let room = alerting.session.number
        if isNew {
            var options = SessionConferenceOptions()
            options.roomKeys = true
            options.joinTones = true
            script(room, .createConference(UnitID(-1), options))
        }
        script(
            room, .answer(unit, headers: []), .connect(from: unit, to: UnitID(-1)), .connect(from: UnitID(-1), to: unit)
        )
        script(gateway, .connect(from: UnitID(1), to: UnitID(-1)), .connect(from: UnitID(-1), to: UnitID(1)))
    }
}
