// SPDX-License-Identifier: Apache-2.0
import Logging
import Media
import Synchronization
import Telephony
import Testing

@testable import Lines

/// A station with everything around it, in virtual time, on one thread.
final class Conversation {
    let media = NotingMedia()
    let sink = NotingSink()
    let device = WishedDevice()
    let station: LineStation
    var now: Int64 = 0
    private let mail = Mutex<[LineRequest]>([])

    /// The mail that comes from other threads in the real house.
    private final class Box: Sendable {
        let requests = Mutex<[LineRequest]>([])
    }
    private let box: Box

    init(route: String? = nil, neighbourhood: UInt32 = 0, isThere: Bool = true) {
        let box = Box()
        self.box = box
        nonisolated(unsafe) let device = device
        device.isGone = !isThere
        let house = StationHouse(
            media: media, ports: media, sink: sink, tones: .standard,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            open: { _, _ throws(LineError) in
                _ = try device.isOffHook()
                return device
            },
            post: { _, request in box.requests.withLock { $0.append(request) } })
        var line = LineDescription(name: "hall", preset: "alsa-fxs", pcm: "x", ctl: "x")
        line.extension = "21"
        line.takesWaitingCalls = false
        line.route = route
        let numbers = NumberSpace(
            emergencyNumbers: ["112"], extensions: ["21", "22"], roomNumbers: AnyNumber(lengths: 3...3),
            outsideNumbers: nil)
        station = LineStation(
            number: 0, line: line, profile: LineProfiles.all[0],
            plan: StationStateMachine.Plan(numbers: numbers, route: route), neighbourhood: neighbourhood, house: house)
        pass(1)
    }

    /// Time goes by, in steps of 10 ms at most.
    func pass(_ milliseconds: Int64) {
        let end = now + milliseconds
        while now < end {
            now = min(end, now + 10)
            station.expire(now: now)
            deliver()
        }
    }

    func deliver() {
        while case let requests = box.requests.withLock({ requests -> [LineRequest] in
            defer { requests = [] }
            return requests
        }), !requests.isEmpty {
            for request in requests { station.handle(request, now: now) }
        }
    }

    func hook(_ isOffHook: Bool) {
        device.offHook = isOffHook
        station.deviceReadable(now: now)
        deliver()
    }

    func lift() {
        hook(true)
        pass(50)
    }

    func hangUp() {
        hook(false)
        pass(700)
    }

    func dial(_ digits: String) {
        for digit in digits.compactMap(DTMFDigit.init) {
            if let port = station.port { station.handle(.digit(port, digit), now: now) }
            pass(200)
        }
    }

    func call() -> LineLeg {
        let leg = station.makeLeg(port: nil)
        station.handle(
            .call(leg, DialRequest(destination: "21", callerNumber: "22", callerName: "desk", headers: [])), now: now)
        deliver()
        return leg
    }

    var tone: [ToneSegment] { station.port.map { media.tone(at: $0) } ?? [] }
    var state: String { station.report.state }
}

@Suite struct LineStationTests {
    private let plan = TonePlan.standard

    @Test func `whoever lifts hears dial tone until the first digit, and is connected to what he dials`() {
        let talk = Conversation(neighbourhood: 3)
        #expect(talk.state == "on-hook")
        talk.lift()
        #expect(talk.tone == plan.dial && talk.state == "dial tone")
        #expect(talk.station.port.map { port in talk.media.state.withLock { $0.neighbourhoods[port] } } == 3)
        talk.dial("1")
        #expect(talk.tone.isEmpty && talk.state == "dialling" && talk.sink.offers.isEmpty)
        talk.dial("11")
        #expect(talk.state == "in call")
        let offer = talk.sink.offers.first
        #expect(offer?.destination == "111" && offer?.origin == .lines && offer?.callerNumber == "21")
        #expect(offer?.leg.port == talk.station.port)
        offer?.leg.answer([])
        talk.deliver()
        #expect(talk.sink.events == ["answered"])
        talk.hangUp()
        #expect(talk.sink.events == ["answered", "hung up: normal clearing"])
        #expect(talk.state == "on-hook" && talk.media.openPorts.isEmpty)
        #expect(talk.media.openMixes == 0 && talk.media.runningPlayers == 0)
        #expect(talk.device.starts == 1 && talk.device.stops == 1)
    }

