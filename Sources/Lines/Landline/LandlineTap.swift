// SPDX-License-Identifier: Apache-2.0
import Media
import RealTime
import Signals
import Synchronization

/// Stands between a landline's card and the mix thread: takes our own echo out of what is captured, and lets the `lines`
/// thread hear it.
///
///     card --capture--> echo canceller --+--> mix thread        mix thread --play--+--> card
///                        ^               +--> ear (queue)                          |
///                        +------------- what was played then (ring) <--------------+
///
/// `functions` are for the mix thread; the rest is for the `lines` thread. Allocates in `init` only.
final class LandlineTap: @unchecked Sendable {
    /// What both directions were at one moment: the echo is taken out of `near` already, `raw` still has it.
    struct Moment: BitwiseCopyable {
        var near: Int16
        var raw: Int16
        var far: Int16
    }

    let sampleRate: Int
    private let card: CardFunctions
    private let canceller: EchoCanceller?
    private let block: Int
    // The mix thread's.
    private let played: UnsafeMutablePointer<Int16>
    private static let ring = 1 << 15
    private var playedCount = 0
    private var capturedCount = 0
    private let near: UnsafeMutablePointer<Int16>
    private let raw: UnsafeMutablePointer<Int16>
    private let far: UnsafeMutablePointer<Int16>
    private var nearCount = 0
    private let ready: UnsafeMutablePointer<Int16>
    private var readyCount = 0
    private static let most = 1 << 13
    // Shared.
    private let queue: SPSCQueue<Moment>
    /// Samples between playing and hearing that the canceller's tail need not cover.
    private let delay = Atomic<Int>(0)
    private let cancels = Atomic<Bool>(true)
    private let enhancement = Atomic<Int>(0)
    private let returnLoss = Atomic<Int>(0)
    private let lost = Atomic<Int>(0)
    private let resets = Atomic<Int>(0)

    init(_ card: CardFunctions, tailMilliseconds: Int) {
        self.card = card
        sampleRate = card.sampleRate
        canceller =
            tailMilliseconds > 0
            ? EchoCanceller(sampleRate: card.sampleRate, tailMilliseconds: tailMilliseconds) : nil
        block = canceller?.block ?? card.sampleRate / 400
        func samples(_ count: Int) -> UnsafeMutablePointer<Int16> {
            let pointer = UnsafeMutablePointer<Int16>.allocate(capacity: count)
            pointer.initialize(repeating: 0, count: count)
            return pointer
        }
        played = samples(Self.ring)
        near = samples(block)
        raw = samples(block)
        far = samples(block)
        ready = samples(Self.most)
        // Half a second of patience.
        queue = SPSCQueue(capacity: card.sampleRate / 2)
    }

    deinit {
        played.deallocate()
        near.deallocate()
        raw.deallocate()
        far.deallocate()
        ready.deallocate()
    }

    // MARK: - The lines thread

    func take() -> Moment? { queue.pop() }

    /// How long the card takes from playing to hearing, without what the tail covers anyway.
    func setDelay(milliseconds: Double) {
        delay.store(max(0, min(Self.ring / 2, Int(milliseconds * Double(sampleRate) / 1000))), ordering: .relaxed)
    }

    /// In dB; 0 before anything was played.
    var echoFigures: (enhancement: Double, returnLoss: Double) {
        (
            Double(enhancement.load(ordering: .relaxed)) / 10, Double(returnLoss.load(ordering: .relaxed)) / 10
        )
    }

    /// Of its own: moments that the `lines` thread was too slow for.
    var lostMoments: Int { lost.load(ordering: .relaxed) }

    /// How often the echo filter had gone astray and began anew.
    var filterResets: Int { resets.load(ordering: .relaxed) }

    /// Off while the line is on-hook: what is played then reaches nobody.
    func setCancelling(_ isOn: Bool) { cancels.store(isOn, ordering: .relaxed) }

    // MARK: - The mix thread

    /// Valid as long as this object.
    var functions: CardFunctions {
        CardFunctions(
            context: Unmanaged.passUnretained(self).toOpaque(), sampleRate: sampleRate, capture: Self.capture,
            play: Self.play, capturePosition: Self.capturePosition, playPosition: Self.playPosition)
    }

