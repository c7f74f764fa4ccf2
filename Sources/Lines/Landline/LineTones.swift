// SPDX-License-Identifier: Apache-2.0
import Signals
import Telephony

/// What the tones on a landline that is off-hook tell of its far end, although the line gives back what we play:
///
///     line, echo taken out --> detector --+
///     line as it is ---------> detector --+--> but for echoes of what we play --> events
///     what we play ----------> bursts ----+
///
/// The canceller is no judge of tones. Two exchanges that send the same one (two lines of a room whose far ends hang up together)
/// are an echo of each other to it, and it takes away the very sign that is waited for; and an echo that comes later than it
/// reaches stays. So a cadence counts in either signal. A burst is held to be an echo when one like it was played just before,
/// as much louder as a line returns less than it is told; echoes do not add to the bursts in a row.
///
/// A dial tone has no cadence: it is told again with every second that it goes on, pure and steady. A hold tone or a note on its
/// frequencies may do that too, but voices come over it or after it; so once such a tone has ended by itself, the next one of the
/// call counts only from its sixth second on.
///
/// Data sheet (LandlineReleaseTests): echo return loss from 6 dB; echoes 0 … 250 ms late, whether that delay is known or not; two
/// lines in each other's room, at any offset of their cadences: both released within three cycles; nobody released by
/// another's tone. LandlineDialToneTests: a dial tone releases in its third second; nobody is released by shorter notes on its
/// frequency, by one that glides, or by a hold tone that voices come over.
///
/// On the `lines` thread.
final class LineTones {
    /// What the line itself repeats, when it is no tone of the plan's.
    private(set) var lesson: CadenceLearner.Lesson?

    /// A dial tone that is being heard.
    private struct Endless {
        var start: Int64
        /// Since when it has been no echo: where what we play changes, its echo is another one for a moment.
        var since: Int64
        /// The seconds told.
        var told: Int
    }

    /// One of the two signals, and what it has told.
    private final class Course {
        let detector: ProgressDetector
        var lastBurst: Int64 = -1
        /// Bursts in a row that are no echoes.
        var own = 0
        var learned = 0
        /// Bursts since a tone of the plan, or one that was taken over, has told of itself.
        var sinceKnown = LineTones.long
        var endless: Endless?
        /// An earlier one of this call, that was no echo, has ended by itself.
        var endedBefore = false

        func forget() {
            detector.forget()
            (own, learned, sinceKnown, endless, endedBefore) = (0, 0, LineTones.long, nil, false)
        }

        init(_ patterns: [ProgressPattern]) { detector = ProgressDetector(patterns) }
    }

    private let clean: Course
    private let raw: Course
    private let played = ProgressDetector([])
    private let learner = CadenceLearner()

    /// Until a call has shown how much its line returns: so much less than is played, at least, in dB.
    static let leastLossDB: Float = 4.5
    /// From something else than the line's own hybrid comes less.
    private static let leastOtherLossDB: Float = 10
    private static let lags: ClosedRange<Int64> = -30...400
    /// Edges of a burst are known to so many ms in each signal.
    private static let edge: Int64 = 40
    /// Seconds by which an endless tone counts less when another one has ended by itself.
    private static let owedSeconds = 6
    /// More bursts than are remembered.
    private static let long = 1_000

    init(_ patterns: [ProgressPattern]) {
        clean = Course(patterns)
        raw = Course(patterns)
    }

    /// The tone that is being heard.
    var current: ToneBurst? { clean.detector.tracker.current }
    /// Of the newest 32 ms, without echo.
    var levelDBm0: Float { clean.detector.tracker.levelDBm0 }

    /// Another call begins.
    func forget() {
        clean.forget()
        raw.forget()
        played.forget()
        lesson = nil
    }

    /// What is known of the line's echo.
    struct Echo {
        /// What comes back is weaker than what is played by so much, at least.
        var lossDB = LineTones.leastLossDB
        /// Ms from playing to hearing; nil: not known.
        var delay: Double?
    }

    /// 8 kHz, the same moments of all three, at most 256 samples.
    func hear(
        clean cleanSamples: [Int16], raw rawSamples: [Int16], played playedSamples: [Int16], count: Int, echo: Echo,
        into events: inout [LandlineStateMachine.Event]
    ) {
        _ = Self.process(played, playedSamples, count)
        hear(raw, rawSamples, count, echo, &events)
        hear(clean, cleanSamples, count, echo, &events)
    }

