// SPDX-License-Identifier: Apache-2.0
// RFC 4733 section 2.5.1: 100 ms of event, its end said three times, 100 ms of pause.

/// Says what to send instead of, or beside, each audio frame while digits are being sent.
///
///     frames    |  20  |  40  |  60  |  80  | 100 |  +20  |  +40  | …  next digit 200 ms after the first
///     packets   start    …       …      …     end    end     end
///
/// Every packet of an event bears the time stamp of its beginning; only `duration` grows. At most 32 digits wait.
package struct TelephoneEventSender: Sendable, BitwiseCopyable {
    package struct Step: Sendable, BitwiseCopyable {
        package var event: TelephoneEvent
        package var timestamp: UInt32
        package var marker: Bool
        /// The audio frame is not sent: the event stands for it.
        package var replacesAudio: Bool
    }

    private var waiting: InlineArray<32, UInt8> = .init(repeating: 0)
    private var first = 0
    private var count = 0

    private var code: UInt8 = 0
    private var start: UInt32 = 0
    /// Clock counts since the start.
    private var elapsed = 0
    private var finalDuration = 0
    private var endsToSend = 0
    private var isActive = false

    package init() {}

    /// Digits wait or are being sent: frames must go on.
    package var isBusy: Bool { isActive || count > 0 }

    /// False when too many wait already, or the code is no digit.
    package mutating func enqueue(_ code: UInt8) -> Bool {
        guard count < 32, code <= TelephoneEvent.lastDigit else { return false }
        waiting[(first &+ count) & 31] = code
        count &+= 1
        return true
    }

    /// What goes with the frame that begins at `timestamp` and lasts `samples` counts of a clock of `clockRate`.
    /// `scale` of the duration: 1, or how many of the stream's counts are one of the event's.
    package mutating func step(timestamp: UInt32, samples: Int, clockRate: Int, scale: Int) -> Step? {
        if !isActive {
            guard count > 0 else { return nil }
            code = waiting[first]
            first = (first &+ 1) & 31
            count &-= 1
            start = timestamp
            elapsed = 0
            finalDuration = 0
            endsToSend = 3
            isActive = true
        }
        let isFirst = elapsed == 0
        elapsed &+= samples
        let length = clockRate / 10
        if finalDuration == 0, elapsed >= length { finalDuration = elapsed }
        let isEnd = finalDuration > 0
        if endsToSend == 0 {
            if elapsed >= 2 &* length { isActive = false }
            return nil
        }
        let replacesAudio = !isEnd || endsToSend == 3
        if isEnd { endsToSend &-= 1 }
        let duration = min(65_535, (isEnd ? finalDuration : elapsed) / max(1, scale))
        return Step(
            event: TelephoneEvent(
                code: code, isEnd: isEnd, volume: 10, duration: UInt16(truncatingIfNeeded: duration)),
            timestamp: start, marker: isFirst, replacesAudio: replacesAudio)
    }
}
