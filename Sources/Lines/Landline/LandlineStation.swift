// SPDX-License-Identifier: Apache-2.0
import Logging
import Media
import Telephony

/// The landline at work: performs on device, media and switchboard what `LandlineStateMachine` says. On the `lines` thread
/// only (or a test's); milliseconds of its owner's clock are handed in.
///
/// Its card runs all the time, on-hook as well: who calls is told before the line is taken.
final class LandlineStation: ServedLine {
    let number: Int
    let line: LineDescription
    let profile: LineProfile
    let house: StationHouse
    let tones: StationTones
    let country: LandlineCountry
    let memory: LandlineMemory
    let redials: RedialBook
    var machine: LandlineStateMachine
    var device: (any StationDevice)?
    /// It is open, but has not answered yet: for everybody else the line is not there.
    private var isAwaitingAnswer = false
    private(set) var unit: PluggedUnit?
    var leg: LineLeg?
    var use = LineStation.CardUse.idle
    var uses = 0
    var tap: LandlineTap?
    var ear: LandlineEar?
    var now: Int64 = 0
    var trouble = ""
    var recoveries: [Int64] = []
    var retry: Int64? = 0
    var hurriedUntil: Int64 = 0
    /// When all digits will have been sent.
    var dialledAt: Int64?
    /// Breaks of a pulse-dialled number that are still to come, by their time.
    var pulses: [Int64] = []
    var nextLook: Int64?
    var test: LandlineTest?
    /// The last tone of the network that the ear has told of, and when.
    var heardTone: (tone: LandlineStateMachine.Tone, bursts: Int, at: Int64)?
    /// For the doctor.
    var history = LandlineHistory()
    /// A tone that released a call, or was heard at its end, and was not taken over yet.
    var proposal: [ToneSegment]?
    /// How it rings and tells who calls.
    var lessons = BellLearner()
    /// Until then a call is left to ring, so that its bell is heard.
    var lessonEnds: Int64?

    static let lookMilliseconds: Int64 = 20

    init(
        number: Int, line: LineDescription, profile: LineProfile, country: LandlineCountry, memory: LandlineMemory,
        redials: RedialBook, house: StationHouse
    ) {
        self.number = number
        self.line = line
        self.profile = profile
        self.country = country
        self.memory = memory
        self.redials = redials
        self.house = house
        tones = StationTones(media: house.media)
        machine = LandlineStateMachine(plan: line.landline)
        applyLessons()
    }

    // MARK: - What the owner calls

    var descriptors: [Int32] { device?.descriptors ?? [] }
    var port: PortID? { if case .lent(let port, _) = use { port } else { nil } }
    var isAwaitingCard: Bool { if case .returning = use { true } else { false } }

    var deadline: Int64? {
        [machine.deadline, device?.deadline, retry, dialledAt, pulses.first, nextLook, test?.deadline].compactMap { $0 }
            .min()
    }

    func expire(now: Int64) {
        self.now = now
        if let retry, now >= retry { connect() }
        if let device, let deadline = device.deadline, now >= deadline {
            // A break that was ended late has the next ones begin later.
            postponePulses(by: now &- deadline)
            hear { device throws(LineError) in try device.expire(now: now) }
        }
        if let next = nextLook, now >= next {
            nextLook = now &+ Self.lookMilliseconds
            listen()
        }
        if let pulse = pulses.first, now >= pulse {
            pulses.removeFirst()
            postponePulses(by: now &- pulse)
            device?.perform(.flash(milliseconds: Self.pulseBreak), now: now)
        }
        if let end = dialledAt, now >= end {
            dialledAt = nil
            feed(.dialled)
        }
        perform(step { $0.expire(now: now) })
        if let test, now >= test.deadline { advance(test) }
    }

    /// This thread was late: the rest of the number keeps its distances, so that two pulses never become one.
    private func postponePulses(by late: Int64) {
        guard late > 0, !pulses.isEmpty else { return }
        pulses = pulses.map { $0 &+ late }
        dialledAt = dialledAt.map { $0 &+ late }
    }

    func deviceReadable(now: Int64) {
        self.now = now
        hear { device throws(LineError) in try device.signals(now: now) }
    }

    private func hear(_ listen: (any StationDevice) throws(LineError) -> [LineSignal]) {
        guard let device else { return }
        do {
            for signal in try listen(device) { take(signal) }
            try welcome(device)
        } catch {
            lose(LineTrouble(error))
        }
    }

    func handle(_ request: LineRequest, now: Int64) {
        self.now = now
        switch request {
        case .call(let leg, let request): called(leg, request)
        case .answered(let id): if leg?.id == id { feed(.answer) }
        case .release(let id, let cause): if leg?.id == id { feed(.release(cause)) }
        case .digit(let port, _): if port == self.port { feed(.digit) }
        case .portFailed(let port, let reason): if port == self.port { recover(reason) }
        case .cardReleased(let use): released(use)
        case .messageWaiting, .conferenceRefused: break
        case .question(let question, let answer): self.answer(question, answer)
        }
    }

