// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Telephony

@Suite struct PulseDialTests {
    private typealias Event = HookStateMachine.Event

    /// A rotary dial: so many breaks, each preceded and followed by a bounce of 3 ms where asked for.
    private struct Rotary {
        var machine = HookStateMachine(isOffHook: false, timing: .standard.withPulses)
        var now: Int64 = 0
        var events: [Event] = []

        mutating func set(_ isOffHook: Bool) { events += machine.raw(isOffHook: isOffHook, now: now) }

        mutating func pass(_ milliseconds: Int64) {
            let end = now + milliseconds
            while let deadline = machine.deadline, deadline <= end {
                now = deadline
                if let event = machine.expire(now: now) { events.append(event) }
            }
            now = end
        }

        mutating func lift() {
            set(true)
            pass(500)
        }

        mutating func dial(_ pulses: Int, breaks: Int64 = 60, makes: Int64 = 40, bounces: Bool = false) {
            for _ in 0..<pulses {
                set(false)
                if bounces {
                    pass(2)
                    set(true)
                    pass(2)
                    set(false)
                    pass(breaks - 4)
                } else {
                    pass(breaks)
                }
                set(true)
                if bounces {
                    pass(2)
                    set(false)
                    pass(2)
                    set(true)
                    pass(makes - 4)
                } else {
                    pass(makes)
                }
            }
            pass(300)
        }
    }

    @Test(arguments: [(60, 40), (67, 33), (47, 30), (80, 55), (33, 17)] as [(Int64, Int64)], [false, true])
    func `every digit of dials of all speeds is heard once, bouncing or not`(dial: (Int64, Int64), bounces: Bool) {
        var phone = Rotary()
        phone.lift()
        for pulses in 1...10 { phone.dial(pulses, breaks: dial.0, makes: dial.1, bounces: bounces) }
        let digits: [DTMFDigit] = [.one, .two, .three, .four, .five, .six, .seven, .eight, .nine, .zero]
        #expect(phone.events == [.lifted] + digits.map { .dialled($0) })
    }

    @Test func `a recall is no digit, a hang-up no recall, and eleven pulses are nothing`() {
        var phone = Rotary()
        phone.lift()
        phone.set(false)
        phone.pass(200)
        phone.set(true)
        phone.pass(400)
        phone.dial(11)
        phone.dial(3)
        phone.set(false)
        phone.pass(1_000)
        #expect(phone.events == [.lifted, .flashed, .dialled(.three), .hungUp])
        // Hung up in the middle of a digit: nothing of it is left for the next call.
        phone.lift()
        phone.set(false)
        phone.pass(60)
        phone.set(true)
        phone.pass(40)
        phone.set(false)
        phone.pass(1_000)
        phone.lift()
        phone.dial(2)
        #expect(phone.events.suffix(4) == [.lifted, .hungUp, .lifted, .dialled(.two)])
    }

    @Test func `without a rotary dial a short break is a recall as before`() {
        var machine = HookStateMachine(isOffHook: false, timing: .standard)
        #expect(machine.raw(isOffHook: true, now: 0) == [] && machine.expire(now: 30) == .lifted)
        #expect(machine.raw(isOffHook: false, now: 100) == [])
        #expect(machine.raw(isOffHook: true, now: 180) == [.flashed])
        #expect(machine.deadline == nil)
    }

    @Test func `a receiver that is left beside its telephone hears the howler, then nothing`() {
        var plan = StationStateMachine.Plan(
            numbers: NumberSpace(
                emergencyNumbers: [], extensions: [], roomNumbers: nil, outsideNumbers: ExactPattern { _ in true }),
            route: nil)
        plan.howlerMilliseconds = 60_000
        var station = StationStateMachine(plan: plan)
        _ = station.handle(.deviceBack, now: 0)
        _ = station.handle(.lifted, now: 0)
        #expect(station.handle(.portOpened, now: 0) == [.play(.dial)])
        #expect(station.expire(now: 15_000) == [.play(.reorder)])
        #expect(station.expire(now: 45_000) == [.play(.howler)])
        #expect(station.deadline == 105_000)
        #expect(station.expire(now: 105_000) == [.play(nil), .closePort])
        #expect(station.state == .parked && station.deadline == nil)
        // A steady bell has no timer.
        plan.ring = RingPlan(cadence: [])
        station = StationStateMachine(plan: plan)
        _ = station.handle(.deviceBack, now: 0)
        #expect(station.handle(.called, now: 0) == [.ring(true), .reportRinging] && station.deadline == nil)
    }
}
