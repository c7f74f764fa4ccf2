// SPDX-License-Identifier: Apache-2.0

/// What the exchange does for one analog telephone (a station), from lifting to hanging up. Pure: events in, actions out,
/// in the order in which they are to be performed; milliseconds of the owner's clock.
///
///     on-hook --lifted--> opening --port--> dial tone --digit--> dialling --number--> in call --far end--> clearing
///        |                   ^                                                            |                   |
///      called            answering                                                      on-hook          reorder tone
///        v                   |                                                                     30 s, howler, silence
///     ringing --lifted-------+                              on-hook at any time: back to the start
package struct StationStateMachine: Sendable {
    package enum State: Sendable, Equatable {
        /// The device is not there.
        case gone
        case onHook
        /// The port is being opened for dial tone (or the hot line), for a call that was answered, for the closing tone.
        case opening(Purpose)
        case dialTone
        case dialling
        case ringing
        case inCall
        /// Off-hook after a call: reorder or busy tone.
        case closingTone
        /// Off-hook and left alone.
        case parked
    }

    package enum Purpose: Sendable, Equatable {
        case dialling
        case answer
        case closingTone(Tone)
    }

    package enum Tone: Sendable, Equatable {
        case dial
        case busy
        case reorder
        /// For a receiver that was left off-hook.
        case howler
    }

    package enum Event: Sendable {
        case lifted
        case hungUp
        case digit(DTMFDigit)
        case portOpened
        case portFailed
        /// The exchange calls this station.
        case called
        /// The exchange ends or refuses the call.
        case released(HangupCause)
        case deviceGone
        case deviceBack
    }

    package enum Action: Sendable, Equatable {
        case openPort
        case closePort
        /// Nil: silence.
        case play(Tone?)
        case ring(Bool)
        /// A new call of this station to this destination.
        case offer(String, isEmergency: Bool)
        case reportRinging
        case reportAnswered
        /// The station's call is over: the last event of its leg.
        case reportHungUp(HangupCause)
        /// The call that came with `called` cannot be taken.
        case refuse(HangupCause)
    }

    package struct Plan: Sendable {
        package var numbers: NumberSpace
        /// Dialled by lifting (hot line); nil: the caller dials.
        package var route: String?
        package var firstDigitMilliseconds: Int64 = 15_000
        package var interdigitMilliseconds: Int64 = 4_000
        package var closingToneMilliseconds: Int64 = 30_000
        /// After the closing tone, for receivers that lie beside their telephone; 0: silence at once.
        package var howlerMilliseconds: Int64 = 0
        /// The bell, on and off; a pause of 0: it is on until the end (the telephone makes the cadence).
        package var ringMilliseconds: Int64 = 1_000
        package var pauseMilliseconds: Int64 = 4_000

        package init(numbers: NumberSpace, route: String?) {
            self.numbers = numbers
            self.route = route
        }
    }

    /// A changed plan holds from the next call on.
    package var plan: Plan
    package private(set) var state = State.gone
    private var collector: DigitCollector
    /// Of the first digit, the closing tone or the bell.
    private var timer: Int64?
    private var bellRings = false
    private var howls = false

    package init(plan: Plan) {
        self.plan = plan
        collector = DigitCollector(space: plan.numbers, interdigitMilliseconds: plan.interdigitMilliseconds)
    }

    package var deadline: Int64? {
        guard state == .dialling || state == .dialTone, let collected = collector.deadline else { return timer }
        return timer.map { min($0, collected) } ?? collected
    }

    package mutating func handle(_ event: Event, now: Int64) -> [Action] {
        switch event {
        case .lifted: lifted()
        case .hungUp: hungUp()
        case .digit(let digit): dialled(digit, now: now)
        case .portOpened: portOpened(now: now)
        case .portFailed: portFailed()
        case .called: called(now: now)
        case .released(let cause): released(cause)
        case .deviceGone: deviceGone()
        case .deviceBack: deviceBack()
        }
    }

    package mutating func expire(now: Int64) -> [Action] {
        guard let deadline, now >= deadline else { return [] }
        switch state {
        case .dialTone:
            enter(.closingTone)
            timer = now &+ plan.closingToneMilliseconds
            return [.play(.reorder)]
        case .dialling: return advance(collector.expire(now: now))
        case .ringing:
            bellRings.toggle()
            timer = now &+ (bellRings ? plan.ringMilliseconds : plan.pauseMilliseconds)
            return [.ring(bellRings)]
        case .closingTone:
            if plan.howlerMilliseconds > 0, !howls {
                howls = true
                timer = now &+ plan.howlerMilliseconds
                return [.play(.howler)]
            }
            enter(.parked)
            return [.play(nil), .closePort]
        case .gone, .onHook, .opening, .inCall, .parked:
            timer = nil
            return []
        }
    }

    // MARK: - Transitions

    private mutating func enter(_ next: State) {
        state = next
        timer = nil
        howls = false
    }

    private mutating func lifted() -> [Action] {
        switch state {
        case .onHook:
            enter(.opening(.dialling))
            return [.openPort]
        case .ringing:
            enter(.opening(.answer))
            return [.ring(false), .openPort]
        case .gone, .opening, .dialTone, .dialling, .inCall, .closingTone, .parked: return []
        }
    }

    private mutating func hungUp() -> [Action] {
        let before = state
        switch before {
        case .gone, .onHook, .ringing: return []
        case .parked:
            enter(.onHook)
            return []
        case .opening(.answer), .inCall:
            enter(.onHook)
            return [.play(nil), .closePort, .reportHungUp(.normalClearing)]
        case .opening, .dialTone, .dialling, .closingTone:
            enter(.onHook)
            return [.play(nil), .closePort]
        }
    }

    private mutating func dialled(_ digit: DTMFDigit, now: Int64) -> [Action] {
        switch state {
        case .dialTone:
            let outcome = collector.dial(digit, now: now)
            // A lone '#' is no number: the dial tone goes on.
            guard !collector.digits.isEmpty else { return [] }
            enter(.dialling)
            return [.play(nil)] + advance(outcome)
        case .dialling: return advance(collector.dial(digit, now: now))
        case .gone, .onHook, .opening, .ringing, .inCall, .closingTone, .parked: return []
        }
    }

    private mutating func advance(_ outcome: DigitCollector.Outcome) -> [Action] {
        guard case .complete(let number, let isEmergency) = outcome else { return [] }
        enter(.inCall)
        return [.offer(number, isEmergency: isEmergency)]
    }

    private mutating func portOpened(now: Int64) -> [Action] {
        guard case .opening(let purpose) = state else { return [] }
        switch purpose {
        case .dialling:
            if let route = plan.route {
                enter(.inCall)
                return [.offer(route, isEmergency: plan.numbers.emergencyNumbers.contains(route))]
            }
            enter(.dialTone)
            collector = DigitCollector(space: plan.numbers, interdigitMilliseconds: plan.interdigitMilliseconds)
            timer = now &+ plan.firstDigitMilliseconds
            return [.play(.dial)]
        case .answer:
            enter(.inCall)
            return [.reportAnswered]
        case .closingTone(let tone):
            enter(.closingTone)
            timer = now &+ plan.closingToneMilliseconds
            return [.play(tone)]
        }
    }

    private mutating func portFailed() -> [Action] {
        let before = state
        switch before {
        case .opening(.answer), .inCall:
            enter(.parked)
            return [.closePort, .reportHungUp(.destinationOutOfOrder)]
        case .opening, .dialTone, .dialling, .closingTone:
            enter(.parked)
            return [.play(nil), .closePort]
        case .gone, .onHook, .ringing, .parked: return []
        }
    }

    private mutating func called(now: Int64) -> [Action] {
        switch state {
        case .onHook:
            enter(.ringing)
            bellRings = true
            timer = plan.pauseMilliseconds > 0 ? now &+ plan.ringMilliseconds : nil
            return [.ring(true), .reportRinging]
        case .gone: return [.refuse(.destinationOutOfOrder)]
        case .opening, .dialTone, .dialling, .ringing, .inCall, .closingTone, .parked: return [.refuse(.userBusy)]
        }
    }

    private mutating func released(_ cause: HangupCause) -> [Action] {
        switch state {
        case .ringing:
            enter(.onHook)
            return [.ring(false), .reportHungUp(cause)]
        case .opening(.answer), .inCall:
            // The leg's port goes with it; the closing tone has one of its own.
            enter(.opening(.closingTone(cause == .userBusy ? .busy : .reorder)))
            return [.play(nil), .closePort, .reportHungUp(cause), .openPort]
        case .gone, .onHook, .opening, .dialTone, .dialling, .closingTone, .parked: return []
        }
    }

    private mutating func deviceGone() -> [Action] {
        let before = state
        enter(.gone)
        switch before {
        case .gone, .onHook, .parked: return []
        case .ringing: return [.ring(false), .reportHungUp(.destinationOutOfOrder)]
        case .opening(.answer), .inCall: return [.play(nil), .closePort, .reportHungUp(.destinationOutOfOrder)]
        case .opening, .dialTone, .dialling, .closingTone: return [.play(nil), .closePort]
        }
    }

    private mutating func deviceBack() -> [Action] {
        guard state == .gone else { return [] }
        enter(.onHook)
        return []
    }
}
