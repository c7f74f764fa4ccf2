// SPDX-License-Identifier: Apache-2.0

/// What can be heard: the far end of a port, or a player.
package enum SoundSource: Hashable, Sendable, BitwiseCopyable {
    case port(PortID)
    case player(PlayerID)
}

/// What a player plays. Files and speech are loaded, rendered and cached off the real-time threads.
package enum Sound: Hashable, Sendable {
    /// Spoken by the speech command of the settings. `voice` is the name of that command's voice ("en", "de", …).
    case speech(text: String, voice: String)
    /// A sound file (wav, mp3, flac, ogg), absolute or relative to the folder of prompts.
    case file(path: String)
    /// The same over http or https.
    case web(url: String)
    /// Over http or https by more than an address.
    case webRequest(SoundRequest)
    /// Samples as they are (data for a telephone's display).
    case samples([Int16], sampleRate: Int)
    /// Tones as segments; `repeats` starts over at the end.
    case tones([ToneSegment], repeats: Bool)
    /// One after another without a gap; none of them a sequence.
    indirect case sequence([Sound])
}

/// One piece of a tone: up to two frequencies (0 = none) at a level each, for a time (0 = without end).
package struct ToneSegment: Hashable, Sendable {
    package var frequency1Hz: Double
    package var frequency2Hz: Double
    /// Level of each frequency in dBm0 (full-scale sine = +3.14 dBm0).
    package var levelDBm0: Double
    package var milliseconds: Int
    /// The tone is modulated with this frequency (0: is not), as some networks' dial and ringing tones are.
    package var modulationHz = 0.0
    /// Where tones repeat: this piece is left out from the second time on. Such pieces stand first.
    package var isOnce = false

    package init(_ frequency1Hz: Double, _ frequency2Hz: Double, levelDBm0: Double, milliseconds: Int) {
        self.frequency1Hz = frequency1Hz
        self.frequency2Hz = frequency2Hz
        self.levelDBm0 = levelDBm0
        self.milliseconds = milliseconds
    }

    package static func silence(_ milliseconds: Int) -> ToneSegment {
        ToneSegment(0, 0, levelDBm0: -99, milliseconds: milliseconds)
    }
}

/// The media engine as the control side sees it. Every method returns at once and may be called from one thread at a time
/// (the switchboard's); an identifier that is gone is ignored. What comes of it arrives as a `MediaEvent`.
///
/// A mix has sources and listeners. A port listens to at most one mix and is source of as many as it likes; it never hears
/// itself. A conference is a mix; so is a bridge of two (one mix with two members) and a greeting (one player, one listener).
package protocol MediaControl: Sendable {
    /// Nil when the engine is full.
    func openMix() -> MixID?
    func closeMix(_ mix: MixID)
    func add(_ source: SoundSource, to mix: MixID)
    func remove(_ source: SoundSource, from mix: MixID)
    /// The port hears this mix from now on, and nothing else; nil: silence.
    func listen(_ port: PortID, to mix: MixID?)

    /// Nobody hears this port (its digits still count).
    func mute(_ port: PortID, _ muted: Bool)
    /// This port hears nothing.
    func deafen(_ port: PortID, _ deaf: Bool)
    /// Gain of what comes from the port and of what it hears, -40 … +20 dB.
    func setGain(_ port: PortID, talkDB: Double, listenDB: Double)
    /// Ports with the same number are in one acoustic room and do not hear each other; 0: alone.
    func setNeighbourhood(_ port: PortID, _ neighbourhood: UInt32)
    /// A port that is source of the mix it listens to hears itself there, 160 ms later. Off when a port opens.
    func echo(_ port: PortID, _ isOn: Bool)
    /// Recognise digits in the audio of this port; `removed`: keep them out of every mix. Both are on when a port opens.
    func detectDigits(_ port: PortID, _ enabled: Bool, removed: Bool)
    /// Listen for an answering machine's beep. Off when a port opens.
    func detectBeep(_ port: PortID, _ enabled: Bool)
    /// Listen for the tones of the network (ITU-T E.180) that the plan has; nil: no more. Off when a port opens.
    func detectProgress(_ port: PortID, _ plan: ProgressPlan?)
    /// Sends digits to the far end (RFC 4733 where negotiated, otherwise as tones), 100 ms each, 100 ms apart.
    func send(_ digits: [DTMFDigit], to port: PortID)

    /// Prepares and starts a player; `playerStarted` and `playerFinished` follow. It is heard in the mixes it is added to.
    /// `delayMilliseconds` of silence come first. Nil when the engine is full.
    func play(_ sound: Sound, loop: Bool, delayMilliseconds: Int) -> PlayerID?
    /// The same for a session, whose players hold only so much memory between them; more than that fails with words.
    func play(_ sound: Sound, loop: Bool, delayMilliseconds: Int, for session: SessionID?) -> PlayerID?
    /// Why this sound can not be played; nil: it can, and is ready for who plays it at once. Prepares it, which may take
    /// seconds.
    func obstacle(to sound: Sound) async -> Obstacle?
    func pause(_ player: PlayerID, _ paused: Bool)
    /// No `playerFinished` follows.
    func stop(_ player: PlayerID)

    /// Begins a file; `recordingStarted` and, in every case, `recordingEnded` follow. It hears nothing until it is given mixes.
    /// Nil when the engine is full or nothing can be recorded here.
    func record(_ order: RecordingOrder) -> RecorderID?
    /// Why no recording can begin now; nil: one can. Looks at the disk.
    func obstacleToRecording() async -> Obstacle?
    /// A channel of the recorder (0, or 1 for the right one) hears this mix from now on, all of it; nil: silence.
    func listen(_ recorder: RecorderID, channel: Int, to mix: MixID?)
    func setMode(_ recorder: RecorderID, _ mode: RecorderMode)
    /// The file is completed; `recordingEnded` follows.
    func stopRecording(_ recorder: RecorderID)

    /// State of every open port; cheap enough for ten times a second.
    func statistics() -> [PortStatistics]
    /// Whether what comes from this port has more than telephone quality.
    func isWideband(_ port: PortID) -> Bool
}

