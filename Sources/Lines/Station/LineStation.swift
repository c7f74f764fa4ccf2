// SPDX-License-Identifier: Apache-2.0
import Logging
import Media
import Telephony

/// What all stations of a desk share.
struct StationHouse {
    let media: any MediaControl
    let ports: any CardPortProvider
    let sink: any LegSink
    let tones: TonePlan
    var country = StationCountry()
    let log: Logger
    /// What is plugged in now.
    var units = PluggedUnits()
    /// Opens the hardware of a line.
    let open: @Sendable (LineDescription, LineProfile) throws(LineError) -> any StationDevice
    /// Into the inbox of the station with this number, from any thread.
    let post: @Sendable (Int, LineRequest) -> Void
}

/// One line at work: performs on device, media and switchboard what `StationStateMachine` says. On the `lines` thread only
/// (or a test's); milliseconds of its owner's clock are handed in.
final class LineStation {
    let number: Int
    private(set) var line: LineDescription
    let profile: LineProfile
    let neighbourhood: UInt32
    let house: StationHouse
    let tones: StationTones
    var machine: StationStateMachine
    var hook: HookStateMachine?
    var device: (any StationDevice)?
    private(set) var unit: PluggedUnit?
    /// The call that the telephone has.
    var leg: LineLeg?
    /// Its second call: on hold, waiting, or in the conference.
    var other: LineLeg?
    var flash: FlashStateMachine
    /// Nobody puts an emergency call on hold.
    var emergencyLeg: LegID?
    var callerData: CallerData?
    var waiting: WaitingTone?
    var waitingData: [Int16]?
    /// For the doctor.
    var history = StationHistory()
    let messages: MessageMemory
    var isMessageWaiting: Bool { messages.waits(for: line.name) }
    var isMessageLit = false
    var use = CardUse.idle
    /// A port is wanted as soon as the mix thread has given the card back.
    var wantsPort = false
    var uses = 0
    var pending: [StationStateMachine.Event] = []
    var isHandling = false
    var now: Int64 = 0
    /// The last trouble that was logged: each once, until the line works again.
    var trouble = ""
    var recoveries: [Int64] = []
    /// Makes one digit of a press that comes as a key and as a tone.
    var arbiter = DigitArbiter(inBandWaitMilliseconds: 0)
    /// Keys that were pressed before there was dial tone.
    var typed: [(digit: DTMFDigit, at: Int64)] = []
    var isMuted = false
    /// The device was told who calls, and not yet that nobody does.
    var isShowingCaller = false
    var isLampLit = false
    /// When to look for a missing device again.
    private(set) var retry: Int64? = 0

    /// What the mix thread has of the card.
    enum CardUse {
        case idle
        case lent(PortID, use: Int)
        /// Closed, not given back yet. The device is kept until then even if it is gone.
        case returning(use: Int, any StationDevice)
    }

    static let retryMilliseconds: Int64 = 3_000
    private static let hurryMilliseconds: Int64 = 3_000
    private static let hurriedRetryMilliseconds: Int64 = 60
    private var hurriedUntil: Int64 = 0

    init(
        number: Int, line: LineDescription, profile: LineProfile, plan: StationStateMachine.Plan, neighbourhood: UInt32,
        house: StationHouse, messages: MessageMemory = MessageMemory(path: nil)
    ) {
        self.number = number
        self.line = line
        self.profile = profile
        self.neighbourhood = neighbourhood
        self.house = house
        self.messages = messages
        tones = StationTones(media: house.media)
        machine = StationStateMachine(plan: plan)
        flash = FlashStateMachine(takesWaitingCalls: line.takesWaitingCalls)
    }

    // MARK: - What the owner calls

    /// When `expire` has something to do.
    var deadline: Int64? {
        [machine.deadline, hook?.deadline, device?.deadline, retry, flash.deadline, waiting?.deadline]
            .compactMap { $0 }.min()
    }

    func expire(now: Int64) {
        self.now = now
        if let retry, now >= retry { connect() }
        if let device, let deadline = device.deadline, now >= deadline {
            hear { device throws(LineError) in try device.expire(now: now) }
        }
        if let event = hook?.expire(now: now) { hookEvents([event]) }
        perform(machine.expire(now: now))
        if let deadline = flash.deadline, now >= deadline { signal(.expired) }
        perform(waiting?.expire(now: now))
        echo()
    }

    /// One of the device's descriptors is readable.
    func deviceReadable(now: Int64) {
        self.now = now
        hear { device throws(LineError) in try device.signals(now: now) }
        echo()
    }

