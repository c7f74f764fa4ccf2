// SPDX-License-Identifier: Apache-2.0

/// What happens in a scenario session, in the order in which the script shall see it.
package enum SessionEvent: Sendable, Hashable, Codable {
    /// A call came in for this session (the first one starts it; further ones come to a running conference id).
    case callAlerting(UnitID, SessionCallInfo)
    case ringing(UnitID, headers: [HeaderField])
    case audioStarted(UnitID, headers: [HeaderField])
    /// The call is up: after our answer (incoming) or the far end's (outgoing).
    case connected(UnitID, headers: [HeaderField])
    case disconnected(UnitID, headers: [HeaderField], code: Int, reason: String, seconds: Int)
    /// An outgoing call that was never answered (SIP status, 408 after 60 s).
    case failed(UnitID, code: Int, reason: String, headers: [HeaderField])
    case tone(UnitID, String, DigitSource)
    case onHold(UnitID)
    case offHold(UnitID)
    /// Of SIP (RFC 3261 section 14).
    case reInvite(UnitID, ReInvite, headers: [HeaderField])
    /// Whoever was called named another place, and the box calls there.
    case forwarding(UnitID, to: String)
    case info(UnitID, contentType: String, body: String, headers: [HeaderField])
    case message(UnitID, String)
    /// Speech of this call began or ended.
    case micStatus(UnitID, active: Bool)
    case firstAudio(UnitID)

    /// Of a call's or a conference's own playback, and of players.
    case playbackStarted(UnitID, milliseconds: Int)
    /// The natural end, or it could not be played (then with the reason). Never after a stop.
    case playbackFinished(UnitID, error: String?)

    /// Lengths of the segments of a sequence, just before its `playbackStarted`.
    case playbackSegments(UnitID, milliseconds: [Int])

    /// Of a call that is recorded, or of a recorder. `url`: where the file can be had on the control API.
    case recordStarted(UnitID, url: String)
    case recordStopped(UnitID, url: String, seconds: Int)
    case recordError(UnitID, String)

    /// The far end asks to be transferred (only after `handleBlindTransfer`).
    case transferRequested(UnitID, to: String, headers: [HeaderField])
    /// Of a transfer that the script began. `role` as the API has it ("transferor", "transferee", "target").
    case transferCompleted(UnitID, role: String)
    case transferFailed(UnitID, code: Int, reason: String)

    /// Packets stay away for a second or more; they are back.
    case mediaStopped(UnitID)
    case mediaResumed(UnitID)
    /// Wideband (true) or telephone quality, once it is known.
    case audioQuality(UnitID, isHighDefinition: Bool)
    case toneDetected(UnitID, isProgressTone: Bool, isVoicemail: Bool)
    case beepDetected(UnitID, milliseconds: Int)

    /// Somebody asks the session over HTTP; the script's answer is `SessionCommand.httpAnswer`.
    case httpRequest(UInt32, method: String, path: String, content: String, headers: [HeaderField])

    case conferenceStarted(UnitID)
    case conferenceStopped(UnitID)
    case conferenceError(UnitID, String)
}

package struct SessionCallInfo: Sendable, Hashable, Codable {
    package var callerNumber: String
    package var callerName: String
    package var destination: String
    package var fromURI: String
    package var toURI: String
    package var headers: [HeaderField]
    /// "sip", "pstn" (landline), "user" (a phone of this box, a browser), "conference" (from callConference).
    package var clientType: String
    package var customData: String

    package init(
        callerNumber: String, callerName: String, destination: String, fromURI: String, toURI: String,
        headers: [HeaderField], clientType: String, customData: String
    ) {
        self.callerNumber = callerNumber
        self.callerName = callerName
        self.destination = destination
        self.fromURI = fromURI
        self.toURI = toURI
        self.headers = headers
        self.clientType = clientType
        self.customData = customData
    }
}
