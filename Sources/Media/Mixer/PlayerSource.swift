// SPDX-License-Identifier: Apache-2.0
import RealTime
package import Telephony

/// A sound that is being played: samples that were made ready on the control side, on a time line that starts when the
/// player does and stands still while it is paused. It is heard in the mixes it was added to, and has no N-1.
package final class PlayerSource: MixSource {
    let id: PlayerID
    /// Owned from now on; freed on the control side after retirement.
    private let samples: UnsafeMutablePointer<Int16>
    private let count: Int64
    /// Where it goes on after the end; `count`: it ends.
    private let loopStart: Int64
    /// Silence before it.
    private let delay: Int64
    private var origin: Int64 = 0
    private var pausedAt: Int64?
    private(set) var hasEnded = false

    /// Takes over `samples` (allocated by the caller, `count` at `sampleRate`). `loopStart`: from where it repeats for
    /// ever, nil: it plays once. `delayMilliseconds` of silence come first.
    package init(
        id: PlayerID, samples: UnsafeMutablePointer<Int16>, count: Int, sampleRate: Int, loopStart: Int?,
        delayMilliseconds: Int
    ) {
        self.id = id
        self.samples = samples
        self.count = Int64(count)
        self.loopStart = Int64(min(max(loopStart ?? count, 0), count))
        delay = Int64(min(max(delayMilliseconds, 0), 3_600_000)) * Int64(sampleRate) / 1000
        super.init(sampleRate: sampleRate)
    }

    deinit { samples.deallocate() }

    var milliseconds: Int { Int(count * 1000 / Int64(max(1, sampleRate))) }

    func start(now: Int64) { origin = now }

    func pause(_ paused: Bool, now: Int64) {
        if paused {
            pausedAt = pausedAt ?? now
        } else if let since = pausedAt {
            origin &+= now &- since
            pausedAt = nil
        }
    }

    /// Whether the last sample is out (with 60 ms for the groups that are about to pull it), once; looping players never
    /// end.
    func ends(now: Int64) -> Bool {
        guard !hasEnded, pausedAt == nil, loopStart >= count,
            safeEnd(at: now) >= delay &+ count &+ Int64(sampleRate / 16)
        else { return false }
        hasEnded = true
        return true
    }

    override func safeEnd(at timeNS: Int64) -> Int64 {
        let elapsed = (pausedAt ?? timeNS) &- origin
        return elapsed / 1_000_000_000 &* Int64(sampleRate) &+ elapsed % 1_000_000_000 &* Int64(sampleRate)
            / 1_000_000_000
    }

    override var arrivedEnd: Int64 { .max }

    override func isActive(from position: Int64, count length: Int) -> Bool {
        guard pausedAt == nil, count > 0, position &+ Int64(length) > delay else { return false }
        return loopStart < count || position < delay &+ count
    }

    override func copy(from position: Int64, count length: Int, into target: UnsafeMutablePointer<Int16>) {
        var at = position &- delay
        var done = 0
        while done < length {
            if at >= count {
                guard loopStart < count else { break }
                at = loopStart &+ (at &- loopStart) % (count &- loopStart)
            }
            if at < 0 {
                let gap = Int(min(0 &- at, Int64(length &- done)))
                (target + done).update(repeating: 0, count: gap)
                done &+= gap
                at &+= Int64(gap)
                continue
            }
            let size = Int(min(count &- at, Int64(length &- done)))
            (target + done).update(from: samples + Int(at), count: size)
            done &+= size
            at &+= Int64(size)
        }
        if done < length { (target + done).update(repeating: 0, count: length &- done) }
    }
}
