// SPDX-License-Identifier: Apache-2.0
import RealTime
package import Telephony

/// A sound that is being played: samples that were made ready on the control side, on a time line that starts when the
/// player does and stands still while it is paused. It is heard in the mixes it was added to, and has no N-1.
package final class PlayerSource: MixSource {
    let id: PlayerID
    /// A run of samples, and where it ends on the time line of them all.
    private struct Run: BitwiseCopyable {
        var samples: UnsafePointer<Int16>
        var start: Int64
        var end: Int64
    }

    /// Keeps the samples alive; let go of on the control side after retirement, never looked at by the mix thread.
    private let owners: [SoundSamples]
    private let runs: UnsafeMutablePointer<Run>
    private let runCount: Int
    private let count: Int64
    /// Where it goes on after the end; `count`: it ends.
    private let loopStart: Int64
    /// Silence before it.
    private let delay: Int64
    private var origin: Int64 = 0
    private var pausedAt: Int64?
    private(set) var hasEnded = false

    /// `loopStart`: from where it repeats for ever, nil: it plays once. `delayMilliseconds` of silence come first.
    package init(id: PlayerID, _ sound: PlayableSound, loopStart: Int?, delayMilliseconds: Int) {
        self.id = id
        let parts = sound.parts.filter { $0.count > 0 }
        owners = parts
        runCount = parts.count
        runs = .allocate(capacity: max(1, parts.count))
        var end: Int64 = 0
        for (index, part) in parts.enumerated() {
            let start = end
            end += Int64(part.count)
            (runs + index).initialize(to: Run(samples: UnsafePointer(part.base), start: start, end: end))
        }
        count = end
        self.loopStart = Int64(min(max(loopStart ?? Int(end), 0), Int(end)))
        delay = Int64(min(max(delayMilliseconds, 0), 3_600_000)) * Int64(sound.sampleRate) / 1000
        super.init(sampleRate: sound.sampleRate)
    }

    deinit { runs.deallocate() }

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
            var place = 0
            while runs[place].end <= at { place &+= 1 }
            let run = runs[place]
            let size = Int(min(run.end &- at, Int64(length &- done)))
            (target + done).update(from: run.samples + Int(at &- run.start), count: size)
            done &+= size
            at &+= Int64(size)
        }
        if done < length { (target + done).update(repeating: 0, count: length &- done) }
    }
}
