// SPDX-License-Identifier: Apache-2.0

/// A call in the exchange's books. Never used again within a run.
package struct CallID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let number: UInt32

    package init(_ number: UInt32) { self.number = number }

    package static func < (a: CallID, b: CallID) -> Bool { a.number < b.number }

    package var description: String { "\(number)" }
}

/// Who decides about a call.
package enum CallOwner: Hashable, Sendable {
    case session(SessionID, UnitID)
    /// The box itself: a call between two phones, an announcement.
    case house(HouseRole)
    /// Its session was lost with its worker; it keeps its audio and ends with its far end.
    case orphan(SessionID)
}

package enum HouseRole: Hashable, Sendable {
    /// Calls this other call (an extension).
    case caller(of: CallID)
    case called(by: CallID)
    /// Hears some words and is hung up for this cause.
    case announcement(then: HangupCause)
    /// Was called for this conference and joins it by pressing 1.
    case invited(to: String)
    /// Is called for this call, which a script transfers.
    case target(of: CallID)
    /// Tries its line.
    case trying(TestNumber)
}

/// One call: what the exchange knows about a leg, or about one end of a wire between two sessions.
struct Call {
    let id: CallID
    var owner: CallOwner
    var machine: CallStateMachine
    let node: MediaGraph.Node
    /// Nil for a wire.
    var leg: (any Leg)?
    var port: PortID?
    /// The other end of a wire.
    var peer: CallID?
    var info: SessionCallInfo
    var origin: CallOrigin
    var peerName: String
    var rule = ""

    var arbiter: DigitArbiter
    var handlesTones = false
    /// Its owner wants to know when it begins and stops to speak.
    var tellsSpeech = false
    /// Typed before the script listened: it gets them when it does (type-ahead, whatever the script).
    var typedAhead: [(digit: DTMFDigit, source: DigitSource)] = []
    var toneSources: [DigitSource] = []
    var roomKeys = RoomKeyCollector()

    /// What call.record() has begun.
    var recorder: RecorderID?
    /// The call's own playback (say, startPlayback) and its node in the graph.
    var playback: Playback?
    /// Reasons for which nobody hears it.
    var isHeld = false
    var isMutedByKey = false
    var isMutedByDesk = false
    var isDeaf = false
    /// The script listens for an answering machine.
    var detectsBeep = false
    /// ... and for tones of the network.
    var detectsProgress = false
    var talkDB = 0.0
    var listenDB = 0.0
    var isTalking = false

    /// It comes from outside the house.
    var isOutside = false
    /// It dials by the house's plan.
    var isHousePhone = false
    /// It has typed the code for the outside lines.
    var hasCode = false
    /// Wrong codes so far, whatever they were asked for.
    var wrongCodes = 0
    /// Who guesses, as far as it is known: the caller's number at the line or address (whatever its port) from which it comes.
    var codeSource: String {
        guard let colon = peerName.lastIndex(of: ":"), peerName[colon...].dropFirst().allSatisfy(\.isNumber) else {
            return "\(info.callerNumber) \(peerName)"
        }
        return "\(info.callerNumber) \(peerName[..<colon])"
    }
    /// It leaves the house.
    var outside: OutsideUse?
    var redirections = 0
    /// In which it hears itself.
    var echoMix: MixID?
    var invitationWords = 0
    /// Its script wants to hear when the far end asks for a transfer.
    var handlesBlindTransfer = false

    let beganAt: Int64
    var connectedAt: Int64?
    /// Who is at its end since it was handed on; nil: the one with whom it began.
    var successor: CallEnd?
    /// What a script wants them to be called.
    var shownName: String?
    /// Whom a transfer has given it to talk to.
    var talksTo: String?
    /// It was told that it is there, and not yet that it has ended.
    var isToldOf = false
    /// The room in which it is (or that it hears), and since when.
    var room: RoomID?
    /// Its name, kept for the record.
    var lastRoom = ""
    var endCause = HangupCause.normalClearing
    var roomSince: Int64 = 0

    static let mostTypedAhead = 32

    /// For whom it is, if it wants out.
    var party: Fence.Party { isOutside ? .outside(hasCode: hasCode) : .house }

    var isMuted: Bool { isHeld || isMutedByKey || isMutedByDesk }
}

/// A sound that is being played for a call, a room or as a player of its own.
struct Playback {
    let player: PlayerID
    let node: MediaGraph.Node
}

extension Call {
    /// Who is at its far end: who called, who was called, or who has come in their place.
    var person: (name: String, number: String) {
        let end = end
        return (shownName ?? (end.direction == .incoming ? end.callerName : ""), end.number)
    }
}
