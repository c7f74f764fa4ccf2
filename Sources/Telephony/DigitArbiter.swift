// SPDX-License-Identifier: Apache-2.0

/// Makes one digit of what several recognisers report about one press: the higher source, once heard on a call, silences the
/// lower ones; in-band waits for a moment where a telephone-event may still come.
package struct DigitArbiter: Sendable {
    package enum Verdict: Sendable, Equatable {
        case accept
        /// Ask `release` after so many milliseconds.
        case wait(milliseconds: Int64)
        case drop
    }

    private var best: DigitSource?
    /// The last digit that was taken, and when: a better source may tell of the same press a little later.
    private var taken: (digit: DTMFDigit, source: DigitSource, at: Int64)?
    private static let samePressMilliseconds: Int64 = 80
    private var waiting: DTMFDigit?
    private let inBandWaitMilliseconds: Int64

    /// `inBandWaitMilliseconds`: 60 on calls where a better source is possible, 0 on an analog line.
    package init(inBandWaitMilliseconds: Int64) { self.inBandWaitMilliseconds = inBandWaitMilliseconds }

    /// On a line there is nothing better than tones, unless its device tells of keys.
    init(of leg: (any Leg)?) {
        self.init(inBandWaitMilliseconds: leg?.technology == "line" && leg?.tellsOfKeys == false ? 0 : 60)
    }

    package mutating func heard(_ digit: DTMFDigit, by source: DigitSource, now: Int64) -> Verdict {
        if let best, source > best { return .drop }
        if source == .inBand, best == nil, inBandWaitMilliseconds > 0 {
            waiting = digit
            return .wait(milliseconds: inBandWaitMilliseconds)
        }
        if source < .inBand { waiting = nil }
        if source < .inBand || inBandWaitMilliseconds == 0 { best = source }
        if let taken, taken.digit == digit, source < taken.source, now - taken.at < Self.samePressMilliseconds {
            return .drop
        }
        taken = (digit, source, now)
        return .accept
    }

    /// The wait is over: the digit to take, unless a better source spoke meanwhile.
    package mutating func release(now: Int64) -> DTMFDigit? {
        defer { waiting = nil }
        if let waiting { taken = (waiting, .inBand, now) }
        return waiting
    }
}
