// SPDX-License-Identifier: Apache-2.0
import Telephony
import Testing

@Suite struct HookStateMachineTests {
    private typealias Event = HookStateMachine.Event

    /// Follows a switch (offHook?, at ms) in steps of 1 ms; what happened when.
    private func follow(
        _ switches: [(Bool, Int64)], from isOffHook: Bool = false, until end: Int64 = 5_000
    ) -> [(Event, Int64)] {
        var machine = HookStateMachine(isOffHook: isOffHook, timing: .standard)
        var events: [(Event, Int64)] = []
        for now in 0...end {
            for change in switches where change.1 == now {
                events += machine.raw(isOffHook: change.0, now: now).map { ($0, now) }
            }
            if let event = machine.expire(now: now) { events.append((event, now)) }
        }
        return events
    }

    private func expect(_ events: [(Event, Int64)], _ expected: [(Event, Int64)]) {
        #expect(events.map(\.0) == expected.map(\.0) && events.map(\.1) == expected.map(\.1), "\(events)")
    }

    @Test func `a lift counts after 30 ms and a hang-up after the longest flash`() {
        expect(follow([(true, 100), (false, 1_000)]), [(.lifted, 130), (.hungUp, 1_601)])
    }

    @Test func `contacts that bounce lift once and hang up once`() {
        let bouncing: [(Bool, Int64)] = [(true, 100), (false, 105), (true, 110), (false, 128), (true, 130)]
        expect(follow(bouncing), [(.lifted, 160)])
        let dropping: [(Bool, Int64)] = [(true, 0), (false, 500), (true, 520), (false, 530), (true, 579), (false, 580)]
        expect(follow(dropping), [(.lifted, 30), (.hungUp, 1_181)])
    }

    @Test(arguments: [49, 50, 80, 300, 600, 601] as [Int64])
    func `an on-hook between 50 and 600 ms is a flash`(_ length: Int64) {
        let events = follow([(true, 0), (false, 1_000), (true, 1_000 + length)])
        switch length {
        case ..<50: expect(events, [(.lifted, 30)])
        case 50...600: expect(events, [(.lifted, 30), (.flashed, 1_000 + length)])
        // It has hung up, and lifts again.
        default: expect(events, [(.lifted, 30), (.hungUp, 1_601), (.lifted, 1_631)])
        }
    }

    @Test func `off-hook at the start means nothing until it has been on-hook`() {
        expect(follow([(true, 10)], from: true), [])
        expect(follow([(false, 100), (true, 110)], from: true), [(.lifted, 140)])
    }

    @Test func `what time has decided comes before what the switch says now`() {
        var machine = HookStateMachine(isOffHook: false, timing: .standard)
        #expect(machine.raw(isOffHook: true, now: 0) == [])
        #expect(machine.raw(isOffHook: false, now: 5_000) == [.lifted])
        #expect(machine.raw(isOffHook: true, now: 9_000) == [.hungUp])
        #expect(machine.deadline == 9_030 && !machine.isOffHook)
    }

    @Test func `every sequence of eight changes keeps lifted and hung up in turn`() {
        let pauses: [Int64] = [1, 40, 100, 700]
        for pattern in 0..<65_536 {
            var machine = HookStateMachine(isOffHook: false, timing: .standard)
            var now: Int64 = 0
            var events: [Event] = []
            for step in 0..<8 {
                now += pauses[(pattern >> (2 * step)) & 3]
                events += machine.raw(isOffHook: step % 2 == 0, now: now)
            }
            if let event = machine.expire(now: now + 10_000) { events.append(event) }
            let turns = events.filter { $0 != .flashed }
            #expect(turns.enumerated().allSatisfy { $1 == ($0 % 2 == 0 ? .lifted : .hungUp) })
            #expect(!machine.isOffHook && turns.count % 2 == 0)
            if let flash = events.firstIndex(of: .flashed) { #expect(flash > 0) }
        }
    }
}
