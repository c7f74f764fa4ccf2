// SPDX-License-Identifier: Apache-2.0

import Telephony
import Testing

@Suite struct CallStateMachineTests {
    static let inputs: [CallStateMachine.Input] = [
        .farRinging, .farEarlyMedia, .farAnswered, .farHungUp(.userBusy), .ring, .startEarlyMedia, .answer,
        .reject(status: 486), .hangUp(.normalClearing), .timeout, .reoffer, .answerUnasked,
    ]

    /// All sequences of four inputs from both beginnings: no trap, and these things always hold.
    @Test(arguments: [CallStateMachine.Direction.incoming, .outgoing])
    func `whatever happens in whatever order, a call is released once and then silent`(
        direction: CallStateMachine.Direction
    ) {
        for a in Self.inputs {
            for b in Self.inputs {
                for c in Self.inputs {
                    for d in Self.inputs {
                        var machine = CallStateMachine(direction)
                        var releases = 0
                        var legEnds = 0
                        var isOver = false
                        for input in [a, b, c, d] {
                            let actions = machine.handle(input)
                            if isOver, !actions.isEmpty { Issue.record("\(a) \(b) \(c) \(d): something after the end") }
                            releases += actions.count { $0 == .release }
                            legEnds += actions.count {
                                switch $0 {
                                case .hangUpLeg, .rejectLeg: true
                                default: false
                                }
                            }
                            isOver = machine.isOver
                        }
                        if releases != (isOver ? 1 : 0) || legEnds > 1 {
                            Issue.record("\(a) \(b) \(c) \(d): \(releases) \(legEnds)")
                        }
                    }
                }
            }
        }
    }

    @Test func `the usual incoming call`() {
        var machine = CallStateMachine(.incoming)
        #expect(machine.handle(.ring) == [.ringLeg])
        #expect(machine.handle(.answer) == [.answerLeg])
        #expect(machine.handle(.answer) == [])
        #expect(machine.handle(.farAnswered) == [.tellConnected])
        #expect(machine.handle(.timeout) == [])
        #expect(machine.handle(.farHungUp(.normalClearing)) == [.tellDisconnected(.normalClearing), .release])
        #expect(machine.handle(.hangUp(.normalClearing)) == [])
    }

    @Test func `a call that the box takes for itself is told to its owner when that answers it`() {
        var machine = CallStateMachine(.incoming)
        #expect(machine.handle(.answerUnasked) == [.answerLeg])
        #expect(machine.handle(.farAnswered) == [.noteConnected])
        #expect(machine.handle(.ring) == [.playRingback])
        #expect(machine.handle(.startEarlyMedia) == [])
        #expect(machine.handle(.answer) == [.tellConnected])
        #expect(machine.handle(.answer) == [] && machine.handle(.timeout) == [])
        // Its owner answers before the far end has confirmed.
        var quick = CallStateMachine(.incoming)
        #expect(quick.handle(.answerUnasked) == [.answerLeg])
        #expect(quick.handle(.answer) == [])
        #expect(quick.handle(.farAnswered) == [.tellConnected])
        // One that never does loses it.
        var slow = CallStateMachine(.incoming)
        _ = slow.handle(.answerUnasked)
        _ = slow.handle(.farAnswered)
        #expect(slow.handle(.timeout) == [.hangUpLeg(.noAnswer), .tellDisconnected(.noAnswer), .release])
        var outgoing = CallStateMachine(.outgoing)
        #expect(outgoing.handle(.answerUnasked) == [])
    }

    @Test func `the usual outgoing call and one that nobody takes`() {
        var machine = CallStateMachine(.outgoing)
        #expect(machine.handle(.farRinging) == [.tellRinging])
        #expect(machine.handle(.farAnswered) == [.tellConnected])
        #expect(
            machine.handle(.hangUp(.normalClearing)) == [
                .hangUpLeg(.normalClearing), .tellDisconnected(.normalClearing), .release,
            ])
        var other = CallStateMachine(.outgoing)
        #expect(other.handle(.timeout) == [.hangUpLeg(.noAnswer), .tellFailed(.noAnswer, status: 408), .release])
        var busy = CallStateMachine(.outgoing)
        #expect(busy.handle(.farHungUp(.userBusy)) == [.tellFailed(.userBusy, status: 486), .release])
    }
}

@Suite struct DigitArbiterTests {
    @Test func `each press counts once whatever recognises it`() {
        var arbiter = DigitArbiter(inBandWaitMilliseconds: 60)
        #expect(arbiter.heard(.one, by: .inBand, now: 0) == .wait(milliseconds: 60))
        #expect(arbiter.heard(.one, by: .telephoneEvent, now: 30) == .accept)
        #expect(arbiter.release(now: 60) == nil)
        #expect(arbiter.heard(.two, by: .info, now: 500) == .drop)
        #expect(arbiter.heard(.two, by: .telephoneEvent, now: 510) == .accept)
        #expect(arbiter.heard(.two, by: .inBand, now: 540) == .drop)
    }

