// SPDX-License-Identifier: Apache-2.0

/// How a landline (FXO) is used: from the line's settings and its country's plan. Milliseconds.
package struct LandlinePlan: Sendable, Hashable {
    package enum Dialling: String, Sendable, Hashable, CaseIterable {
        case dtmf
        case pulse
    }

    // MARK: Incoming

    /// The call is offered after so many rings, so that the phones of the house may come first.
    package var answerAfterRings = 1
    /// Bursts of the bell that make one ring, where it was learned.
    package var burstsPerRing = 1
    /// A burst of the bell counts from this length on.
    package var shortestRing: Int64 = 100
    /// Nothing rings for so long: the caller gave up.
    package var ringTimeout: Int64 = 6_000
    /// So long after the first ring a caller-ID is waited for.
    package var callerIDWait: Int64 = 2_500
    /// Japan: short bursts of bell ask for the line to be seized, unanswered, for the message of who calls.
    package var seizesForCallerID = false
    /// Such a burst, and the pause after it: half a second.
    package var shortBurst: ClosedRange<Int64> = 300...700
    /// So long that message is waited for.
    package var callerMessage: Int64 = 4_000
    /// After a burst of the bell, before the line is seized.
    package var answerPause: Int64 = 300

    // MARK: Release by the far end

    /// Loop current that is gone for so long ends the call.
    package var loopOpen: Int64 = 64
    package var polarityReleases = true
    /// Reversals right after seizing mean nothing.
    package var polarityGuard: Int64 = 600
    /// Bursts of busy, congestion or the learned tone: from this many on nobody in the room hears the line ...
    package var muteBursts = 2
    /// ... and with this many it is released.
    package var releaseBursts = 3
    package var dialToneReleases = true
    /// Dial tone that has gone on for so many seconds releases; a shorter one may be a note.
    package var dialToneSeconds = 3
    /// 0: silence releases nothing.
    package var silence: Int64 = 0
    package var longestCall: Int64 = 240 * 60_000
    /// A phone of the house that is lifted takes the call over.
    package var withdrawsForExtension = true

    // MARK: Outgoing

    package var dialling = Dialling.dtmf
    package var hasLoopSense = false
    package var loopWait: Int64 = 1_000
    package var dialToneWait: Int64 = 4_000
    /// Without dial tone nothing is dialled; otherwise it is, after the wait.
    package var needsDialTone = false
    package var noAnswer: Int64 = 120_000
    /// Dialled without dial tone, and nothing was heard of the network for so long: the line is dead.
    package var blindPatience: Int64 = 30_000
    /// Somebody speaks on the line that was just seized, for so long, and there is no dial tone: another phone has it.
    package var conversation: Int64 = 2_500
    /// The ringing tone has stopped for so long: somebody answered.
    package var ringbackGone: Int64 = 6_500
    package var announcement: Int64 = 15_000
    /// On-hook at least so long between two uses.
    package var clearing: Int64 = 1_500
    /// Off-hook for so long, the exchange takes a bell for answered and a hang-up after it for one.
    package var trip: Int64 = 700
    package var redialPause: Int64 = 5_000
    package var redialAttempts = 12
    package var redialRest: Int64 = 1_800_000

    package init() {}
}

/// Why a landline was released: the words of reports, logs and call records.
package enum LandlineRelease: String, Sendable, Hashable, Codable, CaseIterable {
    case ourSide = "our side hung up"
    case callerGaveUp = "the caller gave up"
    case loopDrop = "loop current dropped"
    case polarity = "polarity reversed"
    case disconnectTone = "disconnect tone"
    case learnedTone = "learned disconnect tone"
    case dialTone = "dial tone returned"
    case silence = "silence"
    case tooLong = "longest call reached"
    case extensionLifted = "a phone of the house was lifted"
    case preempted = "taken for an emergency call"
    case lineInUse = "line in use"
    case lineDead = "no loop current"
    case noDialTone = "no dial tone"
    case nothingHeard = "dialled without dial tone, and nothing was heard"
    case notTaken = "the device does not take the line"
    case deviceEnded = "the modem ended the call"
    case busy = "busy"
    case congestion = "congestion"
    case specialInformation = "number not reachable (special information tone)"
    case noAnswer = "no answer"
    case redialPause = "dialled too often in a row"
    case deviceGone = "device gone"

    /// How a leg's end tells of it.
    package var header: HeaderField { HeaderField("X-Release", rawValue) }

    static func isPreemption(_ header: HeaderField) -> Bool { header == Self.preempted.header }

    /// As a leg's end has told it.
    package init?(_ header: HeaderField) {
        guard header.name == "X-Release" else { return nil }
        self.init(rawValue: header.value)
    }

    /// The line itself is not as it should be, whoever is called by it.
    package var meansOutOfOrder: Bool {
        switch self {
        case .loopDrop, .lineDead, .noDialTone, .nothingHeard, .notTaken, .deviceEnded, .deviceGone: true
        default: false
        }
    }

    /// The cause of a call out that ends so before it was answered: it says nothing about who was called.
    package var unansweredCause: HangupCause {
        switch self {
        case .loopDrop, .dialTone, .deviceEnded: .networkOutOfOrder
        case .extensionLifted: .noCircuitAvailable
        default: cause
        }
    }

    package var cause: HangupCause {
        switch self {
        case .ourSide, .callerGaveUp, .loopDrop, .polarity, .disconnectTone, .learnedTone, .dialTone, .silence,
            .tooLong, .extensionLifted, .deviceEnded:
            .normalClearing
        case .preempted: .normalUnspecified
        case .lineInUse: .noCircuitAvailable
        case .lineDead, .noDialTone, .nothingHeard, .notTaken: .networkOutOfOrder
        case .busy: .userBusy
        case .congestion: .congestion
        case .specialInformation: .unallocatedNumber
        case .noAnswer: .noAnswer
        case .redialPause: .temporaryFailure
        case .deviceGone: .destinationOutOfOrder
        }
    }
}

/// How it is known that a call out of the box was answered: an analog line does not always say.
package enum LandlineAnswer: String, Sendable, Hashable, Codable {
    case polarity = "polarity reversed"
    case voice = "a voice was heard"
    case ringbackStopped = "the ringing tone stopped"
    case digit = "the called party pressed a key"
}
