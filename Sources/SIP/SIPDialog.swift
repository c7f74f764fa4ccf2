// SPDX-License-Identifier: Apache-2.0

import SDP
import Telephony

/// One dialog on the SIP thread: the library's handle, the two state machines, and what the port was told.
final class SIPDialog {
    let token: UInt64
    let leg: LegID
    let port: PortID
    let isIncoming: Bool
    /// Where it came from, or where it went; for the limits, and for whom audio is believed.
    let source: IPAddress?
    let listener: Int32
    let contact: String
    /// The library's handle; nil once given back.
    var call: OpaquePointer?
    var machine: DialogStateMachine
    var renegotiation: Renegotiation
    var negotiation: OfferAnswer
    /// Of a call out until it is answered: what each place said to our offer.
    var forks: ForkedAnswers?
    /// Our answer to the first offer, for 183 and 200; nil: the INVITE had no offer, we make one.
    var answer: String?
    /// The far end takes reliable provisional responses (RFC 3262): then a 183 may carry our offer.
    var takesReliable = false
    /// A request with our offer in its 200 waits for an ACK with the answer.
    var answerIsDueInACK = false
    var isHeld = false
    var liveness = LivenessProbe()
    var hasReleased = false
    /// When the machine last did something.
    var changed = ContinuousClock.now
    /// Where requests of ours go: whence the far end last made an offer.
    var nextHop = ""
    /// Of a call out: its leg's token and which of the places it calls this is.
    var hunt: UInt64?
    var branch = 0
    /// Of a call in: whoever calls showed no password, and came by no trunk.
    var isGuest = false
    /// The trunk by which it goes or came.
    var trunk: String?
    /// Its audio may come from a host that nobody named.
    var takesForeignAudio = false
    /// The subscription of a transfer that is under way.
    var referEvent = ""
    /// Of a call out, once the far end was heard. Set by the table, which finds dialogs by it.
    var callID = ""
    /// Of a call out, once the far end was heard; empty before, and for calls to us.
    var ownTag = ""
    /// That of the place which was heard last, where a proxy asks several.
    var farTag = ""
    /// Anything came back to its INVITE.
    var hasHeard = false
    /// A challenge to its INVITE was answered.
    var hasAuthenticated = false

    init(
        token: UInt64, leg: LegID, port: PortID, isIncoming: Bool, source: IPAddress?, listener: Int32, contact: String,
        call: OpaquePointer?, negotiation: OfferAnswer
    ) {
        self.token = token
        self.leg = leg
        self.port = port
        self.isIncoming = isIncoming
        self.source = source
        self.listener = listener
        self.contact = contact
        self.call = call
        self.negotiation = negotiation
        machine = DialogStateMachine(isIncoming: isIncoming)
        renegotiation = Renegotiation(ownsCallID: !isIncoming)
    }
}
