// SPDX-License-Identifier: Apache-2.0
// ITU-T E.180 (tones of the networks), Q.35.

/// Recognises the tones of a plan in what a line says.
///
///     samples -> BurstTracker -> bursts -> every pattern, every phase -> kind and how many bursts in a row
///
/// Data sheet: docs/datasheets/progress.md, made by ProgressSheetTests (all 46 plans).
///
/// Made on the control side, used by one thread; allocates nothing after `init`.
package final class ProgressDetector {
    package struct Event: BitwiseCopyable, Sendable, Hashable {
        package var kind: ProgressTone
        /// Whole repetitions heard so far; for ringback 1 after its first burst, for a continuous tone always 1.
        package var cycles: Int
        /// Bursts in a row that belong to it.
        package var bursts: Int
        /// Time heard, in ms.
        package var at: Int64
    }

    package let tracker = BurstTracker()
    private let patterns: UnsafeMutablePointer<ProgressPattern>
    private let patternCount: Int
    private static let remembered = 32
    /// The last bursts, the newest at `burstCount - 1` modulo their number.
    private let bursts: UnsafeMutablePointer<ToneBurst>
    private var burstCount = 0
    private static let mostEvents = 8
    private let events: UnsafeMutablePointer<Event>
    private var eventCount = 0
    private var saidContinuous = false
    private var saidRingback = false
    /// A continuous tone is believed after this time.
    private let continuousAfter: Int64

    /// At most 32 patterns are taken.
    package init(_ wanted: [ProgressPattern]) {
        patternCount = min(wanted.count, 32)
        patterns = .allocate(capacity: max(1, patternCount))
        for (index, pattern) in wanted.prefix(32).enumerated() { (patterns + index).initialize(to: pattern) }
        bursts = .allocate(capacity: Self.remembered)
        bursts.initialize(repeating: ToneBurst(), count: Self.remembered)
        events = .allocate(capacity: Self.mostEvents)
        events.initialize(
            repeating: Event(kind: .dial, cycles: 0, bursts: 0, at: 0), count: Self.mostEvents)
        // Longer than any burst of the other tones.
        let longest = wanted.prefix(32).flatMap(\.pieces).map(\.on).max() ?? 0
        continuousAfter = max(1_000, longest * 13 / 10)
    }

    deinit {
        patterns.deinitialize(count: patternCount)
        patterns.deallocate()
        bursts.deallocate()
        events.deallocate()
    }

    /// Hears samples of 8 kHz; the number of events, see `event`.
    package func process(_ samples: UnsafePointer<Int16>, count: Int) -> Int {
        eventCount = 0
        var done = 0
        while done < count {
            var didFinish = false
            done += tracker.process(samples + done, count: count - done, didFinish: &didFinish)
            if didFinish { finished() }
            watch()
        }
        return eventCount
    }

    /// An event of the last call, the oldest first.
    package func event(_ index: Int) -> Event { events[max(0, min(index, Self.mostEvents - 1))] }

    /// The burst that ended last but `back`; nil when there were not so many.
    package func burst(_ back: Int) -> ToneBurst? {
        guard back >= 0, back < min(burstCount, Self.remembered) else { return nil }
        return bursts[(burstCount - 1 - back) % Self.remembered]
    }

    /// Forgets what was heard (another call begins).
    package func forget() {
        tracker.forget()
        burstCount = 0
        saidContinuous = false
        saidRingback = false
    }

    private func add(_ kind: ProgressTone, cycles: Int, bursts: Int) {
        guard eventCount < Self.mostEvents else { return }
        events[eventCount] = Event(kind: kind, cycles: cycles, bursts: bursts, at: tracker.now)
        eventCount += 1
    }

    private func finished() {
        saidContinuous = false
        saidRingback = false
        bursts[burstCount % Self.remembered] = tracker.finished
        burstCount += 1
        // Where several fit (three short bursts may be busy, or part of a longer cadence), the longest run is right.
        var longest = 0
        for index in 0..<patternCount { longest = max(longest, countedRun(of: index)) }
        guard longest > 0 else { return }
        for index in 0..<patternCount where countedRun(of: index) == longest {
            add(patterns[index].kind, cycles: longest / patterns[index].pieces.count, bursts: longest)
        }
    }

    /// 0 where it is not enough: one burst is no cadence; the special information tone is three, once.
    private func countedRun(of index: Int) -> Int {
        guard !patterns[index].isContinuous else { return 0 }
        let pieces = patterns[index].pieces.count
        let length = longestRun(of: index)
        return length >= (patterns[index].kind == .specialInformation ? pieces : max(2, pieces)) ? length : 0
    }

    /// Bursts in a row, the newest last, that are this pattern from some phase on.
    private func longestRun(of index: Int) -> Int {
        let pieces = patterns[index].pieces.count
        var best = 0
        for phase in 0..<pieces {
            var run = 0
            while run < min(burstCount, Self.remembered) {
                guard let burst = burst(run) else { break }
                let at = (phase - run % pieces + pieces) % pieces
                let piece = patterns[index].pieces[at]
                guard ProgressPattern.fits(burst, piece), ProgressPattern.isNear(burst.milliseconds, piece.on, piece)
                else {
                    break
                }
                run += 1
                // Does the pause before it fit, so that the one before that counts as well?
                let before = patterns[index].pieces[(at - 1 + pieces) % pieces]
                let isQuiet = burst.pauseDepth > 4 || before.off < 40
                guard isQuiet, ProgressPattern.isNear(burst.pauseMilliseconds, before.off, before) else { break }
            }
            best = max(best, run)
        }
        return best
    }

    /// What shows while nothing ends: a tone that goes on, a long pause behind a ringing tone.
    private func watch() {
        if let current = tracker.current {
            guard !saidContinuous, current.milliseconds >= continuousAfter, current.count > 0 else { return }
            for index in 0..<patternCount where patterns[index].isContinuous {
                if ProgressPattern.fits(current, patterns[index].pieces[0]) {
                    add(patterns[index].kind, cycles: 1, bursts: 1)
                    saidContinuous = true
                }
            }
        } else if !saidRingback, tracker.pause >= 1_000 {
            saidRingback = true
            for index in 0..<patternCount where patterns[index].kind == .ringback && !patterns[index].isContinuous {
                let pieces = patterns[index].pieces
                guard let last = pieces.last, last.off >= 1_000 else { continue }
                let length = runToTheEnd(of: index)
                if length >= pieces.count { add(.ringback, cycles: length / pieces.count, bursts: length) }
            }
        }
    }

    /// Like `longestRun`, for the phase in which the pattern's last piece was heard last.
    private func runToTheEnd(of index: Int) -> Int {
        let pieces = patterns[index].pieces
        for back in 0..<pieces.count {
            let piece = pieces[pieces.count - 1 - back]
            guard let burst = burst(back), ProgressPattern.fits(burst, piece),
                ProgressPattern.isNear(burst.milliseconds, piece.on, piece),
                back == pieces.count - 1
                    || ProgressPattern.isNear(burst.pauseMilliseconds, pieces[pieces.count - 2 - back].off, piece)
            else { return 0 }
        }
        return pieces.count
    }
}
