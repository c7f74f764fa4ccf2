// SPDX-License-Identifier: Apache-2.0
// Telcordia GR-571 (call waiting), GR-575 / ETSI EN 300 659-2 (who it is that waits: alerting signal, acknowledgement, data).

import Telephony

/// When a telephone in a call is beeped at, and told who waits. Pure; milliseconds of the owner's clock.
///
///     beep and alerting signal --A or D within half a second--> data       beep      beep ...
struct WaitingTone: Sendable {
    enum Action: Sendable, Equatable {
        /// With the alerting signal after it, on which a telephone with a display answers.
        case beep(alerts: Bool)
        case tell
    }

    /// One burst, and how long it is until the next begins.
    let burst: [ToneSegment]
    let interval: Int64
    private let alerts: Bool
    private var next: Int64
    private var waitsUntil: Int64 = 0

    /// How long the telephone has for its answer, after burst and alerting signal: 160 ms, and the way there and back.
    private static let answerMilliseconds: Int64 = 500
    static let alertMilliseconds = 82
    private static let fallback = [ToneSegment(425, 0, levelDBm0: -18, milliseconds: 200), .silence(9_000)]

    /// - Parameter tone: the country's; its first pause of a second or more ends the burst.
    init(_ tone: [ToneSegment], alerts: Bool, now: Int64) {
        let tone = tone.isEmpty ? Self.fallback : tone
        let end = tone.firstIndex { $0.frequency1Hz == 0 && ($0.milliseconds >= 1_000 || $0.milliseconds == 0) }
        burst = Array(tone[..<(end ?? tone.count)].prefix(8))
        let pause = end.map { Int64(tone[$0].milliseconds) } ?? 0
        // Nobody wants to be beeped at without end in between.
        interval = Self.milliseconds(burst) + (pause < 1_000 ? 9_000 : pause)
        self.alerts = alerts
        next = now
    }

    private static func milliseconds(_ tones: [ToneSegment]) -> Int64 {
        tones.reduce(0) { $0 + Int64($1.milliseconds) }
    }

    var deadline: Int64 { next }

    mutating func expire(now: Int64) -> Action? {
        guard now >= next else { return nil }
        let isFirst = waitsUntil == 0
        next = now &+ interval
        guard alerts, isFirst else {
            waitsUntil = max(waitsUntil, 1)
            return .beep(alerts: false)
        }
        waitsUntil = now &+ Self.milliseconds(burst) &+ Int64(Self.alertMilliseconds) &+ Self.answerMilliseconds
        return .beep(alerts: true)
    }

    mutating func heard(_ digit: DTMFDigit, now: Int64) -> Action? {
        guard digit.character == "A" || digit.character == "D", now < waitsUntil else { return nil }
        waitsUntil = 1
        return .tell
    }

    /// Burst, alerting signal and the silence in which the telephone answers; its user hears nothing else meanwhile.
    func sound(alerts: Bool) -> Sound {
        guard alerts else { return .tones(burst, repeats: false) }
        return .tones(
            burst + [
                ToneSegment(2_130, 2_750, levelDBm0: -16, milliseconds: Self.alertMilliseconds), .silence(300),
            ], repeats: false)
    }
}