    func close(now: Int64) {
        self.now = now
        retry = nil
        guard let device else { return }
        device.perform(.seize(false), now: now)
        feed(.deviceGone)
        closePort()
        self.device = nil
        isAwaitingAnswer = false
    }

    func hurry(now: Int64) {
        self.now = now
        hurriedUntil = now &+ 3_000
        if device == nil { retry = now }
    }

    func unplugged(now: Int64) {
        self.now = now
        lose("it was unplugged")
    }

    func abandonCard() {
        guard case .returning(_, let device) = use else { return }
        _ = Unmanaged.passRetained(device as AnyObject)
        if let tap { _ = Unmanaged.passRetained(tap) }
        house.log.error("line \(line.name): the mix thread did not give the card back")
    }

    func adopt(_ numbers: NumberSpace) {}

    // MARK: - Device

    private func connect() {
        // The old use of the card has to be over first.
        guard case .idle = use else {
            retry = now &+ 50
            return
        }
        do {
            let device = try house.open(line, profile)
            device.perform(.seize(false), now: now)
            let functions = try device.start()
            self.device = device
            unit = house.units.first(line.match)
            guard open(device, functions) else {
                device.stop()
                self.device = nil
                return missing("the media engine is full; raise its number of ports")
            }
            retry = nil
            isAwaitingAnswer = true
        } catch {
            return missing(LineTrouble(error))
        }
        hear { _ in [] }
    }

    /// As soon as it has answered.
    private func welcome(_ device: any StationDevice) throws(LineError) {
        guard isAwaitingAnswer, device.isReady else { return }
        let isInUse = try device.isOffHook()
        isAwaitingAnswer = false
        trouble = ""
        machine.plan.hasLoopSense = device.sensesLoop
        house.log.info(
            "line is there",
            metadata: [
                "line": "\(line.name)", "rate": "\(device.sampleRate)", "period_ms": "\(device.periodMilliseconds)",
            ])
        for warning in device.warnings { house.log.warning("\(line.words): \(warning)") }
        feed(.deviceBack(isInUse: isInUse))
    }

    /// False: the media engine has no port left.
    private func open(_ device: any StationDevice, _ functions: CardFunctions) -> Bool {
        let tap = LandlineTap(functions, tailMilliseconds: line.echoTailMilliseconds)
        self.tap = tap
        ear = LandlineEar(
            sampleRate: functions.sampleRate, country: country, learned: memory.tones(of: line.name),
            hearsBell: !device.tellsOfRings, watchesPlayedDigits: profile.tellsOfKeys,
            echoDelay: memory.echoDelay(of: line.name))
        if let delay = ear?.echoDelay { expect(echoDelay: delay, tap) }
        uses += 1
        let (post, number, uses) = (house.post, number, uses)
        guard let port = house.ports.openCardPort(tap.functions, onRelease: { post(number, .cardReleased(uses)) })
        else {
            self.tap = nil
            ear = nil
            return false
        }
        use = .lent(port, use: uses)
        nextLook = now
        return true
    }

    private func missing(_ reason: LineTrouble) {
        retry = now &+ (now < hurriedUntil ? 60 : LineStation.retryMilliseconds)
        // Just plugged in, its parts come one by one, and udev's rights for them.
        guard reason.text != trouble, now >= hurriedUntil else { return }
        trouble = reason.text
        house.log.error(
            "\(line.words(with: reason)). The line is tried again every \(LineStation.retryMilliseconds / 1000) s"
        )
    }

    func lose(_ reason: LineTrouble) {
        guard device != nil else { return }
        feed(.deviceGone)
        closePort()
        device = nil
        isAwaitingAnswer = false
        unit = nil
        missing(reason)
    }

    private func closePort() {
        nextLook = nil
        dialledAt = nil
        pulses = []
        guard case .lent(let port, let use) = use, let device else { return }
        self.use = .returning(use: use, device)
        house.ports.closeCardPort(port)
    }

    private func released(_ number: Int) {
        guard case .returning(let use, let device) = use, use == number else { return }
        device.stop()
        self.use = .idle
        tap = nil
        ear = nil
    }

    /// After an xrun or a suspend the card starts again and the call goes on.
    private func recover(_ reason: String) {
        guard let device, let port else { return }
        recoveries.removeAll { now &- $0 > 10_000 }
        guard recoveries.count < 10 else { return lose("\(reason); started again ten times in ten seconds") }
        recoveries.append(now)
        do {
            try device.recover()
            // The mix thread does not touch the tap before it is told.
            tap?.restart()
            house.ports.resumeCardPort(port)
            house.log.warning("line \(line.name): the card had stopped and was started again (\(reason))")
        } catch {
            lose(LineTrouble(error))
        }
    }
}
