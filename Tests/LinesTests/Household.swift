// SPDX-License-Identifier: Apache-2.0
import Logging
import Media
import Synchronization
import Telephony
import Testing

@testable import Lines

/// A house of telephones on lines with the real exchange between them, and a way to the outside; in virtual time, on one
/// thread. Only media and hardware are doubles.
final class Household {
    /// What comes from other threads in the real house.
    final class Post: LegSink {
        let events = Mutex<[ExchangeEvent]>([])
        let requests = Mutex<[(station: Int, request: LineRequest)]>([])
        private let legs = Mutex<UInt64>(0)

        func incoming(_ offer: CallOffer) { events.withLock { $0.append(.incoming(offer)) } }
        func post(_ event: LegEvent, from leg: LegID) { events.withLock { $0.append(.leg(leg, event)) } }
        func newLegID() -> LegID {
            legs.withLock { number in
                number += 1
                return LegID(number)
            }
        }
    }

    /// Calls the telephones by their numbers.
    private final class Caller: LegDriver {
        let post: Post
        let numbers: [String: (number: Int, tones: StationTones)]

        init(_ post: Post, _ numbers: [String: (number: Int, tones: StationTones)]) {
            self.post = post
            self.numbers = numbers
        }
        func knows(_ destination: String) -> Bool { numbers[destination] != nil }
        func dial(_ request: DialRequest) -> (any Leg)? {
            guard request.kind == .inside, let station = numbers[request.destination] else { return nil }
            let post = post
            let leg = LineLeg(
                id: post.newLegID(), port: nil, tones: station.tones, ringback: TonePlan.household.ringback
            ) { request in post.requests.withLock { $0.append((station.number, request)) } }
            post.requests.withLock { $0.append((station.number, .call(leg, request))) }
            return leg
        }
    }

    /// Somebody outside, called or calling.
    final class Stranger: Leg {
        let id: LegID
        let port: PortID?
        var technology: String { "sip" }
        let asked = Mutex<[String]>([])

        init(_ id: LegID) {
            self.id = id
            port = PortID(slot: 9_000 + UInt32(id.number), generation: 1)
        }
        private func note(_ word: String) { asked.withLock { $0.append(word) } }
        func ring(_ headers: [HeaderField]) { note("ring") }
        func startEarlyMedia(_ headers: [HeaderField]) {}
        func answer(_ headers: [HeaderField]) { note("answer") }
        func reject(status: Int, _ headers: [HeaderField]) { note("reject \(status)") }
        func hangUp(_ cause: HangupCause, _ headers: [HeaderField]) { note("hang up") }
        func sendInfo(contentType: String, body: String, _ headers: [HeaderField]) {}
        func sendMessage(_ text: String) {}
    }

    private final class Trunk: LegDriver {
        let post: Post
        let called = Mutex<[(request: DialRequest, leg: Stranger)]>([])
        init(_ post: Post) { self.post = post }
        func knows(_ destination: String) -> Bool { false }
        func dial(_ request: DialRequest) -> (any Leg)? {
            guard request.kind != .inside else { return nil }
            let leg = Stranger(post.newLegID())
            called.withLock { $0.append((request, leg)) }
            return leg
        }
    }

    private struct NoScripts: ScenarioHost {
        func start(_ session: SessionStart) {}
        func deliver(_ event: SessionEvent, to session: SessionID) {}
        func end(_ session: SessionID) {}
    }

    /// One telephone.
    struct Phone {
        let device: WishedDevice
        let station: LineStation
    }

    let media = NotingMedia()
    let post = Post()
    let exchange: Exchange
    private let trunk: Trunk
    private(set) var phones: [String: Phone] = [:]
    private(set) var now: Int64 = 0
    private final class Log { var events: [String] = [] }
    private let log: Log

