// SPDX-License-Identifier: Apache-2.0

import SIP
import Telephony
import Testing

@Suite struct DialogStateMachineTests {
    typealias State = DialogStateMachine.State
    typealias Input = DialogStateMachine.Input
    typealias Action = DialogStateMachine.Action

    static let inputs: [Input] = [
        .ring, .startEarlyMedia, .answer, .reject(603), .hangUp(.normalClearing), .acknowledged,
        .cancelled(.normalClearing),
        .farEndLeft(.userBusy), .progressed(isRinging: true, hasMedia: false),
        .progressed(isRinging: false, hasMedia: true),
        .answered(isUsable: true), .answered(isUsable: false), .refused(486), .lost(.recoveryOnTimerExpiry), .over,
    ]

    /// The inputs that lead from the start to each state.
    static let paths: [State: (isIncoming: Bool, inputs: [Input])] = [
        .offered: (true, []), .alerting: (true, [.ring]), .early: (true, [.startEarlyMedia]),
        .accepted: (true, [.answer]),
        .acceptedInVain: (true, [.answer, .hangUp(.normalClearing)]), .confirmed: (true, [.answer, .acknowledged]),
        .leaving: (true, [.answer, .acknowledged, .hangUp(.normalClearing)]), .calling: (false, []),
        .proceeding: (false, [.progressed(isRinging: true, hasMedia: false)]),
        .cancelling: (false, [.hangUp(.noAnswer)]),
        .ended: (true, [.cancelled(.normalClearing)]),
    ]

    static func machine(in state: State) throws -> DialogStateMachine {
        let path = try #require(paths[state])
        var machine = DialogStateMachine(isIncoming: path.isIncoming)
        for input in path.inputs { _ = machine.take(input) }
        #expect(machine.state == state)
        return machine
    }

    private static func hangUps(_ actions: [Action]) -> Int {
        actions.count { if case .tellHungUp = $0 { true } else { false } }
    }