    @Test func `ringback is heard from ringing to the answer and takes nothing away after it`() throws {
        let talk = Conversation()
        talk.lift()
        talk.dial("22#")
        let offer = try #require(talk.sink.offers.first)
        let port = try #require(talk.station.port)
        #expect(offer.destination == "22")
        offer.leg.ring([])
        #expect(talk.media.tone(at: port) == plan.ringback)
        offer.leg.answer([])
        // The exchange connects in the same breath; what the station still has to do comes later.
        let mix = try #require(talk.media.openMix())
        talk.media.listen(port, to: mix)
        offer.leg.ring([])
        talk.deliver()
        #expect(talk.media.state.withLock { $0.heard[port] } == mix)
        #expect(talk.media.runningPlayers == 0)
    }

    @Test func `when the call is over the one who is still off-hook hears reorder for 30 s, then nothing`() throws {
        let talk = Conversation()
        talk.media.state.withLock { $0.holdsCards = true }
        talk.lift()
        talk.dial("111")
        let offer = try #require(talk.sink.offers.first)
        let port = try #require(talk.station.port)
        offer.leg.hangUp(.normalClearing, [])
        talk.deliver()
        #expect(talk.sink.events == ["hung up: normal clearing"])
        // The port is gone with its leg; the next comes when the mix thread has given the card back.
        #expect(offer.leg.port == nil && talk.station.port == nil)
        talk.media.releaseCards()
        talk.deliver()
        #expect(talk.station.port != nil && talk.station.port != port)
        #expect(talk.tone == plan.reorder)
        talk.pass(29_900)
        #expect(talk.tone == plan.reorder)
        talk.pass(200)
        talk.media.releaseCards()
        talk.deliver()
        #expect(talk.media.openPorts.isEmpty && talk.media.openMixes == 0 && talk.state == "off-hook")
        #expect(talk.call().port == nil)
        #expect(talk.sink.events.last == "hung up: busy")
        talk.hangUp()
        #expect(talk.state == "on-hook")
        talk.lift()
        #expect(talk.tone == plan.dial)
    }

    @Test func `a busy destination sounds busy`() throws {
        let talk = Conversation()
        talk.lift()
        talk.dial("22#")
        try #require(talk.sink.offers.first).leg.reject(status: 486, [])
        talk.deliver()
        #expect(talk.tone == plan.busy)
    }

    @Test func `a called phone rings in its cadence, and lifting it answers`() {
        let talk = Conversation()
        let leg = talk.call()
        #expect(talk.sink.events == ["ringing"] && talk.device.rings && talk.state == "ringing")
        talk.pass(1_010)
        #expect(!talk.device.rings)
        talk.pass(3_980)
        #expect(!talk.device.rings)
        talk.pass(30)
        #expect(talk.device.rings)
        talk.lift()
        #expect(!talk.device.rings)
        #expect(talk.sink.events == ["ringing", "answered"])
        #expect(leg.port != nil && leg.port == talk.station.port)
        #expect(talk.tone.isEmpty && talk.state == "in call")
        // A second caller finds it busy and disturbs nobody.
        let second = talk.call()
        #expect(second.port == nil)
        #expect(talk.sink.events.last == "hung up: busy" && talk.state == "in call")
        talk.hangUp()
        #expect(talk.sink.events.last == "hung up: normal clearing")
    }

