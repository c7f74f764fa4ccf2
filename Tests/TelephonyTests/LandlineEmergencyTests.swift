// SPDX-License-Identifier: Apache-2.0

import Telephony
import Testing

/// Landlines in emergencies, and in a storm of events.
@Suite struct LandlineEmergencyTests {
    @Test func `an emergency takes the line from its call`() {
        var line = TurnedLine()
        line.connectIncoming()
        line.send(.dial("112", isEmergency: true))
        #expect(line.take() == [.reportHungUp(.preempted, .normalUnspecified), .seize(false)])
        line.wait(1_500)
        #expect(line.take() == [.forgetTones, .seize(true)])
        line.send(.tone(.dial, bursts: 1))
        #expect(line.take() == [.send("112", .dtmf)])
    }

    @Test func `a line that rings is answered for an emergency, hung up, and dialled when it is free`() {
        var line = TurnedLine()
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
            var line = TurnedLine { $0.needsDialTone = true }
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

    @Test func `a line that another phone has is left to it while there are other ways, and is the last of them`() {
        var line = TurnedLine { $0.needsDialTone = true }
        line.send(.lineInUse(true))
        line.send(.dial("112", isEmergency: true, patience: .elsewhere))
        #expect(line.take() == [.refuse(.lineInUse)])
        for patience in [LandlineStateMachine.Patience.planned, .last] {
            line.send(.dial("112", isEmergency: true, patience: patience))
            #expect(line.take() == [.forgetTones, .seize(true)])
            // The phone of the house tells again that it is lifted; somebody speaks there: it goes on.
            line.send(.lineInUse(true))
            line.send(.voice(true))
            line.wait(3_999)
            #expect(line.take().isEmpty && line.machine.isInEmergency)
            line.wait(1)
            #expect(line.take() == [.send("112", .dtmf)])
            line.send(.dialled)
            // Whoever speaks is heard, and hears.
            line.send(.voice(false))
            line.send(.voice(true))
            #expect(line.take().last == .reportAnswered(.voice))
            line.send(.release(.normalClearing))
            line.wait(1_500)
            #expect(line.machine.state == .inUse)
            _ = line.take()
        }
        // A modem was wrong: there is a dial tone.
        line.send(.dial("112", isEmergency: true))
        line.send(.tone(.dial, bursts: 1))
        #expect(line.take().last == .send("112", .dtmf))
    }

    @Test func `an emergency call is not taken the line from, whatever it does`() {
        var line = TurnedLine()
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

    @Test func `a storm of events breaks no promise`() {
        var generator = Dice(state: 5)
        for _ in 0..<400 {
            var line = TurnedLine { $0.seizesForCallerID = Bool.random(using: &generator) }
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
                    case .seizeToHearCaller: isSeized = true
                    case .reportAnswered, .reportRinging, .reportEarlyMedia: #expect(legs >= 1)
                    case .send, .mute, .missed, .forgetTones: break
                    }
                }
                if wasDialled { legs += 1 }
                if line.machine.state == .gone { (isSeized, isBell) = (false, false) }
                #expect((0...1).contains(legs), "\(before) \(event) \(line.machine.state)")
                #expect(
                    isSeized
                        == [.hearingCaller, .tripping, .seizing, .dialling, .progress, .inCall]
                        .contains(line.machine.state))
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
            .dial("0124", isEmergency: isEmergency, patience: .elsewhere), .notTaken(isInUse: false),
            .notTaken(isInUse: true), .deviceEnded, .presumedGone,
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