/// What the media engine tells the control side.
package enum MediaEvent: Sendable {
    /// A digit began (RFC 4733 or in-band); each press once.
    case digit(PortID, DTMFDigit, DigitSource)
    /// Speech began or ended (with hangover), for rosters.
    case talking(PortID, Bool)
    /// The first packet came in.
    case firstAudio(PortID)
    /// Nothing has come in for as long as is set (`[rtp] timeout_seconds`).
    case mediaTimeout(PortID)
    /// Packets stay away for a second or more (false), or are back (true).
    case flowing(PortID, Bool)
    /// A steady tone of that length has ended; only while `detectBeep` is on.
    case beep(PortID, milliseconds: Int)
    /// A tone of the network began to be heard: once for each that differs from the one before; only while asked for.
    case progressTone(PortID)
    /// Lengths of a sequence's parts; before its `playerStarted`.
    case playerSegments(PlayerID, milliseconds: [Int])
    /// Ready and about to be heard.
    case playerStarted(PlayerID, milliseconds: Int)
    /// The end was reached, or it could not be played (then with the reason).
    case playerFinished(PlayerID, error: String?)
    /// The file is there; `name` is what it will be called in the folder of recordings.
    case recordingStarted(RecorderID, name: String)
    /// Always the last of a recorder. `name`: the file that was kept, nil: none; `error`: why it ended by itself.
    case recordingEnded(RecorderID, name: String?, seconds: Int, error: String?)
    /// A port's device or socket failed; it is silent from now on.
    case portFailed(PortID, reason: String)
    /// Events were lost because the queue was full.
    case eventsLost(Int)
}

/// Live state of a port.
package struct PortStatistics: Sendable, Hashable, Codable {
    package var slot: UInt32 = 0
    package var generation: UInt32 = 0
    package var codec = ""
    package var packetsReceived: UInt64 = 0
    package var packetsSent: UInt64 = 0
    package var packetsLost: UInt64 = 0
    /// Frames that had to be concealed, per cent of all since the start.
    package var concealedPercent = 0.0
    /// Interarrival jitter, RFC 3550 section 6.4.1.
    package var jitterMilliseconds = 0.0
    /// From the arrival of a sample to the moment it leaves in somebody's mix, now.
    package var standingDelayMilliseconds = 0.0
    package var roundTripMilliseconds = 0.0
    /// What gets lost of what we send, per cent, as the far end last reported it (RTCP).
    package var farLossPercent = 0.0
    /// By how much the jitter buffer waits longer than for the earliest packets.
    package var bufferMilliseconds = 0.0
    /// Level of what comes in, in dBm0 (-99: silence).
    package var levelDBm0 = -99.0
    package var isTalking = false
    package var isMuted = false

    package init() {}
}

/// For engines that have neither: doubles, rehearsals.
extension MediaControl {
    package func detectBeep(_ port: PortID, _ enabled: Bool) {}
    package func detectProgress(_ port: PortID, _ plan: ProgressPlan?) {}
    package func echo(_ port: PortID, _ isOn: Bool) {}
    package func play(_ sound: Sound, loop: Bool, delayMilliseconds: Int, for session: SessionID?) -> PlayerID? {
        play(sound, loop: loop, delayMilliseconds: delayMilliseconds)
    }
    package func isWideband(_ port: PortID) -> Bool { false }
    package func obstacle(to sound: Sound) async -> Obstacle? { nil }
    package func obstacleToRecording() async -> Obstacle? { nil }
}
