// SPDX-License-Identifier: Apache-2.0

import Telephony
import Testing

/// Japan's number display, and bells that are none.
@Suite struct LandlineJapanTests {
    private let anna = LandlineStateMachine.Caller(number: "0312345678", name: "", isWithheld: false)

    private func bell(_ line: inout TurnedLine, _ milliseconds: Int64, _ pause: Int64) {
        line.send(.ring(true))
        line.wait(milliseconds)
        line.send(.ring(false))
        line.wait(pause)
    }

    private func asked() -> TurnedLine {
        var line = TurnedLine { $0.seizesForCallerID = true }
        bell(&line, 500, 500)
        #expect(line.take() == [.forgetTones])
        bell(&line, 500, 0)
        #expect(line.take() == [.seizeToHearCaller])
        return line
    }

    @Test func `two short bursts seize the line, the message puts it on-hook, the bell offers the call`() {
        var line = asked()
        line.wait(1_500)
        #expect(line.machine.state == .hearingCaller)
        line.send(.callerID(anna))
        #expect(line.take() == [.seize(false)])
        line.wait(1_000)
        bell(&line, 1_000, 10)
        #expect(line.take() == [.offer(anna)])
    }

    @Test func `a message that does not come is waited for only so long, and asked for only once`() {
        var line = asked()
        line.wait(3_999)
        #expect(line.take().isEmpty)
        line.wait(1)
        #expect(line.take() == [.seize(false)])
        bell(&line, 500, 500)
        bell(&line, 500, 500)
        bell(&line, 500, 500)
        line.wait(2_500)
        // They are a bell like any other then.
        #expect(line.take() == [.offer(nil)])
    }

    @Test func `a message that is coming in is heard to its end`() {
        var line = asked()
        line.wait(3_500)
        line.send(.callerIDActive(true))
        line.wait(1_000)
        #expect(line.take().isEmpty)
        line.send(.callerID(anna))
        #expect(line.take() == [.seize(false)])
    }

    @Test(arguments: [(1_000, 2_000), (400, 200), (500, 2_500), (250, 500)])
    func `no other bell seizes the line`(on: Int, off: Int) {
        var line = TurnedLine { $0.seizesForCallerID = true }
        for _ in 0..<6 { bell(&line, Int64(on), Int64(off)) }
        #expect(!line.take().contains(.seizeToHearCaller))
        var elsewhere = TurnedLine()
        for _ in 0..<3 { bell(&elsewhere, 500, 500) }
        #expect(!elsewhere.take().contains(.seizeToHearCaller))
    }

    @Test func `a phone of the house, an emergency, a caller who gives up and a device that goes find their way`() {
        var lifted = asked()
        lifted.send(.lineInUse(true))
        #expect(lifted.take() == [.seize(false), .missed(nil)])
        var emergency = asked()
        emergency.send(.dial("110", isEmergency: true))
        #expect(emergency.take() == [.missed(nil), .seize(true)])
        #expect(emergency.machine.state == .tripping)
        var refused = asked()
        refused.send(.dial("0301234", isEmergency: false))
        #expect(refused.take() == [.refuse(.lineInUse)])
        var gone = asked()
        gone.send(.deviceGone)
        #expect(gone.machine.state == .gone && gone.take().isEmpty)
        var givesUp = asked()
        givesUp.send(.callerID(anna))
        givesUp.wait(6_001)
        #expect(givesUp.machine.state == .idle)
    }
}