    @Test func `a better source that tells of the same press a little later does not repeat it`() {
        var arbiter = DigitArbiter(inBandWaitMilliseconds: 60)
        #expect(arbiter.heard(.one, by: .info, now: 0) == .accept)
        #expect(arbiter.heard(.one, by: .telephoneEvent, now: 20) == .drop)
        #expect(arbiter.heard(.one, by: .telephoneEvent, now: 300) == .accept)
        #expect(arbiter.heard(.one, by: .info, now: 320) == .drop)
    }

    @Test func `in-band alone counts after its wait, on a line at once`() {
        var arbiter = DigitArbiter(inBandWaitMilliseconds: 60)
        #expect(arbiter.heard(.five, by: .inBand, now: 0) == .wait(milliseconds: 60))
        #expect(arbiter.release(now: 60) == .five)
        var line = DigitArbiter(inBandWaitMilliseconds: 0)
        #expect(line.heard(.five, by: .inBand, now: 0) == .accept)
        #expect(line.heard(.five, by: .inBand, now: 200) == .accept)
    }
}

@Suite struct TimerQueueTests {
    @Test func `random timers come in order, cancelled ones never`() {
        var random = SeededGenerator(state: 5)
        var queue = TimerQueue<Int>()
        var expected: [Int: Int64] = [:]
        for event in 0..<500 {
            let deadline = Int64.random(in: 0..<1000, using: &random)
            queue.schedule(event, at: deadline)
            expected[event] = deadline
            if event % 3 == 0 {
                queue.cancel(event)
                expected[event] = nil
            }
            if event % 7 == 1 {
                queue.schedule(event, at: deadline / 2)
                expected[event] = deadline / 2
            }
        }
        var last: Int64 = -1
        while let deadline = queue.nextDeadline {
            #expect(queue.pop(now: deadline - 1) == nil)
            guard let event = queue.pop(now: deadline) else { break }
            #expect(expected.removeValue(forKey: event) == deadline)
            #expect(deadline >= last)
            last = deadline
        }
        #expect(expected.isEmpty)
    }
}

@Suite struct ToneScriptTests {
    @Test func `a ringback tone`() {
        let tones = ToneScript.parse("440@-19,480@-19;*(2/4/1+2)")
        #expect(tones?.repeats == true)
        #expect(tones?.segments == [ToneSegment(440, 480, levelDBm0: -19, milliseconds: 2000), .silence(4000)])
    }

    @Test func `a busy tone of two seconds ends`() {
        let tones = ToneScript.parse("425@-10;2(.5/.5/1)")
        #expect(tones?.repeats == false)
        #expect(tones?.segments.map(\.milliseconds) == [500, 500, 500, 500])
    }

    @Test func `a star in a section of some seconds ends with the section`() {
        let tones = ToneScript.parse("350@-19,440@-19;3(*/0/1+2)")
        #expect(tones?.repeats == false)
        #expect(tones?.segments == [ToneSegment(350, 440, levelDBm0: -19, milliseconds: 3000)])
        let both = ToneScript.parse("350@-19,440@-19;2(.2/.2/1+2);10(*/0/1+2)")
        #expect(both?.repeats == false)
        #expect(both?.segments.map(\.milliseconds) == [Int](repeating: 200, count: 10) + [10_000])
    }

    @Test func `a congestion tone of twenty seconds is played`() {
        let tones = ToneScript.parse("480@-19,620@-19;20(.25/.25/1+2)")
        #expect(tones?.segments.count == 80)
        #expect(tones?.segments.reduce(0) { $0 + $1.milliseconds } == 20_000)
    }

    @Test func `only the section without end repeats`() {
        let tones = ToneScript.parse("600@-16;1(.4/.1/1);*(.2/.3/1);5(1/0/1)")
        #expect(tones?.repeats == true)
        #expect(tones?.segments.map(\.milliseconds) == [400, 100, 400, 100, 200, 300])
        #expect(tones?.segments.map(\.isOnce) == [true, true, true, true, false, false])
        let steady = ToneScript.parse("600@-16;1(.5/.5/1);*(*/0/1)")
        #expect(steady?.repeats == false)
        #expect(steady?.segments.map(\.milliseconds) == [500, 500, 0])
        #expect(ToneScript.parse("600@-16;*(.2/.3/1);1(x/0/1)") == nil)
    }

    @Test(arguments: [
        "", ";", "440", "440;", "440;2", "440;2(", "440;2()", "440;2(1/1)", "440;2(0/0/1)", "x;2(1/1/1)",
        "440;2(1/1/9)", "1e300;2(1/1/1)", "440;nan(1/1/1)", "440;2(inf/1/1)", "440@999;1(1/1/1)", "440;9999999(1/0/1)",
    ])
    func `nonsense is refused`(script: String) { #expect(ToneScript.parse(script) == nil) }
}

@Suite struct DTMFDigitTests {
    @Test func `sixteen digits, both ways`() {
        for digit in DTMFDigit.allCases { #expect(DTMFDigit(digit.character) == digit) }
        #expect(DTMFDigit("a") == .a)
        #expect(DTMFDigit("x") == nil)
        #expect(DTMFDigit("ß") == nil)
    }
}