    private static let capture: @convention(c) (UnsafeMutableRawPointer, UnsafeMutablePointer<Int16>, Int32) -> Int32 =
        {
            context, samples, count in
            Unmanaged<LandlineTap>.fromOpaque(context).takeUnretainedValue().capture(samples, Int(count))
        }

    private static let play: @convention(c) (UnsafeMutableRawPointer, UnsafePointer<Int16>, Int32) -> Int32 = {
        context, samples, count in
        Unmanaged<LandlineTap>.fromOpaque(context).takeUnretainedValue().play(samples, Int(count))
    }

    private static let capturePosition:
        @convention(c) (UnsafeMutableRawPointer, Int64, UnsafeMutablePointer<CardPosition>) -> Int32 = {
            context, now, position in
            let card = Unmanaged<LandlineTap>.fromOpaque(context).takeUnretainedValue().card
            return card.capturePosition(card.context, now, position)
        }

    private static let playPosition:
        @convention(c) (UnsafeMutableRawPointer, Int64, UnsafeMutablePointer<CardPosition>) -> Int32 = {
            context, now, position in
            let card = Unmanaged<LandlineTap>.fromOpaque(context).takeUnretainedValue().card
            return card.playPosition(card.context, now, position)
        }

    private func play(_ samples: UnsafePointer<Int16>, _ count: Int) -> Int32 {
        let taken = card.play(card.context, samples, Int32(truncatingIfNeeded: count))
        guard taken > 0 else { return taken }
        for index in 0..<Int(taken) { played[(playedCount &+ index) & (Self.ring - 1)] = samples[index] }
        playedCount &+= Int(taken)
        return taken
    }

    /// The card's samples in whole blocks: as many come out as went in, less than a block behind.
    private func capture(_ samples: UnsafeMutablePointer<Int16>, _ count: Int) -> Int32 {
        let room = min(count, Self.most - readyCount - block)
        guard room > 0 else { return 0 }
        let taken = card.capture(card.context, samples, Int32(truncatingIfNeeded: room))
        guard taken >= 0 else { return taken }
        for index in 0..<Int(taken) {
            near[nearCount] = samples[index]
            nearCount += 1
            if nearCount == block { finishBlock() }
        }
        let given = min(count, readyCount)
        samples.update(from: ready, count: given)
        ready.update(from: ready + given, count: readyCount - given)
        readyCount -= given
        return Int32(truncatingIfNeeded: given)
    }

    private func finishBlock() {
        nearCount = 0
        let lag = delay.load(ordering: .relaxed)
        for index in 0..<block {
            // Both directions are counted from the start of the card; what is not played yet is silence.
            let place = capturedCount &+ index &- lag
            let isThere = place >= 0 && place < playedCount && playedCount &- place <= Self.ring
            far[index] = isThere ? played[place & (Self.ring - 1)] : 0
            raw[index] = near[index]
        }
        capturedCount &+= block
        if cancels.load(ordering: .relaxed), let canceller {
            canceller.process(near, far: far)
            enhancement.store(Int(canceller.enhancementDB * 10), ordering: .relaxed)
            returnLoss.store(Int(canceller.returnLossDB * 10), ordering: .relaxed)
            resets.store(canceller.resets, ordering: .relaxed)
        }
        (ready + readyCount).update(from: near, count: block)
        readyCount += block
        for index in 0..<block {
            // The delay is measured against what was played at this very moment.
            let place = capturedCount &- block &+ index
            let isThere = place < playedCount && playedCount &- place <= Self.ring
            let now = isThere ? played[place & (Self.ring - 1)] : 0
            if !queue.push(Moment(near: near[index], raw: raw[index], far: now)) {
                lost.wrappingAdd(1, ordering: .relaxed)
            }
        }
    }

    /// A new use of the card begins: both streams start at zero. Before it is lent.
    func restart() {
        (playedCount, capturedCount, nearCount, readyCount) = (0, 0, 0, 0)
        canceller?.reset()
        while queue.pop() != nil {}
    }
}
