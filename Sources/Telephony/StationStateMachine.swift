// SPDX-License-Identifier: Apache-2.0

/// What the exchange does for one analog telephone (a station), from lifting to hanging up. Pure: events in, actions out,
/// in the order in which they are to be performed; milliseconds of the owner's clock.
///
///     on-hook --lifted--> opening --port--> dial tone --digit--> dialling --number--> in call --far end--> clearing
///        |                   ^                  ^                                        |                    |
///      called            answering              +----------------- recalled -------------+               reorder tone
///        v                   |                                                                     30 s, howler, silence
///     ringing --lifted-------+                              on-hook at any time: back to the start
///
/// It knows one call at a time; what a second one does to it (`recalled`, `resumed`) is `FlashStateMachine`'s decision.
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
        /// For a second dial tone: the call that was is on hold.
        case recall
        case closingTone(Tone)
    }

    package enum Tone: Sendable, Equatable {
        case dial
        /// The second dial tone, after a flash.
        case recall
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
        /// The call was put on hold: a second dial tone.
        case recalled
        /// Another call is the one that is talked with from now on.
        case resumed
        case deviceGone
        case deviceBack
    }

    package enum Action: Sendable, Equatable {
        case openPort
        case closePort
        /// Nil: silence.
        case play(Tone?)
        case ring(Bool)
        /// The port is for telling the telephone who calls (true), or that is over.
        case tellCaller(Bool)
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
        /// What a telephone that is called gets; set before each call.
        package var ring = RingPlan(cadence: [1_000, 4_000])

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
    /// Where the ring plan is; and its port is open, or being opened.
    private var ringStep = 0
    private var isTelling = false
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
        case .recalled: recalled()
        case .resumed: resumed()
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
        case .dialling: return advance(collector.expire(now: now), now: now)
        case .ringing:
            ringStep = plan.ring.step(after: ringStep)
            return performRing(now: now)
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
            let before = endTelling()
            enter(.opening(.answer))
            return [.ring(false)] + before + [.openPort]
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
            return [.play(nil)] + advance(outcome, now: now)
        case .dialling: return advance(collector.dial(digit, now: now), now: now)
        case .gone, .onHook, .opening, .ringing, .inCall, .closingTone, .parked: return []
        }
    }

    private mutating func advance(_ outcome: DigitCollector.Outcome, now: Int64) -> [Action] {
        switch outcome {
        case .collecting: return []
        case .complete(let number, let isEmergency):
            enter(.inCall)
            return [.offer(number, isEmergency: isEmergency)]
        case .tooLong:
            enter(.closingTone)
            timer = now &+ plan.closingToneMilliseconds
            return [.play(.reorder)]
        }
    }

    private mutating func portOpened(now: Int64) -> [Action] {
        guard case .opening(let purpose) = state else {
            return state == .ringing && isTelling ? [.tellCaller(true)] : []
        }
        switch purpose {
        case .recall: return invite(.recall, now: now)
        case .dialling:
            if let route = plan.route {
                enter(.inCall)
                return [.offer(route, isEmergency: plan.numbers.emergencyNumbers.contains(route))]
            }
            return invite(.dial, now: now)
        case .answer:
            enter(.inCall)
            return [.reportAnswered]
        case .closingTone(let tone):
            enter(.closingTone)
            timer = now &+ plan.closingToneMilliseconds
            return [.play(tone)]
        }
    }

    private mutating func invite(_ tone: Tone, now: Int64) -> [Action] {
        enter(.dialTone)
        collector = DigitCollector(space: plan.numbers, interdigitMilliseconds: plan.interdigitMilliseconds)
        timer = now &+ plan.firstDigitMilliseconds
        return [.play(tone)]
    }

    /// The leg's port goes with it, as at its end; the dial tone has one of its own.
    private mutating func recalled() -> [Action] {
        guard state == .inCall else { return [] }
        enter(.opening(.recall))
        return [.play(nil), .closePort, .openPort]
    }

    private mutating func resumed() -> [Action] {
        switch state {
        // A ringback tone may be heard.
        case .inCall: return [.play(nil), .reportAnswered]
        case .dialTone, .dialling, .closingTone:
            enter(.inCall)
            return [.play(nil), .reportAnswered]
        case .opening:
            enter(.opening(.answer))
            return []
        case .gone, .onHook, .ringing, .parked: return []
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
        case .ringing:
            // It rings without a name.
            return endTelling()
        case .gone, .onHook, .parked: return []
        }
    }

    // MARK: - Bell

    /// What the ring plan has at this place.
    private mutating func performRing(now: Int64) -> [Action] {
        let step = plan.ring.steps[ringStep]
        timer = step.milliseconds.map { now &+ $0 }
        let ended = step.tells ? [] : endTelling()
        guard step.tells, !isTelling else { return ended + [.ring(step.rings)] }
        isTelling = true
        return [.ring(step.rings), .openPort]
    }

    private mutating func endTelling() -> [Action] {
        guard isTelling else { return [] }
        isTelling = false
        return [.tellCaller(false), .closePort]
    }

    private mutating func called(now: Int64) -> [Action] {
        switch state {
        case .onHook:
            enter(.ringing)
            ringStep = 0
            return performRing(now: now) + [.reportRinging]
        case .gone: return [.refuse(.destinationOutOfOrder)]
        case .opening, .dialTone, .dialling, .ringing, .inCall, .closingTone, .parked: return [.refuse(.userBusy)]
        }
    }

    private mutating func released(_ cause: HangupCause) -> [Action] {
        switch state {
        case .ringing:
            let before = endTelling()
            enter(.onHook)
            return [.ring(false)] + before + [.reportHungUp(cause)]
        case .opening(.answer), .inCall:
            // The leg's port goes with it; the closing tone has one of its own.
            enter(.opening(.closingTone(cause == .userBusy ? .busy : .reorder)))
            return [.play(nil), .closePort, .reportHungUp(cause), .openPort]
        case .gone, .onHook, .opening, .dialTone, .dialling, .closingTone, .parked: return []
        }
    }

    private mutating func deviceGone() -> [Action] {
        let (before, told) = (state, endTelling())
        enter(.gone)
        switch before {
        case .gone, .onHook, .parked: return []
        case .ringing: return [.ring(false)] + told + [.reportHungUp(.destinationOutOfOrder)]
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