    private static func process(_ detector: ProgressDetector, _ samples: [Int16], _ count: Int) -> Int {
        samples.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { detector.process($0, count: min(count, buffer.count)) } ?? 0
        }
    }

    private func hear(
        _ course: Course, _ samples: [Int16], _ count: Int, _ echo: Echo,
        _ events: inout [LandlineStateMachine.Event]
    ) {
        let detector = course.detector
        let found = Self.process(detector, samples, count)
        let burst = detector.burst(0)
        let isNew = burst.map { $0.start != course.lastBurst } ?? false
        if isNew, let burst {
            course.lastBurst = burst.start
            course.own = isEcho(known(burst), echo) ? 0 : course.own + 1
        }
        for index in 0..<found {
            let event = detector.event(index)
            if let current = detector.tracker.current, event.bursts == 1, event.cycles == 1 {
                // It goes on: no burst has ended.
                let isEcho = isEcho(known(current), echo)
                if !isEcho { events.append(.tone(Self.tone(event.kind), bursts: 1)) }
                if event.kind == .dial {
                    course.endless = Endless(
                        start: current.start, since: isEcho ? detector.tracker.now : current.start, told: isEcho ? 0 : 1
                    )
                }
                continue
            }
            // The special information tone is its three notes, once.
            let isWhole = event.kind != .specialInformation || course.own >= event.bursts
            guard course.own > 0, isWhole else { continue }
            events.append(.tone(Self.tone(event.kind), bursts: min(event.bursts, course.own)))
        }
        goOn(course, echo, &events)
        if isNew {
            course.sinceKnown = found > 0 ? 0 : min(Self.long, course.sinceKnown + 1)
            learn(course, isKnown: found > 0, &events)
        }
    }

    /// A dial tone that is still there.
    private func goOn(_ course: Course, _ echo: Echo, _ events: inout [LandlineStateMachine.Event]) {
        guard let endless = course.endless else { return }
        guard let current = course.detector.tracker.current, current.start == endless.start else {
            course.endless = nil
            course.endedBefore = course.endedBefore || endless.told > 0
            return
        }
        let now = current.start + current.milliseconds
        guard !isEcho(known(current), echo) else {
            course.endless?.since = now
            return
        }
        let seconds = Int((now - endless.since) / 1_000) - (course.endedBefore ? Self.owedSeconds : 0)
        guard seconds > endless.told, current.isSteady else { return }
        course.endless?.told = seconds
        events.append(.tone(.dial, bursts: seconds))
    }

    private func learn(_ course: Course, isKnown: Bool, _ events: inout [LandlineStateMachine.Event]) {
        // Each piece is a tone and a pause.
        guard let lesson = learner.lesson(course.detector), course.own >= lesson.tones.count / 2 * lesson.cycles else {
            course.learned = 0
            return
        }
        // The plan may know it in the other signal only, a moment earlier or later.
        if min(clean.sinceKnown, raw.sinceKnown) >= lesson.tones.count / 2 { self.lesson = lesson }
        course.learned = max(3, course.learned + 1)
        // A tone of the plan has told of itself.
        if !lesson.isRinging, !isKnown { events.append(.tone(.learned, bursts: course.learned)) }
    }

    /// The burst as it is on the line, and no louder than there: a filter that is wrong leaves a part of it, or adds sound.
    private func known(_ burst: ToneBurst) -> ToneBurst {
        var known = burst
        func consider(_ other: ToneBurst) {
            let overlap =
                min(burst.start + burst.milliseconds, other.start + other.milliseconds) - max(burst.start, other.start)
            guard overlap * 2 > burst.milliseconds, Self.isAlike(burst, other) else { return }
            known = other
            known.levelDBm0 = min(burst.levelDBm0, other.levelDBm0)
        }
        if let current = raw.detector.tracker.current { consider(current) }
        for back in 0..<3 { if let other = raw.detector.burst(back) { consider(other) } }
        return known
    }

    /// What still lasts may not have told its frequencies.
    private static func isAlike(_ one: ToneBurst, _ other: ToneBurst) -> Bool {
        one.count == 0 || other.count == 0 || one.sounds(like: other, within: 12)
    }

    /// Whether what we played explains the burst.
    private func isEcho(_ burst: ToneBurst, _ echo: Echo) -> Bool {
        if let current = played.tracker.current, isEcho(burst, of: current, echo) { return true }
        var back = 0
        while let other = played.burst(back), burst.start - other.start <= Self.lags.upperBound {
            // The canceller may have left a part of it.
            if isEcho(burst, of: other, echo), burst.milliseconds <= other.milliseconds + 2 * Self.edge { return true }
            back += 1
        }
        return false
    }

    private func isEcho(_ burst: ToneBurst, of other: ToneBurst, _ echo: Echo) -> Bool {
        let lag = burst.start - other.start
        guard Self.lags.contains(lag), Self.isAlike(burst, other) else { return false }
        let isElsewhere = echo.delay.map { abs(Double(lag) - $0) > Double(Self.edge) } ?? false
        let loss = isElsewhere ? max(Self.leastOtherLossDB, echo.lossDB) : echo.lossDB
        return burst.levelDBm0 <= other.levelDBm0 - loss
    }

    private static func tone(_ kind: ProgressTone) -> LandlineStateMachine.Tone {
        switch kind {
        case .dial: .dial
        case .ringback: .ringback
        case .busy: .busy
        case .congestion: .congestion
        case .specialInformation: .specialInformation
        case .disconnect: .learned
        }
    }
}