    @Test func `a caller who gives up stops the bell`() {
        let talk = Conversation()
        let leg = talk.call()
        leg.hangUp(.noAnswer, [])
        talk.deliver()
        #expect(!talk.device.rings && talk.state == "on-hook" && talk.sink.events.last == "hung up: no answer")
        leg.hangUp(.noAnswer, [])
        talk.deliver()
        #expect(talk.sink.events.count == 2)
    }

    @Test func `lifting a hot line dials its route`() {
        let talk = Conversation(route: "conf_111")
        talk.lift()
        #expect(talk.sink.offers.map(\.destination) == ["conf_111"] && talk.tone.isEmpty)
    }

    @Test func `a handset that is off-hook at the start means nothing until it was hung up`() {
        let talk = Conversation(isThere: false)
        #expect(talk.state == "gone")
        talk.device.offHook = true
        talk.device.isGone = false
        talk.pass(3_100)
        #expect(talk.state == "off-hook" && talk.media.openPorts.isEmpty)
        talk.hook(false)
        talk.pass(100)
        #expect(talk.state == "on-hook")
        talk.lift()
        #expect(talk.state == "dial tone")
    }

    @Test func `a device that is pulled out ends the call, and its line comes back with it`() {
        let talk = Conversation()
        talk.lift()
        talk.dial("111")
        talk.device.isGone = true
        talk.station.deviceReadable(now: talk.now)
        talk.deliver()
        #expect(talk.sink.events == ["hung up: destination out of order"])
        #expect(talk.state == "gone" && talk.media.openPorts.isEmpty && talk.media.openMixes == 0)
        _ = talk.call()
        #expect(talk.sink.events.last == "hung up: destination out of order")
        talk.device.offHook = false
        talk.pass(3_100)
        #expect(talk.state == "gone")
        talk.device.isGone = false
        talk.pass(3_100)
        #expect(talk.state == "on-hook")
        talk.lift()
        #expect(talk.state == "dial tone")
    }

    @Test func `a card that stopped is started again and the call goes on, but not for ever`() throws {
        let talk = Conversation()
        talk.lift()
        talk.dial("111")
        let port = try #require(talk.station.port)
        for _ in 0..<10 {
            talk.station.handle(.portFailed(port, "xrun"), now: talk.now)
            talk.pass(10)
        }
        #expect(talk.device.recoveries == 10 && talk.state == "in call")
        #expect(talk.media.state.withLock { $0.resumed.count } == 10)
        talk.station.handle(.portFailed(port, "xrun"), now: talk.now)
        talk.deliver()
        #expect(talk.state == "gone" && talk.sink.events == ["hung up: destination out of order"])
    }

    @Test func `a full engine or a card that does not start leaves the phone silent, not the station stuck`() {
        let talk = Conversation()
        talk.media.state.withLock { $0.isFull = true }
        talk.lift()
        #expect(talk.state == "off-hook")
        talk.media.state.withLock { $0.isFull = false }
        talk.hangUp()
        talk.lift()
        #expect(talk.state == "dial tone")
        talk.hangUp()
        talk.device.startsFail = true
        talk.lift()
        #expect(talk.state == "gone")
        talk.device.startsFail = false
        talk.device.offHook = false
        talk.pass(3_100)
        #expect(talk.state == "on-hook")
    }

    @Test func `dial tone that nobody uses turns into reorder after 15 s`() {
        let talk = Conversation()
        talk.lift()
        talk.pass(15_010)
        #expect(talk.tone == plan.reorder)
        talk.hangUp()
        #expect(talk.media.openPorts.isEmpty && talk.media.openMixes == 0)
    }

    @Test func `hanging up within the return of the card and lifting again gives dial tone`() {
        let talk = Conversation()
        talk.media.state.withLock { $0.holdsCards = true }
        talk.lift()
        talk.hangUp()
        talk.lift()
        #expect(talk.media.openPorts.isEmpty)
        talk.media.releaseCards()
        talk.deliver()
        #expect(talk.tone == plan.dial && talk.state == "dial tone")
    }
}
