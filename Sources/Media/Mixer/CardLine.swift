// SPDX-License-Identifier: Apache-2.0
import CLinux
import RealTime

/// A sound card on the wheel: what it captures becomes a sample track on the mix clock, what its port hears is played, both
/// through a resampler of its own, so that the card's crystal never makes anything slip. Mix thread only.
///
///     capture: card -> resampler -> track       kept in step: track position + what is captured, not read = mix clock
///     playback: frame -> resampler -> card      kept in step: queued just before each write = the reserve
package final class CardLine {
    package let sampleRate: Int
    let track: SampleTrack
    private(set) var hasFailed = false
    private(set) var failure: Int32 = 0
    private(set) var counters = CardCounters()

    private let functions: CardFunctions
    private var reserve: CardReserve
    private let onRelease: @Sendable () -> Void
    private var captureClock: CardClock
    private var playClock: CardClock
    private let captureResampler: DriftResampler
    private let playResampler: DriftResampler
    private let raw: UnsafeMutablePointer<Int16>
    private let made: UnsafeMutablePointer<Int16>
    private let rawCapacity: Int
    /// The mix clock in samples: `lineOrigin` at `lineTime`.
    private var lineTime: Int64 = 0
    private var lineOrigin: Double = 0
    private(set) var hasLine = false
    /// How far the track's end is behind the mix clock at worst, in samples: now, and in the last half second.
    private var lateness = 0.0
    private var latenessOfWindow = 0.0
    private var windowEnd: Int64 = 0
    private var tickDue: Int64 = 0
    private var dryAt: Int64 = 0
    private var framesBehind = 0.0
    private static let mostLate: Int64 = 50_000_000

    /// `fill`: nanoseconds queued for playback just before each write, at first (`CardReserve`). `onRelease` runs on the
    /// control side when none of the functions will be called any more.
    package init(_ functions: CardFunctions, fill: Int64, onRelease: @escaping @Sendable () -> Void) {
        self.functions = functions
        self.onRelease = onRelease
        sampleRate = functions.sampleRate
        reserve = CardReserve(
            base: Double(fill) * Double(functions.sampleRate) / 1e9, sampleRate: functions.sampleRate)
        track = SampleTrack(sampleRate: functions.sampleRate, milliseconds: 250)
        captureClock = CardClock(sampleRate: functions.sampleRate)
        playClock = CardClock(sampleRate: functions.sampleRate)
        captureResampler = DriftResampler(from: functions.sampleRate, to: functions.sampleRate)
        playResampler = DriftResampler(from: functions.sampleRate, to: functions.sampleRate)
        rawCapacity = functions.sampleRate / 20
        raw = .allocate(capacity: rawCapacity * 2)
        raw.initialize(repeating: 0, count: rawCapacity * 2)
        made = .allocate(capacity: rawCapacity * 2)
        made.initialize(repeating: 0, count: rawCapacity * 2)
    }

    deinit {
        raw.deallocate()
        made.deallocate()
        onRelease()
    }

    /// The card works again (recovered on the control side): both streams start at zero.
    func resume() {
        hasFailed = false
        failure = 0
        captureClock.restart()
        playClock.restart()
        counters.restarts &+= 1
    }

    // MARK: Capture

    /// Takes in what is there. At every tick, and whenever somebody needs more than there is.
    func capture(now: Int64) {
        guard !hasFailed else { return }
        var count = functions.capture(functions.context, raw, Int32(rawCapacity))
        var total = 0
        while count > 0 {
            captureClock.moved &+= Int64(count)
            total &+= Int(count)
            captureResampler.correction = 1 / captureClock.loop.ratio
            let length = captureResampler.convert(raw, count: Int(count), into: made, capacity: rawCapacity * 2)
            track.write(at: writePosition, count: length, from: made)
            writePosition &+= Int64(length)
            guard Int(count) == rawCapacity, total < sampleRate else { break }
            count = functions.capture(functions.context, raw, Int32(rawCapacity))
        }
        guard count >= 0 else { return fail(count) }
        follow(now: now)
    }

    private var writePosition: Int64 = 0

    private func follow(now: Int64) {
        var position = CardPosition()
        let result = functions.capturePosition(functions.context, now, &position)
        guard result >= 0 else { return fail(result) }
        let unread = captureClock.frames(position, now: now) - Double(captureClock.moved)
        if !hasLine {
            hasLine = true
            lineTime = now
            lineOrigin = Double(writePosition) + unread
        }
        if !captureClock.isStarted {
            // After a restart the gap becomes silence: the track goes on where the mix clock is.
            let due = Int64(line(at: now) - unread)
            if due > writePosition { writePosition = due }
        }
        captureClock.correct(error: line(at: now) - Double(writePosition) - unread, now: now)
        let late = line(at: now) - Double(track.end)
        latenessOfWindow = max(latenessOfWindow, late)
        lateness = max(lateness, late)
        if now >= windowEnd {
            lateness = latenessOfWindow
            latenessOfWindow = late
            windowEnd = now &+ 500_000_000
        }
    }

    private func line(at time: Int64) -> Double {
        lineOrigin + Double(time &- lineTime) * Double(sampleRate) / 1e9
    }

    /// Up to where the track will be filled at that time.
    func safeEnd(at time: Int64) -> Int64 {
        hasLine ? Int64((line(at: time) - lateness - Double(sampleRate) / 10_000).rounded(.down)) : 0
    }

    func time(of position: Int64) -> Int64 {
        hasLine ? lineTime &+ Int64((Double(position) - lineOrigin + lateness) * 1e9 / Double(sampleRate)) : 0
    }

    // MARK: Playback

    /// The tick whose frame is played next: when it was due, ns, and how much sound of later ticks comes at once after
    /// it (the mix thread is behind by as many ticks), in 0.125 ms.
    func beginTick(due: Int64, behind8: Int) {
        tickDue = due
        framesBehind = Double(behind8) * Double(sampleRate) / 8000
    }

    /// Plays one frame of the tick that was begun; silent frames may be left out where too much is queued.
    func play(_ samples: UnsafePointer<Int16>, count: Int, now: Int64) {
        guard !hasFailed, count <= rawCapacity else { return }
        // A card that begins has missed no ticks.
        if !playClock.isStarted, framesBehind > 0 { return }
        var position = CardPosition()
        let result = functions.playPosition(functions.context, now, &position)
        guard result >= 0 else { return fail(result) }
        let played = playClock.frames(position, now: now)
        var queued = Double(playClock.moved) - played
        if queued < 0 || !playClock.isStarted {
            // One gap, however many ticks are made up for behind it.
            if playClock.isStarted, dryAt != now {
                counters.underruns &+= 1
                reserve.ranDry(short: -queued, now: now)
            }
            dryAt = now
            // Silence up to the fill: from here on the loop keeps it.
            let missing = Int((reserve.fill - queued - framesBehind).rounded(.up))
            if missing > 0 {
                let length = min(missing, rawCapacity * 2)
                made.update(repeating: 0, count: length)
                write(made, count: length)
                queued += Double(length)
            }
        } else if queued > reserve.fill + Double(sampleRate) / 100, MixKernels.peak(samples, count: count) == 0 {
            counters.silenceSkipped &+= 1
            return
        }
        // How near it came to running dry is what the reserve learns from, in missed ticks above all.
        reserve.wrote(queued: queued, now: now)
        // A tick that was missed is no drift: as it was when its frame was due. What is late as a rule is part of the reserve.
        var due = queued
        if framesBehind > 0 { due += Double(min(Self.mostLate, now &- tickDue)) * Double(sampleRate) / 1e9 }
        playClock.correct(error: reserve.fill - due, now: now)
        counters.fill = Float(queued)
        playResampler.correction = 1 / playClock.loop.ratio
        let length = playResampler.convert(samples, count: count, into: made, capacity: rawCapacity * 2)
        write(made, count: length)
    }

    private func write(_ samples: UnsafePointer<Int16>, count: Int) {
        guard !hasFailed, count > 0 else { return }
        let taken = functions.play(functions.context, samples, Int32(count))
        guard taken >= 0 else { return fail(taken) }
        playClock.moved &+= Int64(taken)
        if Int(taken) < count { counters.overruns &+= 1 }
    }

    private func fail(_ code: Int32) {
        hasFailed = true
        failure = code
    }

    /// For reports: the card's crystal against the machine's, in ppm (positive: the card is fast).
    var driftPPM: Double { 0 - captureClock.loop.driftPPM }
}

/// What happened on a card, for reports.
package struct CardCounters: BitwiseCopyable, Sendable {
    package var underruns: UInt32 = 0
    /// Writes that the card did not take whole.
    package var overruns: UInt32 = 0
    package var restarts: UInt32 = 0
    /// Silent frames left out because too much was queued.
    package var silenceSkipped: UInt32 = 0
    /// Frames queued just before the last write.
    package var fill: Float = 0

    package init() {}
}