    @Test(arguments: State.allCases)
    func `every state takes every input`(_ state: State) throws {
        for input in Self.inputs {
            var machine = try Self.machine(in: state)
            let actions = machine.take(input)
            // The end is told exactly with the release of the port, and the handle is given back only at the end.
            #expect(Self.hangUps(actions) == actions.count { $0 == .releaseMedia })
            #expect(actions.contains(.forget) == (machine.state == .ended && state != .ended), "\(state) \(input)")
            if state == .ended { #expect(actions.isEmpty) }
            if case .hangUp = input,
                [.offered, .alerting, .early, .accepted, .calling, .proceeding, .confirmed].contains(state)
            {
                #expect(Self.hangUps(actions) == 1, "\(state) must tell its end at once")
            }
        }
    }

    @Test func `storms of inputs tell the end at most once and always reach it`() {
        var random = SystemRandomNumberGenerator()
        for round in 0..<2_000 {
            var machine = DialogStateMachine(isIncoming: round % 2 == 0)
            var told = 0
            var forgotten = 0
            for _ in 0..<20 {
                let actions = machine.take(Self.inputs.randomElement(using: &random) ?? .over)
                told += Self.hangUps(actions)
                forgotten += actions.count { $0 == .forget }
            }
            let last = machine.take(.over)
            told += Self.hangUps(last)
            forgotten += last.count { $0 == .forget }
            #expect(told == 1 && forgotten == 1 && machine.state == .ended)
        }
    }

    @Test(arguments: [
        (State.offered, Input.ring, State.alerting, [Action.respond(180)]),
        (.alerting, .ring, .alerting, []),
        (.alerting, .startEarlyMedia, .early, [.openMedia, .respondWithDescription(183)]),
        (.early, .answer, .accepted, [.respondWithDescription(200)]),
        (.offered, .answer, .accepted, [.openMedia, .respondWithDescription(200)]),
        (.offered, .reject(486), .ended, [.respond(486), .releaseMedia, .tellHungUp(.userBusy), .forget]),
        (.alerting, .hangUp(.userBusy), .ended, [.respond(486), .releaseMedia, .tellHungUp(.userBusy), .forget]),
        (.accepted, .acknowledged, .confirmed, [.tellAnswered]),
        (.accepted, .hangUp(.normalClearing), .acceptedInVain, [.releaseMedia, .tellHungUp(.normalClearing)]),
        (.acceptedInVain, .acknowledged, .leaving, [.sendBye(.normalClearing)]),
        (.confirmed, .hangUp(.userBusy), .leaving, [.sendBye(.userBusy), .releaseMedia, .tellHungUp(.userBusy)]),
        (.confirmed, .farEndLeft(.userBusy), .ended, [.releaseMedia, .tellHungUp(.userBusy), .forget]),
        (.leaving, .over, .ended, [.forget]),
        (.calling, .answered(isUsable: true), .confirmed, [.acknowledge, .openMedia, .tellAnswered]),
        (.proceeding, .refused(486), .ended, [.releaseMedia, .tellHungUp(.userBusy), .forget]),
        (
            .proceeding, .hangUp(.noAnswer), .cancelling,
            [.sendCancel(.noAnswer), .releaseMedia, .tellHungUp(.noAnswer)]
        ),
        (.cancelling, .answered(isUsable: true), .leaving, [.acknowledge, .sendBye(.normalClearing)]),
        (.cancelling, .refused(487), .ended, [.forget]),
    ])
    func `the transitions that matter`(_ from: State, _ input: Input, _ to: State, _ expected: [Action]) throws {
        var machine = try Self.machine(in: from)
        let step1 = machine.take(input)
        #expect(step1 == expected)
        #expect(machine.state == to)
    }

    @Test func `nobody waits for ever where an end was due`() throws {
        for state in State.allCases {
            let machine = try Self.machine(in: state)
            #expect(machine.inputAfterWaiting(.seconds(60)) == nil)
            let late = machine.inputAfterWaiting(.seconds(200))
            switch state {
            case .offered, .alerting, .early: #expect(late == .hangUp(.noAnswer))
            case .leaving, .cancelling, .acceptedInVain: #expect(late == .over)
            default: #expect(late == nil)
            }
        }
    }

    @Test func `ringing is told once, however often it comes`() {
        var machine = DialogStateMachine(isIncoming: false)
        let step2 = machine.take(.progressed(isRinging: true, hasMedia: false))
        #expect(step2 == [.tellRinging])
        let step3 = machine.take(.progressed(isRinging: true, hasMedia: false))
        #expect(step3 == [])
        let step4 = machine.take(.progressed(isRinging: false, hasMedia: true))
        #expect(step4 == [.openMedia, .tellEarlyMedia])
        let step5 = machine.take(.progressed(isRinging: false, hasMedia: true))
        #expect(step5 == [.openMedia])
    }
}

@Suite struct RenegotiationTests {
    @Test func `491 waits by who owns the call, and not for ever`() {
        var ours = Renegotiation(ownsCallID: true)
        let step6 = ours.take(.wanted)
        #expect(step6 == .send)
        let step7 = ours.take(.wanted)
        #expect(step7 == nil)
        for _ in 1..<Renegotiation.mostTries {
            let step8 = ours.take(.refused(491))
            #expect(step8 == .wait(2_100...4_000))
            let step9 = ours.take(.timerRang)
            #expect(step9 == .send)
        }
        let step10 = ours.take(.refused(491))
        #expect(step10 == .giveUp)
        #expect(ours.state == .idle)
        var theirs = Renegotiation(ownsCallID: false)
        let step11 = theirs.take(.refused(491))
        #expect(step11 == .wait(0...2_000))
        let step12 = theirs.take(.timerRang)
        #expect(step12 == .send)
        let step13 = theirs.take(.accepted)
        #expect(step13 == nil)
        let step14 = theirs.take(.wanted)
        #expect(step14 == .send)
        let step15 = theirs.take(.refused(488))
        #expect(step15 == .giveUp)
    }

    @Test func `every state takes every input`() {
        let inputs: [Renegotiation.Input] = [
            .wanted, .accepted, .refused(491), .refused(488), .refused(503), .timerRang,
        ]
        let paths: [[Renegotiation.Input]] = [[], [.wanted], [.wanted, .refused(491)]]
        for path in paths {
            for input in inputs {
                var machine = Renegotiation(ownsCallID: true)
                for step in path { _ = machine.take(step) }
                _ = machine.take(input)
                #expect(Renegotiation.State.allCases.contains(machine.state))
            }
        }
    }
}