    private func hear(_ listen: (any StationDevice) throws(LineError) -> [LineSignal]) {
        guard let device else { return }
        do {
            for signal in try listen(device) { take(signal) }
        } catch {
            lose(LineTrouble(error))
        }
    }

    func handle(_ request: LineRequest, now: Int64) {
        self.now = now
        defer { echo() }
        switch request {
        case .call(let leg, let request): called(leg, request)
        case .answered(let id):
            if let leg, leg.id == id { house.sink.post(.answered([]), from: id) }
        case .release(let id, let cause): released(id, cause)
        case .conferenceRefused(let id): if leg?.id == id { signal(.conferenceRefused) }
        case .messageWaiting(let waits):
            if !messages.set(waits, for: line.name) {
                house.log.warning("\(line.words): that a message waits could not be kept; is the state folder full?")
            }
        case .digit(let port, let digit):
            if port == self.port { dialled(digit, by: .inBand) }
        case .portFailed(let port, let reason):
            if port == self.port { recover(reason) }
        case .cardReleased(let use): released(use)
        case .question(let question, let answer): answer(self.answer(question))
        }
    }

    /// The daemon ends.
    func close(now: Int64) {
        self.now = now
        retry = nil
        guard let device else { return }
        device.perform(.bell(false), now: now)
        signal(.lost, otherwise: .deviceGone)
        echo()
        self.device = nil
        hook = nil
    }

    /// Something was plugged in: for a while a missing device is looked for often, since its parts come one by one.
    func hurry(now: Int64) {
        self.now = now
        hurriedUntil = now &+ Self.hurryMilliseconds
        if device == nil { retry = now }
    }

    func adopt(_ line: LineDescription) { self.line = line }

    /// The device was unplugged.
    func unplugged(now: Int64) {
        self.now = now
        lose("it was unplugged")
        echo()
    }

    /// The mix thread has not given the card back yet.
    var isAwaitingCard: Bool { if case .returning = use { true } else { false } }

    /// Leaves a card that did not come back open for ever.
    func abandonCard() {
        guard case .returning(_, let device) = use else { return }
        _ = Unmanaged.passRetained(device as AnyObject)
        house.log.error("line \(line.name): the mix thread did not give the card back")
    }

    var port: PortID? { if case .lent(let port, _) = use { port } else { nil } }

    // MARK: - Device

    private func connect() {
        do {
            let device = try house.open(line, profile)
            let isOffHook = try device.isOffHook()
            self.device = device
            unit = house.units.first(line.match)
            let timing = hookTiming
            hook = HookStateMachine(isOffHook: isOffHook, timing: line.hasPulseDial ? timing.withPulses : timing)
            retry = nil
            trouble = ""
            house.log.info(
                "line is there",
                metadata: [
                    "line": "\(line.name)", "device": "\(deviceWords)", "rate": "\(device.sampleRate)",
                    "period_ms": "\(device.periodMilliseconds)",
                ])
            for warning in device.warnings { house.log.warning("\(line.words): \(warning)") }
            if isOffHook {
                house.log.notice("\(line.words): the handset is off-hook; it counts once it has been hung up")
            }
            isLampLit = false
            isMessageLit = false
            isMuted = false
            typed.removeAll()
            feed(.deviceBack)
        } catch {
            missing(LineTrouble(error))
        }
    }

    /// The country's flash, unless the device has one of its own.
    private var hookTiming: HookStateMachine.Timing {
        var timing = profile.hookTiming
        if timing == .standard { timing.flashMilliseconds = house.country.flashMilliseconds }
        return timing
    }

    private func missing(_ reason: LineTrouble) {
        if now < hurriedUntil {
            retry = now &+ Self.hurriedRetryMilliseconds
            // Its last parts may still come, and udev's rights for them: what is missing until then is not worth a word.
            if now &+ Self.hurriedRetryMilliseconds < hurriedUntil { return }
        } else {
            retry = now &+ Self.retryMilliseconds
        }
        guard reason.text != trouble else { return }
        trouble = reason.text
        // A telephone that is not in a file of the settings may be away.
        house.log.log(
            level: line.place.isEmpty && line.match != nil ? .notice : .error,
            "\(line.words(with: reason)). The line is tried again every \(Self.retryMilliseconds / 1000) s"
        )
    }

    /// The device is gone (or is of no use): everything on it ends, and it is looked for again.
    func lose(_ reason: LineTrouble) {
        guard device != nil else { return }
        signal(.lost, otherwise: .deviceGone)
        device = nil
        unit = nil
        hook = nil
        missing(reason)
    }

    var deviceWords: String { line.pcm.isEmpty ? line.match?.words ?? "" : line.pcm }
}
