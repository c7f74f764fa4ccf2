// SPDX-License-Identifier: Apache-2.0
import Logging
import Media
import Signals
import Telephony

extension LandlineStation {
    static let pulseBreak = 60
    private static let pulsePeriod: Int64 = 100
    private static let pulsePause: Int64 = 800

    func feed(_ event: LandlineStateMachine.Event) { perform(step { $0.handle(event, now: now) }) }

    /// A step of the machine, which knows for it what the other landlines have dialled in vain.
    func step<Result>(_ body: (inout LandlineStateMachine) -> Result) -> Result {
        machine.redial = redials.rule
        defer { redials.rule = machine.redial }
        return body(&machine)
    }

    // MARK: - What happens

    func take(_ signal: LineSignal) {
        switch signal {
        case .ring(let rings):
            note(bell: rings)
            feed(.ring(rings))
        case .loop(let isClosed): feed(.loop(isClosed))
        case .polarity: feed(.polarityReversed)
        case .lineInUse(let isInUse): feed(.lineInUse(isInUse))
        case .callerID(let number, let name):
            let isAbsent = number == "P" || number == "O"
            let caller = LandlineStateMachine.Caller(
                number: isAbsent ? "" : String(number.prefix(32)), name: String(name.prefix(64)),
                isWithheld: number == "P")
            note(caller: caller, by: nil)
            feed(.callerID(caller))
        case .key(let digit): pressed(digit)
        case .notTaken(let isInUse): feed(.notTaken(isInUse: isInUse))
        case .ended: feed(.deviceEnded)
        case .tone(let tone): heard(tone)
        case .hook, .hookButton, .hookKey, .flashKey, .muteButton: break
        }
    }

    /// A key of the far end, as the device tells of it. Its detector hears the echo of what we send as well.
    private func pressed(_ digit: DTMFDigit) {
        guard ear?.hasPlayed(digit) != true else { return }
        feed(.digit)
        if let leg { house.sink.post(.digit(digit, .keys), from: leg.id) }
    }

    /// What a modem believes to hear. It knows neither cadences nor echoes: in a call one word of it counts as the next burst (or
    /// second) of a tone that the ear has told of already, just before. Nothing is played while the line is being taken: there its
    /// dial tone is one.
    private func heard(_ tone: LineTone) {
        switch tone {
        case .dial where machine.state == .seizing: feed(.tone(.dial, bursts: 1))
        case .busy: support([.busy, .congestion, .learned])
        case .dial: support([.dial])
        case .hangUp: feed(.presumedGone)
        case .ringback, .silence: break
        }
    }

    private func support(_ tones: Set<LandlineStateMachine.Tone>) {
        guard let heard = heardTone, tones.contains(heard.tone), now &- heard.at < 2_000,
            heard.bursts >= (machine.state == .inCall ? 2 : 1)
        else { return }
        feed(.tone(heard.tone, bursts: heard.bursts + 1))
    }

    /// What the ear has heard since the last look.
    func listen() {
        guard let tap, let ear else { return }
        let events = ear.listen(tap)
        if let delay = ear.echoDelay, abs(delay - (history.echoDelay ?? -.infinity)) > Self.echoDelayStep {
            expect(echoDelay: delay, tap)
            memory.set(echoDelay: delay, of: line.name)
        }
        let resets = tap.filterResets
        if resets > history.filterResets {
            house.log.notice("echo filter began anew", metadata: ["line": "\(line.name)", "times": "\(resets)"])
        }
        history.filterResets = resets
        if let lesson = ear.lesson, !lesson.isRinging { proposal = lesson.tones.map(ToneSegment.init) }
        test?.hear(ear, events, now: now)
        if machine.state == .seizing, let tone = ear.currentTone, tone.milliseconds > 500 { feed(.steadyTone) }
        for event in events {
            switch event {
            case .callerID(let caller): note(caller: caller, by: ear.callerKind?.rawValue)
            case .ring(let rings): note(bell: rings)
            default: break
            }
            if case .tone(let tone, let bursts) = event { heardTone = (tone, bursts, now) }
            feed(event)
        }
    }

    /// Ms by which the echo's delay must be another one to move the filter: the tail begins earlier by more than that.
    private static let echoDelayStep = 2.0

    func expect(echoDelay delay: Double, _ tap: LandlineTap) {
        history.echoDelay = delay
        // The tail begins a little before the first echo.
        tap.setDelay(milliseconds: max(0, delay - 3))
    }

    // MARK: - What is done

    func perform(_ actions: [LandlineStateMachine.Action]) {
        for action in actions { perform(action) }
    }

