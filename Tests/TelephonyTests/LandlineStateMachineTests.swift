// SPDX-License-Identifier: Apache-2.0

import Telephony
import Testing

/// A landline whose clock is turned by hand.
private struct Line {
    var machine: LandlineStateMachine
    var now: Int64 = 0
    var log: [LandlineStateMachine.Action] = []

    init(_ change: (inout LandlinePlan) -> Void = { _ in }) {
        var plan = LandlinePlan()
        change(&plan)
        machine = LandlineStateMachine(plan: plan)
        send(.deviceBack(isInUse: false))
        wait(2_000)
        log = []
    }

    mutating func send(_ event: LandlineStateMachine.Event) { log += machine.handle(event, now: now) }

    mutating func wait(_ milliseconds: Int64) {
        let end = now + milliseconds
        while let deadline = machine.deadline, deadline <= end {
            now = max(now, deadline)
            log += machine.expire(now: now)
        }
        now = end
    }

    /// One second of bell, then a pause.
    mutating func ring(pause: Int64 = 2_000) {
        send(.ring(true))
        wait(1_000)
        send(.ring(false))
        wait(pause)
    }

    mutating func take() -> [LandlineStateMachine.Action] {
        defer { log = [] }
        return log
    }

    mutating func connectIncoming() {
        ring(pause: 3_000)
        send(.answer)
        wait(1_000)
        log = []
    }

    mutating func connectOutgoing() {
        send(.dial("0301234", isEmergency: false))
        send(.tone(.dial, bursts: 1))
        send(.dialled)
        send(.tone(.ringback, bursts: 1))
        wait(1_500)
        send(.voice(true))
        log = []
    }
}

@Suite struct LandlineStateMachineTests {
    private let anna = LandlineStateMachine.Caller(number: "030123", name: "Anna", isWithheld: false)

    @Test func `a call is offered with its caller after the first ring and answered between two`() {
        var line = Line()
        line.send(.ring(true))
        line.wait(1_000)
        line.send(.ring(false))
        line.wait(500)
        #expect(line.take() == [.forgetTones])
        line.send(.callerIDActive(true))
        line.wait(600)
        line.send(.callerID(anna))
        #expect(line.take().isEmpty)
        line.send(.callerIDActive(false))
        #expect(line.take() == [.offer(anna)])
        line.wait(2_500)
        line.send(.ring(true))
        line.send(.answer)
        line.wait(1_000)
        #expect(line.take().isEmpty)
        line.send(.ring(false))
        line.wait(200)
        #expect(line.take().isEmpty)
        line.wait(200)
        #expect(line.take() == [.seize(true), .forgetTones, .reportAnswered(nil)])
        #expect(line.machine.state == .inCall)
    }

    @Test func `without caller-ID the wait ends and the number is unknown`() {
        var line = Line()
        line.ring(pause: 2_400)
        #expect(line.take() == [.forgetTones])
        line.wait(200)
        #expect(line.take() == [.offer(nil)])
    }

    @Test func `who calls may be told before the ring`() {
        var line = Line()
        line.send(.callerID(anna))
        line.wait(700)
        line.ring()
        #expect(line.take().contains(.offer(anna)))
    }

    @Test func `the house rings first, and takes the call`() {
        var line = Line { $0.answerAfterRings = 3 }
        line.ring(pause: 4_000)
        line.ring(pause: 4_000)
        #expect(line.take() == [.forgetTones])
        line.send(.lineInUse(true))
        #expect(line.take() == [.missed(nil)])
        line.wait(10_000)
        #expect(line.machine.state == .inUse)
        line.send(.dial("123", isEmergency: false))
        #expect(line.take() == [.refuse(.lineInUse)])
        line.send(.lineInUse(false))
        #expect(line.machine.state == .idle)
    }

    @Test func `a caller who gives up leaves nobody behind`() {
        var line = Line()
        line.ring(pause: 3_000)
        _ = line.take()
        line.wait(4_000)
        #expect(line.take() == [.reportHungUp(.callerGaveUp, .normalClearing)])
        line.wait(1)
        #expect(line.machine.state == .idle)
    }

