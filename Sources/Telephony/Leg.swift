// SPDX-License-Identifier: Apache-2.0

/// One leg of an adapter as the switchboard sees it. Every method returns at once and may be called from any thread; what
/// comes of it arrives as a `LegEvent`. After `hungUp` (either way) a leg ignores everything.
package protocol Leg: AnyObject, Sendable {
    var id: LegID { get }
    /// The media port of this leg, from the moment it can send or receive audio (an incoming leg: at once).
    var port: PortID? { get }
    /// "sip", "line", … for reports.
    var technology: String { get }
    /// The landline that it goes out by: other landlines are further ways. Nil: its driver has no second one.
    var outsideLine: String? { get }
    /// Its device tells of digits by itself, beside the tones: these wait for it.
    var tellsOfKeys: Bool { get }
    /// Tells the caller that the other side is being rung (180). Incoming legs only.
    func ring(_ headers: [HeaderField])
    /// Opens the audio before the answer (183). Incoming legs only.
    func startEarlyMedia(_ headers: [HeaderField])
    /// Takes the call (200, or lifts the line). Incoming legs only.
    func answer(_ headers: [HeaderField])
    /// Refuses with a SIP status of its own (scripts may choose one). Incoming, unanswered legs only.
    func reject(status: Int, _ headers: [HeaderField])
    /// Ends the leg in whatever state it is.
    func hangUp(_ cause: HangupCause, _ headers: [HeaderField])
    /// An INFO or MESSAGE within the call; a leg that knows neither ignores it.
    func sendInfo(contentType: String, body: String, _ headers: [HeaderField])
    func sendMessage(_ text: String)
    /// Tells a leg that asked for a transfer how it goes (a SIP status; 200: done).
    func tellTransfer(status: Int, isLast: Bool)
    /// Tells a leg that asked for a conference (`conferenceWanted`) that there is none; its calls are as they were.
    func refuseConference()
}

extension Leg {
    package var outsideLine: String? { nil }
    package var tellsOfKeys: Bool { false }
    package func tellTransfer(status: Int, isLast: Bool) {}
    package func refuseConference() {}
}

/// What an adapter tells about a leg, in the order in which it happened.
package enum LegEvent: Sendable {
    /// The far end is being rung. Outgoing legs.
    case ringing([HeaderField])
    /// There is audio before the answer. Outgoing legs.
    case earlyMedia([HeaderField])
    /// The far end took the call (outgoing), or the caller's side confirmed our answer (incoming: SIP ACK).
    case answered([HeaderField])
    /// A digit that came beside the media: SIP INFO or a key of the device. (RFC 4733 and in-band are `MediaEvent`s.)
    case digit(DTMFDigit, DigitSource)
    /// The far end holds us (true) or is back (false). The leg itself has already told the media engine. A telephone of
    /// this box that has two calls takes its port from the one that is held to the other: `Leg.port` is as it is now.
    case held(Bool)
    /// SIP: a re-INVITE of the far end came, or one of the box was answered. What it changes is told by itself (`held`).
    case reInvite(ReInvite, [HeaderField])
    /// A telephone of this box wants all three to hear each other: this call and that one, which it holds.
    case conferenceWanted(with: LegID)
    /// A telephone of this box has hung up and leaves this call to the one it holds; `hungUp` follows for both.
    /// `ringback`: what that one hears until this one is answered.
    case leftTo(LegID, ringback: [ToneSegment])
    /// A telephone of this box is to hear this now, over its call.
    case notice(Sound)
    case info(contentType: String, body: String, [HeaderField])
    case message(String)
    /// The far end wants somebody else in its place; `tellTransfer` follows.
    case transferRequested(TransferRequest)
    /// The far end refused a call of ours and names where else to call (SIP: 3xx); `hungUp` follows.
    case redirected([String])
    /// The leg is gone, and its port with it. Always the last event of a leg.
    case hungUp(HangupCause, [HeaderField])
}

/// What became of a re-INVITE (RFC 3261 section 14).
package enum ReInvite: String, Sendable, Hashable, Codable, CaseIterable {
    /// From the far end; the box answers by itself.
    case received
    /// Ours, to renew the session.
    case accepted, rejected
}