    private func perform(_ action: LandlineStateMachine.Action) {
        switch action {
        case .seize(let takes): seize(takes)
        case .seizeToHearCaller: device?.perform(.seize(true), now: now)
        case .send(let digits, let way): send(digits, way)
        case .mute(let mutes): if let port { house.media.mute(port, mutes) }
        case .offer(let caller):
            note(callFrom: caller)
            offer(caller)
        case .reportRinging: if let leg { house.sink.post(.ringing([]), from: leg.id) }
        case .reportEarlyMedia:
            if let leg, let port {
                leg.adopt(port)
                house.sink.post(.earlyMedia([]), from: leg.id)
            }
        case .reportAnswered(let how): answered(how)
        case .reportHungUp(let release, let cause): hungUp(release, cause)
        // Handled where the leg is: `called`.
        case .refuse: break
        case .missed(let caller):
            history.missed += 1
            note(callFrom: caller)
            house.log.notice(
                "missed call", metadata: ["line": "\(line.name)", "number": "\(caller?.number ?? "unknown")"])
        case .forgetTones:
            ear?.forget()
            heardTone = nil
        }
    }

    func seize(_ takes: Bool) {
        device?.perform(.seize(takes), now: now)
        tap?.setCancelling(takes)
        ear?.setOffHook(takes)
        if !takes {
            dialledAt = nil
            pulses = []
        }
    }

    private func send(_ number: String, _ way: LandlinePlan.Dialling) {
        let digits = number.compactMap(DTMFDigit.init)
        switch way {
        case .dtmf:
            if let port { house.media.send(digits, to: port) }
            // 100 ms each, 100 ms apart.
            dialledAt = now &+ Int64(digits.count) * 200 &+ 100
        case .pulse:
            var at = now &+ 200
            for digit in digits where digit.rawValue <= 9 {
                let breaks = digit.rawValue == 0 ? 10 : Int(digit.rawValue)
                for _ in 0..<breaks {
                    pulses.append(at)
                    at &+= Self.pulsePeriod
                }
                at &+= Self.pulsePause
            }
            dialledAt = at
        }
    }

    private func offer(_ caller: LandlineStateMachine.Caller?) {
        guard let port else { return feed(.deviceGone) }
        let leg = makeLeg(port: port)
        self.leg = leg
        let number = caller.map { $0.isWithheld ? "anonymous" : $0.number } ?? ""
        let destination = line.route ?? line.name
        house.sink.incoming(
            CallOffer(
                leg: leg, destination: destination, callerNumber: number, callerName: caller?.name ?? "",
                origin: .lines, fromURI: "sip:\(number.isEmpty ? "unknown" : number)@partyline",
                toURI: "sip:\(destination)@partyline", headers: [], peer: "line \(line.name)", isOutside: true))
    }

    private func makeLeg(port: PortID?) -> LineLeg {
        let (post, number) = (house.post, number)
        // The network lets the caller hear the ringing tone.
        return LineLeg(
            id: house.sink.newLegID(), port: port, tones: tones, ringback: [], outsideLine: line.name,
            tellsOfKeys: profile.tellsOfKeys
        ) { post(number, $0) }
    }

    func called(_ new: LineLeg, _ request: DialRequest) {
        let digits = request.destination.filter { DTMFDigit($0) != nil }
        guard !digits.isEmpty, digits.count <= 40, device != nil else {
            new.end()
            let cause: HangupCause = device == nil ? .destinationOutOfOrder : .invalidNumberFormat
            return house.sink.post(.hungUp(cause, []), from: new.id)
        }
        if request.kind == .emergency { breakOffTest() }
        let patience: LandlineStateMachine.Patience =
            request.isLastTry ? .last : request.hasOtherWay ? .elsewhere : .planned
        let actions = step {
            $0.handle(.dial(digits, isEmergency: request.kind == .emergency, patience: patience), now: now)
        }
        for action in actions {
            if case .refuse(let release) = action {
                house.log.notice(
                    "landline refused", metadata: ["line": "\(line.name)", "reason": "\(release.rawValue)"])
                new.end()
                return house.sink.post(.hungUp(release.cause, [release.header]), from: new.id)
            }
        }
        // The end of the call that is taken the line from concerns its own leg.
        perform(actions)
        leg = new
    }

    private func answered(_ how: LandlineAnswer?) {
        guard let leg, let port else { return }
        leg.adopt(port)
        history.answered = how
        if let how {
            house.log.info("landline answered", metadata: ["line": "\(line.name)", "by": "\(how.rawValue)"])
        }
        house.sink.post(.answered([]), from: leg.id)
    }

    private func hungUp(_ release: LandlineRelease, _ cause: HangupCause) {
        history.release = release
        // At this moment there is a tone on the line that is no echo.
        history.echo = ear?.echoFigures
        var metadata: Logger.Metadata = ["line": "\(line.name)", "cause": "\(release.rawValue)"]
        if release == .learnedTone, let proposal {
            metadata["tone"] = "\(proposal.map(\.words).joined(separator: ", "))"
            metadata["confirm"] = "partyline line \(line.name) accept"
        }
        house.log.info("landline released", metadata: metadata)
        guard let leg else { return }
        self.leg = nil
        leg.end()
        house.sink.post(.hungUp(cause, [release.header]), from: leg.id)
    }
}
