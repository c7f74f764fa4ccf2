// SPDX-License-Identifier: Apache-2.0

/// Everything that can happen to the exchange, in the order of its inbox.
package enum ExchangeEvent: Sendable {
    case incoming(CallOffer)
    case leg(LegID, LegEvent)
    case media(MediaEvent)
    case command(SessionID, SessionCommand)
    case sessionEnded(SessionID, reason: String?, orphaned: Bool)
    /// More commands came at once than a session may have waiting; the rest is lost, so the session ends.
    case sessionFlooded(SessionID)

    /// Must not be lost when the inbox is full: something ends.
    package var isEnding: Bool {
        switch self {
        case .leg(_, .hungUp), .sessionEnded: true
        // As many as there are ports and players; calls and words wait for them.
        case .media(.mediaTimeout), .media(.playerFinished), .media(.recordingEnded): true
        default: false
        }
    }
}

/// What the exchange may not know by itself.
package struct ExchangeOptions: Sendable {
    package var rules: RoutingRules
    package var dialPlan: DialPlan
    package var maxCalls: Int
    /// Voice for the box's own words.
    package var voice: String
    package var unansweredMilliseconds: Int64 = 60_000
    package var idleSessionMilliseconds: Int64 = 60_000
    /// After so long without audio the media side says that a call is silent; here for the words alone.
    package var mediaTimeoutSeconds = 60
    /// So long a script has to answer a request over HTTP.
    package var questionMilliseconds: Int64 = 10_000
    /// Where sessions are asked: the token follows.
    package var accessURL = "http://localhost/sessions/"
    /// A connected caller whose partner went away and who hears nothing is hung up after this time.
    package var desertedMilliseconds: Int64 = 10_000
    package var fence = FenceOptions.closed
    /// What scripts that listen for tones of the network know of them.
    package var progressPlan = ProgressPlan()
    /// The frequency with which lines are measured: 1004 Hz in North America, 1020 Hz elsewhere (ITU-T O.6).
    package var milliwattHz = 1_020.0
    /// The addresses of this box, as they are spoken.
    package var ownAddresses: @Sendable () -> [String] = { [] }
    /// Days since 1970, as the house counts them: a new one brings new minutes.
    package var day: @Sendable () -> Int = { 0 }
    /// Called with what is to be kept over a restart; returns at once.
    package var keepLedger: @Sendable (FenceLedger) -> Void = { _ in }
    /// What was kept.
    package var ledger = FenceLedger()

    /// Where recordings can be had: the file's name follows.
    package var recordingsURL = "http://localhost/recordings/"
    /// The folder in which they lie, for scripts that play them.
    package var recordingsFolder = ""
    /// A name for a recording that has begun now, from what it is of.
    package var recordingName: @Sendable (String) -> String = { $0 }

    func recordingURL(_ name: String) -> String { recordingsURL + name }

    /// Calls together with the ends of wires between sessions (a caller in a room is three), and sessions: a script that calls
    /// conference after conference meets this limit.
    package var mostInside: Int { 64 + 4 * min(max(maxCalls, 0), 100_000) }

    package init(rules: RoutingRules, dialPlan: DialPlan, maxCalls: Int, voice: String) {
        self.rules = rules
        self.dialPlan = dialPlan
        self.maxCalls = maxCalls
        self.voice = voice
    }
}