    @Test(arguments: [
        (LandlineStateMachine.Event.tone(.busy, bursts: 3), LandlineRelease.disconnectTone),
        (.tone(.learned, bursts: 3), .learnedTone), (.tone(.dial, bursts: 1), .dialTone),
        (.polarityReversed, .polarity), (.lineInUse(true), .extensionLifted), (.release(.normalClearing), .ourSide),
        (.deviceGone, .deviceGone),
    ])
    func `every cue releases with its name`(event: LandlineStateMachine.Event, release: LandlineRelease) {
        for isOutgoing in [false, true] {
            var line = Line()
            if isOutgoing { line.connectOutgoing() } else { line.connectIncoming() }
            #expect(line.machine.state == .inCall)
            line.wait(1_000)
            line.send(event)
            let actions = line.take()
            #expect(actions.last == .reportHungUp(release, release.cause))
            #expect(actions.contains(.seize(false)) || release == .deviceGone)
        }
    }

    @Test func `timers release as well`() {
        var line = Line { $0.silence = 60_000 }
        line.connectIncoming()
        line.wait(30_000)
        line.send(.voice(true))
        line.wait(100_000)
        line.send(.voice(false))
        line.wait(59_000)
        #expect(line.take().isEmpty)
        line.wait(1_000)
        #expect(line.take().last == .reportHungUp(.silence, .normalClearing))
        var long = Line { $0.longestCall = 600_000 }
        long.connectIncoming()
        long.wait(600_000)
        #expect(long.take().last == .reportHungUp(.tooLong, .normalClearing))
        var open = Line()
        open.connectIncoming()
        open.send(.loop(false))
        open.wait(50)
        open.send(.loop(true))
        open.wait(1_000)
        #expect(open.take().isEmpty)
        open.send(.loop(false))
        open.wait(64)
        #expect(open.take() == [.seize(false), .reportHungUp(.loopDrop, .normalClearing)])
    }

    @Test func `the first cycle of a busy tone is kept from the room, and what is none is heard again`() {
        var line = Line()
        line.connectIncoming()
        line.send(.tone(.busy, bursts: 2))
        #expect(line.take() == [.mute(true)])
        line.wait(5_000)
        #expect(line.take() == [.mute(false)])
        // A muted listener stays.
        line.wait(30 * 60_000)
        #expect(line.machine.state == .inCall)
    }

    @Test func `a call out waits for dial tone, dials, and says how it was answered`() {
        var line = Line()
        line.send(.dial("0301234", isEmergency: false))
        #expect(line.take() == [.forgetTones, .seize(true)])
        line.wait(500)
        line.send(.tone(.dial, bursts: 1))
        #expect(line.take() == [.send("0301234", .dtmf)])
        line.wait(1_000)
        line.send(.dialled)
        #expect(line.take() == [.forgetTones, .reportEarlyMedia])
        line.send(.tone(.ringback, bursts: 1))
        line.wait(5_000)
        line.send(.tone(.ringback, bursts: 1))
        #expect(line.take() == [.reportRinging])
        line.wait(6_499)
        #expect(line.take().isEmpty)
        line.wait(1)
        #expect(line.take() == [.forgetTones, .reportAnswered(.ringbackStopped)])
        var polarity = Line()
        polarity.send(.dial("0301234", isEmergency: false))
        polarity.send(.tone(.dial, bursts: 1))
        polarity.send(.dialled)
        polarity.wait(1_000)
        _ = polarity.take()
        polarity.send(.polarityReversed)
        #expect(polarity.take().contains(.reportAnswered(.polarity)))
    }

    @Test func `without dial tone it dials blindly, or not, as set`() {
        var line = Line()
        line.send(.dial("11", isEmergency: false))
        line.wait(4_000)
        #expect(line.take().last == .send("11", .dtmf))
        var careful = Line { $0.needsDialTone = true }
        careful.send(.dial("11", isEmergency: false))
        careful.wait(4_000)
        #expect(careful.take().last == .reportHungUp(.noDialTone, .networkOutOfOrder))
        var dead = Line { $0.hasLoopSense = true }
        dead.send(.dial("11", isEmergency: false))
        dead.wait(1_000)
        #expect(dead.take().last == .reportHungUp(.lineDead, .networkOutOfOrder))
    }