    init(
        _ numbers: [String] = ["21", "22", "23"], country: StationCountry = StationCountry(),
        change: (inout LineDescription) -> Void = { _ in }
    ) {
        let (post, media, log) = (post, media, Log())
        self.log = log
        let space = NumberSpace(
            emergencyNumbers: ["112"], extensions: Set(numbers), roomNumbers: nil,
            outsideNumbers: AnyNumber(lengths: 1...99))
        var known: [String: (number: Int, tones: StationTones)] = [:]
        for (index, number) in numbers.enumerated() {
            nonisolated(unsafe) let device = WishedDevice()
            let house = StationHouse(
                media: media, ports: media, sink: post, tones: .household, country: country,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                open: { _, _ throws(LineError) in device },
                post: { station, request in post.requests.withLock { $0.append((station, request)) } })
            var line = LineDescription(name: "p\(number)", preset: "alsa-fxs", pcm: "x", ctl: "x")
            line.extension = number
            change(&line)
            let profile = LineProfiles.all[0]
            var plan = StationStateMachine.Plan(numbers: space, route: nil)
            plan.howlerMilliseconds = profile.howlerMilliseconds
            let station = LineStation(
                number: index, line: line, profile: profile, plan: plan, neighbourhood: 0, house: house)
            known[number] = (index, station.tones)
            phones[number] = Phone(device: device, station: station)
        }
        trunk = Trunk(post)
        var plan = DialPlan(emergencyNumbers: ["112"], roomNumbers: nil)
        plan.outsidePrefix = "0"
        plan.testNumbers = ["*43": .echo, "*44": .milliwatt, "*65": .ownNumber]
        var options = ExchangeOptions(rules: RoutingRules([]), dialPlan: plan, maxCalls: 20, voice: "en")
        options.ownAddresses = { ["192.0.2.7"] }
        options.fence = FenceOptions(
            allowed: [AnyNumber(lengths: 6...12)], barred: [], hosts: [], minutesPerDay: 10, mostCalls: 4, code: "",
            ownNumbers: [], ownHosts: [])
        exchange = Exchange(
            options: options, media: media, host: NoScripts(), drivers: [Caller(post, known), trunk],
            report: { log.events.append($0.event) })
        pass(10)
    }

    // MARK: - Time

    /// In steps of 10 ms at most.
    func pass(_ milliseconds: Int64) {
        let end = now + milliseconds
        repeat {
            now = min(end, now + 10)
            for phone in phones.values { phone.station.expire(now: now) }
            deliver()
            exchange.expire(now: now)
            deliver()
        } while now < end
    }

    func deliver() {
        while true {
            let requests = post.requests.withLock { waiting in
                defer { waiting = [] }
                return waiting
            }
            for (station, request) in requests {
                phones.values.first { $0.station.number == station }?.station.handle(request, now: now)
            }
            let events = post.events.withLock { waiting in
                defer { waiting = [] }
                return waiting
            }
            for event in events { exchange.handle(event, now: now) }
            exchange.settle(now: now)
            if requests.isEmpty, events.isEmpty { return }
        }
    }

    // MARK: - People

    private func phone(_ number: String) -> Phone {
        guard let phone = phones[number] else { preconditionFailure("no telephone \(number)") }
        return phone
    }

    private func hook(_ number: String, _ isOffHook: Bool) {
        phone(number).device.offHook = isOffHook
        phone(number).station.deviceReadable(now: now)
        deliver()
    }

    func lift(_ number: String) {
        hook(number, true)
        pass(50)
    }

    func hangUp(_ number: String) {
        hook(number, false)
        pass(700)
    }

    func flash(_ number: String, milliseconds: Int64 = 100) {
        hook(number, false)
        pass(milliseconds)
        hook(number, true)
        pass(50)
    }

    func press(_ number: String, _ digits: String) {
        for digit in digits.compactMap(DTMFDigit.init) {
            guard let port = phone(number).station.port else { return }
            exchange.handle(.media(.digit(port, digit, .inBand)), now: now)
            phone(number).station.handle(.digit(port, digit), now: now)
            deliver()
            pass(200)
        }
    }

