// SPDX-License-Identifier: Apache-2.0

import Telephony

/// A landline whose clock is turned by hand.
struct TurnedLine {
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