    @Test func `a busy number rests before it is dialled again`() {
        var line = Line {
            $0.redialPause = 10_000
            $0.redialAttempts = 3
        }
        func call() -> [LandlineStateMachine.Action] {
            line.send(.dial("0301234", isEmergency: false))
            line.send(.tone(.dial, bursts: 1))
            line.send(.dialled)
            line.send(.tone(.busy, bursts: 2))
            return line.take()
        }
        #expect(call().last == .reportHungUp(.busy, .userBusy))
        line.wait(5_000)
        line.send(.dial("0301234", isEmergency: false))
        #expect(line.take() == [.refuse(.redialPause)])
        line.send(.dial("0309999", isEmergency: false))
        #expect(line.take().contains(.seize(true)))
        line.send(.release(.normalClearing))
        line.wait(6_000)
        _ = line.take()
        #expect(call().last == .reportHungUp(.busy, .userBusy))
        line.wait(10_000)
        #expect(call().last == .reportHungUp(.busy, .userBusy))
        line.wait(20 * 60_000)
        line.send(.dial("0301234", isEmergency: false))
        #expect(line.take() == [.refuse(.redialPause)])
        line.wait(10 * 60_000)
        #expect(call().last == .reportHungUp(.busy, .userBusy))
    }

    @Test func `an emergency takes the line from its call`() {
        var line = Line()
        line.connectIncoming()
        line.send(.dial("112", isEmergency: true))
        #expect(line.take() == [.reportHungUp(.preempted, .normalUnspecified), .seize(false)])
        line.wait(1_500)
        #expect(line.take() == [.forgetTones, .seize(true)])
        line.send(.tone(.dial, bursts: 1))
        #expect(line.take() == [.send("112", .dtmf)])
    }

    @Test func `a line that rings is answered for an emergency, hung up, and dialled when it is free`() {
        var line = Line()
        line.ring(pause: 500)
        _ = line.take()
        line.send(.dial("112", isEmergency: true))
        #expect(line.take() == [.missed(nil), .seize(true)])
        line.wait(699)
        #expect(line.take().isEmpty)
        line.wait(1)
        #expect(line.take() == [.seize(false)])
        // Bursts that still come keep nothing waiting.
        line.wait(500)
        line.send(.ring(true))
        line.wait(1_000)
        #expect(line.take() == [.forgetTones, .seize(true)])
        line.send(.tone(.dial, bursts: 1))
        #expect(line.take() == [.send("112", .dtmf)])
    }

    @Test func `where the former caller holds the line an emergency hangs up once more, then dials blindly`() {
        for rings in [true, false] {
            var line = Line { $0.needsDialTone = true }
            if rings { line.ring(pause: 500) } else { line.connectIncoming() }
            line.send(.dial("112", isEmergency: true))
            line.wait(rings ? 2_200 : 1_500)
            #expect(line.take().suffix(2) == [.forgetTones, .seize(true)])
            line.wait(4_000)
            #expect(line.take() == [.seize(false)])
            line.wait(1_500)
            #expect(line.take() == [.forgetTones, .seize(true)])
            line.wait(4_000)
            #expect(line.take() == [.send("112", .dtmf)])
        }
    }

    @Test func `an emergency call is not taken the line from, whatever it does`() {
        var line = Line()
        func refuses(_ words: Comment) {
            line.send(.dial("110", isEmergency: true))
            #expect(line.take() == [.refuse(.lineInUse)] && line.machine.isInEmergency, words)
        }
        line.ring(pause: 500)
        line.send(.dial("112", isEmergency: true))
        _ = line.take()
        refuses("tripping")
        line.wait(700)
        _ = line.take()
        refuses("clearing")
        line.wait(1_500)
        _ = line.take()
        refuses("seizing")
        line.send(.tone(.dial, bursts: 1))
        _ = line.take()
        refuses("dialling")
        line.send(.dialled)
        _ = line.take()
        refuses("progress")
        line.send(.voice(true))
        _ = line.take()
        refuses("in call")
        line.send(.release(.normalClearing))
        #expect(!line.machine.isInEmergency)
        _ = line.take()
        line.send(.dial("110", isEmergency: true))
        line.wait(1_500)
        #expect(line.take() == [.forgetTones, .seize(true)])
    }

