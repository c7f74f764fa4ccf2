// SPDX-License-Identifier: Apache-2.0
import CLinux
import Media
import RealTime
import Synchronization

/// The samples of a voice modem between the `lines` thread, which talks to it, and the mix thread, which takes it for a sound
/// card that never stops: on-hook it is silent and goes by the machine's clock, in a call what the modem sends is the clock of
/// both directions.
///
///     modem --exchange--> incoming --capture--> mix thread --play--> outgoing --exchange--> modem
///
/// Unchecked: `isFirst` is the `lines` thread's alone; `mix` is the mix thread's while it has the card, and the `lines` thread's
/// before it is lent and after it came back, with the engine's queues in between. All else is queues, atomics and constants.
final class ModemAudio: LineAudio, @unchecked Sendable {
    /// Half a second each way.
    private static let capacity = 4_096
    /// Samples that are kept ready for the modem besides what every card has: its pieces come by way of USB and a thread of
    /// ordinary priority.
    private static let reserve: Int64 = 80
    private let incoming = SPSCQueue<Int16>(capacity: capacity)
    private let outgoing = SPSCQueue<Int16>(capacity: capacity)
    private let clock = ModemClock()
    /// The `lines` thread's: no samples have come in this call.
    private var isFirst = false
    private let starved = Atomic<Int>(0)
    private let flooded = Atomic<Int>(0)
    let sampleRate = 8_000
    let periodMilliseconds = 20.0

    /// What only the mix thread touches while it has the card.
    private struct MixSide {
        var now: Int64 = 0
        /// Samples that were captured and played since the card was lent.
        var given: Int64 = 0
        var taken: Int64 = 0
        /// What is behind the books at the begin of a call has been put into the queue.
        var isFilled = false
    }

    private var mix = MixSide()

    // MARK: - `lines` thread

    /// The duplex mode begins or ends.
    func setDuplex(_ begins: Bool, nanoseconds: Int64) {
        guard begins else { return clock.end(time: nanoseconds) }
        while outgoing.pop() != nil {}
        isFirst = true
        clock.begin(time: nanoseconds)
    }

    /// Samples from the modem, and as many for it. `missing`: how many of those are silence because nothing was there.
    func exchange(_ samples: [Int16], nanoseconds: Int64) -> (samples: [Int16], missing: Int, lost: Int) {
        // The first piece counts as much as time has passed since the call began, so that neither direction makes a jump that
        // would be taken for drift.
        let counted = isFirst ? clock.first(samples.count, time: nanoseconds) : samples.count
        isFirst = false
        var lost = 0
        for sample in samples.suffix(counted) where !incoming.push(sample) { lost += 1 }
        var answer: [Int16] = []
        answer.reserveCapacity(counted)
        while answer.count < counted, let sample = outgoing.pop() { answer.append(sample) }
        let missing = counted - answer.count
        if missing > 0 {
            answer += [Int16](repeating: 0, count: missing)
            starved.wrappingAdd(1, ordering: .relaxed)
        }
        if lost > 0 { flooded.wrappingAdd(1, ordering: .relaxed) }
        clock.advance(
            captured: Int64(min(counted, samples.count) - lost), played: Int64(counted - missing), time: nanoseconds)
        let early = [Int16](repeating: 0, count: max(0, samples.count - counted))
        return (early + answer.suffix(samples.count), missing, lost)
    }

    // MARK: - LineAudio

    func lend() throws(LineError) -> CardFunctions {
        begin()
        return CardFunctions(
            context: Unmanaged.passUnretained(self).toOpaque(), sampleRate: sampleRate, capture: Self.capture,
            play: Self.play, capturePosition: Self.capturePosition, playPosition: Self.playPosition)
    }

    func recover() throws(LineError) { begin() }
    func stop() {}
    /// Pieces of the modem's for which nothing was there, or that nobody took.
    var xruns: (overruns: Int, underruns: Int) {
        (flooded.load(ordering: .relaxed), starved.load(ordering: .relaxed))
    }

    /// The mix thread has not got it, or not yet.
    private func begin() {
        let isDuplex = clock.read().isDuplex
        clock.restart(time: partyline_now())
        if isDuplex { setDuplex(true, nanoseconds: partyline_now()) }
        mix = MixSide()
        while incoming.pop() != nil {}
    }

    // MARK: - Mix thread

    private static func at(_ context: UnsafeMutableRawPointer) -> Unmanaged<ModemAudio> {
        Unmanaged<ModemAudio>.fromOpaque(context)
    }

    private func capture(_ samples: UnsafeMutablePointer<Int16>, _ count: Int) -> Int {
        let state = clock.read()
        var taken = 0
        // The end of the silence before the call.
        if state.isDuplex { taken = max(0, min(count, Int(state.capturedBefore &- mix.given))) }
        samples.update(repeating: 0, count: taken)
        while taken < count, let sample = incoming.pop() {
            samples[taken] = sample
            taken &+= 1
        }
        if !state.isDuplex {
            let due = state.captured &+ state.silence(until: mix.now) &- mix.given &- Int64(taken)
            let silence = max(0, min(count &- taken, Int(due)))
            (samples + taken).update(repeating: 0, count: silence)
            taken &+= silence
        }
        mix.given &+= Int64(taken)
        return taken
    }

    private func play(_ samples: UnsafePointer<Int16>, _ count: Int) -> Int {
        let state = clock.read()
        guard state.isDuplex else {
            mix.isFilled = false
            mix.taken &+= Int64(count)
            return count
        }
        if !mix.isFilled {
            // What was taken before the call and by the books is still to be played.
            mix.isFilled = true
            let owed = max(0, min(Int(mix.taken &- state.playedBefore), Self.capacity / 2))
            for _ in 0..<owed { _ = outgoing.push(0) }
        }
        var taken = 0
        while taken < count, outgoing.push(samples[taken]) { taken &+= 1 }
        mix.taken &+= Int64(taken)
        return taken
    }

    private func position(_ now: Int64, _ frames: (ModemClock.Reading) -> Int64) -> CardPosition {
        mix.now = now
        let state = clock.read()
        guard !state.isDuplex else { return CardPosition(frames: frames(state), time_ns: state.time, queued: 0) }
        return CardPosition(frames: frames(state) &+ state.silence(until: now), time_ns: now, queued: 0)
    }

    private static let capture: @convention(c) (UnsafeMutableRawPointer, UnsafeMutablePointer<Int16>, Int32) -> Int32 =
        {
            context, samples, count in
            at(context)._withUnsafeGuaranteedRef { Int32(truncatingIfNeeded: $0.capture(samples, Int(count))) }
        }

    private static let play: @convention(c) (UnsafeMutableRawPointer, UnsafePointer<Int16>, Int32) -> Int32 = {
        context, samples, count in
        at(context)._withUnsafeGuaranteedRef { Int32(truncatingIfNeeded: $0.play(samples, Int(count))) }
    }

    private static let capturePosition:
        @convention(c) (UnsafeMutableRawPointer, Int64, UnsafeMutablePointer<CardPosition>) -> Int32 = {
            context, now, position in
            at(context)._withUnsafeGuaranteedRef { position.pointee = $0.position(now) { $0.captured } }
            return 0
        }

    private static let playPosition:
        @convention(c) (UnsafeMutableRawPointer, Int64, UnsafeMutablePointer<CardPosition>) -> Int32 = {
            context, now, position in
            at(context)._withUnsafeGuaranteedRef { position.pointee = $0.position(now) { $0.played &+ reserve } }
            return 0
        }
}
