// SPDX-License-Identifier: Apache-2.0
// Telcordia GR-30 (data between the first and the second ring), ETSI EN 300 659-1 (after the first ring, or before it).

/// What a telephone that is called gets, step by step: its bell on and off, and in between who calls. Pure.
///
///     after the first ring:   bell | pause | who calls | pause | bell | pause | bell ...
///     before it:              who calls | pause | bell | pause | bell ...
package struct RingPlan: Sendable, Hashable {
    package struct Step: Sendable, Hashable {
        /// Nil: until the end.
        package var milliseconds: Int64?
        package var rings = false
        /// The port is open so long, and who calls is being told.
        package var tells = false
    }

    /// When a telephone is told who calls, and how long that takes.
    package enum Telling: Sendable, Hashable {
        case never
        case beforeRing(milliseconds: Int64)
        case afterFirstRing(milliseconds: Int64)
    }

    package private(set) var steps: [Step] = []
    /// After the last step comes this one.
    package private(set) var repeatsFrom = 0

    /// The silence between the bell and the data (GR-30: 250 to 3600 ms; 500 are usual), and between the data and the bell.
    package static let silenceBefore: Int64 = 500
    package static let silenceAfter: Int64 = 300

    /// - Parameter cadence: milliseconds on and off in turn; a single one, or a pause of 0: on until the end (the telephone
    ///   makes the cadence itself, 2 s on and 4 s off).
    package init(cadence: [Int64], telling: Telling = .never) {
        let isMadeByDevice = cadence.count < 2 || cadence.contains { $0 <= 0 }
        if case .beforeRing(let length) = telling {
            steps = [Step(milliseconds: length, tells: true), Step(milliseconds: Self.silenceAfter)]
        }
        guard !isMadeByDevice else {
            if case .afterFirstRing(let length) = telling {
                // Its first ring is over by then.
                steps += [
                    Step(milliseconds: 2_000 + Self.silenceBefore, rings: true),
                    Step(milliseconds: length, rings: true, tells: true),
                ]
            }
            repeatsFrom = steps.count
            steps.append(Step(milliseconds: nil, rings: true))
            return
        }
        var once: [Step] = []
        for (index, milliseconds) in cadence.enumerated() {
            once.append(Step(milliseconds: milliseconds, rings: index % 2 == 0))
        }
        // An odd cadence rings at its end and its beginning: that is one ring.
        if cadence.count % 2 == 1, let last = once.popLast() { once[0].milliseconds? += last.milliseconds ?? 0 }
        if case .afterFirstRing(let length) = telling { steps += Self.first(once, length) }
        repeatsFrom = steps.count
        steps += once
    }

    /// The first cadence, with the data in its longest pause, which waits for them.
    private static func first(_ once: [Step], _ length: Int64) -> [Step] {
        let pauses = once.indices.filter { !once[$0].rings }
        guard let longest = pauses.max(by: { (once[$0].milliseconds ?? 0) < (once[$1].milliseconds ?? 0) }) else {
            return once
        }
        let rest = (once[longest].milliseconds ?? 0) - silenceBefore - length
        var first = once
        first.replaceSubrange(
            longest...longest,
            with: [
                Step(milliseconds: silenceBefore), Step(milliseconds: length, tells: true),
                Step(milliseconds: max(rest, silenceAfter)),
            ])
        return first
    }

    package func step(after index: Int) -> Int { index + 1 < steps.count ? index + 1 : repeatsFrom }
}