/// From which side of the box a call comes, as rules ask for it.
package enum CallOrigin: String, Sendable, Hashable, Codable, CaseIterable {
    /// The box itself: a script's callConference, the command line.
    case inside
    /// A SIP phone: registered, or calling from an address of the list that needs no password (loopback as shipped).
    case phones
    case trunks
    /// An analog or USB phone of this box, or the landline.
    case lines
}

/// An incoming call as its adapter presents it.
package struct CallOffer: Sendable {
    package var leg: any Leg
    /// What was dialled, after unescaping ("%23" is '#').
    package var destination: String
    package var callerNumber: String
    package var callerName: String
    package var origin: CallOrigin
    package var fromURI: String
    package var toURI: String
    package var headers: [HeaderField]
    /// The peer, for logs ("192.0.2.7:5060", "line hall").
    package var peer: String
    /// The phone of the house (by its password or registration) or the trunk that it comes by; nil: nobody known.
    package var account: String?
    /// It comes from outside the house: by a trunk or a landline.
    package var isOutside: Bool
    /// The leg whose place it takes (SIP: INVITE with Replaces).
    package var replaces: LegID?
    /// Somebody has typed the number; false: the line is set to call it.
    package var isTyped = true

    package init(
        leg: any Leg, destination: String, callerNumber: String, callerName: String, origin: CallOrigin,
        fromURI: String, toURI: String, headers: [HeaderField], peer: String, account: String? = nil,
        isOutside: Bool? = nil, replaces: LegID? = nil
    ) {
        self.leg = leg
        self.destination = destination
        self.callerNumber = callerNumber
        self.callerName = callerName
        self.origin = origin
        self.fromURI = fromURI
        self.toURI = toURI
        self.headers = headers
        self.peer = peer
        self.account = account
        self.isOutside = isOutside ?? (origin == .trunks)
        self.replaces = replaces
    }

    /// What it can dial is what a phone on a line can: extensions and rooms by their plain numbers.
    package var isHousePhone: Bool { origin == .lines || origin == .phones && account != nil }
}

/// A call out of the box.
package struct DialRequest: Sendable {
    package enum Kind: Sendable, Hashable {
        /// An extension or a name of this box.
        case inside
        /// A telephone number, by a landline or a trunk. The fence has allowed it.
        case outside
        /// An emergency number, by a landline or a trunk.
        case emergency
        /// A SIP URI anywhere. The fence has allowed it.
        case uri
    }

    /// For whom a telephone rings, as its bell may tell (distinctive ringing).
    package enum Caller: Sendable, Hashable, CaseIterable {
        case inside
        case outside
        /// A room invites, or a script calls.
        case group
    }

    package var kind = Kind.inside
    package var caller = Caller.inside
    /// An extension, a number or a SIP URI: the driver knows what it takes.
    package var destination: String
    package var callerNumber: String
    package var callerName: String
    package var headers: [HeaderField]
    /// Landlines that it was tried by in vain: they are left out.
    package var triedLines: Set<String> = []
    /// It may go out otherwise: a landline without dial tone does not dial blindly, but gives up.
    package var hasOtherWay = false
    /// The call goes on by another way where this one leads nowhere (a transfer by the far end does not).
    package var mayHunt = true
    /// All ways were tried: landlines that were only without dial tone are asked once more, whatever state they seem to be in.
    package var isLastTry = false

    package init(destination: String, callerNumber: String, callerName: String, headers: [HeaderField]) {
        self.destination = destination
        self.callerNumber = callerNumber
        self.callerName = callerName
        self.headers = headers
    }
}

/// An adapter that can call somebody: the lines ring a phone by its extension.
package protocol LegDriver: Sendable {
    /// Whether somebody of this box has that number.
    func knows(_ destination: String) -> Bool
    /// Nil when the destination is none of this driver's. Otherwise a leg whose events follow, `hungUp` at the latest.
    func dial(_ request: DialRequest) -> (any Leg)?
    /// Whether `dial` would try to take the request to the outside, as far as is known now.
    func hasWay(_ request: DialRequest) -> Bool
}

extension LegDriver {
    package func hasWay(_ request: DialRequest) -> Bool { false }
}

/// Where adapters post what happens. The switchboard implements it; posting never blocks and keeps the order of each caller.
package protocol LegSink: Sendable {
    func incoming(_ offer: CallOffer)
    func post(_ event: LegEvent, from leg: LegID)
    /// A fresh identifier for a leg.
    func newLegID() -> LegID
}
