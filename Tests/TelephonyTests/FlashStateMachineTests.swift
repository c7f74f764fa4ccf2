// SPDX-License-Identifier: Apache-2.0
import Telephony
import Testing

@Suite struct FlashStateMachineTests {
    private typealias Machine = FlashStateMachine

    /// Ways into every state.
    private static func machine(in state: Machine.State) -> Machine {
        var machine = Machine(takesWaitingCalls: true)
        let way: [(Machine.Event, Machine.Telephone)] =
            switch state {
            case .alone: []
            case .waiting: [(.called, .talking)]
            case .consulting: [(.flashed, .talking)]
            case .alternating: [(.called, .talking), (.flashed, .talking)]
            case .conferring: [(.flashed, .talking), (.flashed, .talking)]
            case .ringingBack: [(.flashed, .talking), (.hungUp, .tone)]
            }
        for (event, telephone) in way { _ = machine.handle(event, telephone, now: 0) }
        return machine
    }

    /// What an owner has of the other call: every action must find what it works on.
    private struct Owner {
        enum Other { case none, waiting, held, third }
        var other: Other
        var faults: [String] = []

        init(_ state: Machine.State) {
            other =
                switch state {
                case .alone, .ringingBack: .none
                case .waiting: .waiting
                case .consulting, .alternating: .held
                case .conferring: .third
                }
        }

        mutating func perform(_ action: Machine.Action) {
            switch action {
            case .pass, .refuse, .dropActive, .giveUp: break
            case .announceWaiting:
                if other != .none { faults.append("a third call") }
                other = .waiting
            case .stopWaiting: if other != .waiting { faults.append("nobody waits") }
            case .holdActive:
                if other != .none { faults.append("a second one on hold") }
                other = .held
            case .resumeOther, .ringOther, .forgetOther, .dropOther:
                if other == .none { faults.append("\(action): there is no other one") }
                other = .none
            case .changeOver:
                if other == .none { faults.append("nobody to change over to") }
                other = .held
            case .confer:
                if other != .held { faults.append("nobody to confer with") }
                other = .third
            case .transfer:
                if other != .held && other != .third { faults.append("nobody to hand on to") }
                other = .none
            }
        }
    }

    @Test func `every event in every state, whatever the telephone does, leaves the books in order`() {
        var count = 0
        for state in Machine.State.allCases {
            for telephone in Machine.Telephone.allCases {
                for event in Machine.Event.allCases {
                    var machine = Self.machine(in: state)
                    #expect(machine.state == state)
                    var owner = Owner(state)
                    // The exchange has not made one of them.
                    if event == .conferenceRefused, owner.other == .third { owner.other = .held }
                    for action in machine.handle(event, telephone, now: 0) { owner.perform(action) }
                    #expect(owner.faults.isEmpty, "\(state), \(telephone), \(event): \(owner.faults)")
                    #expect(
                        owner.other == Owner(machine.state).other, "\(state), \(telephone), \(event): \(machine.state)")
                    count += 1
                }
            }
        }
        #expect(count == 6 * 7 * 9)
    }

    @Test func `the transitions that matter`() {
        let table: [(Machine.State, Machine.Telephone, Machine.Event, Machine.State, [Machine.Action])] = [
            (.alone, .talking, .flashed, .consulting, [.holdActive]),
            (.alone, .calling, .flashed, .alone, []),
            (.alone, .emergency, .flashed, .alone, []),
            (.alone, .talking, .called, .waiting, [.announceWaiting]),
            (.alone, .calling, .called, .alone, [.refuse]),
            (.alone, .away, .called, .alone, [.pass]),
            (.waiting, .talking, .flashed, .alternating, [.stopWaiting, .changeOver]),
            (.waiting, .tone, .flashed, .alone, [.stopWaiting, .resumeOther]),
            (.waiting, .talking, .hungUp, .alone, [.stopWaiting, .pass, .ringOther]),
            (.waiting, .talking, .called, .waiting, [.refuse]),
            (.waiting, .talking, .otherEnded, .alone, [.stopWaiting, .forgetOther]),
            (.consulting, .tone, .flashed, .alone, [.resumeOther]),
            (.consulting, .calling, .flashed, .alone, [.dropActive, .resumeOther]),
            (.consulting, .talking, .flashed, .conferring, [.confer]),
            (.consulting, .talking, .hungUp, .alone, [.transfer, .pass]),
            (.consulting, .calling, .hungUp, .alone, [.transfer, .pass]),
            (.consulting, .tone, .hungUp, .ringingBack, [.pass, .ringOther]),
            (.consulting, .emergency, .hungUp, .ringingBack, [.pass, .ringOther]),
            (.consulting, .talking, .activeEnded, .consulting, [.pass]),
            (.alternating, .talking, .flashed, .alternating, [.changeOver]),
            (.alternating, .talking, .hungUp, .ringingBack, [.pass, .ringOther]),
            (.conferring, .talking, .flashed, .alone, [.dropActive, .resumeOther]),
            (.conferring, .talking, .hungUp, .alone, [.transfer, .pass]),
            (.conferring, .talking, .conferenceRefused, .alternating, [.changeOver]),
            (.conferring, .tone, .conferenceRefused, .alternating, []),
            (.alone, .talking, .conferenceRefused, .alone, []),
            (.conferring, .talking, .activeEnded, .alone, [.resumeOther]),
            (.ringingBack, .ringing, .lifted, .alone, [.pass]),
            (.ringingBack, .ringing, .expired, .alone, [.giveUp]),
            (.ringingBack, .ringing, .called, .ringingBack, [.refuse]),
        ]
        for (state, telephone, event, next, actions) in table {
            var machine = Self.machine(in: state)
            #expect(machine.handle(event, telephone, now: 0) == actions, "\(state), \(telephone), \(event)")
            #expect(machine.state == next, "\(state), \(telephone), \(event)")
        }
    }

    @Test func `without call waiting a telephone in a call is busy`() {
        var machine = Machine(takesWaitingCalls: false)
        #expect(machine.handle(.called, .talking, now: 0) == [.refuse])
        #expect(machine.state == .alone)
    }

    @Test func `the bell rings back for a minute`() {
        var machine = Self.machine(in: .ringingBack)
        #expect(machine.deadline == Machine.ringBackMilliseconds)
        _ = machine.handle(.called, .ringing, now: 30_000)
        #expect(machine.deadline == Machine.ringBackMilliseconds, "a call that is refused does not prolong it")
        _ = machine.handle(.lifted, .ringing, now: 40_000)
        #expect(machine.deadline == nil)
    }
}
