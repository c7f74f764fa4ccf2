// SPDX-License-Identifier: Apache-2.0

import RTP
import Testing

struct TelephoneEventTests {
    private func event(_ code: UInt8, _ duration: UInt16, end: Bool = false) -> TelephoneEvent {
        TelephoneEvent(code: code, isEnd: end, volume: 10, duration: duration)
    }

    private func pressed(_ finding: TelephoneEventReceiver.Finding) -> UInt8? {
        if case .pressed(let code) = finding { code } else { nil }
    }

    @Test func `a press with retransmitted ends counts once`() {
        var receiver = TelephoneEventReceiver()
        var presses: [UInt8] = []
        for packet in [
            event(5, 160), event(5, 320), event(5, 480, end: true), event(5, 480, end: true),
            event(5, 480, end: true),
        ] {
            let finding = receiver.take(packet, timestamp: 1000, marker: presses.isEmpty, isNewest: true)
            if let code = pressed(finding) { presses.append(code) }
        }
        #expect(presses == [5])
        #expect(receiver.end == 1480)
        #expect(receiver.isEnded)
    }

    @Test func `a press of which only one packet came counts, whichever it was`() {
        for packet in [event(3, 0), event(3, 800), event(3, 800, end: true)] {
            var receiver = TelephoneEventReceiver()
            #expect(pressed(receiver.take(packet, timestamp: 50, marker: false, isNewest: true)) == 3)
        }
    }

    @Test func `the same digit twice counts twice, also when the first end was lost`() {
        var receiver = TelephoneEventReceiver()
        #expect(pressed(receiver.take(event(1, 640), timestamp: 0, marker: true, isNewest: true)) == 1)
        #expect(pressed(receiver.take(event(1, 160), timestamp: 1600, marker: true, isNewest: true)) == 1)
        #expect(pressed(receiver.take(event(1, 800, end: true), timestamp: 1600, marker: false, isNewest: true)) == nil)
        #expect(pressed(receiver.take(event(1, 160), timestamp: 3200, marker: false, isNewest: true)) == 1)
    }

    @Test func `an event longer than its duration field stays one press`() {
        var receiver = TelephoneEventReceiver()
        #expect(pressed(receiver.take(event(9, 65_535), timestamp: 0, marker: true, isNewest: true)) == 9)
        #expect(pressed(receiver.take(event(9, 160), timestamp: 65_535, marker: false, isNewest: true)) == nil)
        #expect(
            pressed(receiver.take(event(9, 320, end: true), timestamp: 65_535, marker: false, isNewest: true)) == nil)
    }

    @Test func `a late packet of an earlier press counts nothing`() {
        var receiver = TelephoneEventReceiver()
        _ = receiver.take(event(1, 800, end: true), timestamp: 1000, marker: false, isNewest: true)
        #expect(pressed(receiver.take(event(2, 160), timestamp: 3000, marker: true, isNewest: true)) == 2)
        #expect(
            pressed(receiver.take(event(1, 800, end: true), timestamp: 1000, marker: false, isNewest: false)) == nil)
        #expect(pressed(receiver.take(event(2, 800, end: true), timestamp: 3000, marker: false, isNewest: true)) == nil)
    }

    @Test func `what is no DTMF signal is ignored`() {
        var receiver = TelephoneEventReceiver()
        #expect(pressed(receiver.take(event(16, 160), timestamp: 0, marker: true, isNewest: true)) == nil)
        #expect(TelephoneEvent([1, 2, 3], count: 3) == nil)
    }

    @Test(arguments: [(8000, 160), (8000, 80), (8000, 104), (48_000, 960), (48_000, 2880)])
    func `a sent digit is read as one press of at least 100 ms`(clock: Int, frame: Int) {
        var sender = TelephoneEventSender()
        var receiver = TelephoneEventReceiver()
        for code in [4, 4, 15] as [UInt8] { #expect(sender.enqueue(code) == true) }
        #expect(sender.enqueue(16) == false)
        var timestamp: UInt32 = 0xFFFF_F000
        var unwrapper = TimestampUnwrapper()
        var presses: [UInt8] = []
        var ends = 0
        var starts: [Int64] = []
        var frames = 0
        while sender.isBusy, frames < 1000 {
            if let step = sender.step(timestamp: timestamp, samples: frame, clockRate: clock, scale: 1) {
                let stamp = unwrapper.take(step.timestamp)
                let finding = receiver.take(step.event, timestamp: stamp, marker: step.marker, isNewest: true)
                if let code = pressed(finding) {
                    presses.append(code)
                    starts.append(stamp)
                    #expect(step.marker)
                }
                if step.event.isEnd {
                    ends += 1
                    #expect(Int(step.event.duration) >= clock / 10)
                    #expect(Int(step.event.duration) < clock / 10 + frame)
                }
            }
            timestamp &+= UInt32(frame)
            frames += 1
        }
        #expect(presses == [4, 4, 15])
        #expect(ends == 9)
        for (first, next) in zip(starts, starts.dropFirst()) { #expect(next - first >= Int64(clock / 5)) }
    }

    @Test func `more than 32 waiting digits are refused`() {
        var sender = TelephoneEventSender()
        for _ in 0..<32 { #expect(sender.enqueue(1) == true) }
        #expect(sender.enqueue(1) == false)
    }
}