    @Test func `a call that begins while the line rests is offered`() {
        var line = Line()
        line.send(.deviceGone)
        line.send(.deviceBack(isInUse: false))
        line.wait(1_000)
        _ = line.take()
        for _ in 0..<5 { line.ring(pause: 4_000) }
        #expect(line.take().filter { $0 == .offer(nil) }.count == 1)
        // Also one whose first burst is over by then, and not for one who wants to dial.
        var short = Line()
        short.connectOutgoing()
        short.send(.release(.normalClearing))
        short.send(.dial("0309999", isEmergency: false))
        short.send(.ring(true))
        short.wait(400)
        short.send(.ring(false))
        _ = short.take()
        short.wait(4_000)
        #expect(short.take() == [.reportHungUp(.lineInUse, .noCircuitAvailable), .forgetTones, .offer(nil)])
    }

    @Test func `the bell of a call that was refused begins no new one`() {
        var line = Line()
        line.ring(pause: 3_000)
        line.send(.release(.callRejected))
        #expect(line.take().last == .reportHungUp(.ourSide, .callRejected))
        for _ in 0..<4 { line.ring(pause: 4_000) }
        #expect(line.take().isEmpty && line.machine.state == .clearing)
        line.wait(2_000)
        #expect(line.machine.state == .idle)
        line.ring(pause: 3_000)
        #expect(line.take().last == .offer(nil))
    }

    @Test func `a line that is off-hook when we come is left alone`() {
        var line = Line()
        line.send(.deviceGone)
        line.send(.deviceBack(isInUse: true))
        line.wait(5_000)
        #expect(line.machine.state == .inUse)
        line.send(.dial("112", isEmergency: true))
        #expect(line.take().last == .refuse(.lineInUse))
        line.send(.lineInUse(false))
        #expect(line.machine.state == .idle)
    }

    @Test func `a storm of events breaks no promise`() {
        var generator = Dice(state: 5)
        for _ in 0..<400 {
            var line = Line()
            var (legs, isSeized, isBell, isInUse) = (0, false, false, false)
            for _ in 0..<300 {
                let isEmergency = Int.random(in: 0..<6, using: &generator) == 0
                let event = Self.events(isEmergency).randomElement(using: &generator) ?? .answer
                let before = line.machine.state
                if case .ring(let rings) = event, before != .gone { isBell = rings }
                if case .lineInUse(let uses) = event, before != .gone { isInUse = uses }
                if case .deviceBack(let uses) = event, before == .gone { isInUse = uses }
                if case .ring(true) = event { isInUse = before == .idle || before == .inUse ? false : isInUse }
                var wasDialled = false
                if case .dial = event { wasDialled = true }
                line.send(event)
                line.wait(Int64.random(in: 0...3_000, using: &generator))
                for action in line.take() {
                    switch action {
                    case .offer: legs += 1
                    case .reportHungUp: legs -= 1
                    case .refuse: legs -= wasDialled ? 1 : 0
                    case .seize(let seizes): isSeized = seizes
                    case .reportAnswered, .reportRinging, .reportEarlyMedia: #expect(legs >= 1)
                    case .send, .mute, .missed, .forgetTones: break
                    }
                }
                if wasDialled { legs += 1 }
                if line.machine.state == .gone { (isSeized, isBell) = (false, false) }
                #expect((0...1).contains(legs), "\(before) \(event) \(line.machine.state)")
                #expect(isSeized == [.tripping, .seizing, .dialling, .progress, .inCall].contains(line.machine.state))
            }
            line.send(.deviceGone)
            for case .reportHungUp in line.take() { legs -= 1 }
            #expect(legs == 0)
            _ = (isBell, isInUse)
        }
    }

    private static func events(_ isEmergency: Bool) -> [LandlineStateMachine.Event] {
        [
            .deviceBack(isInUse: false), .deviceBack(isInUse: true), .deviceGone, .ring(true), .ring(false),
            .ring(true),
            .ring(false), .callerID(.init(number: "1", name: "", isWithheld: false)), .callerIDActive(true),
            .callerIDActive(false), .loop(true), .loop(false), .polarityReversed, .lineInUse(true), .lineInUse(false),
            .testOver,
            .tone(.dial, bursts: 1), .tone(.ringback, bursts: 1), .tone(.busy, bursts: 2),
            .tone(.congestion, bursts: 3),
            .tone(.specialInformation, bursts: 3), .tone(.learned, bursts: 3), .voice(true), .voice(false), .digit,
            .dialled, .answer, .answer, .release(.normalClearing), .dial("0123", isEmergency: isEmergency),
        ]
    }
}

private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) ^ (state << 31)
    }
}
