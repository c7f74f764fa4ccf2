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
    let log: Logger
    /// Opens the hardware of a line.
    let open: @Sendable (LineDescription, LineProfile) throws(LineError) -> any StationDevice
    /// Into the inbox of the station with this number, from any thread.
    let post: @Sendable (Int, LineRequest) -> Void
}

/// One line at work: performs on device, media and switchboard what `StationStateMachine` says. On the `lines` thread only
/// (or a test's); milliseconds of its owner's clock are handed in.
final class LineStation {
    let number: Int
    let line: LineDescription
    let profile: LineProfile
    let neighbourhood: UInt32
    let house: StationHouse
    let tones: StationTones
    var machine: StationStateMachine
    var hook: HookStateMachine?
    var device: (any StationDevice)?
    var leg: LineLeg?
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

    init(
        number: Int, line: LineDescription, profile: LineProfile, plan: StationStateMachine.Plan, neighbourhood: UInt32,
        house: StationHouse
    ) {
        self.number = number
        self.line = line
        self.profile = profile
        self.neighbourhood = neighbourhood
        self.house = house
        tones = StationTones(media: house.media)
        machine = StationStateMachine(plan: plan)
    }

    // MARK: - What the owner calls

    /// When `expire` has something to do.
    var deadline: Int64? { [machine.deadline, hook?.deadline, retry].compactMap { $0 }.min() }

    func expire(now: Int64) {
        self.now = now
        if let retry, now >= retry { connect() }
        if let event = hook?.expire(now: now) { hookEvents([event]) }
        perform(machine.expire(now: now))
    }

    /// One of the device's descriptors is readable.
    func deviceReadable(now: Int64) {
        self.now = now
        guard let device else { return }
        do {
            if try device.readEvents() { try look(at: device) }
        } catch {
            lose(error.description)
        }
    }

    func handle(_ request: LineRequest, now: Int64) {
        self.now = now
        switch request {
        case .call(let leg, let request): called(leg, request)
        case .answered(let id):
            if let leg, leg.id == id { house.sink.post(.answered([]), from: id) }
        case .release(let id, let cause):
            if leg?.id == id { feed(.released(cause)) }
        case .digit(let port, let digit):
            if port == self.port { feed(.digit(digit)) }
        case .portFailed(let port, let reason):
            if port == self.port { recover(reason) }
        case .cardReleased(let use): released(use)
        }
    }

    /// The daemon ends.
    func close(now: Int64) {
        self.now = now
        retry = nil
        guard let device else { return }
        device.setRinging(false)
        feed(.deviceGone)
        self.device = nil
        hook = nil
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
            hook = HookStateMachine(isOffHook: isOffHook, timing: profile.hookTiming)
            retry = nil
            trouble = ""
            house.log.info(
                "line is there",
                metadata: [
                    "line": "\(line.name)", "device": "\(line.pcm)", "rate": "\(device.sampleRate)",
                    "period_ms": "\(device.periodMilliseconds)",
                ])
            for warning in device.warnings { house.log.warning("line \(line.name): \(warning)") }
            if isOffHook {
                house.log.notice("line \(line.name): the handset is off-hook; it counts once it has been hung up")
            }
            feed(.deviceBack)
        } catch {
            missing(error.description)
        }
    }

    private func missing(_ reason: String) {
        retry = now &+ Self.retryMilliseconds
        guard reason != trouble else { return }
        trouble = reason
        house.log.error(
            "line \(line.name): \(reason). The line is tried again every \(Self.retryMilliseconds / 1000) s")
    }

    /// The device is gone (or is of no use): everything on it ends, and it is looked for again.
    func lose(_ reason: String) {
        guard device != nil else { return }
        feed(.deviceGone)
        device = nil
        hook = nil
        missing(reason)
    }

    private func look(at device: any StationDevice) throws(LineError) {
        let isOffHook = try device.isOffHook()
        hookEvents(hook?.raw(isOffHook: isOffHook, now: now) ?? [])
    }

    private func hookEvents(_ events: [HookStateMachine.Event]) {
        for event in events {
            house.log.debug("line \(line.name): \(event)")
            switch event {
            case .lifted: feed(.lifted)
            case .hungUp: feed(.hungUp)
            // Nothing is held or transferred by a flash yet: the call goes on.
            case .flashed: break
            }
        }
    }
}
