// SPDX-License-Identifier: Apache-2.0

/// What a scenario session asks of the switchboard. One way: nothing is answered, results come as `SessionEvent`s.
/// A unit that does not exist (any more) is ignored.
package enum SessionCommand: Sendable, Hashable, Codable {
    // Calls
    case answer(UnitID, headers: [HeaderField])
    case reject(UnitID, status: Int, headers: [HeaderField])
    case ring(UnitID, headers: [HeaderField])
    case startEarlyMedia(UnitID, headers: [HeaderField])
    case hangUp(UnitID, headers: [HeaderField])
    /// Digits of the call become `tone` events (off when a call begins).
    case handleTones(UnitID, enabled: Bool, sources: [DigitSource])
    /// Whether it is told when somebody begins and stops to speak.
    case handleMicStatus(UnitID, enabled: Bool)
    case sendDigits(UnitID, String)
    case sendInfo(UnitID, contentType: String, body: String, headers: [HeaderField])
    case sendMessage(UnitID, String)
    /// Calls out; `unit` is the new call of this session.
    case dial(UnitID, SessionDial)

    // Sound. A call or a conference has at most one playback of its own; a new one replaces it.
    case startPlayback(UnitID, SessionSound, loop: Bool)
    /// No `playbackFinished` follows.
    case stopPlayback(UnitID)
    /// A player of its own, which is heard where it is connected to.
    case createPlayer(UnitID, SessionSound, loop: Bool)
    case pausePlayer(UnitID, Bool)
    case stopPlayer(UnitID)

    // Recording: of one call (both ways), or by a recorder that other units send to.
    case startRecording(UnitID, SessionRecording)
    case stopRecording(UnitID)
    case createRecorder(UnitID, SessionRecording)
    case muteRecorder(UnitID, Bool)
    case stopRecorder(UnitID)

    // Conferences and wires
    case createConference(UnitID, SessionConferenceOptions)
    case stopConference(UnitID)
    /// Audio from one unit to the other, one way. A call hears one stream: the newest.
    case connect(from: UnitID, to: UnitID)
    case disconnect(from: UnitID, to: UnitID)

    /// What rosters call whoever is at the end of this call; empty: as before.
    case nameCaller(UnitID, String)

    // Transfer (RFC 3515, RFC 3891)
    /// The far end's wish to transfer becomes an event of the script; otherwise the box does it, or refuses.
    case handleBlindTransfer(UnitID, Bool)
    /// What became of a transfer that the far end asked for.
    case blindTransferResult(UnitID, isDone: Bool)
    /// Asks the far end to call `to`, or to replace what it has with `call`.
    case transfer(UnitID, to: String, call: UnitID?, headers: [HeaderField])

    /// Listen for an answering machine's beep, for progress tones.
    case detectBeep(UnitID, Bool)
    case detectProgressTone(UnitID, Bool)

    /// The answer to `SessionEvent.httpRequest` with that number.
    case httpAnswer(UInt32, status: Int, contentType: String, body: String)

    /// The script is done: calls are hung up, the session ends.
    case terminate
}

/// Whom a script calls.
package struct SessionDial: Sendable, Hashable, Codable {
    package enum Target: String, Sendable, Hashable, Codable {
        /// callConference: joins the running session with that conference id or starts one by the rules.
        case conference
        /// callUser: a phone of this box by its extension or name.
        case user
        case sip
        case pstn
    }

    package var target: Target
    package var destination: String
    package var callerNumber: String?
    package var callerName: String?
    package var headers: [HeaderField]

    package init(
        target: Target, destination: String, callerNumber: String?, callerName: String?, headers: [HeaderField]
    ) {
        self.target = target
        self.destination = destination
        self.callerNumber = callerNumber
        self.callerName = callerName
        self.headers = headers
    }
}

/// What a script lets hear.
package enum SessionSound: Sendable, Hashable, Codable {
    /// `language` is a voice or language name of the API ("en", "de-DE", "US_ENGLISH_FEMALE", …), empty: as set.
    case speech(String, language: String)
    /// A URL ("file:", "http:", "https:") or a path in the folder of prompts.
    case url(String)
    /// The same over http by more than its address.
    case request(SoundRequest)
    /// A tone script of the API, "440,480@-19;2(2/4/1+2)".
    case toneScript(String)
    /// One after another, without a gap (at most `mostSegments`; none of them a sequence itself).
    indirect case sequence([SessionSound])

    package static let mostSegments = 50
}

/// How a script wants its recording.
package struct SessionRecording: Sendable, Hashable, Codable {
    package enum Format: String, Sendable, Hashable, Codable, CaseIterable {
        case wav, mp3, flac, ogg
    }

    /// The file's name without its ending, as the script wishes it: made safe and unique by the box. Empty: the box names it.
    package var name = ""
    package var format = Format.mp3
    /// Caller left, box right (a call's recording only).
    package var isStereo = false
    /// 16 kHz and more instead of telephone quality.
    package var isHighDefinition = false
    /// Days after which the file may be deleted; 0: never.
    package var expiresAfterDays = 0

    package init() {}
}

package struct SessionConferenceOptions: Sendable, Hashable, Codable {
    /// Room keys (star codes) work in this conference.
    package var roomKeys = false
    /// Tones when somebody joins and leaves.
    package var joinTones = false

    package init() {}
}