/// The exchange: calls, sessions and rooms, and what connects them.
///
/// One owner (the `Switchboard` actor, or a test with a virtual clock) hands events in, one after another; nothing here waits,
/// reads a clock or is called from elsewhere. The decisions are in pure values (`CallStateMachine`, `MediaGraph`, `Room`,
/// `DialPlan`, `DigitArbiter`); this class keeps the books and performs what they say on legs, media and sessions.
package final class Exchange {
    enum Timer: Hashable, Sendable {
        case unanswered(CallID)
        case deserted(CallID)
        case digit(CallID)
        case idleSession(SessionID)
        case whisper(PortID)
        case question(UInt32)
        /// The minutes to the outside may be used up.
        case minutes
        /// Nobody typed the code.
        case code(CallID)
        /// An emergency tries the lines that were freed for it.
        case freedLine(CallID)
    }

    package var options: ExchangeOptions
    let media: any MediaControl
    let host: any ScenarioHost
    let drivers: [any LegDriver]
    let report: (ControlEvent) -> Void
    /// Gets each call that is over; its times are those of this exchange's clock, in seconds.
    package var keepRecord: (CallRecord) -> Void = { _ in }

    var calls: [CallID: Call] = [:]
    var callOfLeg: [LegID: CallID] = [:]
    var formerLegs = FormerLegs()
    var callOfPort: [PortID: CallID] = [:]
    var sessions: [SessionID: Session] = [:]
    var sessionOfConference: [String: SessionID] = [:]
    /// Who is asked over HTTP, by the secret part of its address.
    var sessionOfToken: [String: SessionID] = [:]
    var questions: [UInt32: PendingQuestion] = [:]
    var questionNumbers: UInt32 = 0
    var rooms: [RoomID: RoomRecord] = [:]
    /// Rooms whose session was lost, by conference id: the next session for that id takes them over.
    var orphanedRooms: [String: RoomID] = [:]
    /// What players belong to.
    var players: [PlayerID: PlayerUse] = [:]
    var recorders: [RecorderID: Recorder] = [:]
    /// The mix that each recorder's channel hears.
    var recorderMixes: [MediaGraph.Node: MixID] = [:]
    var graph = MediaGraph()
    var isGraphChanged = false
    /// Words that wait for their call to be answered.
    var announcements: [CallID: String] = [:]
    var heard: [PortID: MediaGraph.Heard] = [:]
    var members: [MediaGraph.Node: Set<SoundSource>] = [:]
    var privateMixes: [PortID: PrivateMix] = [:]
    /// What is being said to one participant over its room, and the mix in which it hears it.
    var whispers: [PortID: PlayerID] = [:]
    var whisperMixes: [PortID: PrivateMix] = [:]
    /// Rooms without a session that may have become empty.
    var emptied: [RoomID] = []
    package var fence: Fence
    /// Calls that wait for the code of somebody from outside, by his call.
    var waitingDials: [CallID: WaitingDial] = [:]
    var codeGuard = CodeGuard()
    /// By the call whose telephone is in it; see Exchange+Flash.
    var threeWays: [CallID: ThreeWay] = [:]
    /// By the new leg.
    var transfers: [LegID: Transfer] = [:]
    var timers = TimerQueue<Timer>()
    var now: Int64 = 0
    private var callNumbers: UInt32 = 0
    private var sessionNumbers: UInt64 = 0
    private var roomNumbers: UInt32 = 0

    package init(
        options: ExchangeOptions, media: any MediaControl, host: any ScenarioHost, drivers: [any LegDriver],
        report: @escaping (ControlEvent) -> Void
    ) {
        self.options = options
        fence = Fence(ledger: options.ledger)
        self.media = media
        self.host = host
        self.drivers = drivers
        self.report = report
    }

    /// One event. `now` in milliseconds of the owner's monotonic clock.
    package func handle(_ event: ExchangeEvent, now: Int64) {
        self.now = now
        switch event {
        case .incoming(let offer): incoming(offer)
        case .leg(let leg, let event): legEvent(event, of: leg)
        case .media(let event): mediaEvent(event)
        case .command(let session, let command): perform(command, of: session)
        case .sessionEnded(let session, let reason, let orphaned): sessionEnded(session, reason, orphaned)
        case .sessionFlooded(let session): flooded(session)
        }
    }

    /// Call after a batch of events: performs what they changed between ports and rooms.
    package func settle(now: Int64) {
        self.now = now
        applyGraph()
    }

    /// The next moment at which `expire` has something to do.
    package func nextDeadline() -> Int64? { timers.nextDeadline }

    package func expire(now: Int64) {
        self.now = now
        while let timer = timers.pop(now: now) {
            switch timer {
            case .unanswered(let call): step(call, .timeout)
            case .deserted(let call): endDeserted(call)
            case .digit(let call): releaseDigit(of: call)
            case .idleSession(let session): endIdle(session)
            case .whisper(let port): if let player = whispers[port] { whisperEnded(port, player) }
            case .question(let number): questionTimedOut(number)
            case .minutes: minutesAreOver()
            case .code(let call): codeFailed(call)
            case .freedLine(let call): triesFreedLine(call)
            }
        }
        applyGraph()
    }

    /// Ends everything: BYE to all.
    package func close(now: Int64) {
        self.now = now
        for id in calls.keys.sorted() { step(id, .hangUp(.normalUnspecified)) }
        for session in sessions.keys {
            dropQuestions(of: session)
            host.end(session)
        }
        applyGraph()
    }

    func newCallID() -> CallID {
        callNumbers &+= 1
        return CallID(callNumbers)
    }

    func newSessionID() -> SessionID {
        sessionNumbers &+= 1
        return SessionID(sessionNumbers)
    }

    func newRoomID() -> RoomID {
        roomNumbers &+= 1
        return RoomID(roomNumbers)
    }

    func tell(_ event: String, _ fields: [String: String]) {
        report(ControlEvent(time: Double(now) / 1000, event: event, fields: fields))
    }
}

/// A room with what belongs to it.
struct RoomRecord {
    var room: Room
    let node: MediaGraph.Node
    var mix: MixID?
    var session: SessionID?
    var unit: UnitID?
    /// The room's own playback: words or tones for everybody.
    var playback: Playback?
    /// The script's playback into the room.
    var scriptPlayback: Playback?
    var recorder: RecorderID?
    var isRecordingPaused = false
    /// Said instead of the tone when the next one leaves.
    var partingWords: String?
}

/// For what a player plays.
enum PlayerUse {
    case call(CallID)
    case room(RoomID)
    case scriptRoom(RoomID)
    case session(SessionID, UnitID)
    /// Words to one participant of a room.
    case whisper(PortID)
}

/// A mix for one listener: a greeting, a bridge.
struct PrivateMix {
    let mix: MixID
    var source: SoundSource
}
