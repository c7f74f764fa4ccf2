// SPDX-License-Identifier: Apache-2.0
import Logging
import Media
import Telephony

extension LineStation {
    /// An event into the state machine; events that its own actions cause come after these.
    func feed(_ event: StationStateMachine.Event) {
        pending.append(event)
        guard !isHandling else { return }
        isHandling = true
        defer { isHandling = false }
        while !pending.isEmpty {
            let next = pending.removeFirst()
            for action in machine.handle(next, now: now) { perform(action) }
        }
    }

    func perform(_ actions: [StationStateMachine.Action]) {
        for action in actions { perform(action) }
    }

    func perform(_ action: StationStateMachine.Action) {
        switch action {
        case .openPort: openPort()
        case .closePort: closePort()
        case .play(nil): tones.stop()
        case .play(let tone?):
            if let port { tones.play(segments(for: tone), on: port) }
            if tone == .dial { dialTyped() }
        case .ring(let rings): device?.perform(.bell(rings), now: now)
        case .offer(let destination, let isEmergency): offer(destination, isEmergency)
        case .reportRinging:
            if let leg { house.sink.post(.ringing([]), from: leg.id) }
        case .reportAnswered:
            guard let leg, let port else { return }
            house.sink.post(leg.adopt(port) ? .held(false) : .answered([]), from: leg.id)
        case .reportHungUp(let cause):
            guard let leg else { return }
            self.leg = nil
            finish(leg, cause)
        case .tellCaller(let begins): tellCaller(begins)
        case .refuse: break
        }
    }

    private func segments(for tone: StationStateMachine.Tone) -> [ToneSegment] {
        tone == .dial && isMessageWaiting ? house.tones.stutter : house.tones.segments(for: tone)
    }

    // MARK: - Calls

    private func offer(_ destination: String, _ isEmergency: Bool) {
        guard let port else { return feed(.portFailed) }
        let number = line.extension ?? line.name
        let leg = makeLeg(port: port)
        self.leg = leg
        history.calls += 1
        if isEmergency { emergencyLeg = leg.id }
        var offer = CallOffer(
            leg: leg, destination: destination, callerNumber: number, callerName: line.name, origin: .lines,
            fromURI: "sip:\(number)@partyline", toURI: "sip:\(destination)@partyline", headers: [],
            peer: "line \(line.name)")
        offer.isTyped = destination != line.route
        house.sink.incoming(offer)
    }

    /// The leg with which the switchboard calls this station; its request follows through `post`.
    func makeLeg(port: PortID?) -> LineLeg {
        let (post, number) = (house.post, number)
        return LineLeg(id: house.sink.newLegID(), port: port, tones: tones, ringback: house.tones.ringback) { request in
            post(number, request)
        }
    }

    // MARK: - Port

    private func openPort() {
        guard case .idle = use else {
            wantsPort = true
            return
        }
        guard let device else { return feed(.portFailed) }
        do {
            let functions = try device.start()
            uses += 1
            let (post, number, uses) = (house.post, number, uses)
            guard let port = house.ports.openCardPort(functions, onRelease: { post(number, .cardReleased(uses)) })
            else {
                device.stop()
                house.log.error("\(line.words): the media engine is full; raise its number of ports")
                return feed(.portFailed)
            }
            use = .lent(port, use: uses)
            if neighbourhood != 0 { house.media.setNeighbourhood(port, neighbourhood) }
            feed(.portOpened)
        } catch {
            feed(.portFailed)
            lose(LineTrouble(error))
        }
    }

    private func closePort() {
        wantsPort = false
        noteStatistics()
        guard case .lent(let port, let use) = use, let device else { return }
        self.use = .returning(use: use, device)
        house.ports.closeCardPort(port)
    }

    func released(_ number: Int) {
        guard case .returning(let use, let device) = use, use == number else { return }
        device.stop()
        self.use = .idle
        guard wantsPort else { return }
        wantsPort = false
        openPort()
    }

    /// The mix thread gave up on the card: after an xrun or a suspend it starts again and the call goes on.
    func recover(_ reason: String) {
        guard let device, let port else { return }
        recoveries.removeAll { now &- $0 > 10_000 }
        guard recoveries.count < 10 else {
            return lose(
                "\(reason); started again ten times in ten seconds: unplug it and see the kernel's messages (dmesg)")
        }
        recoveries.append(now)
        do {
            try device.recover()
            house.ports.resumeCardPort(port)
            house.log.warning("\(line.words): the card had stopped and was started again (\(reason))")
        } catch {
            lose(LineTrouble(error))
        }
    }
}
