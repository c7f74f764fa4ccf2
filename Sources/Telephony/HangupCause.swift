// SPDX-License-Identifier: Apache-2.0
// ITU-T Q.850 (causes), RFC 3398 section 8.2.6.1 (their SIP status), RFC 3326 (Reason).

/// Why a call ended or was refused. The raw value is the Q.850 cause.
package enum HangupCause: UInt8, Sendable, Hashable, Codable, CaseIterable {
    case unallocatedNumber = 1
    case noRouteToDestination = 3
    case normalClearing = 16
    case userBusy = 17
    case noUserResponding = 18
    case noAnswer = 19
    /// The phone is registered nowhere.
    case subscriberAbsent = 20
    /// Whoever was called declines.
    case callRejected = 21
    case numberChanged = 22
    /// The call goes round in a circle.
    case exchangeRoutingError = 25
    /// Another phone of those that rang took the call (Q.850 "non-selected user clearing").
    case answeredElsewhere = 26
    case destinationOutOfOrder = 27
    case invalidNumberFormat = 28
    case facilityRejected = 29
    case normalUnspecified = 31
    case noCircuitAvailable = 34
    case networkOutOfOrder = 38
    case temporaryFailure = 41
    case congestion = 42
    /// A provider or far exchange does not let us.
    case notPermitted = 57
    case bearerNotAvailable = 58
    case incompatibleMedia = 65
    case incompatibleDestination = 88
    case recoveryOnTimerExpiry = 102
    case protocolError = 111
    case interworking = 127

    /// The SIP status with which an unanswered call is refused for this cause.
    package var sipStatus: Int {
        switch self {
        case .unallocatedNumber, .noRouteToDestination: 404
        case .normalClearing, .normalUnspecified: 480
        case .userBusy: 486
        case .noUserResponding: 408
        case .noAnswer, .subscriberAbsent: 480
        case .callRejected, .notPermitted: 403
        case .answeredElsewhere: 480
        case .exchangeRoutingError: 482
        case .numberChanged: 410
        case .destinationOutOfOrder: 502
        case .invalidNumberFormat: 484
        case .facilityRejected: 501
        case .noCircuitAvailable, .networkOutOfOrder, .temporaryFailure, .congestion: 503
        case .bearerNotAvailable, .incompatibleMedia: 488
        case .incompatibleDestination: 488
        case .recoveryOnTimerExpiry: 504
        case .protocolError, .interworking: 500
        }
    }

    /// The cause behind a final SIP status of 300 or more.
    package init(sipStatus: Int) {
        switch sipStatus {
        case 401, 402, 403, 407: self = .notPermitted
        case 603: self = .callRejected
        case 404, 604: self = .unallocatedNumber
        case 405, 501: self = .facilityRejected
        case 406, 415, 488, 606: self = .incompatibleMedia
        case 408: self = .noUserResponding
        case 410: self = .numberChanged
        case 480: self = .noUserResponding
        case 484: self = .invalidNumberFormat
        case 486, 600: self = .userBusy
        case 487: self = .normalClearing
        case 482, 483: self = .noRouteToDestination
        case 502: self = .destinationOutOfOrder
        case 503: self = .temporaryFailure
        case 504: self = .recoveryOnTimerExpiry
        default: self = .interworking
        }
    }

    /// The cause behind a final SIP status that ends a call out. Where it has rung, somebody was reached: who does not answer,
    /// or declines, is not called again another way (RFC 3261 section 21.6: nobody else is asked after a 6xx).
    package init(sipStatus: Int, afterRinging hasRung: Bool) {
        let cause = HangupCause(sipStatus: sipStatus)
        switch cause {
        case .noUserResponding where hasRung: self = .noAnswer
        case .notPermitted where hasRung: self = .callRejected
        default: self = cause
        }
    }

    /// In words, for logs and the command line.
    package var words: String {
        switch self {
        case .unallocatedNumber: "no such number"
        case .noRouteToDestination: "no route to the destination"
        case .normalClearing: "normal clearing"
        case .userBusy: "busy"
        case .noUserResponding: "nobody responds"
        case .noAnswer: "no answer"
        case .subscriberAbsent: "not there"
        case .callRejected: "rejected"
        case .notPermitted: "not permitted"
        case .numberChanged: "number changed"
        case .answeredElsewhere: "answered elsewhere"
        case .exchangeRoutingError: "goes round in a circle"
        case .destinationOutOfOrder: "destination out of order"
        case .invalidNumberFormat: "number incomplete or malformed"
        case .facilityRejected: "not supported"
        case .normalUnspecified: "ended"
        case .noCircuitAvailable: "no free line"
        case .networkOutOfOrder: "network out of order"
        case .temporaryFailure: "temporary failure"
        case .congestion: "overloaded"
        case .bearerNotAvailable: "medium not available"
        case .incompatibleMedia: "no codec in common"
        case .incompatibleDestination: "incompatible destination"
        case .recoveryOnTimerExpiry: "timed out"
        case .protocolError: "protocol error"
        case .interworking: "interworking error"
        }
    }
}
