// SPDX-License-Identifier: Apache-2.0

import Telephony
import Testing

@Suite struct LandlineStateMachineTests {
    private let anna = LandlineStateMachine.Caller(number: "030123", name: "Anna", isWithheld: false)

    @Test func `a call is offered with its caller after the first ring and answered between two`() {
        var line = TurnedLine()
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
        var line = TurnedLine()
        line.ring(pause: 2_400)
        #expect(line.take() == [.forgetTones])
        line.wait(200)
        #expect(line.take() == [.offer(nil)])
    }

    @Test func `who calls may be told before the ring`() {
        var line = TurnedLine()
        line.send(.callerID(anna))
        line.wait(700)
        line.ring()
        #expect(line.take().contains(.offer(anna)))
    }

    @Test func `the house rings first, and takes the call`() {
        var line = TurnedLine { $0.answerAfterRings = 3 }
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
        var line = TurnedLine()
        line.ring(pause: 3_000)
        _ = line.take()
        line.wait(4_000)
        #expect(line.take() == [.reportHungUp(.callerGaveUp, .normalClearing)])
        line.wait(1)
        #expect(line.machine.state == .idle)
    }

    @Test(arguments: [
        (LandlineStateMachine.Event.tone(.busy, bursts: 3), LandlineRelease.disconnectTone),
        (.tone(.learned, bursts: 3), .learnedTone), (.tone(.dial, bursts: 3), .dialTone),
        (.polarityReversed, .polarity), (.lineInUse(true), .extensionLifted), (.release(.normalClearing), .ourSide),
        (.deviceEnded, .deviceEnded), (.deviceGone, .deviceGone),
    ])
    func `every cue releases with its name`(event: LandlineStateMachine.Event, release: LandlineRelease) {
        for isOutgoing in [false, true] {
            var line = TurnedLine()
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
        var line = TurnedLine { $0.silence = 60_000 }
        line.connectIncoming()
        line.wait(30_000)
        line.send(.voice(true))
        line.wait(100_000)
        line.send(.voice(false))
        line.wait(59_000)
        #expect(line.take().isEmpty)
        line.wait(1_000)
        #expect(line.take().last == .reportHungUp(.silence, .normalClearing))
        var long = TurnedLine { $0.longestCall = 600_000 }
        long.connectIncoming()
        long.wait(600_000)
        #expect(long.take().last == .reportHungUp(.tooLong, .normalClearing))
        var open = TurnedLine()
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
        var line = TurnedLine()
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
        var line = TurnedLine()
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
        var polarity = TurnedLine()
        polarity.send(.dial("0301234", isEmergency: false))
        polarity.send(.tone(.dial, bursts: 1))
        polarity.send(.dialled)
        polarity.wait(1_000)
        _ = polarity.take()
        polarity.send(.polarityReversed)
        #expect(polarity.take().contains(.reportAnswered(.polarity)))
    }

    @Test func `without dial tone it dials blindly, or not, as set`() {
        var line = TurnedLine()
        line.send(.dial("11", isEmergency: false))
        line.wait(4_000)
        #expect(line.take().last == .send("11", .dtmf))
        var careful = TurnedLine { $0.needsDialTone = true }
        careful.send(.dial("11", isEmergency: false))
        careful.wait(4_000)
        #expect(careful.take().last == .reportHungUp(.noDialTone, .networkOutOfOrder))
        var dead = TurnedLine { $0.hasLoopSense = true }
        dead.send(.dial("11", isEmergency: false))
        dead.wait(1_000)
        #expect(dead.take().last == .reportHungUp(.lineDead, .networkOutOfOrder))
    }

    @Test func `a busy number rests before it is dialled again`() {
        var line = TurnedLine {
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

    @Test func `a call that begins while the line rests is offered`() {
        var line = TurnedLine()
        line.send(.deviceGone)
        line.send(.deviceBack(isInUse: false))
        line.wait(1_000)
        _ = line.take()
        for _ in 0..<5 { line.ring(pause: 4_000) }
        #expect(line.take().filter { $0 == .offer(nil) }.count == 1)
        // Also one whose first burst is over by then, and not for one who wants to dial.
        var short = TurnedLine()
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
        var line = TurnedLine()
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
        var line = TurnedLine()
        line.send(.deviceGone)
        line.send(.deviceBack(isInUse: true))
        line.wait(5_000)
        #expect(line.machine.state == .inUse)
        line.send(.dial("0301", isEmergency: false))
        #expect(line.take().last == .refuse(.lineInUse))
        line.send(.dial("112", isEmergency: true, patience: .elsewhere))
        #expect(line.take().last == .refuse(.lineInUse))
        line.send(.lineInUse(false))
        #expect(line.machine.state == .idle)
    }
}
