// SPDX-License-Identifier: Apache-2.0
// RFC 4733 sections 2.5.1.3 (long events), 2.5.1.4 (retransmitted ends), 2.5.2.2 (what a receiver does).

/// Makes single presses of the packets that telephone events come in.
///
/// A press is told from another by its time stamp: its first packet counts, whichever that is; retransmitted ends,
/// reordered and duplicated packets do not. A long event that goes on under a new time stamp is still the same press.
package struct TelephoneEventReceiver: Sendable, BitwiseCopyable {
    package enum Finding: Sendable, BitwiseCopyable {
        /// A key went down.
        case pressed(UInt8)
        /// More about a press that was told already.
        case known
        /// No DTMF event, or older than the newest press.
        case ignored
    }

    /// Time stamp (unwrapped) at which the newest press began, or its newest segment.
    package private(set) var start: Int64 = -1
    /// One past the last clock count that is known to belong to it.
    package private(set) var end: Int64 = -1
    package private(set) var isEnded = true
    private var code: UInt8 = 0xFF

    package init() {}

    /// `timestamp` is unwrapped; `isNewest`: no packet of the source with a higher sequence number came before.
    package mutating func take(
        _ event: TelephoneEvent, timestamp: Int64, marker: Bool, isNewest: Bool
    ) -> Finding {
        guard event.code <= TelephoneEvent.lastDigit else { return .ignored }
        let eventEnd = timestamp &+ Int64(event.duration)
        if timestamp == start {
            guard event.code == code else { return .ignored }
            end = max(end, eventEnd)
            isEnded = isEnded || event.isEnd
            return .known
        }
        guard timestamp > start, isNewest || isEnded else { return .ignored }
        // The next segment of a press longer than 65535 counts, or a sender that moves the stamp in each packet.
        let continues = event.code == code && !marker && !isEnded && timestamp <= end &+ 1
        start = timestamp
        end = eventEnd
        isEnded = event.isEnd
        code = event.code
        return continues ? .known : .pressed(event.code)
    }
}