    /// Lifts, dials, and the other one answers.
    func connect(_ one: String, _ other: String) {
        lift(one)
        press(one, other + "#")
        lift(other)
    }

    func state(_ number: String) -> String { phone(number).station.report.state }
    func otherCall(_ number: String) -> String { phone(number).station.report.otherCall }
    func rings(_ number: String) -> Bool { phone(number).device.rings }

    /// What is heard there: telephones by their numbers, strangers as "outside", tones and words by name.
    func heard(_ number: String) -> Set<String> { phone(number).station.port.map(heard) ?? [] }

    func heard(by stranger: Stranger) -> Set<String> { stranger.port.map(heard) ?? [] }

    private func heard(at port: PortID) -> Set<String> {
        media.state.withLock { state in
            guard let mix = state.heard[port], let sources = state.mixes[mix] else { return [] }
            return Set(
                sources.compactMap { source in
                    switch source {
                    case .port(let other):
                        other == port && !state.echoing.contains(port)
                            ? nil : phones.first { $0.value.station.port == other }?.key ?? "outside"
                    case .player(let player): state.players[player].map(Self.words)
                    }
                })
        }
    }

    private static func words(_ sound: Sound) -> String {
        switch sound {
        case .speech(let text, _): text
        case .samples: "data"
        case .tones(let segments, _): TonePlan.household.name(of: segments)
        default: "\(sound)"
        }
    }

    /// Everything that is being played and ends by itself has ended.
    func finishPlayers() {
        let ended = media.state.withLock { state in
            let ended = state.players.filter { if case .tones(_, repeats: true) = $0.value { false } else { true } }
            for player in ended.keys { state.players[player] = nil }
            return Array(ended.keys)
        }
        for player in ended {
            exchange.handle(.media(.playerFinished(player, error: nil)), now: now)
        }
        deliver()
    }

    /// Those whom the box has called outside.
    var strangers: [(request: DialRequest, leg: Stranger)] { trunk.called.withLock { $0 } }

    func answers(_ stranger: Stranger) {
        post.post(.answered([]), from: stranger.id)
        pass(20)
    }

    func leaves(_ stranger: Stranger) {
        post.post(.hungUp(.normalClearing, []), from: stranger.id)
        pass(20)
    }

    /// Somebody outside calls a telephone.
    func call(_ number: String, from caller: String) -> Stranger {
        let leg = Stranger(post.newLegID())
        post.incoming(
            CallOffer(
                leg: leg, destination: number, callerNumber: caller, callerName: "Erika", origin: .phones, fromURI: "",
                toURI: "", headers: [], peer: "trunk", isOutside: true))
        pass(20)
        return leg
    }

    var told: [String] { log.events }

    /// Nobody is in a call, and nothing is left in the books.
    var isQuiet: Bool {
        exchange.callReports().isEmpty && exchange.roomReports().isEmpty && media.openPorts.isEmpty
            && media.openMixes == 0 && media.runningPlayers == 0 && exchange.fence.runningCalls.isEmpty
    }
}

extension TonePlan {
    /// With tones that can be told from each other.
    static let household: TonePlan = {
        var plan = TonePlan.standard
        plan.recall = [ToneSegment(425, 0, levelDBm0: -17, milliseconds: 0)]
        plan.messageWaiting = [ToneSegment(425, 400, levelDBm0: -16, milliseconds: 0)]
        plan.callWaiting = [ToneSegment(425, 0, levelDBm0: -18, milliseconds: 200), .silence(5_000)]
        return plan
    }()

    func name(of segments: [ToneSegment]) -> String {
        if segments == dial { return "dial" }
        if segments == recall { return "recall" }
        if segments == busy { return "busy" }
        if segments == reorder { return "reorder" }
        if segments == ringback { return "ringback" }
        if segments == messageWaiting { return "stutter" }
        if segments.first == callWaiting.first { return segments.count > 1 ? "waiting and alert" : "waiting" }
        return "tones"
    }
}
