// SPDX-License-Identifier: Apache-2.0
import Telephony
import Testing

@Suite struct StationStateMachineTests {
    private typealias Machine = StationStateMachine

    private static let plan: Machine.Plan = {
        var plan = Machine.Plan(
            numbers: NumberSpace(
                emergencyNumbers: ["112"], extensions: ["21"], roomNumbers: nil, outsideNumbers: nil),
            route: nil)
        plan.ring = RingPlan(cadence: [1_000, 4_000], telling: .afterFirstRing(milliseconds: 900))
        return plan
    }()

    /// Every kind of event.
    private static let events: [Machine.Event] = [
        .lifted, .hungUp, .digit(.two), .digit(.one), .digit(.pound), .portOpened, .portFailed, .called,
        .released(.normalClearing), .released(.userBusy), .deviceGone, .deviceBack,
        .recalled, .resumed,
    ]

    /// Keeps the books that an owner would: whatever comes in whatever order, they must balance.
    private struct Owner {
        var machine = Machine(plan: StationStateMachineTests.plan)
        var now: Int64 = 0
        var isPortWanted = false
        var isRinging = false
        var hasTone = false
        var hasLeg = false
        /// Another leg is on hold: `FlashStateMachine` has it.
        var holdsLeg = false
        var isTelling = false
        var faults: [String] = []

        mutating func feed(_ event: Machine.Event) {
            switch event {
            case .recalled:
                guard hasLeg, machine.state == .inCall else { return }
                (hasLeg, holdsLeg) = (false, true)
            case .resumed:
                switch machine.state {
                case .gone, .onHook, .ringing, .parked, .opening(.answer): return
                default: guard holdsLeg else { return }
                }
                (hasLeg, holdsLeg) = (true, false)
            default: break
            }
            let isCalled = if case .called = event { true } else { false }
            var isRefused = false
            let actions = machine.handle(event, now: now)
            if isCalled {
                isRefused = actions.contains { if case .refuse = $0 { true } else { false } }
                if !isRefused {
                    if hasLeg { faults.append("a second leg") }
                    hasLeg = true
                }
            }
            perform(actions)
            check()
        }

        mutating func pass(_ milliseconds: Int64) {
            now += milliseconds
            perform(machine.expire(now: now))
            check()
        }

        private mutating func perform(_ actions: [Machine.Action]) {
            for action in actions {
                switch action {
                case .openPort:
                    if isPortWanted { faults.append("a second port") }
                    isPortWanted = true
                case .closePort: isPortWanted = false
                case .play(let tone):
                    if tone != nil, !isPortWanted { faults.append("a tone without a port") }
                    hasTone = tone != nil
                case .ring(let rings): isRinging = rings
                case .tellCaller(let begins):
                    if !isPortWanted { faults.append("data without a port") }
                    isTelling = begins
                case .offer:
                    if hasLeg || !isPortWanted || hasTone { faults.append("an offer at the wrong time") }
                    hasLeg = true
                case .reportHungUp:
                    if !hasLeg { faults.append("a hang-up of nothing") }
                    hasLeg = false
                case .reportRinging, .reportAnswered: if !hasLeg { faults.append("a report of nothing") }
                case .refuse: break
                }
            }
        }

        private mutating func check() {
            switch machine.state {
            case .gone, .onHook, .parked:
                if machine.state != .parked { holdsLeg = false }
                if isPortWanted || hasTone || isRinging || hasLeg || isTelling {
                    faults.append("left over in \(machine.state)")
                }
            case .ringing: if isTelling && !isPortWanted || hasTone || !hasLeg { faults.append("wrong while ringing") }
            case .opening(.answer), .inCall:
                if !isPortWanted || !hasLeg || isRinging || isTelling { faults.append("wrong in a call") }
            case .opening, .dialTone, .dialling, .closingTone:
                if !isPortWanted || hasLeg || isRinging { faults.append("wrong in \(machine.state)") }
            }
        }
    }

    @Test func `every sequence of five events keeps ports, tones, bell and legs in order`() {
        let choices = Self.events.count + 1
        var states: [Machine.State] = []
        for sequence in 0..<(choices * choices * choices * choices * choices) {
            var owner = Owner()
            owner.feed(.deviceBack)
            var rest = sequence
            for _ in 0..<5 {
                let choice = rest % choices
                rest /= choices
                if choice < Self.events.count { owner.feed(Self.events[choice]) } else { owner.pass(31_000) }
            }
            if !owner.faults.isEmpty {
                Issue.record("\(sequence): \(owner.faults)")
                return
            }
            if !states.contains(owner.machine.state) { states.append(owner.machine.state) }
        }
        // Every state was visited (three purposes of opening, one of them with two tones).
        #expect(states.count >= 12, "\(states)")
    }

    @Test func `a long storm of events leaves nothing behind after the hang-up`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var owner = Owner()
            for _ in 0..<500 {
                if Bool.random(using: &random) {
                    owner.feed(Self.events[Int.random(in: 0..<Self.events.count, using: &random)])
                } else {
                    owner.pass(Int64.random(in: 0...40_000, using: &random))
                }
            }
            owner.feed(.hungUp)
            owner.feed(.released(.normalClearing))
            #expect(owner.faults.isEmpty && !owner.hasLeg && !owner.isPortWanted)
        }
    }

    @Test func `a hot line dials its route without a dial tone`() {
        var plan = Self.plan
        plan.route = "112"
        var machine = Machine(plan: plan)
        _ = machine.handle(.deviceBack, now: 0)
        #expect(machine.handle(.lifted, now: 0) == [.openPort])
        #expect(machine.handle(.portOpened, now: 0) == [.offer("112", isEmergency: true)])
    }

    @Test func `a number that nobody has is offered all the same, after four seconds`() {
        var machine = Machine(plan: Self.plan)
        for event in [Machine.Event.deviceBack, .lifted, .portOpened] { _ = machine.handle(event, now: 0) }
        #expect(machine.deadline == 15_000)
        #expect(machine.handle(.digit(.nine), now: 1_000) == [.play(nil)])
        #expect(machine.deadline == 5_000)
        #expect(machine.expire(now: 5_000) == [.offer("9", isEmergency: false)])
        #expect(machine.state == .inCall && machine.deadline == nil)
    }

    @Test func `more digits than any number has are refused as a whole, and nobody is called`() {
        var machine = Machine(plan: Self.plan)
        for event in [Machine.Event.deviceBack, .lifted, .portOpened] { _ = machine.handle(event, now: 0) }
        for count in 1...32 {
            #expect(machine.handle(.digit(.nine), now: Int64(count)) == (count == 1 ? [.play(nil)] : []))
        }
        #expect(machine.handle(.digit(.nine), now: 33) == [.play(.reorder)])
        #expect(machine.state == .closingTone && machine.deadline == 30_033)
        #expect(machine.handle(.digit(.pound), now: 34) == [])
    }
}
