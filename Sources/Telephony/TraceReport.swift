// SPDX-License-Identifier: Apache-2.0

/// One message of a call, as `partyline trace` shows it.
package struct TraceStep: Sendable, Hashable, Codable {
    /// Seconds since 1970.
    package var time = 0.0
    /// From the far end to us.
    package var isIncoming = false
    /// Address and port of the far end, and the transport.
    package var peer = ""
    /// The request or status line.
    package var line = ""
    /// The CSeq header, and what the body is.
    package var note = ""

    package init() {}
}

/// What was seen of a call.
package struct TraceReport: Sendable, Hashable, Codable {
    package var call = ""
    package var steps: [TraceStep] = []
    /// The packet capture, on the machine of the daemon.
    package var file = ""
    /// Packets of audio and of its reports in it.
    package var mediaPackets = 0
    package var reportPackets = 0

    package init() {}
}

/// What becomes of the wish to trace a call.
package enum TraceOutcome: Sendable, Hashable {
    case traced(TraceReport)
    case refused(Obstacle)
    case notFound(Obstacle)
}

/// Who can tell what happened on the wire.
package protocol CallTracer: Sendable {
    /// Watches the media of a call for some seconds, then writes all that is known of it into a file: never on its caller's actor.
    /// - Parameters:
    ///   - port: nil: the call has no media (any more).
    ///   - seconds: 0 … 60.
    /// - Returns: nil when the wire knows nothing of that leg.
    @concurrent func trace(call: String, leg: LegID, port: PortID?, seconds: Int) async -> TraceOutcome?
}
